#pragma once
#include "beaver/storage/graph_rows.hpp"
#include "beaver/storage/graph_search.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What searches share: numbers for nodes, bounds, and a breadth-first search that goes on when it
// is asked to. For the sources of graphs only.

namespace beaver::graph_search::detail {

using graph_table::detail::edge_reader;
using node_number = std::uint32_t;

/// Keeps the work of a call within its bounds. Throws `error` full beyond them.
class budget {
public:
  budget(std::string_view name, const std::optional<std::uint64_t>& max_nodes,
         const std::optional<std::uint64_t>& max_edges);

  /// There are so many nodes by now.
  void nodes(std::uint64_t n) const {
    if (n > max_nodes_)
      fail(max_nodes_, "node");
  }
  /// So many edges have been looked at by now.
  void edges(std::uint64_t n) const {
    if (n > max_edges_)
      fail(max_edges_, "edge");
  }

private:
  [[noreturn]] void fail(std::uint64_t most, const char* what) const;

  std::string_view name_;
  std::uint64_t max_nodes_;
  std::uint64_t max_edges_;
};

/// Ids with numbers in the order in which they were met. A table with open addressing (Knuth, "The
/// Art of Computer Programming", 6.4, algorithm L) that holds only numbers and parts of hashes:
/// most of the time of a search goes into looking up ids, and this misses the cache less often than
/// the nodes of a standard map.
class node_numbers {
public:
  /// The number of an id, and whether it is new.
  std::pair<node_number, bool> add(std::string_view id);

  [[nodiscard]] std::optional<node_number> find(std::string_view id) const;
  [[nodiscard]] const std::string& operator[](node_number n) const { return ids_[n]; }
  [[nodiscard]] std::size_t size() const noexcept { return ids_.size(); }

private:
  struct slot {
    node_number number = none;
    std::uint32_t hash = 0;
  };
  static constexpr node_number none = std::numeric_limits<node_number>::max();

  /// Where the id is, or else is to be put.
  [[nodiscard]] std::size_t place_of(std::string_view id, std::size_t hash) const;
  void grow();

  std::deque<std::string> ids_;
  std::vector<slot> slots_ = std::vector<slot>(16); // a power of two, at most half of them in use
};

/// Breadth-first search from one node, level by level. Within a level nodes come by id, so that
/// what is found first depends on nothing but the edges. The reader may be used elsewhere between
/// two levels.
class flood {
public:
  flood(edge_reader& rows, const budget& bounds, graph_direction direction, std::string_view start);

  /// One step further. With another search, ends as soon as it meets a node of that one, and gives
  /// it.
  std::optional<std::string> advance(const flood* other = nullptr);

  /// The nodes that the last step has reached, by id. Empty: there are no more.
  [[nodiscard]] const std::vector<node_number>& level() const noexcept { return level_; }
  [[nodiscard]] std::uint64_t depth() const noexcept { return depth_; } // of that level

  [[nodiscard]] const node_numbers& nodes() const noexcept { return nodes_; }

  /// The way from the start to a node that has been reached, both included.
  [[nodiscard]] std::vector<std::string> path_to(node_number n) const;

private:
  edge_reader& rows_;
  const budget& bounds_;
  graph_direction direction_;
  node_numbers nodes_;
  std::vector<node_number> came_from_{0}; // the start: from itself
  std::vector<node_number> level_{0};
  std::uint64_t depth_ = 0;
};

/// The cheapest path by weights in the metadata. `edges` of the result are left empty.
[[nodiscard]] std::optional<graph_path> cheapest_path(connection& c, std::string_view name,
                                                      std::string_view source,
                                                      std::string_view target,
                                                      const graph_path_options& options);

/// Puts in the edges by which the steps of a path go.
void add_edges(connection& c, std::string_view name, const graph_path_options& options,
               graph_path& path);

/// What steps along edges cost.
class step_weight {
public:
  /// `name` must outlive it. Throws `error` invalid_argument for a bad path.
  step_weight(std::string_view name, const graph_path_options& options);

  /// Throws `error` type_mismatch if the edge has no number >= 0, corrupt if its metadata is not
  /// JSON.
  [[nodiscard]] double of(const edge_reader& rows);

private:
  std::string_view name_;
  std::string path_;
  std::optional<double> default_;
  path_reader reader_;
};

} // namespace beaver::graph_search::detail
