#pragma once
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/key_range.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// An edge of a graph: from one node to another, or to itself, under a label. There is at most one
/// edge with the same three.
struct graph_edge {
  std::string source;
  std::string target;
  std::string label;
  std::optional<json_text> metadata{};
};

/// Where an edge stands in the order of all: by source, then target, then label, by bytes.
struct graph_edge_key {
  std::string source;
  std::string target;
  std::string label;
};

/// Which edges of a node: those that begin there, those that end there, or all of them.
enum class graph_direction : std::uint8_t { out, in, both };

/// Which edges are counted. Both conditions apply together.
struct graph_filter {
  std::optional<std::vector<std::string>> labels{}; // edges with one of them; absent: any label
  std::optional<json_text> where{}; // edges whose metadata satisfies this filter, in its wire form
};

/// Which edges a listing covers.
struct graph_edge_page {
  std::optional<std::string> node{};          // edges of this node; absent: of the whole graph
  std::optional<graph_direction> direction{}; // seen from the node; absent: out
  std::optional<std::vector<std::string>> labels{}; // as in `graph_filter`
  std::optional<json_text> where{};
  std::optional<graph_edge_key> after{};    // edges behind this place: the next page
  std::optional<std::uint64_t> limit{};     // absent: all
  std::optional<std::uint64_t> max_bytes{}; // as in `key_range`
};

/// Which neighbours a listing covers.
struct graph_node_page {
  std::optional<std::vector<std::string>> labels{}; // by an edge as in `graph_filter`
  std::optional<json_text> where{};
  std::optional<std::string> after{};       // nodes behind this one: the next page
  std::optional<std::uint64_t> limit{};     // absent: all
  std::optional<std::uint64_t> max_bytes{}; // as in `key_range`
};

/// How many edges a node has. One from the node to itself counts on both sides.
struct graph_degrees {
  std::uint64_t out;
  std::uint64_t in;
};

/// A label, and how many edges carry it.
struct graph_label_count {
  std::string label;
  std::uint64_t edges;
};

/// What a graph holds.
struct graph_summary {
  std::uint64_t edges;
  std::uint64_t nodes; // that have an edge
  std::uint64_t labels;
  std::uint64_t bytes; // of ids, labels and metadata
};

/// All SQL of the data type `graph`: labelled edges between nodes, which are bare ids: a node is
/// there as long as it has an edge.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names, ids and labels are taken as they come, metadata as it stands:
/// the caller has checked and normalised them. All order is that of bytes. Any may throw `error`
/// busy, io, full or corrupt from SQLite.
///
/// A filter is given in its wire form (storage/filter_tree.hpp) and has been checked: a wrong one
/// is invalid_argument here too. For an edge without metadata every path leads nowhere, so that
/// `exists` of "." tells which edges have some. Each edge that a filter looks at costs a pass over
/// its metadata; one whose metadata is not JSON, which another program may have stored, is `error`
/// corrupt.
///
/// Another program may have stored ids or labels that are BLOBs. Such edges are out of reach of all
/// but `clear`.
namespace graph_table {

/// Adds an edge, or replaces the metadata of the one that is there. O(log n).
void link(connection& c, std::string_view name, const graph_edge& edge);

/// Adds all, in order: of two that are the same the last one stays.
void link_many(connection& c, std::string_view name, std::span<const graph_edge> edges);

/// Removes an edge; tells whether there was one. O(log n).
bool unlink(connection& c, std::string_view name, std::string_view source, std::string_view target,
            std::string_view label);

/// Removes all edges of a node, in both directions; gives their number.
std::uint64_t unlink_node(connection& c, std::string_view name, std::string_view node);

/// Removes all edges; gives their number.
std::uint64_t clear(connection& c, std::string_view name);

[[nodiscard]] bool linked(connection& c, std::string_view name, std::string_view source,
                          std::string_view target, std::string_view label);

[[nodiscard]] std::optional<graph_edge> find(connection& c, std::string_view name,
                                             std::string_view source, std::string_view target,
                                             std::string_view label);

/// Edges in the order of `graph_edge_key`, whatever the direction; an edge from the node to itself
/// comes once. O(log n) and linear in the edges up to the last one given.
///
/// In a file that can only be read and that no release with graphs has written to, edges that end
/// at a node are sorted for each page.
[[nodiscard]] std::vector<graph_edge> edges(connection& c, std::string_view name,
                                            const graph_edge_page& page);

/// The ids at the other ends of the edges that begin at `node`, each once, in order. Costs what
/// `edges` costs.
[[nodiscard]] std::vector<std::string> children(connection& c, std::string_view name,
                                                std::string_view node, const graph_node_page& page);

/// The same of the edges that end there.
[[nodiscard]] std::vector<std::string> parents(connection& c, std::string_view name,
                                               std::string_view node, const graph_node_page& page);

/// Number of edges. Linear in the graph.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name, const graph_filter& which);

/// Linear in the edges of the node.
[[nodiscard]] graph_degrees degree(connection& c, std::string_view name, std::string_view node,
                                   const graph_filter& which);

/// The ids that are an end of an edge, each once, in order. Two lookups for each.
[[nodiscard]] std::vector<std::string> nodes(connection& c, std::string_view name,
                                             const key_range& range);

/// The labels in order. Linear in the graph.
[[nodiscard]] std::vector<graph_label_count> labels(connection& c, std::string_view name);

/// Reads every edge of the graph.
[[nodiscard]] graph_summary info(connection& c, std::string_view name);

/// The names of all graphs that hold an edge, in order. A lookup per name.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace graph_table
} // namespace beaver
