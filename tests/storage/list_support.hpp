#pragma once
#include "beaver/storage/list_table.hpp"

#include "fracdex_port.hpp"
#include "table_fixture.hpp"

#include <algorithm>

namespace beaver::test {

using texts = std::vector<std::string>;

inline texts texts_of(const std::vector<json_text>& values) {
  texts result;
  for (const auto& value : values)
    result.emplace_back(value.text());
  return result;
}

/// A database with lists, and another program that writes them with SQL of its own.
class list_fixture : public table_fixture {
public:
  /// Makes the list "l" hold the characters of `items`.
  void fill(std::string_view items) {
    list_table::clear(c(), "l");
    std::vector<json_text> values;
    for (char item : items)
      values.emplace_back(std::string_view{&item, 1});
    list_table::extend(c(), "l", values);
  }
  void insert(std::int64_t index, std::string_view value) {
    list_table::insert(c(), "l", index, json_text{value});
  }

  /// What another program reads.
  texts all(std::string_view name = "l") {
    return column(
      "SELECT item_value FROM __beaver_lists__ WHERE list_name = ?1 ORDER BY item_order", name);
  }
  texts keys(std::string_view name = "l") {
    return column(
      "SELECT item_order FROM __beaver_lists__ WHERE list_name = ?1 ORDER BY item_order", name);
  }
  std::size_t longest_key(std::string_view name = "l") {
    std::size_t longest = 0;
    for (const auto& key : keys(name))
      longest = std::max(longest, key.size());
    return longest;
  }

  void foreign_row(std::string_view name, std::string_view key, std::string_view value) {
    c().prepare("INSERT INTO __beaver_lists__ VALUES(?1, ?2, ?3)").bind(name, key, value).run();
  }

  /// Inserts as Python's beaver-db 2.3 does for 0 <= index <= count.
  void python_insert(std::string_view name, std::uint64_t index, std::string_view value) {
    const auto left = index == 0 ? std::nullopt : key_at(name, index - 1);
    const auto right = key_at(name, index);
    foreign_row(name, python_key_between(left, right), value);
  }
  void python_push(std::string_view name, int items) {
    statement last =
      c().prepare("SELECT max(item_order) FROM __beaver_lists__ WHERE list_name = ?1");
    last.bind(name).step();
    std::string key{last.text(0)};
    last.reset();
    for (int i = 0; i < items; ++i) {
      key = key.empty() ? python_key_between({}, {}) : python_key_between(key, {});
      foreign_row(name, key, std::to_string(i));
    }
  }

private:
  std::optional<std::string> key_at(std::string_view name, std::uint64_t index) {
    statement row = c().prepare("SELECT item_order FROM __beaver_lists__ WHERE list_name = ?1 "
                                "ORDER BY item_order LIMIT 1 OFFSET ?2");
    if (!row.bind(name, index).step())
      return std::nullopt;
    return std::string{row.text(0)};
  }

  texts column(std::string_view sql, std::string_view name) {
    texts result;
    statement row = c().prepare(sql);
    row.bind(name);
    while (row.step())
      result.emplace_back(row.text(0));
    return result;
  }
};

/// What a Python slice gives, worked out as its documentation says.
inline texts slice_of(const texts& items, std::optional<std::int64_t> start,
                      std::optional<std::int64_t> stop) {
  const auto size = static_cast<std::int64_t>(items.size());
  const auto clamped = [&](std::int64_t i) {
    if (i < 0)
      i = i < -size ? 0 : i + size;
    return i > size ? size : i;
  };
  texts result;
  for (auto i = clamped(start.value_or(0)); i < clamped(stop.value_or(size)); ++i)
    result.push_back(items[static_cast<std::size_t>(i)]);
  return result;
}

} // namespace beaver::test
