#include "beaver/api/openapi.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/api/http_message.hpp"
#include "beaver/api/json_schemas.hpp"
#include "beaver/api/route_plan.hpp"
#include "beaver/storage/error.hpp"

#include <algorithm>
#include <vector>

namespace beaver {

namespace {

constexpr std::string_view about =
  "All operations of a database over HTTP. Bodies are JSON, or bytes as they are; bytes that have "
  "something beside them come with it to who accepts application/json; a GET of bytes may ask "
  "for one range of them by the header Range. A member that may be "
  "absent may also be null, unless it may be any JSON. Where a reply may be empty, default is "
  "what to give then. In a query a text that begins with a quote is a JSON string, any other "
  "stands as it is. What has no room in a query travels as the JSON body of a POST with the "
  "header X-HTTP-Method-Override: GET. A path segment that reads as a literal one is sent "
  "percent-encoded: a key named count as %63ount. Streams are WebSockets.";

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

/// What may come back from any operation, or any with a body; the names are those of components.
struct failure {
  std::string_view status;
  std::string_view name;
  std::string_view why;
};

constexpr failure bad_request{"400", "bad_request", "The request is wrong; the message says how."};
constexpr failure unauthorized{"401", "unauthorized", "There is no valid token."};
constexpr failure forbidden{"403", "forbidden", "The token does not reach that far."};
constexpr failure not_found{"404", "not_found", "There is nothing."};
constexpr failure conflict{"409", "conflict", "Nothing came in time."};
constexpr failure too_large{"413", "too_large", "The body is larger than the server takes."};
constexpr failure no_such_part{"416", "no_such_part",
                               "There are no such bytes to give a range of."};
constexpr failure upgrade{"426", "upgrade_required", "This is a stream: it needs a WebSocket."};
constexpr failure too_many{"429", "too_many", "Too many requests; later again."};
constexpr failure unavailable{"503", "unavailable", "Busy, or about to end; later again."};
constexpr failure otherwise{"default", "failure", "The operation failed; the body says why."};

constexpr failure failures[] = {bad_request, unauthorized, forbidden,    not_found,
                                conflict,    too_large,    no_such_part, upgrade,
                                too_many,    unavailable,  otherwise};

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
  void write_reply_header();
  void write_part_header();
  void write_components();
  void refer(std::string_view kind, std::string_view name);
  void refer(const failure& f) {
    to_.name(f.status);
    refer("responses", f.name);
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
    write_components();
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
      refer("responses", "part");
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
    return refer("responses", "nothing");
  if (plan.tells || op.route->quiet)
    return refer("responses", "quiet");
  const auto& reply = op.reply_shape();
  to_.object([&] {
    to_.member("description", "The reply.");
    if (plan.gives_null || plan.takes_default)
      write_reply_header();
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

void openapi_writer::write_reply_header() {
  to_.name("headers").object([&] {
    to_.name(reply_header);
    refer("headers", "reply");
  });
}

void openapi_writer::write_part_header() {
  to_.name("headers").object([&] {
    to_.name("Content-Range");
    refer("headers", "part");
  });
}

void openapi_writer::write_components() {
  const auto json_of = [&](std::string_view schema) {
    to_.name("content").object(
      [&] { to_.name("application/json").object([&] { to_.name("schema").raw(schema); }); });
  };
  to_.name("components").object([&] {
    to_.name("securitySchemes").raw(R"({"bearer":{"type":"http","scheme":"bearer"}})");
    to_.name("headers").object([&] {
      to_.name("reply").object([&] {
        to_.member("description",
                   "The reply as JSON where it is not the body; none where there is none.");
        to_.name("schema").raw(R"({"type":"string"})");
      });
      to_.name("part").object([&] {
        to_.member("description", "Which bytes these are, and of how many: bytes 0-9/100.");
        to_.name("schema").raw(R"({"type":"string"})");
      });
    });
    to_.name("responses").object([&] {
      to_.name("nothing").object([&] {
        to_.member("description", "Done.");
        json_of(R"({"type":"null"})");
      });
      to_.name("quiet").object([&] {
        to_.member("description", "Done; what came of it is in a header.");
        write_reply_header();
        json_of(R"({"type":"null"})");
      });
      to_.name("part").object([&] {
        to_.member("description", "The range that was asked for.");
        write_part_header();
        to_.name("content").raw(R"({"application/octet-stream":{}})");
      });
      for (const auto& f : failures)
        to_.name(f.name).object([&] {
          to_.member("description", f.why);
          if (f.status == not_found.status || f.status == conflict.status)
            write_reply_header();
          if (f.status == no_such_part.status)
            write_part_header();
          json_of(R"({"$ref":"#/components/schemas/Error"})");
        });
    });
    to_.name("schemas").object([&] {
      // No record in C++ has a capital letter.
      to_.name("Error").object([&] {
        to_.member("type", "object");
        to_.name("properties").object([&] {
          to_.name("error").raw(R"({"type":"string"})");
          to_.name("message").raw(R"({"type":["string","null"]})");
          to_.name("detail").raw("{}");
          to_.name("code").object([&] {
            to_.member("type", "string");
            to_.name("enum").array([&] {
              for (auto i = static_cast<int>(errc::not_found);
                   i <= static_cast<int>(errc::internal); ++i)
                to_.text(to_string(static_cast<errc>(i)));
            });
          });
        });
      });
      schemas_.write_named(to_);
    });
  });
}

void openapi_writer::refer(std::string_view kind, std::string_view name) {
  to_.object(
    [&] { to_.member("$ref", "#/components/" + std::string{kind} + '/' + std::string{name}); });
}

} // namespace

std::string openapi_document(std::string_view server_url) {
  return openapi_writer{}.write(server_url);
}

} // namespace beaver
