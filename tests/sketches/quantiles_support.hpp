#pragma once
#include "beaver/sketches/quantiles.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <ostream>
#include <random>
#include <vector>

namespace beaver::test {

using namespace sketches;

using numbers = std::vector<double>;

/// How values come, and how many are alike.
enum class shape { uniform, normal, ascending, descending, zipf };

inline constexpr shape all_shapes[] = {shape::uniform, shape::normal, shape::ascending,
                                       shape::descending, shape::zipf};

inline std::ostream& operator<<(std::ostream& out, shape s) {
  constexpr const char* names[] = {"uniform", "normal", "ascending", "descending", "zipf"};
  return out << names[static_cast<int>(s)];
}

inline double uniform(std::mt19937_64& dice) { return static_cast<double>(dice() >> 11) * 0x1p-53; }

/// From `least` to `most`, of each length as often.
inline std::size_t of_any_length(std::mt19937_64& dice, double least, double most) {
  return static_cast<std::size_t>(least * std::pow(most / least, uniform(dice)));
}

inline numbers values_of(shape s, std::size_t n, std::mt19937_64& dice) {
  numbers values(n);
  for (auto& x : values)
    switch (s) {
    case shape::normal: // nearly
      x = uniform(dice) + uniform(dice) + uniform(dice) - uniform(dice);
      break;
    case shape::zipf: // more than half are 1
      x = std::floor(1 / std::pow(1 - uniform(dice), 1 / 1.2));
      break;
    default:
      x = uniform(dice);
    }
  if (s == shape::ascending)
    std::sort(values.begin(), values.end());
  if (s == shape::descending)
    std::sort(values.begin(), values.end(), std::greater<>{});
  return values;
}

inline quantile_sketch sketch_of(const numbers& values, quantile_params params = {}) {
  quantile_sketch made{params};
  made.add_many(values);
  return made;
}

/// The truth about values, by keeping all of them.
class sorted_values {
public:
  explicit sorted_values(numbers values) : sorted_(std::move(values)) {
    std::sort(sorted_.begin(), sorted_.end());
  }

  [[nodiscard]] std::size_t count() const { return sorted_.size(); }
  /// The share that is less.
  [[nodiscard]] double below(double x) const {
    return share(std::lower_bound(sorted_.begin(), sorted_.end(), x));
  }
  /// The share that is not greater.
  [[nodiscard]] double rank(double x) const {
    return share(std::upper_bound(sorted_.begin(), sorted_.end(), x));
  }
  [[nodiscard]] double quantile(double q) const {
    const auto n = static_cast<double>(count());
    auto i = static_cast<std::size_t>(q * n); // or one beside it, as this is rounded
    while (i > 0 && static_cast<double>(i) / n >= q)
      --i;
    while (static_cast<double>(i + 1) / n < q)
      ++i;
    return sorted_[i];
  }
  /// About so many values, evenly, each once.
  [[nodiscard]] numbers some(std::size_t wanted) const {
    numbers taken;
    const auto step = std::max<std::size_t>(count() / wanted, 1);
    for (std::size_t i = step / 2; i < count(); i += step)
      if (taken.empty() || taken.back() != sorted_[i])
        taken.push_back(sorted_[i]);
    return taken;
  }

private:
  [[nodiscard]] double share(numbers::const_iterator end) const {
    return static_cast<double>(end - sorted_.begin()) / static_cast<double>(count());
  }

  numbers sorted_;
};

} // namespace beaver::test
