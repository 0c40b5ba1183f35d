#include "beaver/storage/graph_view.hpp"

#include <algorithm>
#include <numeric>

namespace beaver::graph_search::detail {

graph_view::graph_view(connection& c, std::string_view name,
                       const std::optional<std::vector<std::string>>& labels,
                       const std::optional<json_text>& where, const budget& bounds) {
  // Sources come in order, so that the targets already stand where they belong; only the numbers,
  // which were given as nodes were met, have to be put in order.
  node_numbers met;
  std::vector<std::size_t> degrees; // by those numbers
  const auto number_of = [&](std::string_view id) {
    const auto [n, is_new] = met.add(id);
    if (is_new) {
      bounds.nodes(met.size());
      degrees.push_back(0);
    }
    return n;
  };
  edge_reader rows{c, name, labels, where};
  rows.read_all();
  std::optional<node_number> source;
  while (rows.step()) {
    bounds.edges(rows.looked_at());
    if (!source || met[*source] != rows.source())
      source = number_of(rows.source());
    ++degrees[*source];
    targets_.push_back(number_of(rows.target()));
  }
  bounds.edges(rows.looked_at());

  std::vector<node_number> order(met.size());
  std::iota(order.begin(), order.end(), node_number{0});
  std::sort(order.begin(), order.end(),
            [&](node_number a, node_number b) { return met[a] < met[b]; });
  std::vector<node_number> rank(met.size());
  ids_.reserve(order.size());
  begins_.reserve(order.size() + 1);
  begins_.push_back(0);
  for (const auto n : order) {
    rank[n] = static_cast<node_number>(ids_.size());
    ids_.push_back(met[n]);
    begins_.push_back(begins_.back() + degrees[n]);
  }
  for (auto& target : targets_)
    target = rank[target];
}

std::optional<node_number> graph_view::find(std::string_view id) const {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id)
    return std::nullopt;
  return static_cast<node_number>(found - ids_.begin());
}

} // namespace beaver::graph_search::detail
