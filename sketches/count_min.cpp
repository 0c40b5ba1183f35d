#include "beaver/sketches/count_min.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace beaver::sketches {

namespace {

constexpr std::string_view head{"BCMS\1\0\0\0", 8};
constexpr double least_epsilon = 1e-7;
constexpr double least_delta = 1e-12;

std::size_t width_for(double epsilon) {
  return static_cast<std::size_t>(std::ceil(std::numbers::e / epsilon));
}

std::size_t depth_for(double delta) {
  return static_cast<std::size_t>(std::ceil(-std::log(delta)));
}

bool fits(std::size_t width, std::size_t depth) {
  return width <= (count_min::most_bytes - count_min::start_bytes) / 8 / depth;
}

} // namespace

void count_min_params::check(const count_min_params& params) {
  // Said so that NaN is refused too.
  if (!(params.epsilon >= least_epsilon && params.epsilon < 1))
    throw std::invalid_argument("epsilon of a count_min has to be from 1e-7 to below 1");
  if (!(params.delta >= least_delta && params.delta < 1))
    throw std::invalid_argument("delta of a count_min has to be from 1e-12 to below 1");
  if (!fits(width_for(params.epsilon), depth_for(params.delta)))
    throw std::invalid_argument("a count_min of this epsilon and delta would take more than 256 "
                                "MiB: make epsilon or delta larger");
}

count_min::count_min(const count_min_params& params) : width_(0), depth_(0) {
  count_min_params::check(params);
  width_ = width_for(params.epsilon);
  depth_ = depth_for(params.delta);
}

count_min count_min::of(std::span<const std::uint8_t> start) {
  sketch_reader in{"count_min", start};
  in.expect(head, "do not begin as they should");
  in.check(in.u64() == sketch_seed, "have another seed");
  (void)in.u64(); // the total
  const auto width = in.u32();
  const auto depth = in.u32();
  in.check(width > 0 && depth > 0 && depth <= most_depth && fits(width, depth),
           "have sizes out of range");
  return {width, depth};
}

double count_min::epsilon() const noexcept { return std::numbers::e / static_cast<double>(width_); }

double count_min::delta() const noexcept { return std::exp(-static_cast<double>(depth_)); }

std::vector<std::uint8_t> count_min::empty() const {
  std::vector<std::uint8_t> made(bytes());
  std::copy(head.begin(), head.end(), made.begin());
  detail::store_little(&made[8], sketch_seed);
  detail::store_little(&made[24], static_cast<std::uint32_t>(width_));
  detail::store_little(&made[28], static_cast<std::uint32_t>(depth_));
  return made;
}

void count_min::merge(std::span<std::uint8_t> into, std::span<const std::uint8_t> other) const {
  check_start(into);
  check_start(other);
  const auto add_at = [&](std::size_t at) {
    detail::store_little(&into[at], sum(detail::load_little<std::uint64_t>(&into[at]),
                                        detail::load_little<std::uint64_t>(&other[at])));
  };
  add_at(total_at);
  for (std::size_t at = start_bytes; at < into.size(); at += 8)
    add_at(at);
}

std::uint64_t count_min::total(std::span<const std::uint8_t> bytes) const {
  check_start(bytes);
  return detail::load_little<std::uint64_t>(&bytes[total_at]);
}

double count_min::error_bound(std::span<const std::uint8_t> bytes) const {
  return epsilon() * static_cast<double>(total(bytes));
}

// Each addition raises each row by its count at most. A total that has stopped at its end says
// nothing any more.
void count_min::check(std::span<const std::uint8_t> bytes) const {
  const auto all = total(bytes);
  if (all == most)
    return;
  for (std::size_t row = 0; row < depth_; ++row) {
    auto left = all;
    const auto* counter = &bytes[start_bytes + 8 * row * width_];
    for (std::size_t column = 0; column < width_; ++column, counter += 8) {
      const auto count = detail::load_little<std::uint64_t>(counter);
      if (count > left)
        throw std::invalid_argument("a row of a count_min sums up to more than its total");
      left -= count;
    }
  }
}

void count_min::wrong_size() const {
  throw std::invalid_argument("a count_min of width " + std::to_string(width_) + " and depth "
                              + std::to_string(depth_) + " has " + std::to_string(bytes())
                              + " bytes");
}

void count_min::check_start(std::span<const std::uint8_t> bytes) const {
  check_size(bytes.size());
  if (of(bytes) != *this)
    throw std::invalid_argument("a count_min has another width or depth than its plan");
}

} // namespace beaver::sketches
