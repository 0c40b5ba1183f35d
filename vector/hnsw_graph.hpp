#pragma once
#include "beaver/vector/metric.hpp"
#include "beaver/vector/rows.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace beaver {

/// A hierarchical navigable small world over the rows of a matrix, which does not change any more.
/// Source: Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using
/// Hierarchical Navigable Small World graphs", arXiv:1603.09320.
///
/// Rows with the same bytes are one node, named by the first of them: of many equal rows each would
/// have only the others as neighbours, and no way would lead out. All nodes are on level 0, and
/// each level has a few of those of the level below.
struct hnsw_graph {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t least_links = 2;
  static constexpr std::size_t most_links = 256;
  static constexpr std::size_t most_levels = 64;

  /// A row that has the bytes of an earlier one.
  struct twin {
    std::uint32_t first;
    std::uint32_t row;

    friend auto operator<=>(const twin&, const twin&) = default;
  };

  metric by = metric::cosine;
  std::size_t links = 0;   ///< M: most neighbours of a node on an upper level, twice on level 0
  std::vector<twin> twins; ///< in order
  /// [row][2 * links]: its neighbours, then `none`. Empty for the row of a twin.
  std::vector<std::uint32_t, large_allocator<std::uint32_t>> lowest;
  /// The nodes of level 1, those that reach higher first. All ways begin at the first, which is
  /// there even if there is no level 1, but not without rows.
  std::vector<std::uint32_t> upper_rows;
  /// For each level from 1 on [place in upper_rows][links]: the places of neighbours, then `none`.
  std::vector<std::vector<std::uint32_t>> upper;
  /// Nodes that no way on level 0 leads to from the first of upper_rows.
  std::vector<std::uint32_t> unreached;

  [[nodiscard]] std::span<const std::uint32_t> links_of(std::uint32_t row) const noexcept {
    return {lowest.data() + row * 2 * links, 2 * links};
  }

  /// Memory of the arrays.
  [[nodiscard]] std::size_t memory() const noexcept;

  /// The graph as bytes, numbers little-endian and without padding:
  ///
  ///     8 bytes    "bvr hnsw"
  ///     u32        version 1
  ///     u32        rows of the matrix
  ///     u32        the metric's number
  ///     u32        M
  ///     u32        number of levels above 0
  ///     u32        number of twins
  ///     u32 each   for each level above 0 its number of nodes
  ///     u32 each   upper_rows
  ///     2 u32 each twins: first, row
  ///     list each  for each node, by row, its neighbours on level 0: a u16 that counts, a u32 each
  ///     list each  for each level above 0, for each node, by place: places
  ///
  /// `unreached` is not among them.
  [[nodiscard]] std::vector<std::byte> write() const;

  /// Throws std::runtime_error unless `bytes` are a graph over `rows` with this metric and M that
  /// `write` could have given: it has exactly these bytes, all numbers are in their bounds, each
  /// neighbour is another node of the same level, twins are equal. Linear in the bytes.
  [[nodiscard]] static hnsw_graph read(std::span<const std::byte> bytes, const vector_rows& rows,
                                       metric by, std::size_t links);

  /// Sets `unreached`. Linear in the links.
  void find_unreached();
};

/// All rows that have the bytes of an earlier one. O(n log n).
[[nodiscard]] std::vector<hnsw_graph::twin> find_twins(const vector_rows& rows);

} // namespace beaver
