#include "beaver/sketches/bloom.hpp"

#include "beaver/sketches/byte_order.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

namespace beaver::sketches {

bloom_filter bloom_filter::sized_for(std::int64_t capacity, double error_rate) {
  if (capacity <= 0)
    throw std::invalid_argument("capacity must be more than 0");
  if (!(error_rate > 0 && error_rate < 1))
    throw std::invalid_argument("error_rate must be more than 0 and less than 1");
  // In these steps and no others: what is rounded elsewhere could make a bit more or less.
  const auto items = static_cast<double>(capacity);
  const double ln2 = std::log(2.0);
  const double bits = -(items * std::log(error_rate)) / (ln2 * ln2);
  const double hashes = bits / items * ln2;
  if (bits > static_cast<double>(most_bits))
    throw std::invalid_argument("capacity is too high for this error_rate: its bits would be more "
                                "than "
                                + std::to_string(most_bits));
  return {static_cast<std::uint64_t>(std::ceil(bits)), static_cast<unsigned>(std::ceil(hashes))};
}

bloom_filter::bloom_filter(std::uint64_t bits, unsigned hashes) : bits_(bits), hashes_(hashes) {
  if (bits == 0 || bits > most_bits)
    throw std::invalid_argument("bits must be 1 to " + std::to_string(most_bits));
  if (hashes == 0)
    throw std::invalid_argument("hashes must be more than 0");
}

void bloom_filter::check_size(std::size_t given) const {
  if (given != bytes())
    throw std::invalid_argument("these bits are " + std::to_string(bytes()) + " bytes, not "
                                + std::to_string(given));
}

double bloom_filter::fill(std::span<const std::uint8_t> bytes) const {
  check_size(bytes.size());
  std::uint64_t set = 0;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8))
    set += static_cast<unsigned>(std::popcount(detail::load_little<std::uint64_t>(bytes.data())));
  for (const auto byte : bytes)
    set += static_cast<unsigned>(std::popcount(byte));
  return static_cast<double>(set) / static_cast<double>(bits_);
}

double bloom_filter::false_positive_rate(std::span<const std::uint8_t> bytes) const {
  // Bits behind the last, which only foreign bytes have, must not make it more than 1.
  return std::pow(std::min(fill(bytes), 1.0), hashes_);
}

bool bloom_filter::merge(std::span<std::uint8_t> into, std::span<const std::uint8_t> other) const {
  check_size(into.size());
  check_size(other.size());
  bool changed = false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const auto both = static_cast<std::uint8_t>(into[i] | other[i]);
    changed |= both != into[i];
    into[i] = both;
  }
  return changed;
}

void bloom_filter::check(std::span<const std::uint8_t> bytes) const {
  check_size(bytes.size());
  const auto used = bits_ % 8;
  if (used != 0 && bytes.back() >> used != 0)
    throw std::invalid_argument("a bit behind the last one is set");
}

} // namespace beaver::sketches
