#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/storage/graph_analysis.hpp"
#include "beaver/storage/graph_search.hpp"
#include "beaver/storage/graph_table.hpp"

#include <boost/describe/enum.hpp>

namespace beaver {

BOOST_DESCRIBE_ENUM(graph_direction, out, in, both)
BOOST_DESCRIBE_STRUCT(graph_edge, (), (source, target, label, metadata))
BOOST_DESCRIBE_STRUCT(graph_edge_key, (), (source, target, label))
BOOST_DESCRIBE_STRUCT(graph_filter, (), (labels, where))
BOOST_DESCRIBE_STRUCT(graph_edge_page, (),
                      (node, direction, labels, where, after, limit, max_bytes))
BOOST_DESCRIBE_STRUCT(graph_node_page, (), (labels, where, after, limit, max_bytes))
BOOST_DESCRIBE_STRUCT(graph_degrees, (), (out, in))
BOOST_DESCRIBE_STRUCT(graph_label_count, (), (label, edges))
BOOST_DESCRIBE_STRUCT(graph_summary, (), (edges, nodes, labels, bytes))

BOOST_DESCRIBE_STRUCT(graph_walk_options, (),
                      (direction, labels, where, depth, limit, paths, max_nodes, max_edges))
BOOST_DESCRIBE_STRUCT(graph_visit, (), (node, depth, path))
BOOST_DESCRIBE_STRUCT(graph_path_options, (),
                      (direction, labels, where, max_depth, weight, default_weight, max_nodes,
                       max_edges))
BOOST_DESCRIBE_STRUCT(graph_path, (), (nodes, edges, length))
BOOST_DESCRIBE_STRUCT(graph_part_options, (),
                      (direction, labels, where, depth, max_nodes, max_edges))
BOOST_DESCRIBE_STRUCT(graph_part, (), (nodes, edges))
BOOST_DESCRIBE_STRUCT(graph_selection, (), (labels, where, max_nodes, max_edges))
BOOST_DESCRIBE_STRUCT(graph_component_options, (),
                      (strong, limit, labels, where, max_nodes, max_edges))
BOOST_DESCRIBE_STRUCT(graph_rank_options, (),
                      (damping, tolerance, max_iterations, personal, limit, labels, where,
                       max_nodes, max_edges))
BOOST_DESCRIBE_STRUCT(graph_rank, (), (node, rank))
BOOST_DESCRIBE_STRUCT(graph_ranks, (), (ranks, iterations, converged))

// The messages of the data type `graph`: labelled edges between nodes, which are bare ids. Ids and
// labels have 1..1024 bytes of UTF-8; all order is that of bytes. Every message may fail with
// invalid_argument (also for what is no filter), closed, busy, io, full; more is said where it
// applies. What passes `max_nodes` (absent: 1,000,000) or `max_edges` (absent: 10,000,000) is full.

/// Adds an edge, or replaces the metadata of the one that is there. null and {} are no metadata, as
/// in the Python original. Errors: invalid_argument (metadata not JSON).
struct graph_link {
  using reply = void;
  static constexpr endpoint route{verb::put, "/graphs/{name}/edges/{source}/{target}/{label}",
                                  "Add an edge, or replace its metadata."};
  std::string name;
  std::string source;
  std::string target;
  std::string label;
  std::optional<json_text> metadata;
};
BOOST_DESCRIBE_STRUCT(graph_link, (), (name, source, target, label, metadata))

/// Adds all, in order.
struct graph_link_many {
  using reply = void;
  static constexpr endpoint route{verb::post, "/graphs/{name}/link_many", "Add several edges."};
  std::string name;
  std::vector<graph_edge> edges;
};
BOOST_DESCRIBE_STRUCT(graph_link_many, (), (name, edges))

/// Removes an edge; tells whether there was one.
struct graph_unlink {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/graphs/{name}/edges/{source}/{target}/{label}",
                                  .summary = "Remove an edge; tell whether it was there.",
                                  .aliases = "erase delete del remove"};
  std::string name;
  std::string source;
  std::string target;
  std::string label;
};
BOOST_DESCRIBE_STRUCT(graph_unlink, (), (name, source, target, label))

/// Removes all edges of a node, in both directions; gives their number.
struct graph_unlink_node {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::post, "/graphs/{name}/nodes/{node}/unlink",
                                  "Remove all edges of a node."};
  std::string name;
  std::string node;
};
BOOST_DESCRIBE_STRUCT(graph_unlink_node, (), (name, node))

struct graph_linked {
  using reply = bool;
  static constexpr endpoint route{verb::get,
                                  "/graphs/{name}/edges/{source}/{target}/{label}/linked",
                                  "Tell whether an edge is there."};
  std::string name;
  std::string source;
  std::string target;
  std::string label;
};
BOOST_DESCRIBE_STRUCT(graph_linked, (), (name, source, target, label))

/// An edge with its metadata as it is stored; empty if there is none.
struct graph_find {
  using reply = std::optional<graph_edge>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/graphs/{name}/edges/{source}/{target}/{label}",
                                  .summary = "Get an edge with its metadata.",
                                  .aliases = "get fetch"};
  std::string name;
  std::string source;
  std::string target;
  std::string label;
};
BOOST_DESCRIBE_STRUCT(graph_find, (), (name, source, target, label))

