#include "beaver/api/openapi.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/actors/shape.hpp"
#include "beaver/api/http_transfer.hpp"
#include "beaver/storage/error.hpp"
#include "openapi_support.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <vector>

using namespace beaver;
using namespace beaver::test;

namespace {

/// Calls `f` with each value in a document that is a reference, or is under one of some names.
template <class F>
void each_value(const nlohmann_json& in, const std::string& name, F& f) {
  f(name, in);
  if (in.is_structured())
    for (const auto& [its_name, value] : in.items())
      each_value(value, in.is_array() ? name + "[]" : its_name, f);
}

const std::set<std::string> page_ids{"server_live", "server_ready", "server_metrics",
                                     "server_openapi", "server_docs"};

} // namespace

BOOST_AUTO_TEST_SUITE(openapi)

BOOST_AUTO_TEST_CASE(it_has_the_routes_of_the_router_and_no_others) {
  std::set<std::string> ours;
  for (const auto& route : all_routes()) {
    const auto id = std::string{route.op->name} + (route.lenient ? "_or_null" : "");
    BOOST_TEST(
      ours.insert(lower_case(to_string(route.method)) + ' ' + std::string{route.path} + ' ' + id)
        .second);
  }
  for (const auto& transfer : transfer_routes())
    ours.insert(lower_case(to_string(transfer.method)) + ' ' + transfer.path + ' '
                + std::string{transfer.like->type}
                + (transfer.method == verb::post ? "_load" : "_dump"));
  std::set<std::string> theirs, ids, found_pages;
  for (const auto& [path, methods] : the_document().at("paths").items())
    for (const auto& [method, operation] : methods.items()) {
      const auto id = operation.at("operationId").get<std::string>();
      BOOST_TEST(ids.insert(id).second, id << " is there twice");
      if (page_ids.count(id) > 0)
        found_pages.insert(id);
      else
        theirs.insert(method + ' ' + path + ' ' + id);
    }
  BOOST_TEST(ours == theirs, boost::test_tools::per_element());
  BOOST_TEST(found_pages == page_ids, boost::test_tools::per_element());
  BOOST_TEST(theirs.size() > 180u);
}

BOOST_AUTO_TEST_CASE(operations_say_what_they_are) {
  std::set<std::string> tags;
  for (const auto& tag : the_document().at("tags"))
    tags.insert(tag.at("name").get<std::string>());
  BOOST_TEST(tags.size() == registry().size() + 1);
  for (const auto& route : all_routes()) {
    BOOST_TEST_CONTEXT(route.path) {
      const auto& operation = documented(route);
      BOOST_TEST(operation.at("summary") == route.op->route->summary);
      BOOST_TEST(operation.at("tags").size() == 1u);
      BOOST_TEST(operation.at("tags").at(0) == route.op->type);
      BOOST_TEST(tags.count(std::string{route.op->type}) == 1u);
      const auto& responses = operation.at("responses");
      for (const auto* status : {"400", "401", "403", "429", "503", "default"})
        BOOST_TEST(responses.contains(status), status);
      BOOST_TEST(responses.contains("101") == route.op->streams);
      BOOST_TEST(responses.contains("426") == route.op->streams);
      BOOST_TEST(responses.contains("200") != route.op->streams);
      BOOST_TEST(operation.contains("x-websocket") == route.op->streams);
      BOOST_TEST(operation.contains("x-item") == route.op->streams);
      const bool bytes_come =
        responses.contains("200") && responses.at("200").contains("content")
        && responses.at("200").at("content").contains("application/octet-stream");
      BOOST_TEST(responses.contains("206") == (bytes_come && route.method == verb::get));
      BOOST_TEST(responses.contains("416") == responses.contains("206"));
    }
  }
}

BOOST_AUTO_TEST_CASE(members_of_a_message_are_in_its_path_its_query_or_its_body) {
  for (const auto& route : all_routes()) {
    BOOST_TEST_CONTEXT(route.path) {
      const auto& op = *route.op;
      std::map<std::string, bool> wanted, found; // names, and whether they are required
      for (const auto& m : op.members)
        wanted[std::string{m.name}] = m.required;
      if (op.reply_optional)
        wanted.emplace("default", false);
      const auto& operation = documented(route);
      std::set<std::string> in_path;
      for (const auto& parameter : operation.value("parameters", nlohmann_json::array())) {
        const auto name = parameter.at("name").get<std::string>();
        BOOST_TEST(found.emplace(name, parameter.value("required", false)).second);
        if (parameter.at("in") == "path")
          in_path.insert('{' + name + '}');
        else
          BOOST_TEST(parameter.at("in") == "query");
      }
      std::set<std::string> variables;
      const auto parts = split_target(route.path).value();
      for (const auto segment : parts.segments)
        if (segment.starts_with('{'))
          variables.insert(std::string{segment});
      BOOST_TEST(in_path == variables, boost::test_tools::per_element());
      if (operation.contains("requestBody")) {
        const auto& body = operation.at("requestBody").at("content");
        BOOST_TEST(body.contains("application/octet-stream")
                   == (!op.route->raw_body.empty() || !op.vector_member.empty()));
        if (!body.contains("application/json")) {
          found.emplace(op.route->raw_body, true);
        } else {
          const auto& schema = body.at("application/json").at("schema");
          const auto required = schema.value("required", nlohmann_json::array());
          for (const auto& [name, type] : schema.at("properties").items())
            found.emplace(name,
                          std::find(required.begin(), required.end(), name) != required.end());
          BOOST_TEST(operation.at("requestBody").value("required", false) == !required.empty());
        }
      }
      BOOST_TEST((found == wanted));
    }
  }
}

