#pragma once
#include "beaver/storage/clock.hpp"
#include "beaver/storage/json_text.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// One item as its queue gives it away.
struct queue_item {
  double priority;        // smaller comes first
  unix_seconds timestamp; // of its put; orders equal priorities, and is theirs alone among our puts
  json_text data;
};

/// One item to be put.
struct queue_put_item {
  double priority;
  json_text data;
  std::optional<unix_seconds> due{}; // absent or past: ready at once
};

/// Where an item is.
enum class queue_state : std::uint8_t {
  ready,   ///< the next `get` or `take` may give it
  delayed, ///< waits until it is due
  leased,  ///< taken, and neither acknowledged nor given back
  dead     ///< taken too often: in the dead-letter queue, or on its way there
};

/// A place in the order of a queue.
struct queue_position {
  double priority;
  unix_seconds timestamp;
  std::uint64_t ordinal = 1; // among the items with the same priority and timestamp, from 1 on
};

/// One item of a listing, which leaves it where it is.
struct queue_entry {
  queue_position position;
  json_text data;
  queue_state state;
  std::uint64_t attempts;            // deliveries by `take` so far
  std::optional<unix_seconds> due;   // of a delayed or leased item
  std::optional<std::string> source; // of a dead letter: the queue it died in
};

/// Which items a listing covers.
enum class queue_view : std::uint8_t {
  ready, ///< what `get` would give, one after the other
  held,  ///< delayed and leased items
  all    ///< everything that was put and not removed: what a dump holds
};

/// Numbers of items by their state.
struct queue_counts {
  std::uint64_t ready;
  std::uint64_t delayed;
  std::uint64_t leased;
  std::uint64_t dead; // ready in the dead-letter queue, whichever queue they come from
};

/// What a queue holds.
struct queue_summary {
  queue_counts items;
  std::uint64_t bytes;                // of the values, held ones included
  std::optional<unix_seconds> oldest; // put of the item that is ready for the longest time
};

/// All SQL of the data type `queue`: JSON values in the order of priority, then of their puts.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction: most look at several tables, which must show one state. Names and times are
/// taken as they come, values as they stand: the caller has checked and normalised them. Any may
/// throw `error` busy, io, full or corrupt from SQLite. With n items in the queue lookups cost
/// O(log n).
///
/// An item that is delayed or leased lies in a table of ours, where the Python original does not
/// see it, until `settle` moves it back: `queue_lease.hpp`. How often and for how long an item may
/// be taken: `queue_options.hpp`. Functions that remove items settle first; those that only read
/// count what is due as if it had been moved.
namespace queue_table {

/// Puts one item and gives its timestamp: `now`, or, where that would not put it behind every item
/// of its priority, the next double behind the last. So puts of one priority come out in order
/// whatever the clock does, except that another program's put may carry any time.
/// Throws `error` invalid_argument if the priority is NaN. O(log n).
unix_seconds put(connection& c, std::string_view name, const queue_put_item& item,
                 unix_seconds now);

/// Puts all items in order. A NaN among the priorities is refused before any is put.
/// O(log n) for each.
void put_many(connection& c, std::string_view name, std::span<const queue_put_item> items,
              unix_seconds now);

/// Removes the first item and gives it. O(log n), and O(log n) for each item that is due.
std::optional<queue_item> get(connection& c, std::string_view name, unix_seconds now);

/// Removes the first `limit` items, fewer if there are fewer, and gives them in order.
/// O(log n) for each item given or due.
std::vector<queue_item> get_many(connection& c, std::string_view name, std::uint64_t limit,
                                 unix_seconds now);

/// The first item, which stays. O(log n), and linear in the items that are due and not settled.
[[nodiscard]] std::optional<queue_item> peek(connection& c, std::string_view name,
                                             unix_seconds now);

/// At most `limit` items in order, from the one behind `after` on if given: the next page follows
/// the position of the last entry. Within equal positions items that are due come last.
/// O(log n), and linear in the result and in the items that are due and not settled.
[[nodiscard]] std::vector<queue_entry> list(connection& c, std::string_view name, queue_view view,
                                            const std::optional<queue_position>& after,
                                            std::uint64_t limit, unix_seconds now);

/// Number of items that are ready. Linear in that number, over an index alone, and in what is due.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name, unix_seconds now);

/// Linear in the number of items, those in the dead-letter queue included.
[[nodiscard]] queue_counts counts(connection& c, std::string_view name, unix_seconds now);

/// Removes all items, held ones included, and gives their number. Receipts are void from then on.
/// Options and dead letters stay. Linear in the number.
std::uint64_t clear(connection& c, std::string_view name);

/// Reads every item of the queue.
[[nodiscard]] queue_summary info(connection& c, std::string_view name, unix_seconds now);

/// The names of all queues that hold an item, ready or held, in order, dead-letter queues included.
/// A few lookups per name, not a scan of the tables.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace queue_table
} // namespace beaver
