#include "beaver/vector/tuning.hpp"

#include "beaver/vector/scan.hpp"

#include <algorithm>

namespace beaver {

namespace {

constexpr std::size_t most_scanned = std::size_t{40} << 20;
constexpr std::size_t most_signed = std::size_t{400} << 20;
constexpr std::uint32_t samples = 64;
constexpr std::size_t neighbours = 10;
constexpr int most_raises = 6;

/// The nearest of a row, without itself.
std::vector<near_row> without(std::uint32_t row, std::vector<near_row> hits) {
  std::erase_if(hits, [&](const near_row& hit) { return hit.row == row; });
  hits.resize(std::min(hits.size(), neighbours));
  return hits;
}

/// Rows of an index with their true neighbours.
class recall_check {
public:
  recall_check(const vector_base& base, metric by) : base_(base), by_(by) {
    const auto count = base.rows->count();
    const auto step = std::max(1u, count / samples);
    for (std::uint32_t row = 0; row < count && rows_.size() < samples; row += step) {
      rows_.push_back(row);
      truth_.push_back(without(row, scan_rows(*base.rows, query(row))));
    }
  }

  [[nodiscard]] double measure(const vector_index& index) const {
    std::size_t found = 0;
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (truth_[i].empty())
        continue;
      wanted += truth_[i].size();
      // Rows as near as the last one are as good as it.
      for (const auto& hit : without(rows_[i], index.search(query(rows_[i]))))
        found += hit.score <= truth_[i].back().score ? 1 : 0;
    }
    return wanted == 0 ? 1 : static_cast<double>(found) / static_cast<double>(wanted);
  }

private:
  [[nodiscard]] near_query query(std::uint32_t row) const {
    return {.vector = (*base_.rows)[row], .by = by_, .k = neighbours + 1};
  }

  const vector_base& base_;
  metric by_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::vector<near_row>> truth_;
};

} // namespace

strategy choose_strategy(std::size_t bytes, metric by, strategy before) noexcept {
  const auto above = [&](std::size_t border, bool was_above) {
    return static_cast<double>(bytes) > static_cast<double>(border) * (was_above ? 0.7 : 1.3);
  };
  if (!above(most_scanned, before != strategy::linear) || bytes <= most_scanned)
    return strategy::linear;
  if (has_hnsw() && above(most_signed, before == strategy::hnsw))
    return strategy::hnsw;
  if (by != metric::manhattan)
    return strategy::lsh;
  return has_hnsw() ? strategy::hnsw : strategy::linear;
}

bool has_hnsw() noexcept {
#ifdef BEAVER_WITH_HNSW
  return true;
#else
  return false;
#endif
}

double measure_recall(const vector_base& base, metric by) {
  return recall_check{base, by}.measure(*base.index);
}

double tune_recall(vector_index& index, const vector_base& base, metric by, double target) {
  const recall_check check{base, by};
  auto recall = check.measure(index);
  for (int i = 0; i < most_raises && recall < target; ++i) {
    index.tune(index.effort() + index.effort() / 2);
    recall = check.measure(index);
  }
  return recall;
}

} // namespace beaver
