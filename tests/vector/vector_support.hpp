#pragma once
#include "support/settings.hpp"
#include "support/true_score.hpp"

#include "beaver/vector/collection.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace beaver {

inline std::ostream& operator<<(std::ostream& out, const near_id& x) {
  return out << x.id << ' ' << x.score;
}

inline std::ostream& operator<<(std::ostream& out, const near_row& x) {
  return out << x.row << ' ' << x.score;
}

} // namespace beaver

namespace beaver::test {

using vector = std::vector<float>;

inline constexpr metric all_metrics[] = {metric::cosine, metric::euclid, metric::manhattan,
                                         metric::inner_product};

/// The nearest of a map, by looking at all.
template <class Allowed>
std::vector<near_id> true_nearest(const std::map<std::string, vector>& all, metric by,
                                  const vector& query, std::size_t k, Allowed allowed) {
  std::vector<near_id> found;
  for (const auto& [id, v] : all)
    if (allowed(id))
      found.push_back({id, true_score(by, query, v)});
  std::stable_sort(found.begin(), found.end(),
                   [](const near_id& a, const near_id& b) { return a.score < b.score; });
  found.resize(std::min(found.size(), k));
  return found;
}

/// Random vectors of several kinds.
class vector_source {
public:
  explicit vector_source(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(engine_);
  }
  [[nodiscard]] bool chance(double share) { return std::bernoulli_distribution{share}(engine_); }

  [[nodiscard]] vector gaussian(std::size_t dims, float spread = 1) {
    vector v(dims);
    for (auto& x : v)
      x = spread * normal_(engine_);
    return v;
  }

  /// Numbers of every size that a float can have, but for the last power so that scores stay
  /// finite.
  [[nodiscard]] vector wild(std::size_t dims) {
    vector v(dims);
    for (auto& x : v) {
      const auto exponent = static_cast<int>(below(270)) - 149;
      x = chance(0.2) ? 0 : std::ldexp(normal_(engine_), exponent);
      if (!std::isfinite(x))
        x = 0;
    }
    return v;
  }

  /// A vector that differs from another in the last bits of few numbers.
  [[nodiscard]] vector beside(vector v) {
    for (auto n = 1 + below(3); n > 0; --n) {
      auto& x = v[below(v.size())];
      x = std::nextafter(x, chance(0.5) ? 1e30F : -1e30F);
    }
    return v;
  }

  std::mt19937_64& engine() noexcept { return engine_; }

private:
  std::mt19937_64 engine_;
  std::normal_distribution<float> normal_;
};

/// Clusters on a subspace, and the whole moved away from the origin: what makes approximate indexes
/// earn their recall.
class clustered_source {
public:
  clustered_source(std::size_t dims, std::size_t subspace, std::size_t clusters, std::uint64_t seed)
    : random_(seed), shift_(random_.gaussian(dims, 0.5F)) {
    for (std::size_t i = 0; i < subspace; ++i)
      basis_.push_back(random_.gaussian(dims));
    for (std::size_t i = 0; i < clusters; ++i)
      centres_.push_back(random_.gaussian(subspace));
  }

  [[nodiscard]] vector next() {
    auto place = random_.gaussian(basis_.size(), 0.5F);
    const auto& centre = centres_[random_.below(centres_.size())];
    auto v = random_.gaussian(shift_.size(), 0.2F);
    for (std::size_t j = 0; j < v.size(); ++j)
      v[j] += shift_[j];
    for (std::size_t i = 0; i < basis_.size(); ++i)
      for (std::size_t j = 0; j < v.size(); ++j)
        v[j] += (place[i] + centre[i]) * basis_[i][j];
    return v;
  }

private:
  vector_source random_;
  vector shift_;
  std::vector<vector> basis_;
  std::vector<vector> centres_;
};

/// An id that sorts as its number does.
inline std::string id_of(std::size_t n) {
  auto text = std::to_string(n);
  return 'v' + std::string(6 - text.size(), '0') + text;
}

} // namespace beaver::test
