#pragma once
#include "beaver/storage/graph_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// How far a search goes, and along which edges.
struct graph_walk_options {
  std::optional<graph_direction> direction{};       // in which edges are followed; absent: out
  std::optional<std::vector<std::string>> labels{}; // as in `graph_filter`
  std::optional<json_text> where{};
  std::optional<std::uint64_t> depth{};     // steps from the start; absent: any number
  std::optional<std::uint64_t> limit{};     // so many nodes are enough; absent: all
  std::optional<bool> paths{};              // true: with the way to each node
  std::optional<std::uint64_t> max_nodes{}; // bounds of the work, see `graph_search`
  std::optional<std::uint64_t> max_edges{};
};

/// A node that a search has reached.
struct graph_visit {
  std::string node;
  std::uint64_t depth;                            // steps from the start
  std::optional<std::vector<std::string>> path{}; // from the start to the node, both included
};

/// How a path has to be.
struct graph_path_options {
  std::optional<graph_direction> direction{};
  std::optional<std::vector<std::string>> labels{};
  std::optional<json_text> where{};
  std::optional<std::uint64_t> max_depth{}; // most steps; absent: any number
  std::optional<std::string> weight{};      // path in the metadata to what a step costs; absent: 1
  std::optional<double> default_weight{};   // of an edge that has no number there
  std::optional<std::uint64_t> max_nodes{};
  std::optional<std::uint64_t> max_edges{};
};

/// A way through a graph.
struct graph_path {
  std::vector<std::string> nodes;
  std::vector<graph_edge> edges; // one for each step; against its direction, if that was wanted
  double length = 0;             // the number of steps, or the sum of their weights
};

/// Which part of a graph is wanted.
struct graph_part_options {
  std::optional<graph_direction> direction{};
  std::optional<std::vector<std::string>> labels{};
  std::optional<json_text> where{};
  std::optional<std::uint64_t> depth{}; // steps from the start; absent: 1
  std::optional<std::uint64_t> max_nodes{};
  std::optional<std::uint64_t> max_edges{};
};

/// A part of a graph.
struct graph_part {
  std::vector<graph_visit> nodes; // the start first
  std::vector<graph_edge> edges;  // all wanted ones between these nodes, in the order of edges
};

/// Searches that begin at a node and read the edges of one node after the other, so that they cost
/// what they reach, not what the graph holds. For calls inside a read transaction, or the caller's
/// write transaction. Errors are those of `graph_table`, and these bounds:
///
/// - `max_nodes`: nodes that are kept in memory, one on the path to another once more; absent:
///   1,000,000; at most 4,294,967,295;
/// - `max_edges`: edges that are looked at; absent: 10,000,000.
///
/// A search that would pass one is `error` full: there is no answer that is only a part. Answers
/// depend on the edges alone, not on the order in which they were added.
namespace graph_search {

inline constexpr std::uint64_t default_max_nodes = 1'000'000;
inline constexpr std::uint64_t default_max_edges = 10'000'000;

/// The nodes that can be reached from `start`, each once and without the start itself: by depth,
/// then by id. Breadth-first, so the depth is the least number of steps. The path of a node is one
/// of that many steps. Nothing, if the start has no edge.
[[nodiscard]] std::vector<graph_visit> walk(connection& c, std::string_view name,
                                            std::string_view start,
                                            const graph_walk_options& options);

/// Throws `error` invalid_argument that names the member: a bad path to weights, a default without
/// such a path, or one that is no finite number >= 0.
void check(const graph_path_options& options);

/// A shortest path; empty if there is none. From a node to itself it has no steps.
///
/// Without a weight the one with the fewest steps: breadth-first from both ends, the narrower one
/// first (Pohl, "Bi-directional search", 1971). With a weight the one with the least sum, and of
/// those with the same the fewest steps: Dijkstra, "A note on two problems in connexion with
/// graphs" (1959); with a weight and `max_depth` a node is passed again by a dearer way if that is
/// the shorter.
///
/// Of several edges between two nodes a step takes the cheapest, then the one with the least label.
/// Of equally good paths it is always the same one. Throws `error` type_mismatch for an edge that
/// has a negative weight, or none and there is no default; only edges that are looked at matter.
[[nodiscard]] std::optional<graph_path> shortest_path(connection& c, std::string_view name,
                                                      std::string_view source,
                                                      std::string_view target,
                                                      const graph_path_options& options);

/// The nodes that `walk` gives, the start in front, and the edges between them.
[[nodiscard]] graph_part neighbourhood(connection& c, std::string_view name, std::string_view start,
                                       const graph_part_options& options);

} // namespace graph_search
} // namespace beaver
