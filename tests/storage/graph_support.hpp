#pragma once
#include "beaver/storage/graph_analysis.hpp"
#include "beaver/storage/graph_dot.hpp"
#include "beaver/storage/graph_search.hpp"
#include "beaver/storage/graph_table.hpp"
#include "table_fixture.hpp"

#include <string>
#include <vector>

namespace beaver::test {

inline std::string text_of(const graph_edge& e) {
  auto text = e.source + '-' + e.label + '>' + e.target;
  if (e.metadata)
    (text += ' ').append(e.metadata->text());
  return text;
}

/// "a-x>b a-y>c": edges, one after the other.
inline std::string text_of(const std::vector<graph_edge>& edges) {
  std::string text;
  for (const auto& e : edges)
    text += (text.empty() ? "" : ", ") + text_of(e);
  return text;
}

/// "a b c"
inline std::string text_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

/// A database with the graph "g".
class graph_fixture : public table_fixture {
public:
  void link(std::string_view source, std::string_view target, std::string_view label = "x",
            std::optional<std::string> metadata = {}) {
    graph_edge e{std::string{source}, std::string{target}, std::string{label}};
    if (metadata)
      e.metadata.emplace(*metadata);
    graph_table::link(c(), "g", e);
  }

  /// Edges with the label "x": "ab bc" from a to b and from b to c.
  void link_all(std::string_view pairs) {
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 3)
      link(pairs.substr(i, 1), pairs.substr(i + 1, 1));
  }

  std::string edges(const graph_edge_page& page = {}) {
    return text_of(graph_table::edges(c(), "g", page));
  }
};

} // namespace beaver::test
