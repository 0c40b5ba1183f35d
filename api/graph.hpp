#pragma once
#include "beaver/actors/graph.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/filter.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// An edge: from one node to another, or to itself, under a label.
template <class T>
struct graph_edge_of {
  std::string source;
  std::string target;
  std::string label;
  std::optional<T> metadata{};
};

/// A way through a graph.
template <class T>
struct graph_path_of {
  std::vector<std::string> nodes;
  std::vector<graph_edge_of<T>> edges; // one for each step
  double length;                       // the number of steps, or the sum of their weights
};

/// A part of a graph.
template <class T>
struct graph_part_of {
  std::vector<graph_visit> nodes;      // the start first
  std::vector<graph_edge_of<T>> edges; // all between these nodes
};

/// Labelled edges between nodes, which are bare ids: a node is there as long as it has an edge. `T`
/// is what the optional metadata of edges is in C++, as for the values of a `dict`.
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes (then
/// every call is `errc::closed`). Ids and labels have 1..1024 bytes of UTF-8; all order is that of
/// bytes. Every call may fail with `error`: invalid_argument, busy, io, full, closed. With `Style`
/// = `async` calls return futures, with `batched` they wait for a commit. Adding, finding and
/// removing one edge cost O(log n), listings O(log n) and their result.
///
/// Where labels and a filter over the metadata are given, as in `{.labels = {{"cites", "extends"}},
/// .where = field("year") > 1990}`, only edges with one of the labels count whose metadata
/// satisfies the filter. For an edge without metadata every path leads nowhere. Each edge that is
/// looked at on the way costs time, and with a filter a pass over its metadata.
///
/// Searches see one instant. They are `errc::full` where they would keep more nodes in memory than
/// `max_nodes` (1,000,000 unless you say more) or look at more edges than `max_edges` (10,000,000),
/// and never give a part of the answer instead. Answers depend on the edges alone, not on the order
/// in which they were added.
template <class T = json_text, class Style = sync>
class graph : public observable<graph<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "graph";
  using edge = graph_edge_of<T>;
  using path = graph_path_of<T>;
  using part = graph_part_of<T>;
  using value_type = edge;

  graph(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Adds an edge, or replaces the metadata of the one that is there. Metadata that is null or an
  /// empty object in JSON is none, as in the Python original.
  reply<void> link(std::string_view source, std::string_view target, std::string_view label,
                   const std::optional<T>& metadata = {}) {
    return style_(graph_link{name_, std::string{source}, std::string{target}, std::string{label},
                             encode(metadata)});
  }

  /// Adds all, in order and at once.
  template <std::ranges::input_range Edges>
  requires std::convertible_to < std::ranges::range_reference_t<Edges>,
  const edge& > reply<void> link_many(Edges&& edges) {
    graph_link_many m{name_, {}};
    for (const edge& e : edges)
      m.edges.push_back({e.source, e.target, e.label, encode(e.metadata)});
    return style_(std::move(m));
  }

  /// Removes an edge; whether there was one.
  reply<bool> unlink(std::string_view source, std::string_view target, std::string_view label) {
    return style_(
      graph_unlink{name_, std::string{source}, std::string{target}, std::string{label}});
  }

  /// Removes all edges of a node, in both directions; gives their number.
  reply<std::uint64_t> unlink_node(std::string_view node) {
    return style_(graph_unlink_node{name_, std::string{node}});
  }

  /// Removes all edges.
  reply<void> clear() { return style_(graph_clear{name_}); }

  // -- reading ------------------------------------------------------------------------------------

  [[nodiscard]] reply<bool> linked(std::string_view source, std::string_view target,
                                   std::string_view label) const requires(Style::reads) {
    return style_(
      graph_linked{name_, std::string{source}, std::string{target}, std::string{label}});
  }

  /// An edge; empty if there is none. type_mismatch if its metadata does not fit `T`.
  [[nodiscard]] reply<std::optional<edge>> find(std::string_view source, std::string_view target,
                                                std::string_view label) const
    requires(Style::reads) {
    return style_(graph_find{name_, std::string{source}, std::string{target}, std::string{label}},
                  [](std::optional<graph_edge> found) {
                    return found ? std::optional{decode(std::move(*found))} : std::nullopt;
                  });
  }

  /// The strict twin of `find`: not_found if there is none.
  [[nodiscard]] reply<edge> get(std::string_view source, std::string_view target,
                                std::string_view label) const requires(Style::reads) {
    graph_find m{name_, std::string{source}, std::string{target}, std::string{label}};
    return style_(m, [m](std::optional<graph_edge> found) {
      if (!found)
        throw error(errc::not_found, "graph '" + m.name + "' has no edge '" + m.source + "' -["
                                       + m.label + "]-> '" + m.target + "'");
      return decode(std::move(*found));
    });
  }

  /// Edges by source, then target, then label, all in memory at once: of the whole graph, or with
  /// `{.node = "ada", .direction = graph_direction::both}` of a node.
  [[nodiscard]] reply<std::vector<edge>> edges(graph_edge_page page = {}) const
    requires(Style::reads) {
    return style_(graph_edges{std::move(page), name_}, decode_all);
  }

  /// The nodes to which edges of this one lead, each once, in order.
  [[nodiscard]] reply<std::vector<std::string>> children(std::string_view node,
                                                         graph_node_page page = {}) const
    requires(Style::reads) {
    return style_(graph_children{std::move(page), name_, std::string{node}});
  }

  /// The nodes whose edges lead to this one, each once, in order.
  [[nodiscard]] reply<std::vector<std::string>> parents(std::string_view node,
                                                        graph_node_page page = {}) const
    requires(Style::reads) {
    return style_(graph_parents{std::move(page), name_, std::string{node}});
  }

  /// Number of edges. Linear in the graph.
  [[nodiscard]] reply<std::uint64_t> count(graph_filter which = {}) const requires(Style::reads) {
    return style_(graph_count{std::move(which), name_});
  }

  /// How many edges a node has in each direction. Linear in them.
  [[nodiscard]] reply<graph_degrees> degree(std::string_view node, graph_filter which = {}) const
    requires(Style::reads) {
    return style_(graph_degree{std::move(which), name_, std::string{node}});
  }

  /// The ids that have an edge, each once, in order. Two lookups for each.
  [[nodiscard]] reply<std::vector<std::string>> nodes(key_range range = {}) const
    requires(Style::reads) {
    return style_(graph_nodes{std::move(range), name_});
  }

  /// The labels in order, with their numbers of edges. Linear in the graph.
  [[nodiscard]] reply<std::vector<graph_label_count>> labels() const requires(Style::reads) {
    return style_(graph_labels{name_});
  }

  [[nodiscard]] reply<graph_summary> info() const requires(Style::reads) {
    return style_(graph_info{name_});
  }

  /// The edges as an input range that holds one page in memory. Each page is one read: what others
  /// change meanwhile shows in later pages. Take a snapshot to see one instant.
  [[nodiscard]] scan<edge, graph_edge_page>
  entries(graph_edge_page page = {}) const requires std::same_as<Style, sync> {
    return {std::move(page), [self = *this](graph_edge_page wanted) {
              scan_page<edge, graph_edge_key> fetched{self.edges(std::move(wanted)), {}};
              if (!fetched.entries.empty()) {
                const auto& last = fetched.entries.back();
                fetched.last = {last.source, last.target, last.label};
              }
              return fetched;
            }};
  }

  [[nodiscard]] auto begin() const requires std::same_as<Style, sync> { return entries().begin(); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // -- searching ----------------------------------------------------------------------------------

  /// The nodes that can be reached from `start`, each once and without the start itself, by the
  /// least number of steps and then by id. With `.paths` each with a way of so many steps.
  [[nodiscard]] reply<std::vector<graph_visit>> walk(std::string_view start,
                                                     graph_walk_options how = {}) const
    requires(Style::reads) {
    return style_(graph_walk{std::move(how), name_, std::string{start}});
  }

  /// A shortest path; empty if there is none. The one with the fewest steps, or with
  /// `{.weight = "km"}` the one with the least sum of the numbers at that path in the metadata. An
  /// edge without a number there has the default weight, or else is type_mismatch, as is a negative
  /// number.
  [[nodiscard]] reply<std::optional<path>>
  shortest_path(std::string_view source, std::string_view target, graph_path_options how = {}) const
    requires(Style::reads) {
    return style_(
      graph_shortest_path{std::move(how), name_, std::string{source}, std::string{target}},
      decode_path);
  }

  /// A node, the nodes up to `.depth` steps away (absent: 1), and all edges between them.
  [[nodiscard]] reply<part> neighbourhood(std::string_view start, graph_part_options how = {}) const
    requires(Style::reads) {
    return style_(graph_neighbourhood{std::move(how), name_, std::string{start}},
                  [](graph_part found) {
                    return part{std::move(found.nodes), decode_all(std::move(found.edges))};
                  });
  }

  // -- the whole graph: it is read into memory, some 100 bytes for a node and 4 for an edge -------

  /// The sets of nodes that hang together, the largest first; with `.strong` those whose nodes can
  /// all be reached from each other.
  [[nodiscard]] reply<std::vector<std::vector<std::string>>>
  components(graph_component_options how = {}) const requires(Style::reads) {
    return style_(graph_components{std::move(how), name_});
  }

  /// PageRank: the nodes by how much leads to them, the highest first. `.personal` starts the
  /// random walks at nodes of your choice; tells whether the ranks have settled.
  [[nodiscard]] reply<graph_ranks> pagerank(graph_rank_options how = {}) const
    requires(Style::reads) {
    return style_(graph_pagerank{std::move(how), name_});
  }

  /// A cycle along the directions of edges, its least node at both ends; empty if there is none.
  [[nodiscard]] reply<std::optional<path>> cycle(graph_selection which = {}) const
    requires(Style::reads) {
    return style_(graph_cycle{std::move(which), name_}, decode_path);
  }

  /// The graph in the language of Graphviz, without metadata: 10,000 nodes and 100,000 edges unless
  /// you say more.
  [[nodiscard]] reply<std::string> dot(graph_selection which = {}) const requires(Style::reads) {
    return style_(graph_dot{std::move(which), name_},
                  [](const bytes& text) { return std::string{text.text()}; });
  }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<graph<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static std::optional<json_text> encode(const std::optional<T>& metadata) {
    return metadata ? std::optional{model<T>::encode(*metadata)} : std::nullopt;
  }

  static edge decode(graph_edge stored) {
    edge e{std::move(stored.source), std::move(stored.target), std::move(stored.label), {}};
    if (stored.metadata)
      e.metadata.emplace(model<T>::decode(*stored.metadata));
    return e;
  }

  static std::vector<edge> decode_all(std::vector<graph_edge> stored) {
    std::vector<edge> all;
    all.reserve(stored.size());
    for (auto& e : stored)
      all.push_back(decode(std::move(e)));
    return all;
  }

  static std::optional<path> decode_path(std::optional<graph_path> found) {
    if (!found)
      return std::nullopt;
    return path{std::move(found->nodes), decode_all(std::move(found->edges)), found->length};
  }

  friend class observable<graph<T, Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
