#include "beaver/storage/graph_search.hpp"

#include "beaver/storage/graph_flood.hpp"

#include <algorithm>
#include <cmath>

namespace beaver::graph_search {
namespace {

using namespace detail;
using content = edge_reader::content;

graph_direction reversed(graph_direction d) {
  if (d == graph_direction::both)
    return d;
  return d == graph_direction::out ? graph_direction::in : graph_direction::out;
}

/// The nodes of a path with the fewest steps; none if there is none.
std::vector<std::string> fewest_steps(connection& c, std::string_view name, std::string_view source,
                                      std::string_view target, const graph_path_options& options) {
  if (source == target)
    return {std::string{source}};
  const budget bounds{name, options.max_nodes, options.max_edges};
  edge_reader rows{c, name, options.labels, options.where};
  const auto direction = options.direction.value_or(graph_direction::out);
  flood ahead{rows, bounds, direction, source};
  flood back{rows, bounds, reversed(direction), target};
  while (!ahead.level().empty() && !back.level().empty()
         && ahead.depth() + back.depth() < options.max_depth.value_or(~std::uint64_t{0})) {
    const bool forward = ahead.level().size() <= back.level().size();
    // One of the two is complete up to its last level, so that the first to meet is on a shortest
    // path.
    const auto met = forward ? ahead.advance(&back) : back.advance(&ahead);
    if (!met)
      continue;
    auto path = ahead.path_to(*ahead.nodes().find(*met));
    auto rest = back.path_to(*back.nodes().find(*met));
    path.insert(path.end(), rest.rbegin() + 1, rest.rend());
    return path;
  }
  return {};
}

} // namespace

void detail::add_edges(connection& c, std::string_view name, const graph_path_options& options,
                       graph_path& path) {
  edge_reader rows{c, name, options.labels, options.where, content::metadata};
  std::optional<step_weight> weight;
  if (options.weight)
    weight.emplace(name, options);
  for (std::size_t i = 1; i < path.nodes.size(); ++i) {
    rows.read_between(path.nodes[i - 1], path.nodes[i],
                      options.direction.value_or(graph_direction::out));
    std::optional<graph_edge> best;
    double least = 0;
    while (rows.step()) {
      const double cost = weight ? weight->of(rows) : 1;
      if (best && !(cost < least || (cost == least && rows.label() < best->label)))
        continue;
      best = rows.edge();
      least = cost;
    }
    path.edges.push_back(std::move(best.value()));
  }
}

std::vector<graph_visit> walk(connection& c, std::string_view name, std::string_view start,
                              const graph_walk_options& options) {
  const budget bounds{name, options.max_nodes, options.max_edges};
  edge_reader rows{c, name, options.labels, options.where};
  flood search{rows, bounds, options.direction.value_or(graph_direction::out), start};
  std::vector<graph_visit> result;
  std::uint64_t on_paths = 0; // ids, which may be many more than nodes
  const auto limit = options.limit.value_or(result.max_size());
  while (result.size() < limit && !search.level().empty()
         && search.depth() < options.depth.value_or(~std::uint64_t{0})) {
    search.advance();
    for (const auto n : search.level()) {
      if (result.size() == limit)
        break;
      auto& visit = result.emplace_back(graph_visit{search.nodes()[n], search.depth()});
      if (!options.paths.value_or(false))
        continue;
      on_paths += search.depth() + 1;
      bounds.nodes(search.nodes().size() + on_paths);
      visit.path = search.path_to(n);
    }
  }
  return result;
}

void check(const graph_path_options& options) {
  if (options.weight) {
    try {
      json_path{*options.weight};
    } catch (const error& e) {
      throw error(e.code(), std::string{"weight: "} + e.what());
    }
  }
  if (!options.default_weight)
    return;
  if (!options.weight)
    throw error(errc::invalid_argument, "default_weight needs weight, the path that it stands for");
  if (!(std::isfinite(*options.default_weight) && *options.default_weight >= 0))
    throw error(errc::invalid_argument, "default_weight must be a number >= 0");
}

std::optional<graph_path> shortest_path(connection& c, std::string_view name,
                                        std::string_view source, std::string_view target,
                                        const graph_path_options& options) {
  check(options);
  std::optional<graph_path> path;
  if (options.weight) {
    path = cheapest_path(c, name, source, target, options);
  } else if (auto nodes = fewest_steps(c, name, source, target, options); !nodes.empty()) {
    path.emplace();
    path->length = static_cast<double>(nodes.size() - 1);
    path->nodes = std::move(nodes);
  }
  if (path)
    add_edges(c, name, options, *path);
  return path;
}

graph_part neighbourhood(connection& c, std::string_view name, std::string_view start,
                         const graph_part_options& options) {
  const budget bounds{name, options.max_nodes, options.max_edges};
  edge_reader steps{c, name, options.labels, options.where};
  flood search{steps, bounds, options.direction.value_or(graph_direction::out), start};
  graph_part result;
  result.nodes.push_back({std::string{start}, 0});
  while (!search.level().empty() && search.depth() < options.depth.value_or(1)) {
    search.advance();
    for (const auto n : search.level())
      result.nodes.push_back({search.nodes()[n], search.depth()});
  }
  std::vector<std::string_view> sources;
  for (const auto& visit : result.nodes)
    sources.push_back(visit.node);
  std::sort(sources.begin(), sources.end());
  edge_reader rows{c, name, options.labels, options.where, content::metadata};
  for (const auto& source : sources) {
    rows.read(source, graph_direction::out);
    while (rows.step()) {
      bounds.edges(steps.looked_at() + rows.looked_at());
      if (search.nodes().find(rows.target()))
        result.edges.push_back(rows.edge());
    }
  }
  return result;
}

} // namespace beaver::graph_search