BOOST_AUTO_TEST_CASE(references_lead_somewhere_and_schemas_are_schemas) {
  std::set<std::string> used;
  std::size_t schemas = 0;
  const auto look = [&](const std::string& name, const nlohmann_json& value) {
    if (name == "$ref" && value.is_string()) {
      used.insert(value.get<std::string>());
      BOOST_CHECK_NO_THROW(resolved(the_document(), {{"$ref", value}}));
    }
    if (name == "schema" || name == "x-item") {
      ++schemas;
      BOOST_TEST(fault_of_schema(value) == "");
    }
  };
  each_value(the_document(), "", look);
  BOOST_TEST(schemas > 400u);
  for (const auto& [kind, components] : the_document().at("components").items())
    for (const auto& [name, component] : components.items()) {
      if (kind == "schemas")
        BOOST_TEST(fault_of_schema(component) == "");
      if (kind != "securitySchemes")
        BOOST_TEST(used.count("#/components/" + kind + '/' + name) == 1u, name << " is unused");
    }
}

BOOST_AUTO_TEST_CASE(one_name_means_one_record) {
  std::map<std::string_view, const shape*> named;
  std::vector<const shape*> waiting;
  for (const auto* type : registry())
    for (const auto& op : type->operations) {
      for (const auto& part : op.message_shape().parts)
        waiting.push_back(&part.of());
      if (op.reply_shape != nullptr)
        waiting.push_back(&op.reply_shape());
    }
  while (!waiting.empty()) {
    const auto& s = *waiting.back();
    waiting.pop_back();
    if (!s.name.empty()) {
      const auto [known, is_new] = named.emplace(s.name, &s);
      BOOST_TEST(known->second == &s, s.name);
      if (!is_new)
        continue;
    }
    for (const auto& part : s.parts)
      waiting.push_back(&part.of());
  }
  const auto& schemas = the_document().at("components").at("schemas");
  for (const auto& [name, schema] : schemas.items())
    BOOST_TEST((name == "Error" || named.count(name) == 1), name);
  BOOST_TEST(schemas.at("lock_grant").at("properties").size()
             == named.at("lock_grant")->parts.size());
}

BOOST_AUTO_TEST_CASE(it_is_the_same_each_time_but_for_the_server) {
  const auto text = openapi_document();
  BOOST_TEST(text == openapi_document("/"));
  BOOST_TEST(text.size() < 256u << 10);
  BOOST_TEST(text.size() == the_document().dump(-1, ' ', true).size()); // no name is there twice
  auto elsewhere = nlohmann_json::parse(openapi_document("https://db.example:8443/x"));
  BOOST_TEST(elsewhere.at("servers").at(0).at("url") == "https://db.example:8443/x");
  elsewhere["servers"] = the_document().at("servers");
  BOOST_TEST((elsewhere == the_document()));
  BOOST_CHECK_THROW((void)openapi_document("\xff"), error);
}

BOOST_AUTO_TEST_CASE(the_check_of_values_finds_what_does_not_fit) {
  const nlohmann_json schema = {
    {"type", "object"},
    {"properties",
     {{"n", {{"type", "integer"}, {"minimum", 0}}},
      {"w", {{"type", "string"}, {"enum", {"a", "b"}}}},
      {"m", {{"type", "object"}, {"additionalProperties", {{"type", "number"}}}}},
      {"t", {{"type", "array"}, {"items", false}, {"prefixItems", {{{"type", "null"}}}}}},
      {"o", {{"anyOf", {{{"type", "boolean"}}, {{"type", "null"}}}}}}}},
    {"required", {"n"}}};
  const auto fits = [&](const char* value) {
    return misfit(schema, schema, nlohmann_json::parse(value)).empty();
  };
  BOOST_TEST(fits(R"({"n": 0, "w": "b", "m": {"x": 1.5}, "t": [null], "o": null})"));
  for (const auto* value :
       {"[]", "{}", R"({"n": -1})", R"({"n": 0.5})", R"({"n": 0, "w": "c"})", R"({"n": 0, "x": 1})",
        R"({"n": 0, "m": {"x": "y"}})", R"({"n": 0, "t": [null, 1]})", R"({"n": 0, "t": [1]})",
        R"({"n": 0, "o": 1})"})
    BOOST_TEST(!fits(value), value);
}

BOOST_AUTO_TEST_SUITE_END()
