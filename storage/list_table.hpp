#pragma once
#include "beaver/storage/json_text.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// One item with the key by which it is ordered.
struct list_entry {
  std::string key;
  json_text value;
};

/// Which part of a list `items` gives.
struct list_page {
  std::optional<std::string> after{};       // behind this key in the chosen order
  std::optional<bool> descending{};         // absent: first to last
  std::optional<std::uint64_t> limit{};     // absent: all
  std::optional<std::uint64_t> max_bytes{}; // as in `key_range`
};

/// What a list holds.
struct list_summary {
  std::uint64_t items;
  std::uint64_t bytes;       // of order keys and values
  std::uint64_t longest_key; // characters of the longest order key
};

/// All SQL of the data type `list`: JSON values in an order of their own, kept as text keys that
/// `order_key` explains.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names are taken as they come, values as they stand: the caller has
/// checked and normalised them. Any may throw `error` busy, io, full or corrupt from SQLite.
///
/// An index counts from 0, a negative one from the end: -1 is the last item. An index that no item
/// has is absence, not a failure. Both ends cost O(log n), any other index a step over an index
/// entry for each item between it and its end; `list_index` makes reading there cheap.
///
/// Order keys are ours to choose: they change without the items moving, and another program's keys,
/// whatever they are, are replaced where they leave no room.
namespace list_table {

/// Linear in the list.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name);

/// Adds behind the last item.
void push(connection& c, std::string_view name, const json_text& value);

/// Adds in front of the first item.
void prepend(connection& c, std::string_view name, const json_text& value);

/// Adds all behind the last item, in order.
void extend(connection& c, std::string_view name, std::span<const json_text> values);

/// Adds in front of the item at `index`, as Python's list does: -1 is in front of the last item,
/// what lies beyond an end is that end. (Python beaver-db 2.3 takes every negative index for 0.)
void insert(connection& c, std::string_view name, std::int64_t index, const json_text& value);

/// The value exactly as stored.
[[nodiscard]] std::optional<json_text> at(connection& c, std::string_view name, std::int64_t index);

/// The items from `start` to before `stop`, as a Python slice: absent is that end, what lies beyond
/// an end is that end, nothing if they cross. Costs as much as an index and linear in the result;
/// linear in the list if one of the two counts from the front and the other from the end.
[[nodiscard]] std::vector<json_text> range(connection& c, std::string_view name,
                                           std::optional<std::int64_t> start = {},
                                           std::optional<std::int64_t> stop = {});

/// Items with their order keys, for reading page by page: the key of the last one as `after` gives
/// the next page, wherever the items stand by then. O(log n) and linear in the result. Throws
/// `error` corrupt at a key that is no text, which only another program can have written; the first
/// insertion beside it replaces it.
[[nodiscard]] std::vector<list_entry> items(connection& c, std::string_view name,
                                            const list_page& page);

/// Replaces the item; tells whether there is one.
bool set(connection& c, std::string_view name, std::int64_t index, const json_text& value);

/// Removes the item; tells whether there was one.
bool erase(connection& c, std::string_view name, std::int64_t index);

/// Removes the item and gives its value.
std::optional<json_text> pop(connection& c, std::string_view name, std::int64_t index);

/// Removes the first or the last item and gives its value; empty if there is none.
std::optional<json_text> pop_front(connection& c, std::string_view name);
std::optional<json_text> pop_back(connection& c, std::string_view name);

/// The next three look for exactly this text: the normal form of `value` finds what we and Python's
/// untyped lists stored. Linear in the items up to the first that has it.

/// Removes the first item with this value; tells whether there was one.
bool remove(connection& c, std::string_view name, const json_text& value);

/// The index of the first item with this value.
[[nodiscard]] std::optional<std::uint64_t> find(connection& c, std::string_view name,
                                                const json_text& value);

[[nodiscard]] bool contains(connection& c, std::string_view name, const json_text& value);

/// Removes all items that `range` would not give; tells their number. Linear in the list.
std::uint64_t trim(connection& c, std::string_view name, std::optional<std::int64_t> start,
                   std::optional<std::int64_t> stop);

/// Moves the item at `from` so that it has the index `to` afterwards. False, and nothing moves, if
/// there is no item at one of them. Linear in the list if one of the two is negative.
bool move(connection& c, std::string_view name, std::int64_t from, std::int64_t to);

/// Removes all items; gives their number.
std::uint64_t clear(connection& c, std::string_view name);

/// Reads every item of the list.
[[nodiscard]] list_summary info(connection& c, std::string_view name);

/// The names of all lists that hold an item, in order. A lookup per name, not a scan of the table.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace list_table
} // namespace beaver
