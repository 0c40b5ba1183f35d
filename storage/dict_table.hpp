#pragma once
#include "beaver/storage/clock.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/key_range.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// One entry of a listing.
struct dict_entry {
  std::string key;
  json_text value;
};

/// How long an entry still lives.
struct dict_lifetime {
  std::optional<double> ttl_seconds; // absent: for ever
};

/// What a dict holds.
struct dict_summary {
  std::uint64_t entries;     // alive
  std::uint64_t expired;     // waiting for the sweep
  std::uint64_t with_expiry; // alive and with an expiry
  std::uint64_t bytes;       // of keys and values, the expired ones included
};

/// All SQL of the data type `dict`: JSON values under text keys, each with an optional expiry.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names, keys and expiries are taken as they come, values as they
/// stand: the caller has checked and normalised them. An entry with `expires_at <= now` is absent
/// for every function. Any may throw `error` busy, io, full or corrupt from SQLite. Lookups cost
/// O(log n).
namespace dict_table {

/// Stores `value` under `key` in place of any earlier value and expiry. Absent expiry: for ever.
void set(connection& c, std::string_view name, std::string_view key, const json_text& value,
         std::optional<unix_seconds> expires_at);

/// The value exactly as stored.
[[nodiscard]] std::optional<json_text> find(connection& c, std::string_view name,
                                            std::string_view key, unix_seconds now);

/// Removes the entry and gives its value. An expired one is removed too, but not given.
std::optional<json_text> pop(connection& c, std::string_view name, std::string_view key,
                             unix_seconds now);

/// Removes the entry; tells whether there was one. An expired one is removed too, but does not
/// count.
bool erase(connection& c, std::string_view name, std::string_view key, unix_seconds now);

[[nodiscard]] bool contains(connection& c, std::string_view name, std::string_view key,
                            unix_seconds now);

/// Number of entries, of those whose key starts with `prefix` if given. Linear in the result.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name,
                                  std::optional<std::string_view> prefix, unix_seconds now);

[[nodiscard]] std::vector<std::string> keys(connection& c, std::string_view name,
                                            const key_range& range, unix_seconds now);
[[nodiscard]] std::vector<json_text> values(connection& c, std::string_view name,
                                            const key_range& range, unix_seconds now);
[[nodiscard]] std::vector<dict_entry> items(connection& c, std::string_view name,
                                            const key_range& range, unix_seconds now);

/// Adds `by` to the number under `key` (absent counts as 0), stores and gives the sum in normal
/// form. Two integers add exactly as int64, anything else as double. The expiry stays. Throws
/// `error` type_mismatch (the stored value is no number), invalid_argument (`by` is no number, an
/// integer leaves int64, the sum is not finite).
json_text increment(connection& c, std::string_view name, std::string_view key, const json_text& by,
                    unix_seconds now);

/// Stores only if the key is absent; tells whether it did.
bool set_if_absent(connection& c, std::string_view name, std::string_view key,
                   const json_text& value, std::optional<unix_seconds> expires_at,
                   unix_seconds now);

/// Stores only if the value under `key` has the same normal form as `expected` (absent: only if the
/// key is absent); tells whether it did. Throws `error` invalid_argument if `expected` is no JSON.
bool compare_and_set(connection& c, std::string_view name, std::string_view key,
                     const json_text& value, const std::optional<json_text>& expected,
                     std::optional<unix_seconds> expires_at, unix_seconds now);

/// Gives the entry a new expiry; tells whether there is one.
bool touch(connection& c, std::string_view name, std::string_view key, unix_seconds expires_at,
           unix_seconds now);

/// The remaining time to live; empty if there is no such entry.
[[nodiscard]] std::optional<dict_lifetime> ttl(connection& c, std::string_view name,
                                               std::string_view key, unix_seconds now);

/// Removes the expiry of the entry; tells whether there is one.
bool persist(connection& c, std::string_view name, std::string_view key, unix_seconds now);

/// Removes all entries; gives their number, the expired ones included.
std::uint64_t clear(connection& c, std::string_view name);

/// What a sweep did and when the next one has something to do.
struct swept {
  std::uint64_t removed;
  std::optional<unix_seconds> next_expiry; // in the past if `limit` was reached; absent: never
};

/// Removes at most `limit` expired entries of one dict, or of all if there is no name.
/// Linear in the expired entries through an index on `expires_at` that holds the rows with an
/// expiry; without such an index, linear in the table.
swept sweep(connection& c, std::optional<std::string_view> name, unix_seconds now,
            std::uint64_t limit);

/// Reads every entry of the dict.
[[nodiscard]] dict_summary info(connection& c, std::string_view name, unix_seconds now);

/// The names of all dicts that hold an entry, in order, reserved ones included.
/// A few lookups per name, not a scan of the table.
[[nodiscard]] std::vector<std::string> names(connection& c, unix_seconds now);

} // namespace dict_table
} // namespace beaver
