#pragma once
#include "beaver/storage/statement.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

// What the listings of all tables have in common.

/// A limit as SQLite takes it; absent: all.
[[nodiscard]] constexpr std::int64_t as_limit(std::optional<std::uint64_t> n) noexcept {
  constexpr std::uint64_t all = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(n.value_or(all), all));
}

/// Steps through rows up to the one that brings them to `max_bytes`, be it the first; absent: to
/// the end. `visit(rows)` takes one and gives its bytes.
template <class Visit>
void each_row(statement& rows, std::optional<std::uint64_t> max_bytes, Visit visit) {
  for (std::uint64_t bytes = 0; rows.step();) {
    bytes += visit(rows);
    if (max_bytes && bytes >= *max_bytes)
      return;
  }
}

/// The names in a table, in order. `sql` looks up the first from ?1 on, as in
/// "SELECT min(list_name) FROM __beaver_lists__ WHERE list_name >= ?1". One lookup per name.
[[nodiscard]] std::vector<std::string> collect_names(connection& c, std::string_view sql);

} // namespace beaver
