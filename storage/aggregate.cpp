#include "beaver/storage/aggregate.hpp"

#include "beaver/storage/json_compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace beaver {
namespace {

using function = aggregate_function;

constexpr std::array cheap{function::count, function::sum, function::min,
                           function::max,   function::avg, function::stddev};

} // namespace

aggregate_set::aggregate_set() noexcept : aggregate_set(std::span<const function>{cheap}) {}

aggregate_set::aggregate_set(std::span<const function> functions) noexcept {
  for (const auto f : functions)
    bits_ |= 1u << static_cast<unsigned>(f);
}

bool aggregate_set::has_percentiles() const noexcept {
  return has(function::p50) || has(function::p90) || has(function::p99);
}

bool aggregate_set::needs_values() const noexcept {
  return (bits_ & ~(1u << static_cast<unsigned>(function::count))) != 0;
}

void moments::add_to_sum(wide x) {
  const wide total = sum_ + x;
  compensation_ += std::abs(sum_) >= std::abs(x) ? (sum_ - total) + x : (x - total) + sum_;
  sum_ = total;
}

void moments::add(double x) {
  min_ = count_ == 0 ? x : std::min(min_, x);
  max_ = count_ == 0 ? x : std::max(max_, x);
  ++count_;
  add_to_sum(x);
  const wide distance = x - mean_;
  mean_ += distance / static_cast<wide>(count_);
  squares_ += distance * (x - mean_);
}

void moments::merge(const moments& other) {
  if (other.count_ == 0)
    return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const auto mine = static_cast<wide>(count_);
  const auto theirs = static_cast<wide>(other.count_);
  const wide distance = other.mean_ - mean_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  add_to_sum(other.sum_);
  compensation_ += other.compensation_;
  mean_ += distance * theirs / (mine + theirs);
  squares_ += other.squares_ + distance * distance * mine * theirs / (mine + theirs);
}

void moments::write(aggregate_values& to, aggregate_set wanted) const {
  if (count_ == 0)
    return;
  const auto set = [&](function f, std::optional<double>& member, wide value) {
    if (wanted.has(f))
      member = static_cast<double>(value);
  };
  const auto n = static_cast<wide>(count_);
  set(function::sum, to.sum, sum_ + compensation_);
  set(function::min, to.min, min_);
  set(function::max, to.max, max_);
  set(function::avg, to.avg, (sum_ + compensation_) / n);
  if (count_ > 1)
    set(function::stddev, to.stddev, std::sqrt(squares_ / (n - 1)));
}

void write_percentiles(aggregate_values& to, aggregate_set wanted, std::vector<double>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  const auto set = [&](function f, std::optional<double>& member, double part) {
    if (!wanted.has(f))
      return;
    const double rank = static_cast<double>(numbers.size() - 1) * part;
    const auto below = static_cast<std::size_t>(rank);
    const auto above = std::min(below + 1, numbers.size() - 1);
    const long double step = static_cast<long double>(numbers[above]) - numbers[below];
    member = static_cast<double>(numbers[below] + step * (rank - static_cast<double>(below)));
  };
  set(function::p50, to.p50, 0.5);
  set(function::p90, to.p90, 0.9);
  set(function::p99, to.p99, 0.99);
}

std::optional<double> number_of(std::string_view value) {
  if (json_kind_of(value) != json_kind::number)
    return std::nullopt;
  const double x = json_number{value}.nearest();
  return std::isfinite(x) ? std::optional{x} : std::nullopt;
}

void accumulator::add(const std::optional<std::string_view>& value) {
  ++rows_;
  if (!value)
    return;
  if (wanted_.has(function::distinct))
    if (auto key = json_key(*value))
      different_.insert(std::move(*key));
  const auto x = number_of(*value);
  if (!x)
    return;
  numbers_.add(*x);
  if (wanted_.has_percentiles())
    all_.push_back(*x);
}

aggregate_values accumulator::values() {
  aggregate_values result{.count = rows_};
  if (wanted_.has(function::distinct))
    result.distinct = different_.size();
  numbers_.write(result, wanted_);
  if (!all_.empty())
    write_percentiles(result, wanted_, all_);
  return result;
}

} // namespace beaver
