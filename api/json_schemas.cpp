#include "beaver/api/json_schemas.hpp"

#include "beaver/storage/error.hpp"

#include <algorithm>

namespace beaver {

namespace {

void write_plain(json_writer& to, std::string_view type) {
  to.object([&] { to.member("type", type); });
}

void write_words(json_writer& to, const shape& s) {
  to.object([&] {
    to.member("type", "string");
    to.name("enum").array([&] {
      for (const auto& word : s.words)
        to.text(word.name);
    });
  });
}

} // namespace

void json_schemas::write(json_writer& to, const shape& s) {
  const auto each_part = [&] {
    for (const auto& part : s.parts)
      write(to, part.of());
  };
  switch (s.kind) {
  case shape_kind::any:
    return to.raw("{}");
  case shape_kind::null:
    return write_plain(to, "null");
  case shape_kind::boolean:
    return write_plain(to, "boolean");
  case shape_kind::integer:
    return write_plain(to, "integer");
  case shape_kind::natural:
    return to.raw(R"({"type":"integer","minimum":0})");
  case shape_kind::number:
    return write_plain(to, "number");
  case shape_kind::string:
    return write_plain(to, "string");
  case shape_kind::base64:
    return to.raw(R"({"type":"string","contentEncoding":"base64"})");
  case shape_kind::array:
    return to.object([&] {
      to.member("type", "array");
      to.name("items");
      each_part();
    });
  case shape_kind::tuple:
    return to.object([&] {
      to.member("type", "array");
      to.name("prefixItems").array(each_part);
      to.name("minItems").raw(std::to_string(s.parts.size()));
      to.name("items").raw("false");
    });
  case shape_kind::map:
    return to.object([&] {
      to.member("type", "object");
      to.name("additionalProperties");
      each_part();
    });
  case shape_kind::choice:
    return to.object([&] { to.name("anyOf").array(each_part); });
  case shape_kind::word:
  case shape_kind::object:
    return refer(to, s);
  }
}

void json_schemas::refer(json_writer& to, const shape& s) {
  const auto [known, is_new] = named_.try_emplace(s.name, &s);
  if (known->second != &s)
    throw error(errc::internal, "two records are called " + std::string{s.name});
  if (is_new)
    waiting_.push_back(&s);
  to.object([&] { to.member("$ref", std::string{place} + std::string{s.name}); });
}

void json_schemas::write_members(json_writer& to, std::span<const shape_part* const> parts,
                                 bool open) {
  to.object([&] {
    to.member("type", "object");
    to.name("properties").object([&] {
      for (const auto* part : parts) {
        to.name(part->name);
        write(to, part->of());
      }
    });
    if (std::any_of(parts.begin(), parts.end(), [](const auto* part) { return part->required; }))
      to.name("required").array([&] {
        for (const auto* part : parts)
          if (part->required)
            to.text(part->name);
      });
    if (!open)
      to.name("additionalProperties").raw("false");
  });
}

void json_schemas::write_named(json_writer& to) {
  std::map<std::string_view, std::string> texts;
  while (!waiting_.empty()) {
    const auto* s = waiting_.back();
    waiting_.pop_back();
    json_writer own{texts[s->name]};
    if (s->kind == shape_kind::word) {
      write_words(own, *s);
      continue;
    }
    std::vector<const shape_part*> parts;
    for (const auto& part : s->parts)
      parts.push_back(&part);
    write_members(own, parts, true);
  }
  for (const auto& [name, text] : texts)
    to.name(name).raw(text);
}

} // namespace beaver
