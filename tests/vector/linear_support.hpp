#pragma once
#include "vector_support.hpp"

#include <memory>

// Rows to be searched exactly, and what must be found.

namespace beaver::test {

struct set_of_rows {
  std::shared_ptr<vector_rows> rows;
  std::vector<vector> plain;

  explicit set_of_rows(std::size_t dims) : rows(std::make_shared<vector_rows>(dims)) {}

  void add(const vector& v) {
    rows->add(v);
    plain.push_back(v);
  }

  [[nodiscard]] std::vector<near_row> nearest(metric by, const vector& query, std::size_t k,
                                              const row_mask* among) const {
    std::vector<near_row> all;
    for (std::uint32_t i = 0; i < plain.size(); ++i)
      if (!among || (*among)[i])
        all.push_back({i, true_score(by, query, plain[i])});
    std::stable_sort(all.begin(), all.end(),
                     [](const near_row& a, const near_row& b) { return a.score < b.score; });
    all.resize(std::min(all.size(), k));
    return all;
  }
};

/// Rows that a bound in 8 bits cannot tell apart easily, of one kind or mixed.
inline set_of_rows adversarial(vector_source& random, std::size_t dims, std::size_t count) {
  set_of_rows all{dims};
  const auto kind = random.below(5);
  const auto near = random.gaussian(dims);
  for (std::size_t i = 0; i < count; ++i)
    switch (kind == 4 ? random.below(4) : kind) {
    case 0:
      all.add(random.gaussian(dims));
      break;
    case 1:
      all.add(random.wild(dims));
      break;
    case 2:
      all.add(random.beside(near));
      break;
    default:
      if (random.chance(0.1))
        all.add(vector(dims, 0));
      else if (random.chance(0.1) && i > 0)
        all.add(all.plain[random.below(i)]);
      else if (random.chance(0.5))
        all.add(vector(dims, random.gaussian(1).front()));
      else
        all.add(random.gaussian(dims, 1e-42F));
    }
  return all;
}

} // namespace beaver::test
