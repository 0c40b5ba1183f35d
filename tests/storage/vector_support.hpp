#pragma once
#include "beaver/storage/vector_log.hpp"
#include "beaver/storage/vector_snapshot.hpp"
#include "beaver/storage/vector_table.hpp"
#include "beaver/storage/vector_upkeep.hpp"
#include "table_fixture.hpp"

#include <map>

namespace beaver::test {

using strings = std::vector<std::string>;
using floats = std::vector<float>;

/// Vectors as they are stored, by id.
using stored_vectors = std::map<std::string, std::string>;

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::string bytes_of(const floats& numbers) {
  return text_of(std::as_bytes(std::span{numbers}));
}
/// As a literal of SQL.
inline std::string blob_of(const floats& numbers) {
  std::string text = "x'";
  for (const unsigned char c : bytes_of(numbers)) {
    text += "0123456789abcdef"[c >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text + '\'';
}

/// A database with the collection "e".
class vector_fixture : public table_fixture {
public:
  void set(std::string_view id, const floats& vector, std::optional<std::string> metadata = {},
           std::string_view name = "e") {
    write([&] {
      vector_table::vector_writer to{c(), name};
      to.set(id, vector, metadata ? std::optional{json_text{*metadata}} : std::nullopt);
      to.finish();
    });
  }
  bool erase(std::string_view id) {
    return write([&] {
      vector_table::vector_writer from{c(), "e"};
      const bool erased = from.erase(id);
      from.finish();
      return erased;
    });
  }
  std::optional<vector_item> find(std::string_view id) { return vector_table::find(c(), "e", id); }
  void configure(const vector_options& options) {
    write([&] { vector_table::set_options(c(), "e", options); });
  }
  void reindex() {
    while (write([&] { return vector_table::reindex(c(), "e", {}, 2); }).more) {}
  }

  static strings ids_of(const std::vector<vector_item>& items) {
    strings ids;
    for (const auto& item : items)
      ids.push_back(item.id);
    return ids;
  }
  strings ids(const key_range& range, std::optional<json_text> where = {}) {
    return ids_of(vector_table::list(c(), "e", range, where));
  }

  stored_vectors all() {
    stored_vectors result;
    std::string before;
    vector_table::each_vector(c(), "e",
                              [&](std::string_view id, std::span<const std::byte> vector) {
                                BOOST_TEST((result.empty() || id > before));
                                before = id;
                                result.emplace(id, text_of(vector));
                              });
    return result;
  }

  /// Brings what was read when the log ended with `from` up to date; gives the log's new end.
  std::uint64_t follow(stored_vectors& loaded, std::uint64_t from) {
    const auto end = vector_log::last(c());
    std::uint64_t before = from;
    vector_log::tail(c(), "e", from,
                     [&](std::uint64_t seq, std::string_view id,
                         std::optional<std::span<const std::byte>> vector) {
                       BOOST_TEST(seq > before);
                       before = seq;
                       if (vector)
                         loaded.insert_or_assign(std::string{id}, text_of(*vector));
                       else
                         loaded.erase(std::string{id});
                     });
    return end;
  }

  std::int64_t rows(const std::string& table) {
    return c().integer("SELECT count(*) FROM " + table);
  }
};

} // namespace beaver::test
