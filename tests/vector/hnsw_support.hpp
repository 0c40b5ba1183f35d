#pragma once
#include "beaver/vector/hnsw.hpp"
#include "beaver/vector/hnsw_index.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace beaver::test {

/// Vectors as embeddings are: clusters on a subspace of few dimensions, a little noise, not
/// centred.
class vector_maker {
public:
  vector_maker(std::uint64_t seed, std::size_t dims)
    : random_(seed), dims_(dims), base_(inner * dims), centres_(64 * inner), shift_(dims) {
    for (auto* part : {&base_, &centres_, &shift_})
      for (auto& x : *part)
        x = normal();
  }

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  std::vector<float> next() {
    auto v = shift_;
    const auto* centre = centres_.data() + below(centres_.size() / inner) * inner;
    for (std::size_t i = 0; i < inner; ++i) {
      const auto along = centre[i] + normal() / 2;
      for (std::size_t j = 0; j < dims_; ++j)
        v[j] += along * base_[i * dims_ + j];
    }
    for (auto& x : v)
      x += normal() / 10;
    return v;
  }

  std::shared_ptr<vector_rows> rows(std::size_t count) {
    auto all = std::make_shared<vector_rows>(dims_);
    for (std::size_t i = 0; i < count; ++i)
      all->add(next());
    return all;
  }

private:
  static constexpr std::size_t inner = 10;

  float normal() { return normal_(random_); }

  std::mt19937_64 random_;
  std::normal_distribution<float> normal_;
  std::size_t dims_;
  std::vector<float> base_;
  std::vector<float> centres_;
  std::vector<float> shift_;
};

/// All allowed rows by their scores, without any cleverness.
inline std::vector<near_row> by_hand(const vector_rows& rows, const near_query& query) {
  std::vector<near_row> all;
  for (std::uint32_t row = 0; row < rows.count(); ++row)
    if (query.among == nullptr || (*query.among)[row])
      all.push_back(
        {row, score(query.by, query.vector, norm(query.vector), rows[row], norm(rows[row]))});
  std::sort(all.begin(), all.end(), [](const near_row& a, const near_row& b) {
    return a.score != b.score ? a.score < b.score : a.row < b.row;
  });
  all.resize(std::min(query.k, all.size()));
  return all;
}

/// The share of the nearest that was found, of one and the same number.
inline double recall(const std::vector<near_row>& found, const std::vector<near_row>& nearest) {
  const auto hits = std::count_if(found.begin(), found.end(), [&](const near_row& each) {
    return std::find(nearest.begin(), nearest.end(), each) != nearest.end();
  });
  return static_cast<double>(hits) / static_cast<double>(nearest.size());
}

inline index_config hnsw_config(metric by) {
  index_config config;
  config.how = strategy::hnsw;
  config.by = by;
  return config;
}

} // namespace beaver::test