/// Edges by source, target and label, of the whole graph or of a node; one from the node to itself
/// comes once.
struct graph_edges : graph_edge_page {
  using reply = std::vector<graph_edge>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/edges",
                                  "List the edges of the graph or of a node."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_edges, (graph_edge_page), (name))

/// The nodes to which edges of this one lead, each once, in order.
struct graph_children : graph_node_page {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/nodes/{node}/children",
                                  "List the nodes to which a node has edges."};
  std::string name;
  std::string node;
};
BOOST_DESCRIBE_STRUCT(graph_children, (graph_node_page), (name, node))

/// The nodes whose edges lead to this one, each once, in order.
struct graph_parents : graph_node_page {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/nodes/{node}/parents",
                                  "List the nodes that have edges to a node."};
  std::string name;
  std::string node;
};
BOOST_DESCRIBE_STRUCT(graph_parents, (graph_node_page), (name, node))

/// Number of edges. Linear in the graph.
struct graph_count : graph_filter {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/graphs/{name}/count", "Count the edges."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_count, (graph_filter), (name))

/// How many edges a node has in each direction.
struct graph_degree : graph_filter {
  using reply = graph_degrees;
  static constexpr endpoint route{verb::get, "/graphs/{name}/nodes/{node}/degree",
                                  "Count the edges of a node."};
  std::string name;
  std::string node;
};
BOOST_DESCRIBE_STRUCT(graph_degree, (graph_filter), (name, node))

/// The ids that have an edge, each once, in order.
struct graph_nodes : key_range {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/nodes", "List the nodes."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_nodes, (key_range), (name))

/// The labels with their numbers of edges. Linear in the graph.
struct graph_labels {
  using reply = std::vector<graph_label_count>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/labels",
                                  "List the labels with their numbers of edges."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_labels, (), (name))

struct graph_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/graphs/{name}/clear", "Remove all edges."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_clear, (), (name))

/// Numbers and bytes. Reads every edge.
struct graph_info {
  using reply = graph_summary;
  static constexpr endpoint route{verb::get, "/graphs/{name}/info", "Describe the graph."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_info, (), (name))

/// The names of all graphs that hold an edge, in order.
struct graph_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/graphs", "List all graphs."};
};
BOOST_DESCRIBE_STRUCT(graph_names, (), ())

/// The nodes that can be reached from one, each once, by the least number of steps, then by id.
struct graph_walk : graph_walk_options {
  using reply = std::vector<graph_visit>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/nodes/{start}/walk",
                                  "List the nodes that can be reached from one."};
  std::string name;
  std::string start;
};
BOOST_DESCRIBE_STRUCT(graph_walk, (graph_walk_options), (name, start))

/// A shortest path by steps, or by weights in the metadata; empty if there is none.
/// Errors: type_mismatch (an edge whose weight is negative, or is missing and has no default).
struct graph_shortest_path : graph_path_options {
  using reply = std::optional<graph_path>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/graphs/{name}/nodes/{source}/shortest_path/{target}",
                                  .summary = "Find a shortest path between two nodes.",
                                  .aliases = "path"};
  std::string name;
  std::string source;
  std::string target;
};
BOOST_DESCRIBE_STRUCT(graph_shortest_path, (graph_path_options), (name, source, target))

/// A node, the nodes around it, and all edges between them.
struct graph_neighbourhood : graph_part_options {
  using reply = graph_part;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/graphs/{name}/nodes/{start}/neighbourhood",
                                  .summary = "Get the part of the graph around a node.",
                                  .aliases = "subgraph"};
  std::string name;
  std::string start;
};
BOOST_DESCRIBE_STRUCT(graph_neighbourhood, (graph_part_options), (name, start))

/// The sets of nodes that hang together, the largest first.
struct graph_components : graph_component_options {
  using reply = std::vector<std::vector<std::string>>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/components",
                                  "List the connected components."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_components, (graph_component_options), (name))

/// PageRank: the nodes by how much leads to them.
struct graph_pagerank : graph_rank_options {
  using reply = graph_ranks;
  static constexpr endpoint route{verb::get, "/graphs/{name}/pagerank",
                                  "Rank the nodes by how much leads to them."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_pagerank, (graph_rank_options), (name))

/// A cycle along the directions of edges, its first node once more at the end; empty if there is
/// none.
struct graph_cycle : graph_selection {
  using reply = std::optional<graph_path>;
  static constexpr endpoint route{verb::get, "/graphs/{name}/cycle", "Find a cycle."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_cycle, (graph_selection), (name))

/// The graph in the language of Graphviz, without metadata. Bounds that are absent: 10,000 nodes,
/// 100,000 edges.
struct graph_dot : graph_selection {
  using reply = bytes;
  static constexpr endpoint route{verb::get, "/graphs/{name}/dot",
                                  "Write the graph in the language of Graphviz."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(graph_dot, (graph_selection), (name))

using graph_messages =
  boost::mp11::mp_list<graph_link, graph_link_many, graph_unlink, graph_unlink_node, graph_linked,
                       graph_find, graph_edges, graph_children, graph_parents, graph_count,
                       graph_degree, graph_nodes, graph_labels, graph_clear, graph_info,
                       graph_names, graph_walk, graph_shortest_path, graph_neighbourhood,
                       graph_components, graph_pagerank, graph_cycle, graph_dot>;

} // namespace beaver
