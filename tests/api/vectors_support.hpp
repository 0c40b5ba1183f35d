#pragma once
#include "support/failure.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <random>

namespace beaver::test {

using numbers = std::vector<float>;

/// The truth about cosine, as the original computes it.
inline double cosine_score(const numbers& a, const numbers& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return (1 - dot / (std::sqrt(aa) * std::sqrt(bb) + 1e-10)) / 2;
}

/// Ids of the k nearest, of equal ones the smaller id first.
inline std::vector<std::string> true_nearest(const std::map<std::string, numbers>& all,
                                             const numbers& query, std::size_t k) {
  std::vector<std::pair<double, std::string>> scored;
  for (const auto& [id, v] : all)
    scored.emplace_back(cosine_score(query, v), id);
  std::sort(scored.begin(), scored.end());
  scored.resize(std::min(scored.size(), k));
  std::vector<std::string> ids;
  for (auto& [score, id] : scored)
    ids.push_back(std::move(id));
  return ids;
}

template <class Hits>
std::vector<std::string> ids_of(const Hits& found) {
  std::vector<std::string> ids;
  for (const auto& hit : found.hits)
    ids.push_back(hit.id);
  return ids;
}

/// Numbers of a normal distribution, by a seed.
class number_source {
public:
  explicit number_source(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] numbers next(std::size_t dims) {
    numbers v(dims);
    for (auto& x : v)
      x = normal_(engine_);
    return v;
  }
  [[nodiscard]] std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(engine_);
  }

private:
  std::mt19937_64 engine_;
  std::normal_distribution<float> normal_;
};

/// A vector as SQL writes it: x'...'.
inline std::string blob_literal(const numbers& v) {
  std::string text = "x'";
  const auto bytes = std::as_bytes(std::span{v});
  for (const auto b : bytes) {
    constexpr auto digits = "0123456789abcdef";
    text += digits[std::to_integer<unsigned>(b) >> 4];
    text += digits[std::to_integer<unsigned>(b) & 15];
  }
  return text + '\'';
}

} // namespace beaver::test
