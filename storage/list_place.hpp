#pragma once
// Shared by list_table.cpp, list_place.cpp and list_index.cpp: rows of a list and the place between
// two of them.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace beaver {

class connection;
class statement;

namespace list_table::detail {

#define BEAVER_IN_LIST "FROM __beaver_lists__ WHERE list_name = ?1"
/// What `neighbour` reads; all of it stands in the index of the primary key.
#define BEAVER_NEIGHBOUR "SELECT rowid, item_order, typeof(item_order) = 'text' "

/// What a Python slice takes of a list of `size` items: those from `first` to before `last`.
struct slice {
  slice(std::optional<std::int64_t> start, std::optional<std::int64_t> stop, std::int64_t size)
    : first(clamped(start.value_or(0), size)),
      last(std::max(first, clamped(stop.value_or(size), size))) {}

  std::int64_t first;
  std::int64_t last;

private:
  static std::int64_t clamped(std::int64_t index, std::int64_t size) {
    return std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size);
  }
};

/// A row beside the place of a new one.
struct neighbour {
  explicit neighbour(const statement& row);
  neighbour(std::int64_t id, std::string order_key) : rowid(id), key(std::move(order_key)) {}

  std::int64_t rowid;
  std::optional<std::string> key; // absent: another program wrote what is no order key
};

/// The place between two neighbouring items, or behind or in front of the only one.
struct place {
  std::optional<neighbour> left{};
  std::optional<neighbour> right{};
};

/// An order key for a new item at `p`, inside the caller's write transaction. Where none of at most
/// `order_key::max_size` characters is left, the run of items that shares the long prefix is spaced
/// out first, and `p` follows; all items are, if a neighbour's key is none. However insertions
/// choose their places, over many of them that is O(log n) updates each.
[[nodiscard]] std::string key_at(connection& c, std::string_view name, place& p);

} // namespace list_table::detail
} // namespace beaver
