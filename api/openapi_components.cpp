#include "beaver/api/openapi_components.hpp"

#include "beaver/api/http_message.hpp"
#include "beaver/storage/error.hpp"

#include <string>

namespace beaver {

using namespace failures;

namespace {

void write_part_header(json_writer& to) {
  to.name("headers").object([&] {
    to.name("Content-Range");
    refer_to(to, "headers", "part");
  });
}

} // namespace

void refer_to(json_writer& to, std::string_view kind, std::string_view name) {
  to.object(
    [&] { to.member("$ref", "#/components/" + std::string{kind} + '/' + std::string{name}); });
}

void write_reply_header(json_writer& to) {
  to.name("headers").object([&] {
    to.name(reply_header);
    refer_to(to, "headers", "reply");
  });
}

void write_components(json_writer& to, json_schemas& schemas) {
  const auto json_of = [&](std::string_view schema) {
    to.name("content").object(
      [&] { to.name("application/json").object([&] { to.name("schema").raw(schema); }); });
  };
  to.name("components").object([&] {
    to.name("securitySchemes").raw(R"({"bearer":{"type":"http","scheme":"bearer"}})");
    to.name("headers").object([&] {
      to.name("reply").object([&] {
        to.member("description",
                  "The reply as JSON where it is not the body; none where there is none.");
        to.name("schema").raw(R"({"type":"string"})");
      });
      to.name("part").object([&] {
        to.member("description", "Which bytes these are, and of how many: bytes 0-9/100.");
        to.name("schema").raw(R"({"type":"string"})");
      });
    });
    to.name("responses").object([&] {
      to.name("nothing").object([&] {
        to.member("description", "Done.");
        json_of(R"({"type":"null"})");
      });
      to.name("quiet").object([&] {
        to.member("description", "Done; what came of it is in a header.");
        write_reply_header(to);
        json_of(R"({"type":"null"})");
      });
      to.name("part").object([&] {
        to.member("description", "The range that was asked for.");
        write_part_header(to);
        to.name("content").raw(R"({"application/octet-stream":{}})");
      });
      for (const auto& f : all)
        to.name(f.name).object([&] {
          to.member("description", f.why);
          if (f.status == not_found.status || f.status == conflict.status)
            write_reply_header(to);
          if (f.status == no_such_part.status)
            write_part_header(to);
          json_of(R"({"$ref":"#/components/schemas/Error"})");
        });
    });
    to.name("schemas").object([&] {
      // No record in C++ has a capital letter.
      to.name("Error").object([&] {
        to.member("type", "object");
        to.name("properties").object([&] {
          to.name("error").raw(R"({"type":"string"})");
          to.name("message").raw(R"({"type":["string","null"]})");
          to.name("detail").raw("{}");
          to.name("code").object([&] {
            to.member("type", "string");
            to.name("enum").array([&] {
              for (auto i = static_cast<int>(errc::not_found);
                   i <= static_cast<int>(errc::internal); ++i)
                to.text(to_string(static_cast<errc>(i)));
            });
          });
        });
      });
      schemas.write_named(to);
    });
  });
}

} // namespace beaver
