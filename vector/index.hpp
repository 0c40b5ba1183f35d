#pragma once
#include "beaver/vector/kernels.hpp"
#include "beaver/vector/metric.hpp"
#include "beaver/vector/row_mask.hpp"
#include "beaver/vector/rows.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// How near rows are found.
enum class strategy : std::uint8_t {
  linear, ///< looks at all: exact
  lsh,    ///< looks at the signatures of all: approximate
  hnsw,   ///< follows a graph: approximate
};

/// A row that has been found.
struct near_row {
  std::uint32_t row;
  double score; ///< as `beaver::score` computes it

  friend bool operator==(const near_row&, const near_row&) = default;
};

/// What is looked for in rows.
struct near_query {
  std::span<const float> vector; ///< finite, as many numbers as the rows have
  metric by = metric::cosine;
  std::size_t k = 10;
  const row_mask* among = nullptr; ///< only these; of as many rows as there are; null: all
  /// How many rows an approximate index looks at more closely (lsh: candidates that are scored;
  /// hnsw: ef). 0: as it is tuned, and more for a k above `tuned_neighbours`.
  std::size_t effort = 0;
  bool exact = false; ///< of a collection: not through an approximate index
};

struct index_config {
  strategy how = strategy::linear;
  metric by = metric::cosine; ///< what the index is made for
  const kernel_set* kernels = &best_kernels();
  std::uint64_t seed = 0x6265617665720001; ///< of all that is random
  unsigned threads = 1;                    ///< that may build
  // hnsw
  std::size_t links = 16; ///< M: neighbours of a row on the upper levels, twice on the lowest
  std::size_t build_effort = 200; ///< efConstruction
};

/// A named piece of an index, to be stored.
struct index_part {
  std::string name;
  std::vector<std::byte> bytes;
};

/// The k that the effort of an index is tuned for.
inline constexpr std::size_t tuned_neighbours = 10;

/// Finds near rows of a matrix that does not change. Searching is thread-safe.
class vector_index {
public:
  virtual ~vector_index() = default;

  /// The k nearest rows, nearest first, equal ones by number; fewer only if fewer are among those
  /// that are allowed. Scores are exact, whichever way rows were found. A metric that the index is
  /// not made for is answered by a scan.
  [[nodiscard]] virtual std::vector<near_row> search(const near_query& query) const = 0;

  /// The same for several vectors, with all else as in `like`, whose own is not looked at; the
  /// answers in their order. Faster than one by one where that is possible.
  [[nodiscard]] virtual std::vector<std::vector<near_row>>
  search_many(const near_query& like, std::span<const std::span<const float>> vectors) const;

  [[nodiscard]] virtual strategy how() const noexcept = 0;

  /// Whether a search by this metric finds the k nearest rows for certain.
  [[nodiscard]] virtual bool exact(metric by) const noexcept = 0;

  /// What is worth storing, since making it anew costs more than reading it; empty if nothing is.
  [[nodiscard]] virtual std::vector<index_part> save() const = 0;

  /// The effort of a search for `tuned_neighbours` that states none; `tune` sets it. Not while
  /// somebody searches.
  [[nodiscard]] virtual std::size_t effort() const noexcept { return 0; }
  virtual void tune(std::size_t /*effort*/) {}

  /// Memory in use beyond the rows.
  [[nodiscard]] virtual std::size_t bytes() const noexcept = 0;
};

/// Called while an index is built with the share that is done, 0..1; false ends the building.
using build_progress = std::function<bool(double)>;

/// Builds an index over rows, which it shares. Null if `progress` has ended it. Throws
/// std::invalid_argument for a metric that the strategy cannot do (lsh: manhattan) or a strategy
/// that was left out of the build.
[[nodiscard]] std::unique_ptr<vector_index> make_index(const index_config& config,
                                                       std::shared_ptr<const vector_rows> rows,
                                                       const build_progress& progress = {});

/// The same out of parts that `save` gave for these rows, config but for threads and kernels
/// included. Every byte is checked: throws std::runtime_error if anything is not as `save` writes
/// it, and never reads or writes out of bounds.
[[nodiscard]] std::unique_ptr<vector_index> load_index(const index_config& config,
                                                       std::shared_ptr<const vector_rows> rows,
                                                       const std::vector<index_part>& parts);

} // namespace beaver
