#pragma once
#include "beaver/storage/clock.hpp"
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

/// Forwards or backwards.
enum class sort_order : std::uint8_t { asc, desc };

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

/// Whether a text matches a pattern with `*`, `?` and `[abc]`, as in SQLite's GLOB.
[[nodiscard]] bool glob(const std::string& pattern, const std::string& text) noexcept;

/// A sequence behind which all rows from `time` on are, of rows that are numbered in the order of
/// their commits up to `head`. `time_behind(sequence)` gives the time of the first row behind one,
/// or nothing. Their times were taken before they were committed, by clocks that may be set back,
/// so they are only roughly ascending. O(log head) calls.
template <class TimeBehind>
[[nodiscard]] std::uint64_t sequence_before(std::uint64_t head, unix_seconds time,
                                            TimeBehind time_behind) {
  // How late a row may be stored: the Python original waits up to 30 s for the write lock.
  constexpr unix_seconds lateness = 60;
  std::uint64_t low = 0; // whatever is up to here is early enough
  while (low < head) {
    const auto middle = low + (head - low) / 2;
    const std::optional<unix_seconds> behind = time_behind(middle);
    if (behind && *behind < time - lateness)
      low = middle + 1;
    else
      head = middle;
  }
  return low;
}

} // namespace beaver
