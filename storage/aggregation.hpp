#pragma once
#include "beaver/storage/aggregate.hpp"
#include "beaver/storage/clock.hpp"
#include "beaver/storage/json_path.hpp"

#include <map>
#include <utility>

namespace beaver {

/// What is computed over rows of JSON that have a time.
struct aggregation {
  std::optional<std::string> field{};                         // path of the values; absent: count
  std::optional<std::vector<aggregate_function>> functions{}; // absent: `aggregate_set`'s default
  std::optional<std::string> group_by{};                      // path: a row for each value there
  std::optional<double> bucket{};                             // seconds > 0: a row for each span
};

struct aggregate_place {
  /// The value that the rows have in common, in the sense of == in filters: 5 for 5.0 too. Absent:
  /// they have none there, or were not grouped.
  std::optional<json_text> group{};
  /// When the bucket begins, a multiple of its length since the Unix epoch. Absent without buckets.
  std::optional<unix_seconds> bucket{};
};

/// One group within one bucket.
struct aggregate_row : aggregate_place, aggregate_values {};

/// Brings rows into the order of `aggregator::rows`.
void sort_groups(std::vector<aggregate_row>& rows);

/// Groups rows by value and time and computes functions over each group, in one pass. Memory: that
/// of an `accumulator` for each group in each bucket.
class aggregator {
public:
  /// Throws `error` invalid_argument that names the member: a bad path, a function without a field,
  /// a bucket that is no finite number > 0.
  explicit aggregator(const aggregation& what);

  /// Adds a row. Throws `error` invalid_argument if the text has to be looked at and is not JSON.
  void add(std::string_view json, unix_seconds time);

  /// The groups by bucket, then by value: none, null, false, true, numbers, strings by code points,
  /// arrays and objects by their text. A row per group that has rows; without buckets and groups
  /// always exactly one.
  [[nodiscard]] std::vector<aggregate_row> rows();

private:
  using group_key = std::optional<std::string>; // as `json_key` makes it

  [[nodiscard]] unix_seconds bucket_of(unix_seconds time) const;

  path_reader reader_;
  std::optional<std::size_t> field_;
  std::optional<std::size_t> group_by_;
  std::optional<double> bucket_;
  aggregate_set functions_;
  std::map<std::pair<unix_seconds, group_key>, accumulator> groups_;
};

} // namespace beaver
