#pragma once
#include "beaver/storage/graph_search.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// Which edges of a graph are looked at, and how many.
struct graph_selection {
  std::optional<std::vector<std::string>> labels{}; // as in `graph_filter`
  std::optional<json_text> where{};
  std::optional<std::uint64_t> max_nodes{}; // as in `graph_search`
  std::optional<std::uint64_t> max_edges{};
};

/// Which components are wanted.
struct graph_component_options {
  std::optional<bool> strong{};         // true: edges count in their direction only
  std::optional<std::uint64_t> limit{}; // so many, the largest; absent: all
  std::optional<std::vector<std::string>> labels{};
  std::optional<json_text> where{};
  std::optional<std::uint64_t> max_nodes{};
  std::optional<std::uint64_t> max_edges{};
};

/// How ranks are computed.
struct graph_rank_options {
  std::optional<double> damping{};               // that a link is followed, 0..1; absent: 0.85
  std::optional<double> tolerance{};             // sum of changes at which it ends; absent: 1e-6
  std::optional<std::uint64_t> max_iterations{}; // absent: 100
  /// Where one goes who follows no link: nodes with weights >= 0, of any sum > 0. Absent: to all
  /// nodes alike.
  std::optional<std::map<std::string, double>> personal{};
  std::optional<std::uint64_t> limit{}; // so many, the highest; absent: all
  std::optional<std::vector<std::string>> labels{};
  std::optional<json_text> where{};
  std::optional<std::uint64_t> max_nodes{};
  std::optional<std::uint64_t> max_edges{};
};

struct graph_rank {
  std::string node;
  double rank; // all together make 1
};

struct graph_ranks {
  std::vector<graph_rank> ranks; // the highest first, equal ones by id
  std::uint64_t iterations;
  bool converged; // false: `max_iterations` came first
};

/// What is computed over a whole graph, which is read into memory at once: some 100 bytes and the
/// id for a node, 4 bytes for an edge. The bounds are those of `graph_search`.
namespace graph_search {

/// The sets of nodes that hang together, the largest first, those of one size by their least id;
/// each in order. Weak components disregard the directions of edges; in strong ones each node can
/// be reached from each other. Linear. Strong ones by Tarjan, "Depth-first search and linear graph
/// algorithms" (1972), weak ones by his union-find of 1975.
[[nodiscard]] std::vector<std::vector<std::string>>
components(connection& c, std::string_view name, const graph_component_options& options);

/// PageRank: Page, Brin, Motwani and Winograd, "The PageRank citation ranking" (1998), by power
/// iteration. Each edge counts, so that two under different labels have twice the weight. A node
/// without edges out is left for where `personal` says. Linear in the graph for each iteration.
/// Throws `error` invalid_argument for options out of their range, and for a personal weight of
/// what is no node.
[[nodiscard]] graph_ranks pagerank(connection& c, std::string_view name,
                                   const graph_rank_options& options);

/// Throws `error` invalid_argument that names the member.
void check(const graph_rank_options& options);

/// A cycle along the directions of edges; empty if there is none. Its least node comes first and,
/// once more, last. Of several it is always the same one. Depth-first, linear.
[[nodiscard]] std::optional<graph_path> cycle(connection& c, std::string_view name,
                                              const graph_selection& which);

} // namespace graph_search
} // namespace beaver
