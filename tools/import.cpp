#include "beaver/tools/import.hpp"

#include "beaver/storage/json_cursor.hpp"
#include "beaver/tools/import_rows.hpp"

#include <optional>
#include <utility>

namespace beaver {

namespace {

struct row {
  std::string key; // empty: there need be none
  json_text value;
};

/// Throws bad_line, or `error` invalid_argument for what is no JSON.
row read_row(std::string_view line, const import_options& how) {
  auto object = json_text{line}.normalised();
  json_cursor in{object};
  if (in.peek() != json_kind::object)
    throw bad_line("not a JSON object");
  std::optional<std::string> key;
  std::optional<json_text> value;
  in.enter_object();
  while (const auto name = in.next_member()) {
    const bool is_key = !how.key.empty() && *name == how.key;
    const bool is_value = how.value && *name == *how.value;
    if (is_value) {
      value = in.read_value();
      if (is_key) { // one field for both
        json_cursor again{*value};
        key = read_id(again, how.key);
      }
    } else if (is_key) {
      key = read_id(in, how.key);
    } else {
      in.skip();
    }
  }
  if (!key && !how.key.empty())
    throw bad_line("no field '" + how.key + "'");
  if (how.value && !value)
    throw bad_line("no field '" + *how.value + "'");
  return {key.value_or(std::string{}), how.value ? std::move(*value) : std::move(object)};
}

/// The fields of an edge in a line; others are passed over.
graph_edge read_edge(std::string_view line) {
  const auto object = json_text{line}.normalised();
  json_cursor in{object};
  if (in.peek() != json_kind::object)
    throw bad_line("not a JSON object");
  std::optional<std::string> source;
  std::optional<std::string> target;
  std::optional<std::string> label;
  std::optional<json_text> metadata;
  in.enter_object();
  while (const auto name = in.next_member()) {
    if (*name == "source")
      source = read_id(in, "source");
    else if (*name == "target")
      target = read_id(in, "target");
    else if (*name == "label")
      label = read_id(in, "label");
    else if (*name == "metadata")
      metadata = in.read_value();
    else
      in.skip();
  }
  for (const auto& [field, value] :
       {std::pair{"source", &source}, {"target", &target}, {"label", &label}})
    if (!*value)
      throw bad_line(std::string{"no field '"} + field + '\'');
  return {std::move(*source), std::move(*target), std::move(*label), std::move(metadata)};
}

} // namespace

import_result import_lines(const byte_source& from, dict<> to, const import_options& how,
                           const import_hooks& hooks) {
  auto batch = to.batched();
  const row_target rows{[&](std::string_view line) {
                          const auto r = read_row(line, how);
                          batch.set(r.key, r.value);
                          return r.key.size() + r.value.size();
                        },
                        [&] { return batch.size(); }, [&] { batch.commit(); }};
  return import_rows(from, rows, how.limits, hooks);
}

import_result import_lines(const byte_source& from, docs<> to, const import_options& how,
                           const import_hooks& hooks) {
  auto batch = to.batched();
  const row_target rows{[&](std::string_view line) {
                          const auto r = read_row(line, how);
                          if (how.key.empty())
                            batch.index(r.value);
                          else
                            batch.index(r.key, r.value);
                          return r.key.size() + r.value.size();
                        },
                        [&] { return batch.size(); }, [&] { batch.commit(); }};
  return import_rows(from, rows, how.limits, hooks);
}

import_result import_lines(const byte_source& from, graph<> to, const import_limits& limits,
                           const import_hooks& hooks) {
  auto batch = to.batched();
  const row_target rows{[&](std::string_view line) {
                          const auto e = read_edge(line);
                          batch.link(e.source, e.target, e.label, e.metadata);
                          return e.source.size() + e.target.size() + e.label.size()
                                 + (e.metadata ? e.metadata->size() : 0);
                        },
                        [&] { return batch.size(); }, [&] { batch.commit(); }};
  return import_rows(from, rows, limits, hooks);
}

} // namespace beaver
