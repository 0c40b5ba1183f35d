#pragma once
#include "beaver/storage/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace beaver {

/// What can be computed about the values of many rows:
///
/// - count: the rows, whatever they hold; it is always computed;
/// - sum, min, max, avg; stddev of a sample (n - 1 in the denominator, as SQL's STDDEV);
/// - p50, p90, p99: percentiles, exact, with linear interpolation between the two nearest values
///   (as numpy's default);
/// - distinct: how many different values there are, in the sense of == in filters.
///
/// distinct is about values of every JSON type. The others are about numbers, as the nearest
/// double: other values, NaN and what no double can hold are passed over. Over no numbers they are
/// absent, and stddev over less than two.
enum class aggregate_function : std::uint8_t {
  count,
  sum,
  min,
  max,
  avg,
  stddev,
  p50,
  p90,
  p99,
  distinct
};

/// The functions that were asked for and have a value.
struct aggregate_values {
  std::uint64_t count = 0;
  std::optional<double> sum{};
  std::optional<double> min{};
  std::optional<double> max{};
  std::optional<double> avg{};
  std::optional<double> stddev{};
  std::optional<double> p50{};
  std::optional<double> p90{};
  std::optional<double> p99{};
  std::optional<std::uint64_t> distinct{};
};

/// A set of functions.
class aggregate_set {
public:
  /// All whose cost in memory does not grow: without percentiles and distinct.
  aggregate_set() noexcept;
  explicit aggregate_set(std::span<const aggregate_function> functions) noexcept;

  [[nodiscard]] bool has(aggregate_function f) const noexcept {
    return (bits_ >> static_cast<unsigned>(f) & 1) != 0;
  }
  [[nodiscard]] bool has_percentiles() const noexcept;
  /// Whether there is one that needs values.
  [[nodiscard]] bool needs_values() const noexcept;

private:
  std::uint32_t bits_ = 0;
};

/// Count, sum, extremes, mean and variance of numbers that are added one by one, or of two such
/// sets put together. Sums are compensated (Neumaier 1974), so that their error does not grow with
/// the number of values; the variance is Welford's (1962), merged as by Chan, Golub and LeVeque
/// (1979). O(1) each.
class moments {
public:
  void add(double x);
  void merge(const moments& other);
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// Sets those of the members that are wanted and have a value.
  void write(aggregate_values& to, aggregate_set wanted) const;

private:
  // Wider than the values: what is between them and the results cannot overflow.
  using wide = long double;

  void add_to_sum(wide x);

  std::uint64_t count_ = 0;
  wide sum_ = 0;
  wide compensation_ = 0;
  wide mean_ = 0;
  wide squares_ = 0; // of the distances to the mean
  double min_ = 0;
  double max_ = 0;
};

/// Sets the percentiles that are wanted, of which there must be a number. Sorts the numbers.
void write_percentiles(aggregate_values& to, aggregate_set wanted, std::vector<double>& numbers);

/// The number of a JSON value, as the nearest double; empty for other values, and for what no
/// double can hold.
[[nodiscard]] std::optional<double> number_of(std::string_view value);

/// Computes functions over values that are added one by one. A value costs O(1); memory is constant
/// but for percentiles (8 bytes a number) and distinct (the text of each different value).
class accumulator {
public:
  explicit accumulator(aggregate_set wanted) noexcept : wanted_(wanted) {}

  /// Adds a row: the text of its value, one JSON value, or nothing if it has none.
  void add(const std::optional<std::string_view>& value);

  /// The functions over all that has been added. Sorts the numbers if there are percentiles.
  [[nodiscard]] aggregate_values values();

private:
  aggregate_set wanted_;
  std::uint64_t rows_ = 0;
  moments numbers_;
  std::vector<double> all_;
  std::unordered_set<std::string> different_;
};

} // namespace beaver
