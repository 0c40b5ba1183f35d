#include "beaver/sketches/quantiles.hpp"
#include "beaver/sketches/sketch_bytes.hpp"

#include <algorithm>
#include <cmath>

// bytes
//   8  "BQNT", 1 (the version), 0, 0, 0
//   8  the seed of the generator
//   8  rank_error
//   8  count
//  16  min, max; 0 if there are none
//   8  state of the generator
//   8  V
//  16  owed, second: a bit for each level
//   4  number of levels
//   4  of each level: its size
//   8  of each value, level 0 first: in the order of their arrival there, sorted in the others

namespace beaver::sketches {

namespace {

constexpr std::string_view head{"BQNT\1\0\0\0", 8};
constexpr std::size_t fixed_size = 84;

/// As they are kept: finite, and 0 without a sign.
bool is_kept(double value) noexcept {
  return std::isfinite(value) && (value != 0 || !std::signbit(value));
}

} // namespace

std::vector<std::uint8_t> quantile_sketch::serialise() const {
  sketch_writer out;
  out.reserve(fixed_size + 4 * levels_.size() + 8 * kept_);
  out.text(head);
  out.u64(seed);
  out.f64(params_.rank_error);
  out.u64(count_);
  out.f64(min_);
  out.f64(max_);
  out.u64(chance_);
  out.f64(variance_);
  out.u64(owed_);
  out.u64(second_);
  out.u32(static_cast<std::uint32_t>(levels_.size()));
  for (const auto& values : levels_)
    out.u32(static_cast<std::uint32_t>(values.size()));
  for (const auto& values : levels_)
    for (const double value : values)
      out.f64(value);
  return out.take();
}

quantile_sketch quantile_sketch::parse(std::span<const std::uint8_t> blob) {
  sketch_reader in{"quantiles", blob};
  in.expect(head, "do not begin as they should");
  in.check(in.u64() == seed, "have another seed");
  quantile_sketch read{quantile_params{in.f64()}};
  read.count_ = in.u64();
  read.min_ = in.f64();
  read.max_ = in.f64();
  read.chance_ = in.u64();
  read.variance_ = in.f64();
  read.owed_ = in.u64();
  read.second_ = in.u64();
  read.read_levels(in);
  read.check_levels(in);
  return read;
}

void quantile_sketch::read_levels(sketch_reader& in) {
  const std::size_t levels = in.u32();
  in.check(levels >= 1 && levels <= most_levels, "have too few levels or too many");
  std::vector<std::size_t> sizes(levels);
  std::uint64_t weight = 0;
  std::uint64_t kept = 0;
  for (std::size_t h = 0; h < levels; ++h) {
    sizes[h] = in.u32();
    in.check(sizes[h] <= (max_count - weight) >> h, "have more values than there can be");
    weight += static_cast<std::uint64_t>(sizes[h]) << h;
    kept += sizes[h];
  }
  in.check(weight == count_, "have more or fewer values than they say");
  in.check(in.left() % 8 == 0 && in.left() / 8 == kept, "are too few or too many");
  kept_ = static_cast<std::size_t>(kept);
  levels_.resize(levels);
  measure();
  for (std::size_t h = 0; h < levels; ++h) {
    levels_[h].reserve(sizes[h]);
    for (std::size_t i = 0; i < sizes[h]; ++i)
      levels_[h].push_back(in.f64());
  }
}

void quantile_sketch::check_levels(const sketch_reader& in) const {
  in.check(kept_ < room(), "have more values than there is room for");
  in.check(is_kept(min_) && is_kept(max_) && min_ <= max_, "have no least and greatest value");
  for (const auto& values : levels_)
    for (const double value : values)
      in.check(is_kept(value) && value >= min_ && value <= max_, "have a value that cannot be");
  for (std::size_t h = 1; h < levels_.size(); ++h)
    in.check(std::is_sorted(levels_[h].begin(), levels_[h].end()), "have a level out of order");
  in.check((second_ & ~owed_) == 0 && owed_ >> (levels_.size() - 1) == 0,
           "have a throw for a level that was not compacted");
  const auto& exact = levels_[0];
  if (levels_.size() > 1) {
    in.check(!levels_.back().empty(), "have an empty level at the top");
    const auto most = static_cast<double>(count_);
    in.check(variance_ >= std::ldexp(1, static_cast<int>(2 * levels_.size() - 4))
               && variance_ <= most * most,
             "have an error that cannot be");
  } else {
    const auto ends = std::minmax_element(exact.begin(), exact.end());
    in.check(exact.empty() ? min_ == 0 && max_ == 0 : *ends.first == min_ && *ends.second == max_,
             "have another least or greatest value than their values");
    in.check(variance_ == 0 && !std::signbit(variance_), "have an error though they are exact");
  }
}

} // namespace beaver::sketches
