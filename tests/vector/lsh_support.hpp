#pragma once
#include "beaver/vector/lsh.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <random>

namespace beaver {

inline std::ostream& operator<<(std::ostream& out, metric by) {
  constexpr const char* names[] = {"cosine", "euclid", "manhattan", "inner_product"};
  return out << names[static_cast<std::size_t>(by)];
}

inline std::ostream& operator<<(std::ostream& out, const near_row& found) {
  return out << found.row << " at " << found.score;
}

} // namespace beaver

namespace beaver::test {

using floats = std::vector<float>;

/// Where vectors of a test come from.
class vector_source {
public:
  explicit vector_source(std::uint64_t seed) : dice_(seed) {}
  virtual ~vector_source() = default;
  [[nodiscard]] virtual floats operator()() = 0;

  [[nodiscard]] std::shared_ptr<const vector_rows> rows(std::size_t count) {
    std::shared_ptr<vector_rows> made;
    for (std::size_t i = 0; i < count; ++i) {
      const auto next = (*this)();
      if (!made)
        made = std::make_shared<vector_rows>(next.size());
      made->add(next);
    }
    return made;
  }

protected:
  [[nodiscard]] float normal() { return normal_(dice_); }
  [[nodiscard]] std::uint64_t roll() { return dice_(); }

private:
  std::mt19937_64 dice_;
  std::normal_distribution<float> normal_;
};

/// No structure at all: every direction is as likely as another.
class gaussian_source : public vector_source {
public:
  gaussian_source(std::size_t dims, std::uint64_t seed) : vector_source(seed), dims_(dims) {}

  floats operator()() override {
    floats v(dims_);
    std::generate(v.begin(), v.end(), [this] { return normal(); });
    return v;
  }

private:
  std::size_t dims_;
};

/// As embeddings are: clusters in a space of fewer dims, some noise in the others, all of it far
/// from the origin.
class cluster_source : public vector_source {
public:
  cluster_source(std::size_t dims, std::uint64_t seed)
    : vector_source(seed), basis_(dims * inner), centres_(clusters * inner), shift_(dims) {
    for (auto* part : {&basis_, &centres_, &shift_})
      std::generate(part->begin(), part->end(), [this] { return normal(); });
  }

  floats operator()() override {
    const float* centre = centres_.data() + roll() % clusters * inner;
    float at[inner];
    for (std::size_t i = 0; i < inner; ++i)
      at[i] = centre[i] + 0.5F * normal();
    floats v = shift_;
    for (std::size_t j = 0; j < v.size(); ++j) {
      v[j] += 0.1F * normal();
      for (std::size_t i = 0; i < inner; ++i)
        v[j] += basis_[j * inner + i] * at[i] * 0.3F;
    }
    return v;
  }

private:
  static constexpr std::size_t inner = 16;
  static constexpr std::size_t clusters = 50;
  floats basis_;
  floats centres_;
  floats shift_;
};

/// By definition: all scores, sorted.
inline std::vector<near_row> by_hand(const vector_rows& rows, const near_query& query) {
  const auto length = norm(query.vector);
  std::vector<near_row> all;
  for (std::uint32_t i = 0; i < rows.count(); ++i)
    if (!query.among || (*query.among)[i])
      all.push_back({i, score(query.by, query.vector, length, rows[i], rows.norm(i))});
  const auto k = static_cast<std::ptrdiff_t>(std::min(query.k, all.size()));
  std::partial_sort(all.begin(), all.begin() + k, all.end(), [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score < b.score : a.row < b.row;
  });
  all.resize(static_cast<std::size_t>(k));
  return all;
}

using shared_rows = std::shared_ptr<const vector_rows>;

inline const std::vector<metric> lsh_metrics{metric::cosine, metric::inner_product, metric::euclid};

inline index_config config_of(metric by) {
  index_config config;
  config.how = strategy::lsh;
  config.by = by;
  return config;
}

inline std::unique_ptr<vector_index> lsh_of(const shared_rows& rows, metric by) {
  return make_lsh(config_of(by), rows);
}

inline near_query looking_for(const floats& v, metric by, std::size_t k = 10,
                              std::size_t effort = 0) {
  near_query query;
  query.vector = v;
  query.by = by;
  query.k = k;
  query.effort = effort;
  return query;
}

/// The share of the true neighbours that were found.
inline double recall(const vector_index& index, const vector_rows& rows, vector_source& next,
                     near_query query, int runs) {
  std::size_t right = 0;
  std::size_t all = 0;
  for (int run = 0; run < runs; ++run) {
    const auto v = next();
    query.vector = v;
    const auto found = index.search(query);
    for (const auto& expected : by_hand(rows, query)) {
      right += static_cast<std::size_t>(std::count(found.begin(), found.end(), expected));
      ++all;
    }
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

/// As many as there should be, each once, allowed, with its exact score, in order.
inline void check_answer(const std::vector<near_row>& found, const vector_rows& rows,
                         const near_query& query) {
  const std::size_t allowed = query.among ? query.among->count() : rows.count();
  BOOST_REQUIRE_EQUAL(found.size(), std::min(query.k, allowed));
  const auto length = norm(query.vector);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto row = found[i].row;
    BOOST_REQUIRE_LT(row, rows.count());
    BOOST_REQUIRE(!query.among || (*query.among)[row]);
    BOOST_REQUIRE_EQUAL(found[i].score,
                        score(query.by, query.vector, length, rows[row], rows.norm(row)));
    if (i > 0)
      BOOST_REQUIRE((found[i - 1].score < found[i].score
                     || (found[i - 1].score == found[i].score && found[i - 1].row < row)));
  }
}

} // namespace beaver::test
