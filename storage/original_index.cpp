#include "beaver/storage/original_index.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/json_compare.hpp"
#include "beaver/storage/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace beaver {
namespace {

struct columns {
  std::optional<std::string> value;
  std::optional<double> number;
};

/// Empty: no row.
std::optional<columns> columns_of(std::string_view value) {
  switch (json_kind_of(value)) {
  case json_kind::null:
    return columns{};
  case json_kind::boolean:
    return value[0] == 't' ? columns{"True", 1.0} : columns{"False", 0.0};
  case json_kind::number: {
    // Normal form writes numbers as Python does. What is too large for float() has no row.
    const double number = json_number{value}.nearest();
    return std::isfinite(number) ? std::optional{columns{std::string{value}, number}}
                                 : std::nullopt;
  }
  case json_kind::string: {
    std::string scratch;
    std::string text{json_string_content(value, scratch)};
    // Python cannot store half a surrogate pair as text.
    return utf8::find_invalid(text) == std::string_view::npos
             ? std::optional{columns{std::move(text), {}}}
             : std::nullopt;
  }
  default:
    return {};
  }
}

} // namespace

original_index::original_index(connection& c, std::string_view kind, std::string_view name)
  : connection_(c), kind_(kind), name_(name) {
  statement rows = c.prepare("SELECT field FROM __beaver_field_index_manifest__ "
                             "WHERE kind = ?1 AND name = ?2");
  rows.bind(kind, name);
  while (rows.step()) {
    std::string field{rows.text(0)};
    // There "/a" is a name, and here a pointer to "a".
    std::string pointer = "/";
    for (const char ch : field)
      pointer += ch == '.' ? "/" : ch == '~' ? "~0" : ch == '/' ? "~1" : std::string(1, ch);
    if (pointer.size() <= json_path::max_size)
      fields_.emplace_back(std::move(field), reader_.add(json_path{pointer}));
  }
}

void original_index::add(std::string_view item_key, std::string_view json) {
  reader_.read(json);
  statement insertion = connection_.prepare("INSERT OR REPLACE INTO __beaver_field_index__"
                                            "(kind, name, item_key, field, value, value_num) "
                                            "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  for (const auto& [field, place] : fields_) {
    const auto& found = reader_[place];
    const auto row = found ? columns_of(*found) : std::nullopt;
    if (row)
      insertion.bind(kind_, name_, item_key, field, row->value, row->number).run();
  }
}

void original_index::remove(std::string_view item_key) {
  connection_
    .prepare("DELETE FROM __beaver_field_index__ "
             "WHERE kind = ?1 AND name = ?2 AND item_key = ?3")
    .bind(kind_, name_, item_key)
    .run();
}

void original_index::clear() {
  connection_.prepare("DELETE FROM __beaver_field_index__ WHERE kind = ?1 AND name = ?2")
    .bind(kind_, name_)
    .run();
}

std::string original_item_key(double timestamp) {
  std::string key;
  json::append_double(key, timestamp);
  return key;
}

} // namespace beaver
