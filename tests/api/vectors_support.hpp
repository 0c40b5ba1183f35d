#pragma once
#include "support/failure.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/true_score.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

namespace beaver::test {

using numbers = std::vector<float>;

inline double cosine_score(const numbers& a, const numbers& b) {
  return true_score(metric::cosine, a, b);
}

using vectors_by_id = std::map<std::string, numbers>;

/// Ids of the k nearest, of equal ones the smaller id first.
inline std::vector<std::string> true_nearest(const vectors_by_id& all, const numbers& query,
                                             std::size_t k, metric by = metric::cosine) {
  std::vector<std::pair<double, std::string>> scored;
  for (const auto& [id, v] : all)
    scored.emplace_back(true_score(by, query, v), id);
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

/// What is wrong with an answer about vectors that are known; empty if nothing is. An approximate
/// one may have missed some, but not how many there are, nor how near they are.
template <class Hits>
std::string fault_in(const Hits& found, const vectors_by_id& all, const numbers& query,
                     std::size_t k, metric by = metric::cosine) {
  if (found.hits.size() != std::min(k, all.size()))
    return std::to_string(found.hits.size()) + " hits of " + std::to_string(all.size());
  std::set<std::string> seen;
  double before = -std::numeric_limits<double>::infinity();
  for (const auto& hit : found.hits) {
    const auto known = all.find(hit.id);
    if (known == all.end())
      return "found '" + hit.id + "', which is not there";
    if (!seen.insert(hit.id).second)
      return "found '" + hit.id + "' twice";
    const auto truth = true_score(by, query, known->second);
    if (std::abs(hit.score - truth) > 1e-9 * std::max(1.0, std::abs(truth)))
      return "a score of " + std::to_string(hit.score) + " for '" + hit.id + "', which has "
             + std::to_string(truth);
    if (hit.score < before)
      return "'" + hit.id + "' is nearer than the one before it";
    before = hit.score;
  }
  if (found.exact && ids_of(found) != true_nearest(all, query, k, by))
    return "these are not the nearest";
  return {};
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

  /// Beside one of a few centres, which are not around zero: what people store is like that.
  [[nodiscard]] numbers clustered(std::size_t dims) {
    if (centres_.empty())
      for (int i = 0; i < 20; ++i)
        centres_.push_back(next(dims));
    auto v = next(dims);
    const auto& centre = centres_[below(centres_.size())];
    for (std::size_t i = 0; i < dims; ++i)
      v[i] = v[i] * 0.7F + centre[i] + 0.3F;
    return v;
  }

private:
  std::vector<numbers> centres_;
  std::mt19937_64 engine_;
  std::normal_distribution<float> normal_;
};

/// Bytes as SQL writes them: x'...'.
inline std::string blob_literal(std::span<const std::byte> bytes) {
  std::string text = "x'";
  for (const auto b : bytes) {
    constexpr auto digits = "0123456789abcdef";
    text += digits[std::to_integer<unsigned>(b) >> 4];
    text += digits[std::to_integer<unsigned>(b) & 15];
  }
  return text + '\'';
}

inline std::string blob_literal(const numbers& v) {
  return blob_literal(std::as_bytes(std::span{v}));
}

/// Ids of one length, so that they are in the order of their numbers.
inline std::string id_of(std::size_t n) {
  auto digits = std::to_string(n);
  return "v" + std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

/// What a collection holds.
template <class Vectors>
vectors_by_id stored_in(const Vectors& v) {
  vectors_by_id all;
  for (auto& e : v.list())
    all.emplace(std::move(e.id), std::move(e.vector));
  return all;
}

/// Stores vectors in one commit.
template <class Vectors>
void set_all(Vectors& v, const vectors_by_id& all) {
  std::vector<std::string> ids;
  numbers rows;
  for (const auto& [id, vector] : all) {
    ids.push_back(id);
    rows.insert(rows.end(), vector.begin(), vector.end());
  }
  v.set_many(ids, rows);
}

} // namespace beaver::test
