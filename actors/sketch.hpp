#pragma once
#include "beaver/actors/message.hpp"

#include <boost/describe/enum.hpp>
#include <boost/mp11/list.hpp>

namespace beaver {

/// What a sketch tells of what was added to it.
enum class sketch_kind : std::uint8_t {
  approximate_set, ///< how many different items there were, and which
  count_min,       ///< how often each item has come
  top_k,           ///< which items have come most
  quantiles        ///< how numbers are distributed
};
BOOST_DESCRIBE_ENUM(sketch_kind, approximate_set, count_min, top_k, quantiles)

/// What a sketch is made for; it stays so. Each kind has some of these.
struct sketch_options {
  std::optional<sketch_kind> kind{};       // absent: approximate_set
  std::optional<std::uint64_t> capacity{}; // of approximate_set: different items, 1,000,000; of
                                           // top_k: items that are wanted, 100
  /// Of approximate_set: share of items that are found though never added, and of the count, 0.01.
  /// Of count_min and top_k: by which share of all that was added a number may be too high, 0.001.
  /// Of quantiles: by which share of all values a rank may be off, 0.01.
  std::optional<double> error_rate{};
  std::optional<double>
    failure_rate{}; // of count_min: share of items for which it may be more, 0.01

  friend bool operator==(const sketch_options&, const sketch_options&) = default;
};
BOOST_DESCRIBE_STRUCT(sketch_options, (), (kind, capacity, error_rate, failure_rate))

/// How often an item has come: at least count - error, at most count.
struct sketch_frequency {
  std::uint64_t count;
  std::uint64_t error;
};
BOOST_DESCRIBE_STRUCT(sketch_frequency, (), (count, error))

struct sketch_top_item {
  json_text item;
  std::uint64_t count;
  std::uint64_t error;
};
BOOST_DESCRIBE_STRUCT(sketch_top_item, (), (item, count, error))

/// What two sets have together.
struct sketch_overlap {
  std::uint64_t in_either;
  std::uint64_t in_both; // lost in the error of `in_either` if it is much smaller
};
BOOST_DESCRIBE_STRUCT(sketch_overlap, (), (in_either, in_both))

struct sketch_summary {
  sketch_kind kind;
  std::uint64_t bytes;
  std::uint64_t count;                     // as sketch_count
  std::optional<std::uint64_t> capacity{}; // as it was made
  double error_rate;
  std::optional<double> failure_rate{};
  std::optional<double> fill{};           // of approximate_set: share of bits that are set
  std::optional<double> expected_error{}; // at this moment; of approximate_set: of `contains`
  std::optional<bool> over_capacity{};    // true: it holds more items than it was made for
};
BOOST_DESCRIBE_STRUCT(sketch_summary, (),
                      (kind, bytes, count, capacity, error_rate, failure_rate, fill, expected_error,
                       over_capacity))

// The messages of the data type `sketch`: answers about more data than is kept, with bounds on
// their errors. An item is any JSON value; two are one if their texts in normal form are equal.
// What was never made holds nothing. Every message may fail with invalid_argument (also where the
// kind of the sketch does not tell what is asked), closed, busy, io, full, corrupt.

/// Makes a sketch, or makes sure that the one of this name has these options; those that are absent
/// are as they are, or the defaults. Errors: already_exists (it has others).
struct sketch_open : sketch_options {
  using reply = void;
  static constexpr endpoint route{verb::post, "/sketches/{name}/open",
                                  "Make a sketch, or make sure that it is this one."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(sketch_open, (sketch_options), (name))

/// Adds an item, `times` over (absent: once); to quantiles, a number. Makes the sketch if need be,
/// with the defaults of `kind` (absent: approximate_set). Errors: invalid_argument (it is of
/// another kind).
struct sketch_add {
  using reply = void;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/sketches/{name}/add",
                                  .summary = "Add an item.",
                                  .aliases = "put"};
  std::string name;
  json_text item;
  std::optional<std::uint64_t> times;
  std::optional<sketch_kind> kind;
};
BOOST_DESCRIBE_STRUCT(sketch_add, (), (name, item, times, kind))

/// Adds all, with one write of what changes.
struct sketch_add_many {
  using reply = void;
  static constexpr endpoint route{verb::post, "/sketches/{name}/add_many", "Add several items."};
  std::string name;
  std::vector<json_text> items;
  std::optional<sketch_kind> kind;
};
BOOST_DESCRIBE_STRUCT(sketch_add_many, (), (name, items, kind))

/// Of approximate_set: false if the item was never added, true if it was, but for `error_rate`.
struct sketch_contains {
  using reply = bool;
  static constexpr endpoint route{verb::get, "/sketches/{name}/contains",
                                  "Tell whether an item was added, very likely."};
  std::string name;
  json_text item;
};
BOOST_DESCRIBE_STRUCT(sketch_contains, (), (name, item))

/// Of approximate_set: about how many different items were added. Of the others: how many items,
/// exactly.
struct sketch_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/sketches/{name}/count", "Count the items."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(sketch_count, (), (name))

/// Of count_min and top_k: how often an item was added.
struct sketch_estimate {
  using reply = sketch_frequency;
  static constexpr endpoint route{verb::get, "/sketches/{name}/estimate",
                                  "Tell how often an item was added."};
  std::string name;
  json_text item;
};
BOOST_DESCRIBE_STRUCT(sketch_estimate, (), (name, item))

/// Of top_k: the most frequent items, most frequent first; absent: `capacity` of them.
struct sketch_top {
  using reply = std::vector<sketch_top_item>;
  static constexpr endpoint route{verb::get, "/sketches/{name}/top",
                                  "List the most frequent items."};
  std::string name;
  std::optional<std::uint64_t> limit;
};
BOOST_DESCRIBE_STRUCT(sketch_top, (), (name, limit))

/// Of quantiles: for each share, 0..1, the least value of which that share of all is not greater.
/// Empty if nothing was added.
struct sketch_quantiles {
  using reply = std::vector<double>;
  static constexpr endpoint route{verb::get, "/sketches/{name}/quantiles",
                                  "Tell the values at some shares."};
  std::string name;
  std::vector<double> shares;
};
BOOST_DESCRIBE_STRUCT(sketch_quantiles, (), (name, shares))

/// Of quantiles: for each value the share of all that is not greater. Empty if nothing was added.
struct sketch_ranks {
  using reply = std::vector<double>;
  static constexpr endpoint route{verb::get, "/sketches/{name}/ranks",
                                  "Tell the shares below some values."};
  std::string name;
  std::vector<double> values;
};
BOOST_DESCRIBE_STRUCT(sketch_ranks, (), (name, values))

/// Adds what was added to another sketch of the same options. Errors: not_found (the other).
struct sketch_merge {
  using reply = void;
  static constexpr endpoint route{verb::post, "/sketches/{name}/merge",
                                  "Add what was added to another sketch."};
  std::string name;
  std::string other;
};
BOOST_DESCRIBE_STRUCT(sketch_merge, (), (name, other))

/// Of approximate_set: how many different items two of the same options have together.
struct sketch_compare {
  using reply = sketch_overlap;
  static constexpr endpoint route{verb::get, "/sketches/{name}/compare",
                                  "Count what two sketches have together."};
  std::string name;
  std::string other;
};
BOOST_DESCRIBE_STRUCT(sketch_compare, (), (name, other))

/// The bytes of a sketch; empty if there is none.
struct sketch_dump {
  using reply = std::optional<bytes>;
  static constexpr endpoint route{verb::get, "/sketches/{name}/bytes", "Get the bytes."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(sketch_dump, (), (name))

/// Replaces a sketch by such bytes of one of the same options, or (`merge`) adds what was added to
/// that one. Errors: invalid_argument (no such bytes).
struct sketch_load {
  using reply = void;
  static constexpr endpoint route{.method = verb::put,
                                  .path = "/sketches/{name}/bytes",
                                  .summary = "Replace a sketch by bytes, or merge them into it.",
                                  .raw_body = "data"};
  std::string name;
  bytes data;
  std::optional<bool> merge;
};
BOOST_DESCRIBE_STRUCT(sketch_load, (), (name, data, merge))

/// Forgets all that was added. Options stay.
struct sketch_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/sketches/{name}/clear", "Forget all items."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(sketch_clear, (), (name))

/// Removes a sketch, options included; tells whether there was one.
struct sketch_drop {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/sketches/{name}",
                                  .summary = "Remove a sketch; tell whether it was there.",
                                  .aliases = "erase delete del remove"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(sketch_drop, (), (name))

/// Options, size and expected errors; empty if there is none.
struct sketch_info {
  using reply = std::optional<sketch_summary>;
  static constexpr endpoint route{verb::get, "/sketches/{name}/info", "Describe the sketch."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(sketch_info, (), (name))

struct sketch_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/sketches", "List all sketches."};
};
BOOST_DESCRIBE_STRUCT(sketch_names, (), ())

using sketch_messages =
  boost::mp11::mp_list<sketch_open, sketch_add, sketch_add_many, sketch_contains, sketch_count,
                       sketch_estimate, sketch_top, sketch_quantiles, sketch_ranks, sketch_merge,
                       sketch_compare, sketch_dump, sketch_load, sketch_clear, sketch_drop,
                       sketch_info, sketch_names>;

} // namespace beaver
