#include "beaver/storage/graph_dot.hpp"

#include "beaver/storage/graph_flood.hpp"

namespace beaver::graph_search {
namespace {

using namespace detail;

/// As a quoted ID that is also right where it is shown: there, backslashes and ampersands begin
/// escapes. Different texts stay different.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '&':
      out += "&amp;";
      break;
    case '\n':
      out += "\\n";
      break;
    default:
      out += c;
    }
  }
  out += '"';
}

} // namespace

std::string dot(connection& c, std::string_view name, const graph_selection& which) {
  const budget bounds{name, which.max_nodes.value_or(default_dot_nodes),
                      which.max_edges.value_or(default_dot_edges)};
  edge_reader rows{c, name, which.labels, which.where};
  node_numbers nodes;
  std::string out = "digraph ";
  append_quoted(out, name);
  out += " {\n";
  rows.read_all();
  while (rows.step()) {
    bounds.edges(rows.looked_at());
    nodes.add(rows.source());
    nodes.add(rows.target());
    bounds.nodes(nodes.size());
    out += "  ";
    append_quoted(out, rows.source());
    out += " -> ";
    append_quoted(out, rows.target());
    out += " [label=";
    append_quoted(out, rows.label());
    out += "];\n";
  }
  return out += "}\n";
}

} // namespace beaver::graph_search
