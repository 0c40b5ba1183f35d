#include "beaver/api/openapi.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/api/http_message.hpp"
#include "beaver/api/http_transfer.hpp"
#include "beaver/api/json_schemas.hpp"
#include "beaver/api/openapi_components.hpp"
#include "beaver/api/route_plan.hpp"
#include "beaver/storage/error.hpp"

#include <algorithm>
#include <vector>

namespace beaver {

using namespace failures;

namespace {

constexpr std::string_view about =
  "All operations of a database over HTTP. Bodies are JSON, or bytes as they are; bytes that have "
  "something beside them come with it to who accepts application/json; a GET of bytes may ask "
  "for one range of them by the header Range. A member that may be "
  "absent may also be null, unless it may be any JSON. Where a reply may be empty, default is "
  "what to give then. In a query a text that begins with a quote is a JSON string, any other "
  "stands as it is. What has no room in a query travels as the JSON body of a POST with the "
  "header X-HTTP-Method-Override: GET. A path segment that reads as a literal one is sent "
  "percent-encoded: a key named count as %63ount. Streams are WebSockets; so may calls that wait "
  "be, at their path with all members in the query. A message with one vector may have it as a "
  "body of application/octet-stream, 32-bit floats, little-endian, with its other members in the "
  "query; a vector is given so to who accepts that and not application/json.";

/// What a server answers besides operations.
struct page {
  std::string_view path;
  std::string_view id;
  std::string_view summary;
  std::string_view content_type;
  bool open; ///< needs no token
  bool may_be_unavailable;
};

constexpr std::string_view page_tag = "server";

constexpr page pages[] = {
  {"/health/live", "server_live", "Tell that the server runs.", "application/json", true, false},
  {"/health/ready", "server_ready", "Tell whether the server takes requests.", "application/json",
   true, true},
  {"/metrics", "server_metrics", "Give what is counted, for Prometheus.", "text/plain", false,
   false},
  {"/openapi.json", "server_openapi", "Give this document.", "application/json", true, false},
  {"/docs", "server_docs", "Show this document, and try it.", "text/html", true, false},
};

/// Whether values of a shape stand bare in a path or a query; others are JSON there.
bool is_bare(const shape& s) {
  constexpr shape_kind kinds[] = {shape_kind::boolean, shape_kind::integer, shape_kind::natural,
                                  shape_kind::number,  shape_kind::string,  shape_kind::word};
  return std::find(std::begin(kinds), std::end(kinds), s.kind) != std::end(kinds);
}

std::string lower_case(std::string_view word) {
  std::string out{word};
  for (char& c : out)
    c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

class openapi_writer {
public:
  std::string write(std::string_view server_url);

private:
  void write_info();
  void write_tags();
  void write_paths();
  void write_operation(const route_plan& plan);
  void write_parameters(const route_plan& plan);
  void write_parameter(const shape_part& part, std::string_view in);
  void write_body(const route_plan& plan);
  void write_responses(const route_plan& plan);
  void write_reply(const route_plan& plan);
  void write_page(const page& p);
  void write_transfer(const transfer_route& t);
  void refer(const openapi_failure& f) {
    to_.name(f.status);
    refer_to(to_, "responses", f.name);
  }

  std::string out_;
  json_writer to_{out_};
  json_schemas schemas_;
};

std::string openapi_writer::write(std::string_view server_url) {
  to_.object([&] {
    to_.member("openapi", "3.1.0");
    write_info();
    to_.name("servers").array([&] { to_.object([&] { to_.member("url", server_url); }); });
    to_.name("security").raw(R"([{"bearer":[]},{}])");
    write_tags();
    write_paths();
    write_components(to_, schemas_);
  });
  return std::move(out_);
}

void openapi_writer::write_info() {
  to_.name("info").object([&] {
    to_.member("title", "BeaverDB");
    to_.member("version", BEAVER_VERSION);
    to_.member("description", about);
  });
}

void openapi_writer::write_tags() {
  to_.name("tags").array([&] {
    for (const auto* type : registry())
      to_.object([&] { to_.member("name", type->name); });
    to_.object([&] { to_.member("name", page_tag); });
  });
}

/// Methods of one path are to stand together, in the order in which paths turn up.
void openapi_writer::write_paths() {
  const router all{registry()};
  std::vector<std::vector<const router::route*>> paths;
  for (const auto& route : all.routes()) {
    const auto same = std::find_if(paths.begin(), paths.end(), [&](const auto& path) {
      return path.front()->path == route.path;
    });
    (same != paths.end() ? *same : paths.emplace_back()).push_back(&route);
  }
  to_.name("paths").object([&] {
    for (const auto& path : paths)
      to_.name(path.front()->path).object([&] {
        for (const auto* route : path)
          write_operation(route_plan{*route});
      });
    for (const auto& t : transfer_routes())
      write_transfer(t);
    for (const auto& p : pages)
      write_page(p);
  });
}

void openapi_writer::write_operation(const route_plan& plan) {
  const auto& op = plan.op;
  to_.name(lower_case(to_string(plan.route.method))).object([&] {
    to_.member("operationId", std::string{op.name} + (plan.route.lenient ? "_or_null" : ""));
    to_.member("summary", op.route->summary);
    to_.name("tags").array([&] { to_.text(op.type); });
    if (op.streams) {
      to_.name("x-websocket").raw("true");
      to_.name("x-item");
      schemas_.write(to_, op.reply_shape());
    }
    write_parameters(plan);
    write_body(plan);
    write_responses(plan);
  });
}

void openapi_writer::write_parameters(const route_plan& plan) {
  if (plan.in_path.empty() && plan.in_query.empty())
    return;
  to_.name("parameters").array([&] {
    for (const auto* part : plan.in_path)
      write_parameter(*part, "path");
    for (const auto* part : plan.in_query)
      write_parameter(*part, "query");
  });
}

void openapi_writer::write_parameter(const shape_part& part, std::string_view in) {
  const auto schema = [&] {
    to_.name("schema");
    schemas_.write(to_, part.of());
  };
  to_.object([&] {
    to_.member("name", part.name);
    to_.member("in", in);
    if (part.required)
      to_.name("required").raw("true");
    if (is_bare(part.of()))
      schema();
    else
      to_.name("content").object([&] { to_.name("application/json").object(schema); });
  });
}

void openapi_writer::write_body(const route_plan& plan) {
  if (!plan.op.route->raw_body.empty())
    to_.name("requestBody").raw(R"({"required":true,"content":{"application/octet-stream":{}}})");
  if (plan.in_body.empty())
    return;
  to_.name("requestBody").object([&] {
    if (std::any_of(plan.in_body.begin(), plan.in_body.end(),
                    [](const shape_part* part) { return part->required; }))
      to_.name("required").raw("true");
    to_.name("content").object([&] {
      to_.name("application/json").object([&] {
        to_.name("schema");
        schemas_.write_members(to_, plan.in_body, false);
      });
      if (!plan.op.vector_member.empty())
        to_.name("application/octet-stream").raw("{}");
    });
  });
}

void openapi_writer::write_responses(const route_plan& plan) {
  const auto& op = plan.op;
  to_.name("responses").object([&] {
    if (op.streams)
      to_.name("101").raw(R"({"description":"A WebSocket that carries the items."})");
    else
      write_reply(plan);
    if (plan.gives_parts) {
      to_.name("206");
      refer_to(to_, "responses", "part");
    }
    refer(bad_request);
    refer(unauthorized);
    refer(forbidden);
    if (plan.may_miss)
      refer(not_found);
    if (plan.may_wait)
      refer(conflict);
    if (!plan.in_body.empty() || !op.route->raw_body.empty())
      refer(too_large);
    if (plan.gives_parts)
      refer(no_such_part);
    if (op.streams)
      refer(upgrade);
    refer(too_many);
    refer(unavailable);
    refer(otherwise);
  });
}

void openapi_writer::write_reply(const route_plan& plan) {
  const auto& op = plan.op;
  to_.name("200");
  if (op.reply_shape == nullptr)
    return refer_to(to_, "responses", "nothing");
  if (plan.tells || op.route->quiet)
    return refer_to(to_, "responses", "quiet");
  const auto& reply = op.reply_shape();
  to_.object([&] {
    to_.member("description", "The reply.");
    if (plan.gives_null || plan.takes_default)
      write_reply_header(to_);
    to_.name("content").object([&] {
      if (op.reply_type != "bytes")
        to_.name("application/json").object([&] {
          to_.name("schema");
          if (!plan.gives_null || reply.kind == shape_kind::any)
            return schemas_.write(to_, reply);
          to_.object([&] {
            to_.name("anyOf").array([&] {
              schemas_.write(to_, reply);
              to_.raw(R"({"type":"null"})");
            });
          });
        });
      if (plan.gives_bytes)
        to_.name("application/octet-stream").raw("{}");
    });
  });
}

void openapi_writer::write_page(const page& p) {
  to_.name(p.path).object([&] {
    to_.name("get").object([&] {
      to_.member("operationId", p.id);
      to_.member("summary", p.summary);
      to_.name("tags").array([&] { to_.text(page_tag); });
      if (p.open)
        to_.name("security").raw("[]");
      to_.name("responses").object([&] {
        to_.name("200").object([&] {
          to_.member("description", "As it says.");
          to_.name("content").object([&] { to_.name(p.content_type).raw("{}"); });
        });
        if (p.may_be_unavailable)
          refer(unavailable);
        refer(otherwise);
      });
    });
  });
}

void openapi_writer::write_transfer(const transfer_route& t) {
  constexpr std::string_view text = R"({"application/x-ndjson":{},"application/json":{}})";
  const bool loads = t.method == verb::post;
  const auto parameter = [&](std::string_view name, std::string_view words) {
    to_.object([&] {
      to_.member("name", name);
      to_.member("in", "query");
      to_.name("schema").raw(R"({"type":"string","enum":)" + std::string{words} + '}');
    });
  };
  to_.name(t.path).object([&] {
    to_.name(lower_case(to_string(t.method))).object([&] {
      to_.member("operationId", std::string{t.like->type} + (loads ? "_load" : "_dump"));
      to_.member("summary", loads ? "Store all items of a dump, or none."
                                  : "Give all that there is at this instant, item by item.");
      to_.name("tags").array([&] { to_.text(t.like->type); });
      to_.name("parameters").array([&] {
        to_.raw(R"({"name":"name","in":"path","required":true,"schema":{"type":"string"}})");
        parameter("format", R"(["jsonl","json"])");
        if (loads)
          parameter("mode", R"(["overwrite","append"])");
      });
      if (loads)
        to_.name("requestBody").object([&] {
          to_.name("required").raw("true");
          to_.name("content").raw(text);
        });
      to_.name("responses").object([&] {
        to_.name("200").object([&] {
          to_.member("description", loads ? "How many items and bytes there were."
                                          : "A line for each item, or all in one object.");
          to_.name("content").raw(loads ? R"({"application/json":{}})" : text);
        });
        refer(bad_request);
        refer(unauthorized);
        refer(forbidden);
        if (loads)
          refer(too_large);
        refer(too_many);
        refer(unavailable);
        refer(otherwise);
      });
    });
  });
}

} // namespace

std::string openapi_document(std::string_view server_url) {
  return openapi_writer{}.write(server_url);
}

} // namespace beaver
