#include "beaver/sketches/hyperloglog.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace beaver::sketches {
namespace {

/// 2^-rank, for any byte.
constexpr auto weights = [] {
  std::array<double, 256> result{1};
  for (std::size_t i = 1; i < result.size(); ++i)
    result[i] = result[i - 1] / 2;
  return result;
}();

/// What the harmonic mean is multiplied by.
double correction(std::size_t registers) noexcept {
  switch (registers) {
  case 16:
    return 0.673;
  case 32:
    return 0.697;
  case 64:
    return 0.709;
  default:
    return 0.7213 / (1 + 1.079 / static_cast<double>(registers));
  }
}

} // namespace

unsigned hyperloglog::precision_for(double error_rate) {
  if (!(error_rate > 0 && error_rate < 1))
    throw std::invalid_argument("error_rate must be more than 0 and less than 1");
  const double exact = std::ceil(2 * std::log2(1.04 / error_rate));
  return static_cast<unsigned>(std::clamp(exact, double{least_precision}, double{most_precision}));
}

hyperloglog::hyperloglog(unsigned precision) : precision_(precision) {
  if (precision < least_precision || precision > most_precision)
    throw std::invalid_argument("precision must be 4 to 18");
}

double hyperloglog::standard_error() const noexcept {
  return 1.04 / std::sqrt(static_cast<double>(registers()));
}

std::uint8_t hyperloglog::rank_of(std::uint64_t hash) const noexcept {
  // A bit behind the last ends the search.
  const auto rest = hash >> precision_ | std::uint64_t{1} << (64 - precision_);
  return static_cast<std::uint8_t>(1 + std::countr_zero(rest));
}

void hyperloglog::check_size(std::size_t given) const {
  if (given != registers())
    throw std::invalid_argument("of this precision are " + std::to_string(registers())
                                + " registers, not " + std::to_string(given));
}

template <class Register>
double hyperloglog::estimate_of(Register register_at) const {
  // One by one and in order: a sum that is rounded elsewhere could be another count than others
  // tell of the same bytes.
  std::size_t empty = 0;
  double sum = 0;
  for (std::size_t i = 0; i < registers(); ++i) {
    const std::uint8_t rank = register_at(i);
    empty += rank == 0;
    sum += weights[rank];
  }
  const auto m = static_cast<double>(registers());
  const double harmonic = correction(registers()) * (m * m) / sum;
  return harmonic <= 2.5 * m && empty > 0 ? m * std::log(m / static_cast<double>(empty)) : harmonic;
}

double hyperloglog::estimate(std::span<const std::uint8_t> registers) const {
  check_size(registers.size());
  return estimate_of([&](std::size_t i) { return registers[i]; });
}

double hyperloglog::estimate_union(std::span<const std::uint8_t> a,
                                   std::span<const std::uint8_t> b) const {
  check_size(a.size());
  check_size(b.size());
  return estimate_of([&](std::size_t i) { return std::max(a[i], b[i]); });
}

bool hyperloglog::merge(std::span<std::uint8_t> into, std::span<const std::uint8_t> other) const {
  check_size(into.size());
  check_size(other.size());
  bool changed = false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    changed |= other[i] > into[i];
    into[i] = std::max(into[i], other[i]);
  }
  return changed;
}

void hyperloglog::check(std::span<const std::uint8_t> registers) const {
  check_size(registers.size());
  for (const auto rank : registers)
    if (rank > most_rank())
      throw std::invalid_argument("a register holds " + std::to_string(rank) + ", and "
                                  + std::to_string(most_rank()) + " is the highest rank");
}

} // namespace beaver::sketches
