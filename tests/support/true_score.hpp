#pragma once
#include "beaver/vector/metric.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace beaver::test {

/// The truth about scores, in plain double arithmetic; cosine as the original computes it.
inline double true_score(metric by, const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  double squares = 0;
  double differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    dot += x * y;
    aa += x * x;
    bb += y * y;
    squares += (x - y) * (x - y);
    differences += std::abs(x - y);
  }
  switch (by) {
  case metric::euclid:
    return std::sqrt(squares);
  case metric::manhattan:
    return differences;
  case metric::inner_product:
    return -dot;
  default:
    return (1 - dot / (std::sqrt(aa) * std::sqrt(bb) + 1e-10)) / 2;
  }
}

} // namespace beaver::test
