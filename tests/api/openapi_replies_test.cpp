#include "beaver/actors/registry.hpp"
#include "beaver/api/http_calls.hpp"
#include "beaver/api/remote_calls.hpp"
#include "openapi_support.hpp"
#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>

using namespace beaver;
using namespace beaver::test;

namespace {

/// The value of `default` that a request gives; discarded if it gives none.
nlohmann_json default_of(const http_request& request) {
  const auto target = split_target(request.target).value();
  const auto members = query_members(target.query).value();
  for (const auto& [name, text] : members)
    if (name == "default")
      return nlohmann_json::parse(text);
  const auto body = nlohmann_json::parse(request.body, nullptr, false);
  return body.is_object() && body.contains("default")
           ? body.at("default")
           : nlohmann_json(nlohmann_json::value_t::discarded);
}

/// Why a response is not one that an operation is documented to give; "" if it is.
std::string surprise(const nlohmann_json& operation, const http_request& request,
                     const http_response& response) {
  const auto& all = operation.at("responses");
  const auto status = std::to_string(response.status);
  if (!all.contains(status) && response.status < 400)
    return "status " + status;
  const auto& described =
    resolved(the_document(), all.at(all.contains(status) ? status : std::string{"default"}));
  const auto* reply = response.header("beaver-reply");
  if (reply != nullptr && !described.contains("headers"))
    return "a header";
  if (const auto otherwise = default_of(request);
      reply != nullptr && *reply == no_reply && !otherwise.is_discarded())
    return nlohmann_json::parse(response.body) == otherwise ? "" : "another default";
  const auto& contents = described.at("content");
  if (!contents.contains(response.content_type))
    return response.content_type;
  const auto& content = contents.at(response.content_type);
  if (!content.contains("schema"))
    return "";
  return misfit(the_document(), content.at("schema"), nlohmann_json::parse(response.body));
}

/// Makes requests that the document allows.
class request_maker {
public:
  explicit request_maker(std::uint64_t seed) : random_(seed) {}

  http_request of(const router::route& route) {
    const auto& operation = documented(route);
    http_request r{std::string{to_string(route.method)}, std::string{route.path}, {}, {}};
    std::string query;
    for (const auto& parameter : operation.value("parameters", nlohmann_json::array())) {
      const auto name = parameter.at("name").get<std::string>();
      const bool bare = parameter.contains("schema");
      const auto value = value_of(
        bare ? parameter.at("schema") : parameter.at("content").at("application/json").at("schema"),
        name);
      const auto text = value.is_string() && bare ? value.get<std::string>() : value.dump();
      if (parameter.at("in") == "path") {
        const auto variable = '{' + name + '}';
        r.target.replace(r.target.find(variable), variable.size(), encoded(text));
      } else if (parameter.value("required", false) || one_in(2)) {
        const bool is_json_text = bare && value.is_string() && text.starts_with('"');
        query +=
          (query.empty() ? '?' : '&') + name + '=' + encoded(is_json_text ? value.dump() : text);
      }
    }
    r.target += query;
    if (operation.contains("requestBody"))
      r.body = body_of(operation.at("requestBody").at("content"));
    return r;
  }

  bool one_in(int n) { return below(n) == 0; }

private:
  int below(int n) { return std::uniform_int_distribution<int>{0, n - 1}(random_); }

  template <class T>
  const T& any_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
  }

