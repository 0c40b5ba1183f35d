#pragma once
#include "beaver/storage/graph_analysis.hpp"

#include <string>
#include <string_view>

namespace beaver {

namespace graph_search {

inline constexpr std::uint64_t default_dot_nodes = 10'000;
inline constexpr std::uint64_t default_dot_edges = 100'000;

/// A graph as text in Graphviz's language: a digraph with the name of the graph, a line for each
/// edge in order, its label on it. Metadata is left out. Ids and labels are shown as they are,
/// whatever characters they have. The bounds are 10,000 nodes and 100,000 edges where they are
/// absent: no program can draw what is much larger. Throws `error` full beyond them.
[[nodiscard]] std::string dot(connection& c, std::string_view name, const graph_selection& which);

} // namespace graph_search
} // namespace beaver
