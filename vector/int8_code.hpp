#pragma once
#include "beaver/vector/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

// Vectors in 8 bits a number: integers of -127..127 times a scale.

namespace beaver::detail {

/// Rows of fewer bytes than this in all stay in a cache: a copy in 8 bits gains nothing.
inline constexpr std::size_t least_bytes_for_int8 = std::size_t{4} << 20;

struct int8_code {
  float scale; ///< 0: all codes are; the numbers are too small
  float loss;  ///< length of what was lost, rounded up
};

/// Writes the codes, each plus `shift`. `norm`: that of v. O(dims).
template <class Code>
int8_code encode_int8(std::span<const float> v, double norm, std::int32_t shift, Code* to) {
  float largest = 0;
  for (const float x : v)
    largest = std::max(largest, std::abs(x));
  auto scale = static_cast<float>(static_cast<double>(largest) / 127);
  if (scale < std::numeric_limits<float>::min()) // too small to be divided by
    scale = 0;
  double lost = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto x = static_cast<double>(v[i]);
    const auto code = scale > 0 ? std::clamp(std::nearbyint(x / scale), -127.0, 127.0) : 0.0;
    to[i] = static_cast<Code>(static_cast<std::int32_t>(code) + shift);
    const auto difference = x - code * static_cast<double>(scale);
    lost += difference * difference;
  }
  const auto loss = scale > 0 ? std::sqrt(lost) : norm;
  return {scale, std::nextafter(static_cast<float>(loss * (1 + 1e-9)),
                                std::numeric_limits<float>::infinity())};
}

} // namespace beaver::detail