  /// All of it as %XX, so that it is no literal segment of another route.
  static std::string encoded(const std::string& text) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
  }

  std::string body_of(const nlohmann_json& content) {
    if (!content.contains("application/json"))
      return "some bytes";
    auto body = value_of(content.at("application/json").at("schema"), "");
    if (content.at("application/json").at("schema").at("properties").contains("block"))
      body["block"] = false; // nobody would come
    return body.dump();
  }

  nlohmann_json value_of(const nlohmann_json& schema_or_ref, const std::string& name,
                         int depth = 0) {
    const auto& schema = resolved(the_document(), schema_or_ref);
    if (schema.contains("enum"))
      return any_of(schema.at("enum").get<std::vector<std::string>>());
    if (!schema.contains("type")) {
      if (name == "where")
        return nlohmann_json::array();
      return any_of<nlohmann_json>({1, "x", nullptr, {{"a", "some text"}}, {1, 2.5}});
    }
    const auto& type = schema.at("type");
    if (type == "boolean")
      return one_in(2);
    if (type == "integer")
      return any_of<int>({1, 2, 7, 0});
    if (type == "number")
      return any_of<double>({0.5, 1.0, 30.0});
    if (name == "scopes" && type == "string")
      return "read:dicts/a";
    if (type == "string")
      return any_of<std::string>({"a", "b", "some text", "\"b\"", "count", "\xc3\xa9", "dict:a"});
    nlohmann_json made;
    if (type == "array") {
      made = nlohmann_json::array();
      for (int n = depth > 4 ? 0 : 1 + below(2); n > 0; --n)
        made.push_back(value_of(schema.at("items"), name, depth + 1));
      return made;
    }
    BOOST_REQUIRE(type == "object");
    made = nlohmann_json::object();
    if (!schema.contains("properties")) {
      made["a"] = value_of(schema.at("additionalProperties"), "", depth + 1);
      return made;
    }
    const auto required = schema.value("required", nlohmann_json::array());
    for (const auto& [its_name, member] : schema.at("properties").items())
      if (std::find(required.begin(), required.end(), its_name) != required.end() || one_in(2))
        made[its_name] = value_of(member, its_name, depth + 1);
    return made;
  }

  std::mt19937_64 random_;
};

struct answers : open_database {
  http_calls calls;
  std::set<std::string> answered; // operations that have given a reply

