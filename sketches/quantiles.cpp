#include "beaver/sketches/quantiles.hpp"

#include "beaver/sketches/hash.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace beaver::sketches {

namespace {

constexpr double k_times_error = 2.5;
constexpr std::size_t least_full = 8;
constexpr double log_of_200 = 5.298317366548036; // 2 / (1 - 0.99)

void check_finite(double value) {
  if (!std::isfinite(value))
    throw std::invalid_argument("a value of a sketch of quantiles must be finite");
}

/// Sorted values behind those that are sorted.
void merge_into(std::vector<double>& sorted, std::size_t already) {
  std::inplace_merge(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(already),
                     sorted.end());
}

double share(std::uint64_t part, std::uint64_t of) noexcept {
  return static_cast<double>(part) / static_cast<double>(of);
}

} // namespace

std::size_t quantile_params::k() const {
  if (!(rank_error >= 0.0001 && rank_error <= 0.1))
    throw std::invalid_argument("rank_error of a sketch of quantiles must be from 0.0001 to 0.1");
  return static_cast<std::size_t>(std::ceil(k_times_error / rank_error));
}

quantile_sketch::quantile_sketch(quantile_params params)
  : params_(params), k_(params.k()), levels_(1), chance_(seed) {
  measure();
}

/// To be called whenever the number of levels has changed.
void quantile_sketch::measure() {
  full_.resize(levels_.size());
  auto size = static_cast<std::uint64_t>(k_) << 32; // in fixed point, the same on every machine
  for (auto h = full_.size(); h-- > 0; size = size / 3 * 2) {
    // Even, so that no compaction of a level that is just full leaves a value behind.
    const auto even = 2 * ((size + (std::uint64_t{1} << 33) - 1) >> 33);
    full_[h] = std::max(static_cast<std::size_t>(even), least_full);
  }
}

/// Never less than the sum of full_: a sketch without room has a level that is full.
std::size_t quantile_sketch::room() const noexcept { return 3 * k_ + 8 * levels_.size(); }

void quantile_sketch::add(double value) {
  check_finite(value);
  if (count_ == max_count)
    throw std::length_error("a sketch of quantiles holds at most 2^62 values");
  add_finite(value);
}

void quantile_sketch::add_many(std::span<const double> values) {
  std::for_each(values.begin(), values.end(), check_finite);
  if (values.size() > max_count - count_)
    throw std::length_error("a sketch of quantiles holds at most 2^62 values");
  for (const double value : values)
    add_finite(value);
}

void quantile_sketch::add_finite(double value) {
  value += 0.0; // turns -0.0 into 0.0
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  ++count_;
  levels_[0].push_back(value);
  ++kept_;
  compress();
}

void quantile_sketch::merge(const quantile_sketch& other) {
  if (&other == this)
    return merge(quantile_sketch{other});
  if (params_ != other.params_)
    throw std::invalid_argument("sketches of quantiles with different rank_error cannot be merged");
  if (other.count_ > max_count - count_)
    throw std::length_error("a sketch of quantiles holds at most 2^62 values");
  if (other.count_ == 0)
    return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  kept_ += other.kept_;
  chance_ += other.chance_;
  variance_ += other.variance_;
  second_ |= other.second_ & ~owed_;
  owed_ |= other.owed_;
  if (levels_.size() < other.levels_.size()) {
    levels_.resize(other.levels_.size());
    measure();
  }
  for (std::size_t h = 0; h < other.levels_.size(); ++h) {
    auto& to = levels_[h];
    const auto already = to.size();
    to.insert(to.end(), other.levels_[h].begin(), other.levels_[h].end());
    if (h > 0)
      merge_into(to, already);
  }
  compress();
}

void quantile_sketch::compress() {
  while (kept_ >= room()) {
    std::size_t h = 0;
    while (levels_[h].size() < full_[h])
      ++h;
    compact(h);
  }
}

