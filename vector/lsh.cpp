#include "beaver/vector/lsh.hpp"

#include "beaver/vector/scan.hpp"
#include "beaver/vector/signatures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <tuple>

namespace beaver {

namespace {

constexpr std::size_t default_effort = 200;
constexpr std::size_t run_blocks = 64;   // whose estimates are made at once, on the stack
constexpr std::size_t sample_blocks = 4; // of a run, that are looked at before all
constexpr double sampled = static_cast<double>(sample_blocks) / run_blocks;
constexpr float no_limit = std::numeric_limits<float>::infinity();

/// The rows with the lowest estimates so far. Keeping up to four times as many as are wanted costs
/// less than a heap: most rows are turned away by the limit, and the others are sorted out seldom.
class shortlist {
public:
  /// Of rows whose estimates do not exceed a limit.
  explicit shortlist(std::size_t wanted, float limit = no_limit) : wanted_(wanted), limit_(limit) {}

  /// What an estimate must not exceed.
  [[nodiscard]] float limit() const noexcept { return limit_; }

  /// Not behind a row with a higher number, since of equal ones the lower number stays.
  void add(float estimate, std::uint32_t row) { kept_.push_back({estimate, row}); }

  /// From time to time, so that it does not grow.
  void tidy() {
    if (kept_.size() >= 4 * wanted_)
      shorten();
  }

  [[nodiscard]] bool full() const noexcept { return kept_.size() >= wanted_; }

  /// The greatest estimate that is left; none if there are not enough.
  [[nodiscard]] float greatest() {
    if (!full())
      return no_limit;
    shorten();
    return kept_.back().estimate;
  }

  [[nodiscard]] std::vector<std::uint32_t> rows() {
    if (kept_.size() > wanted_)
      shorten();
    std::vector<std::uint32_t> found(kept_.size());
    std::transform(kept_.begin(), kept_.end(), found.begin(), [](const entry& e) { return e.row; });
    return found;
  }

private:
  struct entry {
    float estimate;
    std::uint32_t row;
    bool operator<(const entry& other) const noexcept {
      return std::tie(estimate, row) < std::tie(other.estimate, other.row);
    }
  };

  void shorten() {
    const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(wanted_ - 1);
    std::nth_element(kept_.begin(), last, kept_.end());
    limit_ = std::nextafter(last->estimate, -std::numeric_limits<float>::infinity());
    kept_.resize(wanted_);
  }

  std::size_t wanted_;
  std::vector<entry> kept_;
  float limit_;
};

class lsh_index final : public vector_index {
public:
  lsh_index(const index_config& config, std::shared_ptr<const vector_rows> rows, signatures of)
    : kernels_(*config.kernels), rows_(std::move(rows)), signatures_(std::move(of)) {}

  std::vector<near_row> search(const near_query& query) const override {
    const std::size_t allowed = query.among ? query.among->count() : rows_->count();
    const auto k = std::min(query.k, allowed);
    const auto tuned =
      std::min(effort_, allowed) * std::max(k, tuned_neighbours) / tuned_neighbours;
    const auto wanted = std::max(query.effort > 0 ? query.effort : tuned, k);
    if (k == 0)
      return {};
    if (query.by != signatures_.by() || allowed <= wanted)
      return scan_rows(*rows_, query, kernels_);
    const auto candidates = seem_near(query, wanted);
    // Only signatures that are not those of these rows make estimates that are no numbers.
    if (candidates.size() < k)
      return scan_rows(*rows_, query, kernels_);
    return nearest_of(*rows_, query, candidates, kernels_);
  }

  strategy how() const noexcept override { return strategy::lsh; }
  bool exact(metric by) const noexcept override { return by != signatures_.by(); }
  std::vector<index_part> save() const override { return signatures_.save(); }
  std::size_t effort() const noexcept override { return effort_; }
  void tune(std::size_t effort) override { effort_ = effort; }
  std::size_t bytes() const noexcept override { return signatures_.bytes(); }

private:
  /// The rows with the lowest estimates, of those that are allowed.
  std::vector<std::uint32_t> seem_near(const near_query& query, std::size_t wanted) const {
    const auto probe = signatures_.prepare(query.vector, kernels_);
    // A sample tells what will be enough: so many of its own that more of the rows wanted are in
    // it once in a thousand times. This leaves two or three times as many as are wanted.
    const auto in_sample = sampled * static_cast<double>(wanted);
    shortlist sample{static_cast<std::size_t>(in_sample + 3 * std::sqrt(in_sample)) + 2};
    look_at(query, probe, sample_blocks, sample);
    shortlist best{wanted, sample.greatest()};
    look_at(query, probe, run_blocks, best);
    if (best.full())
      return best.rows();
    shortlist any{wanted};
    look_at(query, probe, run_blocks, any);
    return any.rows();
  }

  /// The first `block_count` blocks of each run.
  void look_at(const near_query& query, const signatures::probe& probe, std::size_t block_count,
               shortlist& best) const {
    float estimates[8 * run_blocks];
    std::uint32_t low[8 * run_blocks];
    const std::size_t count = rows_->count();
    for (std::size_t first = 0; first < count; first += 8 * run_blocks) {
      const auto run = std::min(8 * block_count, count - first);
      signatures_.estimate(probe, kernels_, first / 8, (run + 7) / 8, estimates);
      const auto found =
        kernels_.select(estimates, run, best.limit(), static_cast<std::uint32_t>(first), low);
      for (std::size_t i = 0; i < found; ++i)
        if (!query.among || (*query.among)[low[i]])
          best.add(estimates[low[i] - first], low[i]);
      best.tidy();
    }
  }

  const kernel_set& kernels_;
  std::shared_ptr<const vector_rows> rows_;
  signatures signatures_;
  std::size_t effort_ = default_effort;
};

} // namespace

std::size_t signature_bits(std::size_t dims) noexcept {
  const auto wanted =
    std::max(std::min<std::size_t>(5 * dims / 2, 320), std::min<std::size_t>(dims / 2, 1'024));
  return std::max<std::size_t>((wanted + 63) / 64 * 64, 128);
}

std::unique_ptr<vector_index> make_lsh(const index_config& config,
                                       std::shared_ptr<const vector_rows> rows,
                                       const build_progress& progress) {
  auto made = signatures::of(*rows, config, signature_bits(rows->dims()), progress);
  if (!made)
    return nullptr;
  return std::make_unique<lsh_index>(config, std::move(rows), std::move(*made));
}

std::unique_ptr<vector_index> load_lsh(const index_config& config,
                                       std::shared_ptr<const vector_rows> rows,
                                       const std::vector<index_part>& parts) {
  if (parts.size() != 2) // each of which has a name of its own
    throw std::runtime_error("an index of signatures has the parts rotation and signatures");
  auto made = signatures::load(*rows, config.by, parts);
  return std::make_unique<lsh_index>(config, std::move(rows), std::move(made));
}

} // namespace beaver
