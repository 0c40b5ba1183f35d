#pragma once
#include "beaver/vector/hnsw_codes.hpp"
#include "beaver/vector/hnsw_graph.hpp"
#include "beaver/vector/index.hpp"

// How hnsw_index goes through its graph.

namespace beaver {

namespace detail {

/// A distance and its row in one number, that is greater if the distance is, then if the row is.
using ranked = std::uint64_t;

/// Distances of rows from a query, in float. They order rows as scores do, but for rounding.
class distance_from {
public:
  /// `unit` is filled and must stay.
  distance_from(const near_query& query, const vector_rows& rows, const kernel_set& kernels,
                std::vector<float>& unit);

  [[nodiscard]] float operator()(std::uint32_t row) const noexcept;
  /// What the distance may be off by.
  [[nodiscard]] double error(ranked r) const noexcept;
  void prefetch(std::uint32_t row) const noexcept;

private:
  metric by_;
  const float* query_;
  const float* rows_;
  std::size_t dims_;
  const double* norms_;
  decltype(kernel_set::dot) measure_;
  double query_norm_ = 0;
  double little_ = 0; // what keeps the scores of short vectors finite, for a query of length 1
};

} // namespace detail

/// What a walk needs and the next one can use again.
struct hnsw_scratch {
  std::vector<std::uint16_t> visited; ///< by row: the search that has come to it
  std::uint16_t search = 0;
  std::vector<detail::ranked> ways;  ///< a heap, nearest first: where to go on
  std::vector<detail::ranked> found; ///< a heap, farthest first
  std::vector<std::uint32_t> ahead;
  std::vector<float> unit;
  hnsw_codes::probe probe;
  std::unique_ptr<hnsw_scratch> next; ///< in a chain of those that nobody uses

  /// For a search over so many rows.
  void begin(std::size_t rows);
  [[nodiscard]] std::size_t memory() const noexcept;
};

/// One search through a graph: greedily down to level 0, there best first (algorithms 2 and 5 of
/// the paper). Rows that are not allowed are walked through and not found.
class hnsw_walk {
public:
  /// All must stay; `scratch` has begun. With `codes`, the way is chosen by them.
  hnsw_walk(const hnsw_graph& graph, const vector_rows& rows, const hnsw_codes* codes,
            const kernel_set& kernels, const near_query& query, hnsw_scratch& scratch);

  /// Finds the `effort` > 0 nearest nodes that have an allowed row, as far as the graph leads to
  /// them; false if it came to more than `most` rows before. There is a row. Once.
  bool run(std::size_t effort, std::size_t most);

  /// The allowed rows of what was found that can be among the k nearest of them, since distances
  /// are rounded; of equal ones the first k.
  [[nodiscard]] std::vector<std::uint32_t> best(std::size_t k) const;

private:
  [[nodiscard]] float distance_to(std::uint32_t row) const noexcept;
  [[nodiscard]] bool full() const noexcept { return s_.found.size() == effort_; }
  bool visit(std::uint32_t row) noexcept;
  [[nodiscard]] std::uint32_t descend() const;
  void look_ahead(std::uint32_t from);
  void consider(std::uint32_t row, bool leads_on);
  [[nodiscard]] std::span<const hnsw_graph::twin> twins_of(std::uint32_t node) const noexcept;
  [[nodiscard]] bool allowed(std::uint32_t node) const noexcept;
  void add_rows(std::uint32_t node, std::size_t k, std::vector<std::uint32_t>& rows) const;

  const hnsw_graph& graph_;
  const hnsw_codes* codes_;
  const kernel_set& kernels_;
  const row_mask* among_;
  hnsw_scratch& s_;
  detail::distance_from distance_;
  std::size_t effort_ = 0;
};

} // namespace beaver
