#pragma once
#include "beaver/actors/may_wait.hpp"
#include "beaver/actors/value_codec.hpp"
#include "beaver/storage/queue_lease.hpp"
#include "beaver/storage/queue_options.hpp"

#include <boost/describe/enum.hpp>

namespace beaver {

BOOST_DESCRIBE_ENUM(queue_state, ready, delayed, leased, dead)
BOOST_DESCRIBE_ENUM(queue_view, ready, held, all)
BOOST_DESCRIBE_STRUCT(queue_item, (), (priority, timestamp, data))
BOOST_DESCRIBE_STRUCT(queue_taken, (), (receipt, priority, timestamp, data, attempts, leased_until))
BOOST_DESCRIBE_STRUCT(queue_position, (), (priority, timestamp, ordinal))
BOOST_DESCRIBE_STRUCT(queue_entry, (), (position, data, state, attempts, due, source))
BOOST_DESCRIBE_STRUCT(queue_counts, (), (ready, delayed, leased, dead))
BOOST_DESCRIBE_STRUCT(queue_summary, (), (items, bytes, oldest))
BOOST_DESCRIBE_STRUCT(queue_options, (), (max_attempts, visibility_seconds, dead_letter))

// Priorities may be infinite: in a reply too, which must not get lost on its way.
template <>
inline constexpr bool codec::has_infinities<queue_item> = true;
template <>
inline constexpr bool codec::has_infinities<queue_taken> = true;
template <>
inline constexpr bool codec::has_infinities<queue_position> = true;

// The messages of the data type `queue`: JSON values that come out by priority, the smallest first,
// and within one priority in the order of their puts. An item that is put with a delay or taken is
// held back until its time is over. All lengths of time are seconds. Every one may fail with
// invalid_argument, closed, busy, io, full; more is said where it applies.

/// Puts an item, which is ready at once or after `delay`.
/// Errors: invalid_argument (data not JSON, priority NaN, delay not >= 0).
struct queue_put {
  using reply = void;
  static constexpr endpoint route{verb::post, "/queues/{name}/put", "Put an item."};
  std::string name;
  json_text data;
  double priority; // smaller comes first
  std::optional<double> delay;
};
BOOST_DESCRIBE_STRUCT(queue_put, (), (name, data, priority, delay))

/// One item of `queue_put_many`.
struct queue_new_item {
  json_text data;
  double priority;
  std::optional<double> delay;
};
BOOST_DESCRIBE_STRUCT(queue_new_item, (), (data, priority, delay))

/// Puts all, in order.
struct queue_put_many {
  using reply = void;
  static constexpr endpoint route{verb::post, "/queues/{name}/put_many", "Put several items."};
  std::string name;
  std::vector<queue_new_item> items;
};
BOOST_DESCRIBE_STRUCT(queue_put_many, (), (name, items))

/// Removes the first item and gives it; empty if there is none in time.
struct queue_get : may_wait {
  using reply = std::optional<queue_item>;
  static constexpr endpoint route{verb::post, "/queues/{name}/get",
                                  "Remove the first item and give it."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_get, (may_wait), (name))

/// Removes the first `limit` items, fewer if there are fewer, and gives them in order. Waits for
/// one.
struct queue_get_many : may_wait {
  using reply = std::vector<queue_item>;
  static constexpr endpoint route{verb::post, "/queues/{name}/get_many",
                                  "Remove the first items and give them."};
  std::string name;
  std::uint64_t limit;
};
BOOST_DESCRIBE_STRUCT(queue_get_many, (may_wait), (name, limit))

/// Takes the first item for the time of `visibility` (absent: the queue's default), within which it
/// has to be acknowledged; empty if there is none in time. Errors: invalid_argument (visibility not
/// > 0).
struct queue_take : may_wait {
  using reply = std::optional<queue_taken>;
  static constexpr endpoint route{verb::post, "/queues/{name}/take",
                                  "Take the first item until it is acknowledged."};
  std::string name;
  std::optional<double> visibility;
};
BOOST_DESCRIBE_STRUCT(queue_take, (may_wait), (name, visibility))

/// Takes the first `limit` items, fewer if there are fewer, in order. Waits for one.
struct queue_take_many : may_wait {
  using reply = std::vector<queue_taken>;
  static constexpr endpoint route{verb::post, "/queues/{name}/take_many",
                                  "Take the first items until they are acknowledged."};
  std::string name;
  std::uint64_t limit;
  std::optional<double> visibility;
};
BOOST_DESCRIBE_STRUCT(queue_take_many, (may_wait), (name, limit, visibility))

/// Removes a taken item for good; false if it was not, or no longer, taken under this receipt.
struct queue_ack {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/queues/{name}/ack",
                                  "Remove a taken item, which is done."};
  std::string name;
  std::string receipt;
};
BOOST_DESCRIBE_STRUCT(queue_ack, (), (name, receipt))

/// Gives a taken item back, at once or after `delay`; false if it was not taken under this receipt.
/// After its last attempt it is a dead letter.
struct queue_nack {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/queues/{name}/nack", "Give a taken item back."};
  std::string name;
  std::string receipt;
  std::optional<double> delay;
};
BOOST_DESCRIBE_STRUCT(queue_nack, (), (name, receipt, delay))

/// Lets a taken item be away for `visibility` from now on; false if it was not taken under this
/// receipt.
struct queue_extend {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/queues/{name}/extend",
                                  "Keep a taken item for longer."};
  std::string name;
  std::string receipt;
  double visibility;
};
BOOST_DESCRIBE_STRUCT(queue_extend, (), (name, receipt, visibility))

