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

void accumulator::add(const std::optional<std::string_view>& value) {
  ++rows_;
  if (!value)
    return;
  if (wanted_.has(function::distinct))
    if (auto key = json_key(*value))
      different_.insert(std::move(*key));
  if (json_kind_of(*value) != json_kind::number)
    return;
  if (const double x = json_number{*value}.nearest(); std::isfinite(x))
    add_number(x);
}

void accumulator::add_number(double x) {
  if (wanted_.has_percentiles())
    all_.push_back(x);
  min_ = numbers_ == 0 ? x : std::min(min_, x);
  max_ = numbers_ == 0 ? x : std::max(max_, x);
  ++numbers_;
  const wide total = sum_ + x;
  compensation_ += std::abs(sum_) >= std::abs(wide{x}) ? (sum_ - total) + x : (x - total) + sum_;
  sum_ = total;
  const wide distance = x - mean_;
  mean_ += distance / static_cast<wide>(numbers_);
  squares_ += distance * (x - mean_);
}

double accumulator::percentile(double part) const {
  const double rank = static_cast<double>(all_.size() - 1) * part;
  const auto below = static_cast<std::size_t>(rank);
  const auto above = std::min(below + 1, all_.size() - 1);
  const wide step = wide{all_[above]} - all_[below];
  return static_cast<double>(all_[below] + step * (rank - static_cast<double>(below)));
}

aggregate_values accumulator::values() {
  aggregate_values result{.count = rows_};
  if (wanted_.has(function::distinct))
    result.distinct = different_.size();
  if (numbers_ == 0)
    return result;
  const auto set = [&](function f, std::optional<double>& member, wide value) {
    if (wanted_.has(f))
      member = static_cast<double>(value);
  };
  const auto n = static_cast<wide>(numbers_);
  set(function::sum, result.sum, sum_ + compensation_);
  set(function::min, result.min, min_);
  set(function::max, result.max, max_);
  set(function::avg, result.avg, (sum_ + compensation_) / n);
  if (numbers_ > 1)
    set(function::stddev, result.stddev, std::sqrt(squares_ / (n - 1)));
  if (wanted_.has_percentiles()) {
    std::sort(all_.begin(), all_.end());
    set(function::p50, result.p50, percentile(0.5));
    set(function::p90, result.p90, percentile(0.9));
    set(function::p99, result.p99, percentile(0.99));
  }
  return result;
}

} // namespace beaver
