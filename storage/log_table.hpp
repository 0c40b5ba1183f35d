#pragma once
#include "beaver/storage/aggregation.hpp"
#include "beaver/storage/clock.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/listing.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// One entry as it stands in the log.
struct log_entry {
  unix_seconds timestamp;
  json_text data;
};

/// An entry to be appended.
struct log_new_entry {
  json_text data;
  std::optional<unix_seconds> timestamp{}; // absent: now
};

/// Which entries a listing covers, in which order. All bounds apply together.
struct log_page {
  std::optional<unix_seconds> start{};      // entries at this time or later
  std::optional<unix_seconds> end{};        // entries at this time or earlier
  std::optional<json_text> where{};         // entries that satisfy this filter, in its wire form
  std::optional<sort_order> order{};        // absent: oldest first
  std::optional<std::uint64_t> limit{};     // absent: all
  std::optional<std::uint64_t> offset{};    // so many of them are passed over first
  std::optional<unix_seconds> after{};      // entries behind this time in the chosen order
  std::optional<std::uint64_t> max_bytes{}; // as in `key_range`
};

/// What a log holds.
struct log_summary {
  std::uint64_t entries;
  std::uint64_t bytes;               // of the data
  std::optional<unix_seconds> first; // time of the oldest entry
  std::optional<unix_seconds> last;  // and of the newest
};

/// All SQL of the data type `log`: JSON values in the order of their timestamps, which are unique
/// within a log.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names and times are taken as they come, values as they stand: the
/// caller has checked and normalised them; times are finite. Any may throw `error` busy, io, full
/// or corrupt from SQLite.
///
/// A filter is given in its wire form (storage/filter_tree.hpp) and has been checked: a wrong one
/// is invalid_argument here too. Every entry that it has to look at costs a pass over its text. One
/// that is not JSON, which another program may have stored, is `error` corrupt.
///
/// Another program may have stored timestamps that are infinite or no numbers. Such rows are out of
/// reach of all but `clear`: they have no place in the order.
namespace log_table {

/// Appends an entry and gives the timestamp it got.
///
/// A given timestamp that is taken is raised by the smallest steps that a double can make, until it
/// is free. An absent one is `now`, or the least beyond the newest entry if that is less than a
/// second ahead: so entries stay in the order of their appends while a clock stands still or is set
/// back a little. O(log n), and a step over an index entry for each timestamp that is taken.
/// Throws `error` invalid_argument if no greater double is free.
unix_seconds append(connection& c, std::string_view name, const json_text& data,
                    std::optional<unix_seconds> timestamp, unix_seconds now);

/// Appends all, one after the other.
void append_many(connection& c, std::string_view name, std::span<const log_new_entry> entries,
                 unix_seconds now);

/// O(log n) and linear in the result and in what `offset` passes over; with a filter linear in the
/// entries up to the last one given: all of the time span, if fewer match than the limit wants.
[[nodiscard]] std::vector<log_entry> range(connection& c, std::string_view name,
                                           const log_page& page);

/// The newest `limit` entries that satisfy the filter, oldest first. Costs what `range` costs.
[[nodiscard]] std::vector<log_entry> tail(connection& c, std::string_view name, std::uint64_t limit,
                                          const std::optional<json_text>& where = {});

/// Number of entries from `start` to `end`, both included, that satisfy the filter. Linear in the
/// entries of that span.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name,
                                  std::optional<unix_seconds> start = {},
                                  std::optional<unix_seconds> end = {},
                                  const std::optional<json_text>& where = {});

/// Gives every entry of a time span that satisfies the filter to `to`, in order and in one pass
/// over the span; the text is there for that long only. An invalid_argument of `to` means that the
/// text is not JSON: it becomes corrupt, and names the entry.
void visit(connection& c, std::string_view name, std::optional<unix_seconds> start,
           std::optional<unix_seconds> end, const std::optional<json_text>& where,
           const std::function<void(std::string_view json, unix_seconds time)>& to);

/// Computes functions over the entries of a time span that satisfy the filter, in one pass over the
/// span. Memory and errors as for `aggregator`.
[[nodiscard]] std::vector<aggregate_row> aggregate(connection& c, std::string_view name,
                                                   std::optional<unix_seconds> start,
                                                   std::optional<unix_seconds> end,
                                                   const std::optional<json_text>& where,
                                                   const aggregation& what);

/// The time of the newest entry up to `end`; empty if there is none. O(log n).
[[nodiscard]] std::optional<unix_seconds> newest(connection& c, std::string_view name,
                                                 unix_seconds end);

/// Removes all entries; gives their number.
std::uint64_t clear(connection& c, std::string_view name);

/// Removes the entries that are older than `before`, and those that are not among the newest
/// `keep`; gives their number. With a filter only those among them that satisfy it, and without
/// the two others all that do.
std::uint64_t erase(connection& c, std::string_view name, std::optional<unix_seconds> before,
                    std::optional<std::uint64_t> keep, const std::optional<json_text>& where = {});

/// Reads every entry of the log.
[[nodiscard]] log_summary info(connection& c, std::string_view name);

/// The names of all logs that hold an entry, in order. A lookup per name, not a scan of the table.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace log_table
} // namespace beaver
