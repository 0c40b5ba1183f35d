#include "beaver/sketches/approximate_set.hpp"

#include "beaver/sketches/byte_order.hpp"
#include "beaver/sketches/digest.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace beaver::sketches {
namespace {

/// Registers that no items have made may tell more than there are numbers.
std::uint64_t whole(double count) noexcept {
  constexpr double end = 18446744073709551616.0;
  return count < end ? static_cast<std::uint64_t>(count)
                     : std::numeric_limits<std::uint64_t>::max();
}

} // namespace

hashed_item hashed_item::of(std::string_view item) noexcept {
  const auto counted = sha1(item);
  const auto kept = md5(item);
  return {detail::load_little<std::uint64_t>(counted.data()),
          detail::load_little<std::uint64_t>(kept.data()),
          detail::load_little<std::uint64_t>(kept.data() + 8)};
}

approximate_set::approximate_set(const approximate_set_params& params)
  : params_(params), counter_(hyperloglog::precision_for(params.error_rate)),
    filter_(bloom_filter::sized_for(params.capacity, params.error_rate)) {
  if (bytes() > most_bytes)
    throw std::invalid_argument("capacity is too high for this error_rate: the sketch would have "
                                "more than "
                                + std::to_string(most_bytes) + " bytes");
}

void approximate_set::throw_size(std::size_t given) const {
  throw std::invalid_argument("a sketch of these parameters has " + std::to_string(bytes())
                              + " bytes, not " + std::to_string(given));
}

template <class Byte>
std::span<Byte> approximate_set::registers(std::span<Byte> sketch) const {
  check_size(sketch.size());
  return sketch.first(counter_.registers());
}

template <class Byte>
std::span<Byte> approximate_set::bits(std::span<Byte> sketch) const {
  check_size(sketch.size());
  return sketch.subspan(counter_.registers());
}

void approximate_set::touched(const hashed_item& item, std::vector<std::size_t>& offsets) const {
  offsets.push_back(counter_.register_of(item.count_hash));
  filter_.each_bit(item.first_bit, item.bit_step, [&](std::uint64_t bit) {
    offsets.push_back(counter_.registers() + static_cast<std::size_t>(bit / 8));
    return true;
  });
}

std::uint64_t approximate_set::count(std::span<const std::uint8_t> sketch) const {
  return count_by(registers(sketch));
}

std::uint64_t approximate_set::count_by(std::span<const std::uint8_t> registers) const {
  return whole(counter_.estimate(registers));
}

double approximate_set::fill(std::span<const std::uint8_t> sketch) const {
  return filter_.fill(bits(sketch));
}

double approximate_set::expected_error(std::span<const std::uint8_t> sketch) const {
  return filter_.false_positive_rate(bits(sketch));
}

bool approximate_set::merge(std::span<std::uint8_t> into,
                            std::span<const std::uint8_t> other) const {
  const bool counted = counter_.merge(registers(into), registers(other));
  const bool kept = filter_.merge(bits(into), bits(other));
  return counted || kept;
}

std::uint64_t approximate_set::union_estimate(std::span<const std::uint8_t> a,
                                              std::span<const std::uint8_t> b) const {
  return whole(counter_.estimate_union(registers(a), registers(b)));
}

std::uint64_t approximate_set::intersection_estimate(std::span<const std::uint8_t> a,
                                                     std::span<const std::uint8_t> b) const {
  const double in_a = counter_.estimate(registers(a));
  const double in_b = counter_.estimate(registers(b));
  const double in_one = counter_.estimate_union(registers(a), registers(b));
  return whole(std::clamp(in_a + in_b - in_one, 0.0, std::min(in_a, in_b)));
}

void approximate_set::check(std::span<const std::uint8_t> sketch) const {
  counter_.check(registers(sketch));
  filter_.check(bits(sketch));
}

} // namespace beaver::sketches
