#include "beaver/vector/kernel_sets.hpp"

#include <cmath>

// Plain loops, which the compiler vectorises for the oldest x86-64, and which any other processor
// runs too.

namespace beaver {

namespace {

/// A sum in 16 lanes, since the compiler may not reorder the terms of one.
template <class Term>
void sums(const float* query, const float* rows, std::size_t count, std::size_t dims, float* out,
          Term term) {
  constexpr std::size_t lanes = 16;
  for (std::size_t i = 0; i < count; ++i, rows += dims) {
    float lane[lanes] = {};
    std::size_t at = 0;
    for (; at + lanes <= dims; at += lanes)
      for (std::size_t j = 0; j < lanes; ++j)
        lane[j] += term(query[at + j], rows[at + j]);
    for (std::size_t j = 0; at < dims; ++at, ++j)
      lane[j] += term(query[at], rows[at]);
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
      for (std::size_t j = 0; j < half; ++j)
        lane[j] += lane[j + half];
    out[i] = lane[0];
  }
}

void dot(const float* query, const float* rows, std::size_t count, std::size_t dims, float* out) {
  sums(query, rows, count, dims, out, [](float a, float b) { return a * b; });
}

void squared(const float* query, const float* rows, std::size_t count, std::size_t dims,
             float* out) {
  sums(query, rows, count, dims, out, [](float a, float b) { return (a - b) * (a - b); });
}

void absolute(const float* query, const float* rows, std::size_t count, std::size_t dims,
              float* out) {
  sums(query, rows, count, dims, out, [](float a, float b) { return std::abs(a - b); });
}

void dot_batch(const float* queries, std::size_t lanes, const float* rows, std::size_t count,
               std::size_t dims, float* out) {
  constexpr std::size_t abreast = 16;
  for (std::size_t i = 0; i < count; ++i, rows += dims, out += lanes)
    for (std::size_t first = 0; first < lanes; first += abreast) {
      float sum[abreast] = {};
      for (std::size_t j = 0; j < dims; ++j)
        for (std::size_t l = 0; l < abreast; ++l)
          sum[l] += queries[j * lanes + first + l] * rows[j];
      for (std::size_t l = 0; l < abreast; ++l)
        out[first + l] = sum[l];
    }
}

void dot_int8(const std::uint8_t* query, const std::int8_t* rows, std::size_t count,
              std::size_t stride, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i, rows += stride) {
    std::int32_t sum = 0;
    for (std::size_t at = 0; at < stride; at += 16)
      for (std::size_t j = 0; j < 16; ++j) // so many that the compiler sees it
        sum += static_cast<std::int32_t>(query[at + j]) * rows[at + j];
    out[i] = sum;
  }
}

/// In each byte the number of its bits: the old processors have no instruction for that, and these
/// can be vectorised.
std::uint64_t bits_of_bytes(std::uint64_t x) {
  x -= x >> 1 & 0x5555555555555555;
  x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
  return (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F;
}

void scan_signatures(const signature_scan& what, std::size_t block_count, float* out) {
  const std::uint64_t* block = what.blocks;
  for (std::size_t i = 0; i < 8 * block_count; i += 8) {
    std::uint64_t bits[8] = {}; // two sums of 32 bits in each
    for (std::size_t w = 0; w < what.words; ++w, block += 8) {
      const std::uint64_t plane[] = {what.planes[w], what.planes[what.words + w]};
      for (std::size_t r = 0; r < 8; ++r) {
        auto sum = bits_of_bytes(block[r] ^ plane[0])
                   + 2 * bits_of_bytes(block[r] ^ plane[1]); // at most 24 in a byte
        sum = (sum & 0x00FF00FF00FF00FF) + (sum >> 8 & 0x00FF00FF00FF00FF);
        bits[r] += (sum & 0x0000FFFF0000FFFF) + (sum >> 16 & 0x0000FFFF0000FFFF);
      }
    }
    for (std::size_t r = 0; r < 8; ++r) {
      const auto sum = static_cast<float>(static_cast<std::uint32_t>(bits[r] + (bits[r] >> 32)));
      out[i + r] = what.scale[i + r] * (what.weight * sum + what.constant) + what.base[i + r];
    }
  }
}

std::size_t select(const float* values, std::size_t count, float limit, std::uint32_t first,
                   std::uint32_t* out) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out[found] = first + static_cast<std::uint32_t>(i);
    found += values[i] <= limit ? 1 : 0;
  }
  return found;
}

} // namespace

const kernel_set baseline_kernels{"baseline", dot,      squared,         absolute,
                                  dot_batch,  dot_int8, scan_signatures, select};

} // namespace beaver