void quantile_sketch::compact(std::size_t h) {
  if (h + 1 == levels_.size()) {
    levels_.emplace_back();
    measure();
  }
  auto& from = levels_[h];
  auto& to = levels_[h + 1];
  if (h == 0)
    std::sort(from.begin(), from.end());
  const auto pairs = from.size() / 2;
  const std::size_t offset = throw_coin(h) ? 1 : 0;
  const auto already = to.size();
  for (std::size_t i = 0; i < pairs; ++i)
    to.push_back(from[2 * i + offset]);
  merge_into(to, already);
  // One that has no other stays.
  if (from.size() % 2 == 1)
    from[0] = from.back();
  from.resize(from.size() % 2);
  kept_ -= pairs;
}

/// Whether the second ones go up.
bool quantile_sketch::throw_coin(std::size_t h) {
  const auto bit = std::uint64_t{1} << h;
  const bool second = second_ & bit;
  if (owed_ & bit) {
    owed_ &= ~bit;
    second_ &= ~bit;
    return second;
  }
  // The values have a say, so that sketches of different values throw differently though all begin
  // with one seed: otherwise their errors would add up, not even out, when they are merged.
  for (const double value : levels_[h])
    chance_ += std::bit_cast<std::uint64_t>(value);
  const bool thrown = mixed(chance_ += mixing_step) >> 63;
  owed_ |= bit;
  if (!thrown)
    second_ |= bit;
  // The limit, where a rank may be anything, is for bytes that no sketch has written.
  const auto all = static_cast<double>(count_);
  variance_ = std::min(variance_ + std::ldexp(1, static_cast<int>(2 * h)), all * all);
  return thrown;
}

std::optional<double> quantile_sketch::min() const noexcept {
  return count_ == 0 ? std::nullopt : std::optional{min_};
}

std::optional<double> quantile_sketch::max() const noexcept {
  return count_ == 0 ? std::nullopt : std::optional{max_};
}

double quantile_sketch::rank_error() const noexcept {
  return variance_ == 0
           ? 0
           : std::min(1.0, std::sqrt(2 * log_of_200 * variance_) / static_cast<double>(count_));
}

std::optional<double> quantile_sketch::quantile(double q) const {
  const auto found = quantiles({&q, 1});
  return found.empty() ? std::nullopt : std::optional{found[0]};
}

std::vector<double> quantile_sketch::quantiles(std::span<const double> qs) const {
  for (const double q : qs)
    if (!(q >= 0 && q <= 1))
      throw std::invalid_argument("a quantile is asked for by a number from 0 to 1");
  if (count_ == 0)
    return {};
  std::vector<std::pair<double, std::uint64_t>> sorted; // each value with its weight
  sorted.reserve(kept_);
  for (std::size_t h = 0; h < levels_.size(); ++h)
    for (const double value : levels_[h])
      sorted.emplace_back(value, std::uint64_t{1} << h);
  std::sort(sorted.begin(), sorted.end());
  std::uint64_t sum = 0;
  for (auto& entry : sorted)
    entry.second = sum += entry.second;
  std::vector<double> found;
  found.reserve(qs.size());
  for (const double q : qs) {
    const auto at = std::partition_point(sorted.begin(), sorted.end(), [&](const auto& entry) {
      return share(entry.second, count_) < q;
    });
    found.push_back(q == 0 ? min_ : q == 1 ? max_ : at->first);
  }
  return found;
}

std::optional<double> quantile_sketch::rank(double x) const {
  const auto found = ranks({&x, 1});
  return found.empty() ? std::nullopt : std::optional{found[0]};
}

std::vector<double> quantile_sketch::ranks(std::span<const double> xs) const {
  if (std::any_of(xs.begin(), xs.end(), [](double x) { return std::isnan(x); }))
    throw std::invalid_argument("the rank of NaN is asked for");
  if (count_ == 0)
    return {};
  std::vector<double> found;
  found.reserve(xs.size());
  for (const double x : xs) {
    auto sum = static_cast<std::uint64_t>(std::count_if(levels_[0].begin(), levels_[0].end(),
                                                        [x](double value) { return value <= x; }));
    for (std::size_t h = 1; h < levels_.size(); ++h) {
      const auto& all = levels_[h];
      const auto below = std::upper_bound(all.begin(), all.end(), x) - all.begin();
      sum += static_cast<std::uint64_t>(below) << h;
    }
    found.push_back(share(sum, count_));
  }
  return found;
}

} // namespace beaver::sketches