/// The first item, which stays; empty if there is none.
struct queue_peek {
  using reply = std::optional<queue_item>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/queues/{name}/peek",
                                  .summary = "Give the first item and leave it.",
                                  .empty_reply = absent::null};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_peek, (), (name))

/// Items in order, which stay. The position of the last one as `after` gives the next page.
struct queue_items {
  using reply = std::vector<queue_entry>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/queues/{name}/items",
                                  .summary = "List items in order and leave them.",
                                  .aliases = "show"};
  std::string name;
  std::optional<queue_view> view; // absent: ready
  std::optional<queue_position> after;
  std::optional<std::uint64_t> limit; // absent: all
};
BOOST_DESCRIBE_STRUCT(queue_items, (), (name, view, after, limit))

/// Number of items that are ready. Linear in it.
struct queue_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/queues/{name}/count",
                                  "Count the items that are ready."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_count, (), (name))

/// Numbers of items by their state.
struct queue_count_by_state {
  using reply = queue_counts;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/queues/{name}/counts",
                                  .summary = "Count the items in each state.",
                                  .aliases = "counts"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_count_by_state, (), (name))

/// Removes all items, held ones included, and makes receipts void. Options and dead letters stay.
struct queue_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/queues/{name}/clear", "Remove all items."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_clear, (), (name))

/// Puts at most `limit` (absent: all) dead letters of this queue back into it, without their
/// attempts; gives their number.
struct queue_redrive {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::post, "/queues/{name}/redrive",
                                  "Put dead letters back into their queue."};
  std::string name;
  std::optional<std::uint64_t> limit;
};
BOOST_DESCRIBE_STRUCT(queue_redrive, (), (name, limit))

/// The options as they were set.
struct queue_get_options {
  using reply = queue_options;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/queues/{name}/options",
                                  .summary = "Tell how items are treated that are taken.",
                                  .aliases = "options"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_get_options, (), (name))

/// Replaces all options; absent ones get their defaults. What is taken comes back by the new ones.
/// Errors: invalid_argument (max_attempts 0, visibility not > 0, a dead-letter queue that is this
/// queue or has no proper name).
struct queue_configure : queue_options {
  using reply = void;
  static constexpr endpoint route{.method = verb::put,
                                  .path = "/queues/{name}/options",
                                  .summary = "Set how items are treated that are taken.",
                                  .aliases = "set_options"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_configure, (queue_options), (name))

/// Sets the options of a queue that has none; one that has these already is left as it is.
/// Errors: as `queue_configure`; already_exists (it has others).
struct queue_open : queue_options {
  using reply = void;
  static constexpr endpoint route{verb::post, "/queues/{name}/open",
                                  "Set options, or make sure that they are these."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_open, (queue_options), (name))

/// Numbers, bytes and age. Reads every item.
struct queue_info {
  using reply = queue_summary;
  static constexpr endpoint route{verb::get, "/queues/{name}/info", "Describe the queue."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(queue_info, (), (name))

/// The names of all queues that hold an item, in order, dead-letter queues included.
struct queue_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/queues", "List all queues."};
};
BOOST_DESCRIBE_STRUCT(queue_names, (), ())

using queue_messages =
  boost::mp11::mp_list<queue_put, queue_put_many, queue_get, queue_get_many, queue_take,
                       queue_take_many, queue_ack, queue_nack, queue_extend, queue_peek,
                       queue_items, queue_count, queue_count_by_state, queue_clear, queue_redrive,
                       queue_get_options, queue_configure, queue_open, queue_info, queue_names>;

} // namespace beaver
