#pragma once
// Shared by the queue_*.cpp: how an item lies in 2.3's table, and what we note about it beside it.
#include "beaver/storage/our_tables.hpp"
#include "beaver/storage/queue_options.hpp"
#include "beaver/storage/queue_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver::queue_table::detail {

/// What 2.3's table has no column for.
struct note {
  std::uint64_t attempts = 0;
  std::optional<std::string> source{}; // the queue it died in

  [[nodiscard]] bool empty() const noexcept { return attempts == 0 && !source; }
};

struct noted_item {
  queue_item item;
  note about;
};

/// Attempts from which on an item is dead; of an item that was never taken it is none.
[[nodiscard]] std::int64_t deadly_attempts(const queue_options& options) noexcept;

/// Throws `error` invalid_argument if it is NaN.
void check_priority(std::string_view name, double priority);

/// The timestamp for a put. It is later than that of every item of the same queue and priority that
/// is there, or may come back, or of which a note tells: so no two of our items share a place, also
/// if one of them is away under a lease. Three probes of indexes, two of which are mostly empty.
[[nodiscard]] unix_seconds next_timestamp(connection& c, std::string_view name, double priority,
                                          unix_seconds now);

/// The timestamp for a put right behind one at `last` with the same priority.
[[nodiscard]] unix_seconds next_timestamp(unix_seconds last, unix_seconds now) noexcept;

/// Makes a row of 2.3's table, and a note if there is something to note.
void insert(connection& c, std::string_view name, const queue_item& item, const note& about);

/// Removes the first `limit` rows of 2.3's table and their notes.
std::vector<noted_item> remove_first(connection& c, std::string_view name, std::int64_t limit);

/// Removes the note about an item, if there is one, and gives it.
note remove_note(connection& c, std::string_view name, const queue_item& item);

/// The note about an item, which stays.
[[nodiscard]] note find_note(connection& c, std::string_view name, const queue_item& item);

/// The names of the queues that have held items, in order. A lookup for each.
[[nodiscard]] std::vector<std::string> names_with_held(connection& c);

/// `beaver::from_ours` for the tables of queues.
template <class Read>
auto from_ours(connection& c, Read read) -> decltype(read()) {
  return beaver::from_ours(c, "__beaver_queue_held__", read);
}

} // namespace beaver::queue_table::detail
