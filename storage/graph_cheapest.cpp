#include "beaver/storage/aggregate.hpp"
#include "beaver/storage/graph_flood.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <utility>

namespace beaver::graph_search::detail {

namespace {

/// What is better comes first: the cheaper, then the one with fewer steps.
using quality = std::pair<double, std::uint64_t>;

/// A way to a node, as the last of its steps.
struct arrival {
  node_number node;
  std::size_t before; // the arrival that it goes on from; the first one: itself
  quality by;
};

/// Of equal ones, that which was found first.
using waiting_arrival = std::pair<quality, std::size_t>;

} // namespace

step_weight::step_weight(std::string_view name, const graph_path_options& options)
  : name_(name), path_(options.weight.value_or(".")), default_(options.default_weight) {
  reader_.add(json_path{path_});
}

double step_weight::of(const edge_reader& rows) {
  std::optional<double> weight;
  if (const auto json = rows.metadata()) {
    try {
      reader_.read(*json);
      if (const auto& value = reader_[0])
        weight = number_of(*value);
    } catch (const error& e) {
      rows.fail(e);
    }
  }
  if (!weight)
    weight = default_;
  if (weight && *weight >= 0)
    return *weight;
  throw error(errc::type_mismatch,
              "graph '" + std::string{name_} + "': the edge "
                + graph_table::detail::edge_name(rows.source(), rows.target(), rows.label())
                + (weight ? " has a negative number at '" + path_ + "', which no step can cost"
                          : " has no number at '" + path_ + "'; give a default_weight"));
}

std::optional<graph_path> cheapest_path(connection& c, std::string_view name,
                                        std::string_view source, std::string_view target,
                                        const graph_path_options& options) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  constexpr auto never = std::numeric_limits<std::uint64_t>::max();
  const budget bounds{name, options.max_nodes, options.max_edges};
  edge_reader rows{c, name, options.labels, options.where, edge_reader::content::metadata};
  step_weight weight{name, options};
  node_numbers nodes;
  std::vector<arrival> arrivals{{nodes.add(source).first, 0, {0, 0}}};
  // Once a node has been left, no better arrival comes. But where the depth is bounded, a dearer
  // one with fewer steps may still be of use.
  std::vector<quality> best{{0, 0}};
  std::vector<std::uint64_t> left_with{never}; // the fewest steps with which it has been left
  std::priority_queue<waiting_arrival, std::vector<waiting_arrival>, std::greater<>> waiting;
  waiting.push({{0, 0}, 0});
  while (!waiting.empty()) {
    const auto at = waiting.top().second;
    waiting.pop();
    const auto [node, before, by] = arrivals[at];
    const auto [cost, depth] = by;
    if (options.max_depth ? depth >= left_with[node] : left_with[node] != never)
      continue;
    left_with[node] = depth;
    if (nodes[node] == target) {
      graph_path path{.nodes = {nodes[node]}, .edges = {}, .length = cost};
      for (auto i = at; i != arrivals[i].before; i = arrivals[i].before)
        path.nodes.push_back(nodes[arrivals[arrivals[i].before].node]);
      std::reverse(path.nodes.begin(), path.nodes.end());
      return path;
    }
    if (depth == options.max_depth)
      continue;
    rows.read(nodes[node], options.direction.value_or(graph_direction::out));
    while (rows.step()) {
      bounds.edges(rows.looked_at());
      const quality next{cost + weight.of(rows), depth + 1};
      if (next.first == infinity)
        throw error(errc::type_mismatch, "graph '" + std::string{name}
                                           + "': a sum of weights is beyond the range of a double");
      const auto [to, is_new] = nodes.add(rows.neighbour());
      if (is_new) {
        bounds.nodes(nodes.size());
        best.emplace_back(infinity, 0);
        left_with.push_back(never);
      }
      if (options.max_depth ? next.second >= left_with[to] : next >= best[to])
        continue;
      best[to] = next;
      waiting.push({next, arrivals.size()});
      arrivals.push_back({to, at, next});
    }
    bounds.edges(rows.looked_at());
  }
  return std::nullopt;
}

} // namespace beaver::graph_search::detail
