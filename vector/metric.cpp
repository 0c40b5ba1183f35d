#include "beaver/vector/metric.hpp"

#include <cmath>
#include <cstddef>

namespace beaver {

namespace {

template <class Term>
double sum(std::span<const float> a, std::span<const float> b, Term term) noexcept {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    total += term(static_cast<double>(a[i]), static_cast<double>(b[i]));
  return total;
}

double product(std::span<const float> a, std::span<const float> b) noexcept {
  return sum(a, b, [](double x, double y) { return x * y; });
}

} // namespace

double norm(std::span<const float> a) noexcept { return std::sqrt(product(a, a)); }

double score(metric by, std::span<const float> a, double norm_a, std::span<const float> b,
             double norm_b) noexcept {
  switch (by) {
  case metric::euclid:
    return std::sqrt(sum(a, b, [](double x, double y) { return (x - y) * (x - y); }));
  case metric::manhattan:
    return sum(a, b, [](double x, double y) { return std::abs(x - y); });
  case metric::inner_product:
    return -product(a, b);
  default:
    return (1 - product(a, b) / (norm_a * norm_b + 1e-10)) / 2;
  }
}

} // namespace beaver
