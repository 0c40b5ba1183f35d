#pragma once
#include "beaver/storage/graph_analysis.hpp"

#include <string>
#include <string_view>

namespace beaver {

/// A graph as text in Graphviz's language.
namespace graph_dot {

inline constexpr std::uint64_t default_max_nodes = 10'000;
inline constexpr std::uint64_t default_max_edges = 100'000;

/// A digraph with the name of the graph, a line for each edge in order, its label on it; metadata
/// is left out. Ids and labels are shown as they are, whatever characters they have. The bounds are
/// those of `graph_search`, but 10,000 nodes and 100,000 edges where they are absent: what is much
/// larger no program can draw. Throws `error` full beyond them.
[[nodiscard]] std::string write(connection& c, std::string_view name, const graph_selection& which);

} // namespace graph_dot
} // namespace beaver
