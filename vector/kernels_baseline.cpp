#include "beaver/vector/kernel_sets.hpp"

#include <bit>
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

void dot_int8(const std::uint8_t* query, const std::int8_t* rows, std::size_t count,
              std::size_t stride, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i, rows += stride) {
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < stride; ++j)
      sum += static_cast<std::int32_t>(query[j]) * rows[j];
    out[i] = sum;
  }
}

void scan_signatures(const signature_scan& what, std::size_t block_count, float* out) {
  for (std::size_t b = 0; b < block_count; ++b)
    for (std::size_t r = 0; r < 8; ++r) {
      std::uint32_t bits = 0;
      for (std::size_t k = 0; k < 4; ++k)
        for (std::size_t w = 0; w < what.words; ++w) {
          const auto word = what.blocks[(b * what.words + w) * 8 + r];
          bits += static_cast<std::uint32_t>(std::popcount(word & what.planes[k * what.words + w]))
                  << k;
        }
      const auto i = 8 * b + r;
      out[i] = what.scale[i] * (what.weight * static_cast<float>(bits) + what.constant)
               + what.factor * what.offset[i] + what.base[i];
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

const kernel_set baseline_kernels{"baseline",      dot,   squared, absolute, dot_int8,
                                  scan_signatures, select};

} // namespace beaver
