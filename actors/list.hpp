#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/storage/list_table.hpp"

namespace beaver {

BOOST_DESCRIBE_STRUCT(list_entry, (), (key, value))
BOOST_DESCRIBE_STRUCT(list_page, (), (after, descending, limit, max_bytes))
BOOST_DESCRIBE_STRUCT(list_summary, (), (items, bytes, longest_key))

// The messages of the data type `list`: JSON values in an order of their own. An index counts from
// 0, a negative one from the end: -1 is the last item. An index that no item has is absence. Every
// one may fail with invalid_argument, closed, busy, io, full; more is said where it applies.

/// Adds behind the last item. Errors: invalid_argument (value not JSON).
struct list_push {
  using reply = void;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/lists/{name}/push",
                                  .summary = "Add a value at the end.",
                                  .aliases = "append push_back"};
  std::string name;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(list_push, (), (name, value))

/// Adds in front of the first item.
struct list_prepend {
  using reply = void;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/lists/{name}/prepend",
                                  .summary = "Add a value at the front.",
                                  .aliases = "push_front"};
  std::string name;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(list_prepend, (), (name, value))

/// Adds all behind the last item, in order.
struct list_extend {
  using reply = void;
  static constexpr endpoint route{verb::post, "/lists/{name}/extend",
                                  "Add several values at the end."};
  std::string name;
  std::vector<json_text> values;
};
BOOST_DESCRIBE_STRUCT(list_extend, (), (name, values))

/// Adds in front of the item at `index`; what lies beyond an end is that end.
struct list_insert {
  using reply = void;
  static constexpr endpoint route{verb::post, "/lists/{name}/insert/{index}",
                                  "Add a value in front of an index."};
  std::string name;
  std::int64_t index;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(list_insert, (), (name, index, value))

/// The value at `index`, exactly as stored; empty if there is none.
struct list_find_at {
  using reply = std::optional<json_text>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/lists/{name}/item/{index}",
                                  .summary = "Get the value at an index.",
                                  .aliases = "get at"};
  std::string name;
  std::int64_t index;
};
BOOST_DESCRIBE_STRUCT(list_find_at, (), (name, index))

/// Replaces the value at `index`; tells whether there is one.
struct list_set {
  using reply = bool;
  static constexpr endpoint route{verb::put, "/lists/{name}/item/{index}",
                                  "Replace the value at an index."};
  std::string name;
  std::int64_t index;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(list_set, (), (name, index, value))

/// Removes the item at `index`; tells whether there was one.
struct list_erase {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/lists/{name}/item/{index}",
                                  .summary = "Remove the item at an index.",
                                  .aliases = "delete del"};
  std::string name;
  std::int64_t index;
};
BOOST_DESCRIBE_STRUCT(list_erase, (), (name, index))

/// Removes the item at `index` (absent: the last one) and gives its value; empty if there was none.
struct list_pop {
  using reply = std::optional<json_text>;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/lists/{name}/pop",
                                  .summary = "Remove the last or another item and give its value.",
                                  .empty_reply = absent::null,
                                  .aliases = "pop_back"};
  std::string name;
  std::optional<std::int64_t> index;
};
BOOST_DESCRIBE_STRUCT(list_pop, (), (name, index))

/// Removes the first item and gives its value; empty if there was none.
struct list_pop_front {
  using reply = std::optional<json_text>;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/lists/{name}/deque",
                                  .summary = "Remove the first item and give its value.",
                                  .empty_reply = absent::null,
                                  .aliases = "deque"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(list_pop_front, (), (name))

/// The items from `start` to before `stop` as a Python slice: absent is that end, what lies beyond
/// an end is that end.
struct list_range {
  using reply = std::vector<json_text>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/lists/{name}/range",
                                  .summary = "List the values from an index to before another.",
                                  .aliases = "values"};
  std::string name;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
};
BOOST_DESCRIBE_STRUCT(list_range, (), (name, start, stop))

/// One page of values with their order keys. The key of the last entry as `after` gives the next
/// page, wherever the items stand by then.
struct list_items : list_page {
  using reply = std::vector<list_entry>;
  static constexpr endpoint route{verb::get, "/lists/{name}/items",
                                  "List values with their order keys."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(list_items, (list_page), (name))

/// Removes the first item with this value; tells whether there was one. Values are equal when their
/// normal forms are the same text.
struct list_remove {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/lists/{name}/remove",
                                  "Remove the first item with a value."};
  std::string name;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(list_remove, (), (name, value))

/// The index of the first item with this value; empty if there is none.
struct list_find {
  using reply = std::optional<std::uint64_t>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/lists/{name}/find",
                                  .summary = "Tell the index of the first item with a value.",
                                  .aliases = "index"};
  std::string name;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(list_find, (), (name, value))

struct list_contains {
  using reply = bool;
  static constexpr endpoint route{verb::get, "/lists/{name}/contains",
                                  "Tell whether an item has a value."};
  std::string name;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(list_contains, (), (name, value))

/// Number of items. Linear in the list.
struct list_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/lists/{name}/count", "Count the items."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(list_count, (), (name))

/// Removes all items outside of `start` .. `stop` (as `list_range`); gives their number.
struct list_trim {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::post, "/lists/{name}/trim",
                                  "Keep the items from an index to before another."};
  std::string name;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
};
BOOST_DESCRIBE_STRUCT(list_trim, (), (name, start, stop))

/// Moves an item so that it has the index `to` afterwards; false if there is no item at one of
/// them.
struct list_move {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/lists/{name}/item/{from}/move",
                                  "Move an item to another index."};
  std::string name;
  std::int64_t from;
  std::int64_t to;
};
BOOST_DESCRIBE_STRUCT(list_move, (), (name, from, to))

struct list_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/lists/{name}/clear", "Remove all items."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(list_clear, (), (name))

struct list_info {
  using reply = list_summary;
  static constexpr endpoint route{verb::get, "/lists/{name}/info", "Describe the list."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(list_info, (), (name))

/// The names of all lists that hold an item, in order.
struct list_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/lists", "List all lists."};
};
BOOST_DESCRIBE_STRUCT(list_names, (), ())

using list_messages =
  boost::mp11::mp_list<list_push, list_prepend, list_extend, list_insert, list_find_at, list_set,
                       list_erase, list_pop, list_pop_front, list_range, list_items, list_remove,
                       list_find, list_contains, list_count, list_trim, list_move, list_clear,
                       list_info, list_names>;

} // namespace beaver