  /// Sends a request and holds the response against the document.
  http_response check(const http_request& request) {
    const auto target = split_target(request.target).value();
    const auto found = calls.routes().find(request.method, target);
    BOOST_REQUIRE_MESSAGE(found.to, request.method << ' ' << request.target);
    auto response = calls.answer(*db.style().to, request);
    BOOST_TEST_INFO(request.method << ' ' << request.target << ' ' << request.body << " -> "
                                   << response.status << ' ' << response.body);
    BOOST_TEST(surprise(documented(*found.to), request, response) == "");
    if (response.status == 200)
      answered.insert(std::string{found.to->op->name});
    return response;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(openapi_replies, answers)

BOOST_AUTO_TEST_CASE(replies_are_what_the_document_says) {
  struct example {
    const char* method;
    const char* target;
    const char* body;
    unsigned status;
  };
  const example examples[] = {
    {"PUT", "/dicts/d/k", R"({"value": [1]})", 200},
    {"GET", "/dicts/d/k", "", 200},
    {"GET", "/dicts/d/none", "", 404},
    {"GET", "/dicts/d/none/fetch", "", 200},
    {"GET", "/dicts/d/none?default=7", "", 200},
    {"GET", "/dicts/d/-/items", "", 200},
    {"GET", "/dicts/d/k/ttl", "", 200},
    {"GET", "/dicts/d/-/info", "", 200},
    {"DELETE", "/dicts/d/k", "", 200},
    {"DELETE", "/dicts/d/k", "", 404},
    {"POST", "/lists/l/push", R"({"value": 1})", 200},
    {"POST", "/lists/l/pop", "", 200},
    {"POST", "/lists/l/pop", "", 200},
    {"PUT", "/blobs/b/k?metadata=%7B%7D", "bytes", 200},
    {"GET", "/blobs/b/k", "", 200},
    {"GET", "/blobs/b/k/stat", "", 200},
    {"POST", "/queues/q/put", R"({"data": 1, "priority": 2})", 200},
    {"GET", "/queues/q/items", "", 200},
    {"GET", "/queues/q/peek", "", 200},
    {"POST", "/queues/q/take", R"({"block": false})", 200},
    {"POST", "/queues/q/get", R"({"block": false})", 404},
    {"POST", "/queues/q/get", R"({"timeout": 0.001})", 409},
    {"POST", "/queues/q/get_many", R"({"timeout": 0.001, "limit": 2})", 200},
    {"POST", "/logs/l/log", R"({"data": {"n": 1}})", 200},
    {"GET", "/logs/l/range", "", 200},
    {"GET", "/logs/l/aggregate?field=n&functions=%5B%22p99%22%5D", "", 200},
    {"POST", "/documents/d/index", R"({"body": {"t": "words"}, "id": "x"})", 200},
    {"GET", "/documents/d/-/search?query=words", "", 200},
    {"GET", "/documents/d/-/explain?where=%5B%5D", "", 200},
    {"PUT", "/graphs/g/edges/a/b/c", R"({"metadata": 1})", 200},
    {"GET", "/graphs/g/nodes/a/walk?paths=true", "", 200},
    {"GET", "/graphs/g/nodes/a/shortest_path/b", "", 200},
    {"GET", "/graphs/g/dot", "", 200},
    {"PUT", "/vectors/v/a", R"({"vector": [0.5, 1]})", 200},
    {"GET", "/vectors/v/-/near?vector=%5B1,2%5D", "", 200},
    {"GET", "/vectors/v/a", "", 200},
    {"POST", "/sketches/s/add", R"({"item": 1})", 200},
    {"GET", "/sketches/s/info", "", 200},
    {"POST", "/channels/c/publish", R"({"payload": 1})", 200},
    {"GET", "/channels/c/history", "", 200},
    {"POST", "/locks/l/try", R"({"waiter": "w"})", 200},
    {"GET", "/locks/l/holder", "", 200},
    {"GET", "/info", "", 200},
  };
  for (const auto& each : examples) {
    const auto response = check({each.method, each.target, {}, each.body});
    BOOST_TEST(response.status == each.status, each.target << ": " << response.body);
  }
  const auto whole = check({"GET", "/blobs/b/k", {{"Accept", "application/json"}}, {}});
  BOOST_TEST(whole.content_type == "application/json");
  BOOST_TEST(check({"GET", "/blobs/b/k", {{"Range", "bytes=1-"}}, {}}).status == 206u);
  BOOST_TEST(check({"GET", "/blobs/b/k", {{"Range", "bytes=9-"}}, {}}).status == 416u);
}

// What the document allows may still be refused for its values, never for its form.
BOOST_AUTO_TEST_CASE(whatever_the_document_allows_is_answered_as_it_says) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("BEAVER_TEST_SEED=" << seed) {
    request_maker make{seed};
    for (int round = 0; round < (long_tests() ? 200 : 10); ++round)
      for (const auto& route : calls.routes().routes()) {
        const auto clears = route.op->method == "clear" || route.op->method == "drop";
        if (route.op->streams || (clears && !make.one_in(4)))
          continue;
        const auto request = make.of(route);
        const auto response = check(request);
        const auto is = [&](const char* name) {
          constexpr std::string_view begin = "{\"error\": \"";
          return response.body.starts_with(begin)
                 && std::string_view{response.body}.substr(begin.size()).starts_with(name);
        };
        BOOST_TEST_INFO(request.method << ' ' << request.target << ' ' << request.body);
        BOOST_TEST_INFO(response.body);
        BOOST_TEST((!is("TypeError") && !is("JSONDecodeError") && response.status != 405));
      }
    BOOST_TEST(answered.size() > 180u);
  }
}

// With the routes in the document, and the verbs of the command line: all of them are the registry.
BOOST_AUTO_TEST_CASE(a_client_sends_every_message_as_what_it_is) {
  const remote_calls client;
  std::set<std::string_view> sent, all;
  for (const auto* type : registry())
    for (const auto& op : type->operations)
      if (op.route->is_local())
        BOOST_CHECK_THROW(static_cast<void>(client.request_of(op, op.make().get())), error);
      else
        all.insert(op.name);
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("BEAVER_TEST_SEED=" << seed) {
    request_maker make{seed};
    // Some names have to be patterns, so it takes some rounds.
    for (int round = 0; round < 30 || (sent.size() < all.size() && round < 500); ++round)
      for (const auto& route : calls.routes().routes()) {
        const auto asked = make.of(route);
        auto call = calls.begin(asked);
        auto* first = std::get_if<http_call>(&call);
        if (first == nullptr || first->take_body(asked.body))
          continue; // its values are none
        const auto request = client.request_of(*route.op, first->message());
        BOOST_TEST_INFO(request.method << ' ' << request.target << ' ' << request.body);
        auto again = calls.begin(request);
        auto& second = std::get<http_call>(again);
        BOOST_TEST(!second.take_body(request.body));
        BOOST_REQUIRE(&second.op() == route.op);
        std::string before;
        std::string after;
        route.op->encode(first->message(), before);
        route.op->encode(second.message(), after);
        BOOST_TEST(before == after);
        sent.insert(route.op->name);
      }
    for (const auto& each : all)
      BOOST_TEST(sent.contains(each), each);
  }
}

BOOST_AUTO_TEST_SUITE_END()
