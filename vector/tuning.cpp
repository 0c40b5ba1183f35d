#include "beaver/vector/tuning.hpp"

#include "beaver/vector/scan.hpp"
#include "beaver/vector/scan_many.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace beaver {

namespace {

constexpr std::size_t most_scanned = std::size_t{40} << 20;
constexpr std::size_t most_signed = std::size_t{400} << 20;
constexpr std::uint32_t samples = 256;
constexpr int most_doublings = 4;
constexpr std::size_t fineness = 16; // of an effort, the share up to which the least one is sought

/// The mean of some shares, and its standard error.
struct measured_recall {
  explicit measured_recall(const std::vector<double>& shares) {
    if (shares.size() < 2)
      return;
    const auto count = static_cast<double>(shares.size());
    mean = std::accumulate(shares.begin(), shares.end(), 0.0) / count;
    double squares = 0;
    for (const auto share : shares)
      squares += (share - mean) * (share - mean);
    error = std::sqrt(squares / (count - 1) / count);
  }

  double mean = 1;
  double error = 0;
};

/// The nearest of a row, without itself.
std::vector<near_row> without(std::uint32_t row, std::vector<near_row> hits) {
  std::erase_if(hits, [&](const near_row& hit) { return hit.row == row; });
  hits.resize(std::min(hits.size(), tuned_neighbours));
  return hits;
}

/// Queries with their true neighbours: rows, which do not count themselves. Signatures find of
/// others as much as of these. A graph does not: it has links from each row to its nearest, and of
/// rows it misses half as much as of other queries (word vectors). So for a graph the queries lie
/// beyond the rows, each as far as half the way from the tenth neighbour. Near 0.95 it then finds
/// of others as much (pictures), 0.01 more (words), or 0.03 less where there is no structure.
class recall_check {
public:
  recall_check(const vector_rows& rows, metric by, strategy how) : rows_(rows), by_(by) {
    const auto size = std::min(rows.count(), samples);
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto row = static_cast<std::uint32_t>(i * rows.count() / size);
      samples_.push_back({row, {rows[row].begin(), rows[row].end()}, {}});
    }
    find_truth();
    if (how != strategy::hnsw)
      return;
    for (auto& s : samples_)
      if (!s.truth.empty())
        move_away(s.query, rows[s.truth.back().row]);
    find_truth();
  }

  [[nodiscard]] measured_recall measure(const vector_index& index, std::size_t effort) const {
    std::vector<double> shares;
    for (const auto& s : samples_) {
      if (s.truth.empty())
        continue;
      auto query = looking_for(s.query);
      query.effort = effort + 1; // one for the row itself
      const auto hits = without(s.row, index.search(query));
      // Rows as near as the last one are as good as it.
      const auto found = std::count_if(hits.begin(), hits.end(), [&s](const near_row& hit) {
        return hit.score <= s.truth.back().score;
      });
      shares.push_back(static_cast<double>(found) / static_cast<double>(s.truth.size()));
    }
    return measured_recall{shares};
  }

private:
  struct sample {
    std::uint32_t row;
    std::vector<float> query;
    std::vector<near_row> truth;
  };

  [[nodiscard]] near_query looking_for(std::span<const float> v) const {
    return {.vector = v, .by = by_, .k = tuned_neighbours + 1};
  }

  void find_truth() {
    std::vector<std::span<const float>> queries;
    for (const auto& s : samples_)
      queries.emplace_back(s.query);
    std::vector<std::vector<near_row>> found;
    if (by_ != metric::manhattan)
      found = scan_many(rows_, looking_for({}), queries);
    else
      for (const auto query : queries)
        found.push_back(scan_rows(rows_, looking_for(query)));
    for (std::size_t i = 0; i < samples_.size(); ++i)
      samples_[i].truth = without(samples_[i].row, std::move(found[i]));
  }

  static void move_away(std::vector<float>& v, std::span<const float> from) {
    constexpr double most = std::numeric_limits<float>::max();
    for (std::size_t j = 0; j < v.size(); ++j)
      v[j] = static_cast<float>(std::clamp(
        1.5 * static_cast<double>(v[j]) - 0.5 * static_cast<double>(from[j]), -most, most));
  }

  const vector_rows& rows_;
  metric by_;
  std::vector<sample> samples_;
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

double tune_recall(vector_index& index, const vector_rows& rows, metric by, double target) {
  const recall_check check{rows, by, index.how()};
  const auto before = index.effort();
  // The queries of a graph may miss half as much as others (clusters of 96 dimensions: less than
  // 0.05, and 0.10 to 0.13), so that lowering it by them alone would fall short of the target.
  const auto wanted = [&](std::size_t effort) {
    return index.how() == strategy::hnsw && effort < before ? (1 + target) / 2 : target;
  };
  const auto reaches = [&](const measured_recall& r, std::size_t effort) {
    return r.mean - r.error >= wanted(effort);
  };
  auto least = tuned_neighbours; // not tried
  auto effort = before;
  auto recall = check.measure(index, effort);
  if (reaches(recall, effort)) {
    while (effort > least) {
      const auto less = std::max(effort / 2, tuned_neighbours);
      const auto there = check.measure(index, less);
      if (!reaches(there, less)) {
        least = less;
        break;
      }
      effort = less;
      recall = there;
    }
  } else {
    for (int i = 0; i < most_doublings && !reaches(recall, effort); ++i) {
      least = effort;
      effort *= 2;
      recall = check.measure(index, effort);
    }
    if (!reaches(recall, effort))
      least = effort;
  }
  while (effort > least + std::max<std::size_t>(least / fineness, 1)) {
    const auto middle = least + (effort - least) / 2;
    const auto there = check.measure(index, middle);
    if (reaches(there, middle)) {
      effort = middle;
      recall = there;
    } else {
      least = middle;
    }
  }
  index.tune(effort);
  return recall.mean;
}

} // namespace beaver
