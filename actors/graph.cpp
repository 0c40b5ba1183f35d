#include "beaver/actors/graph.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/storage/graph_dot.hpp"

namespace beaver {
using graph_wire = detail::wire_block<graph_messages, 22000>;
}
BEAVER_WIRE_BLOCK(beaver::graph_wire)

namespace beaver {

namespace {

/// Checks an edge, or a message that has its members, and brings its metadata into normal form.
template <class E>
void check_edge(const std::string& prefix, E& edge) {
  check_key(prefix + "source", edge.source);
  check_key(prefix + "target", edge.target);
  check_key(prefix + "label", edge.label);
  if constexpr (requires { edge.metadata; }) {
    if (!edge.metadata)
      return;
    normalise(prefix + "metadata", *edge.metadata);
    if (edge.metadata->text() == "null" || edge.metadata->text() == "{}")
      edge.metadata.reset(); // the Python original stores both as no metadata
  }
}

struct graph_operations {
  static constexpr std::string_view type = "graph";

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("graph", m.name);
    if constexpr (requires { m.start; })
      check_key("start", m.start);
    if constexpr (std::same_as<M, graph_edges>) {
      if (m.node)
        check_key("node", *m.node);
    } else if constexpr (requires { m.node; }) {
      check_key("node", m.node);
    }
    if constexpr (requires {
                    m.source;
                    m.label;
                  }) {
      check_edge("", m);
    } else if constexpr (requires { m.source; }) {
      check_key("source", m.source);
      check_key("target", m.target);
    }
    if constexpr (requires { m.labels; })
      if (m.labels)
        for (std::size_t i = 0; i < m.labels->size(); ++i)
          check_key("labels[" + std::to_string(i) + ']', (*m.labels)[i]);
    if constexpr (requires { m.where; })
      normalise_filter(m.where);
    if constexpr (requires { m.edges; })
      for (std::size_t i = 0; i < m.edges.size(); ++i)
        check_edge("edges[" + std::to_string(i) + "].", m.edges[i]);
    if constexpr (requires { graph_search::check(m); })
      graph_search::check(m);
  }

  static void run(job_context& x, const graph_link& m) {
    graph_table::link(x.db, m.name, {m.source, m.target, m.label, m.metadata});
  }
  static void run(job_context& x, const graph_link_many& m) {
    graph_table::link_many(x.db, m.name, m.edges);
  }
  static auto run(job_context& x, const graph_unlink& m) {
    return graph_table::unlink(x.db, m.name, m.source, m.target, m.label);
  }
  static auto run(job_context& x, const graph_unlink_node& m) {
    return graph_table::unlink_node(x.db, m.name, m.node);
  }
  static auto run(job_context& x, const graph_linked& m) {
    return graph_table::linked(x.db, m.name, m.source, m.target, m.label);
  }
  static auto run(job_context& x, const graph_find& m) {
    return graph_table::find(x.db, m.name, m.source, m.target, m.label);
  }
  static auto run(job_context& x, const graph_edges& m) {
    return graph_table::edges(x.db, m.name, m);
  }
  static auto run(job_context& x, const graph_children& m) {
    return graph_table::children(x.db, m.name, m.node, m);
  }
  static auto run(job_context& x, const graph_parents& m) {
    return graph_table::parents(x.db, m.name, m.node, m);
  }
  static auto run(job_context& x, const graph_count& m) {
    return graph_table::count(x.db, m.name, m);
  }
  static auto run(job_context& x, const graph_degree& m) {
    return graph_table::degree(x.db, m.name, m.node, m);
  }
  static auto run(job_context& x, const graph_nodes& m) {
    return graph_table::nodes(x.db, m.name, m);
  }
  static auto run(job_context& x, const graph_labels& m) {
    return graph_table::labels(x.db, m.name);
  }
  static void run(job_context& x, const graph_clear& m) { graph_table::clear(x.db, m.name); }
  static auto run(job_context& x, const graph_info& m) { return graph_table::info(x.db, m.name); }
  static auto run(job_context& x, const graph_names&) { return graph_table::names(x.db); }
  static auto run(job_context& x, const graph_walk& m) {
    return graph_search::walk(x.db, m.name, m.start, m);
  }
  static auto run(job_context& x, const graph_shortest_path& m) {
    return graph_search::shortest_path(x.db, m.name, m.source, m.target, m);
  }
  static auto run(job_context& x, const graph_neighbourhood& m) {
    return graph_search::neighbourhood(x.db, m.name, m.start, m);
  }
  static auto run(job_context& x, const graph_components& m) {
    return graph_search::components(x.db, m.name, m);
  }
  static auto run(job_context& x, const graph_pagerank& m) {
    return graph_search::pagerank(x.db, m.name, m);
  }
  static auto run(job_context& x, const graph_cycle& m) {
    return graph_search::cycle(x.db, m.name, m);
  }
  static auto run(job_context& x, const graph_dot& m) {
    return bytes{graph_search::dot(x.db, m.name, m)};
  }
};

} // namespace

const data_type& graph_type() {
  return detail::describe_table_type<graph_operations, graph_wire, graph_messages>("graph",
                                                                                   "graphs");
}

} // namespace beaver
