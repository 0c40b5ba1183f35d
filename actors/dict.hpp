#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/storage/dict_table.hpp"

namespace beaver {

BOOST_DESCRIBE_STRUCT(dict_entry, (), (key, value))
BOOST_DESCRIBE_STRUCT(dict_lifetime, (), (ttl_seconds))
BOOST_DESCRIBE_STRUCT(dict_summary, (), (entries, expired, with_expiry, bytes))

// The messages of the data type `dict`: JSON values under text keys, each with an optional expiry.
// Every one may fail with invalid_argument, closed, busy, io, full; more is said where it applies.
// An expired entry is absent for all of them.

/// Stores `value` under `key`, replacing any earlier value and its expiry.
/// Errors: invalid_argument (key not 1..1024 bytes of UTF-8, ttl not > 0, value not JSON).
struct dict_set {
  using reply = void;
  static constexpr endpoint route{verb::put, "/dicts/{name}/{key}", "Store a value under a key."};
  std::string name;
  std::string key;
  json_text value;
  std::optional<double> ttl_seconds; // absent: never expires
};
BOOST_DESCRIBE_STRUCT(dict_set, (), (name, key, value, ttl_seconds))

/// The value under `key`, exactly as stored; empty if there is none.
struct dict_find {
  using reply = std::optional<json_text>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/dicts/{name}/{key}",
                                  .summary = "Get the value under a key.",
                                  .lenient_path = "/dicts/{name}/{key}/fetch",
                                  .aliases = "get fetch"};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(dict_find, (), (name, key))

/// Removes the entry and gives its value; empty if there was none.
struct dict_pop {
  using reply = std::optional<json_text>;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/dicts/{name}/{key}/pop",
                                  .summary = "Remove a key and give its value.",
                                  .empty_reply = absent::null};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(dict_pop, (), (name, key))

/// Removes the entry; tells whether there was one.
struct dict_erase {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/dicts/{name}/{key}",
                                  .summary = "Remove a key; tell whether it was there.",
                                  .aliases = "delete del remove"};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(dict_erase, (), (name, key))

struct dict_contains {
  using reply = bool;
  static constexpr endpoint route{verb::get, "/dicts/{name}/{key}/contains",
                                  "Tell whether a key is there."};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(dict_contains, (), (name, key))

/// Number of entries, of those whose key starts with `prefix` if given. Linear in the result.
struct dict_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/dicts/{name}/count", "Count the entries."};
  std::string name;
  std::optional<std::string> prefix;
};
BOOST_DESCRIBE_STRUCT(dict_count, (), (name, prefix))

struct dict_keys : key_range {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/dicts/{name}/-/keys", "List keys in order."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(dict_keys, (key_range), (name))

struct dict_values : key_range {
  using reply = std::vector<json_text>;
  static constexpr endpoint route{verb::get, "/dicts/{name}/-/values", "List values in key order."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(dict_values, (key_range), (name))

struct dict_items : key_range {
  using reply = std::vector<dict_entry>;
  static constexpr endpoint route{verb::get, "/dicts/{name}/-/items",
                                  "List keys with their values in key order."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(dict_items, (key_range), (name))

/// Adds a number to the number under `key` (absent counts as 0) and gives the sum. Two integers add
/// as int64, anything else as double. The expiry stays.
/// Errors: type_mismatch (the stored value is no number), invalid_argument (overflow, not finite).
struct dict_increment {
  using reply = json_text;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/dicts/{name}/{key}/increment",
                                  .summary = "Add to a number and give the sum.",
                                  .aliases = "incr"};
  std::string name;
  std::string key;
  std::optional<json_text> by; // a JSON number; absent: 1
};
BOOST_DESCRIBE_STRUCT(dict_increment, (), (name, key, by))

/// Stores only if the key is absent; tells whether it did.
struct dict_set_if_absent {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/dicts/{name}/{key}/set_if_absent",
                                  "Store a value unless the key is there."};
  std::string name;
  std::string key;
  json_text value;
  std::optional<double> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(dict_set_if_absent, (), (name, key, value, ttl_seconds))

/// Stores only if the value under `key` equals `expected` (absent: only if the key is absent);
/// tells whether it did. Values are equal when their normal forms are the same text.
struct dict_compare_and_set {
  using reply = bool;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/dicts/{name}/{key}/compare_and_set",
                                  .summary = "Store a value if the old one is as expected.",
                                  .aliases = "cas"};
  std::string name;
  std::string key;
  json_text value;
  std::optional<json_text> expected;
  std::optional<double> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(dict_compare_and_set, (), (name, key, value, expected, ttl_seconds))

/// Gives an entry a new time to live, counted from now; tells whether there is such an entry.
struct dict_touch {
  using reply = bool;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/dicts/{name}/{key}/touch",
                                  .summary = "Set the time to live of an entry.",
                                  .aliases = "expire"};
  std::string name;
  std::string key;
  double ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(dict_touch, (), (name, key, ttl_seconds))

/// The remaining time to live; empty if there is no such entry.
struct dict_ttl {
  using reply = std::optional<dict_lifetime>;
  static constexpr endpoint route{verb::get, "/dicts/{name}/{key}/ttl",
                                  "Tell how long an entry still lives."};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(dict_ttl, (), (name, key))

/// Removes the expiry of an entry; tells whether there is such an entry.
struct dict_persist {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/dicts/{name}/{key}/persist",
                                  "Let an entry live for ever."};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(dict_persist, (), (name, key))

struct dict_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/dicts/{name}/clear", "Remove all entries."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(dict_clear, (), (name))

/// Removes expired entries now, which the background sweep would remove later; gives their number.
struct dict_sweep {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::post, "/dicts/{name}/sweep", "Remove expired entries now."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(dict_sweep, (), (name))

struct dict_info {
  using reply = dict_summary;
  static constexpr endpoint route{verb::get, "/dicts/{name}/-/info", "Describe the dict."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(dict_info, (), (name))

/// The names of all dicts that hold an entry, in order.
struct dict_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/dicts", "List all dicts."};
};
BOOST_DESCRIBE_STRUCT(dict_names, (), ())

using dict_messages =
  boost::mp11::mp_list<dict_set, dict_find, dict_pop, dict_erase, dict_contains, dict_count,
                       dict_keys, dict_values, dict_items, dict_increment, dict_set_if_absent,
                       dict_compare_and_set, dict_touch, dict_ttl, dict_persist, dict_clear,
                       dict_sweep, dict_info, dict_names>;

} // namespace beaver
