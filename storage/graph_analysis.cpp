#include "beaver/storage/graph_analysis.hpp"

#include "beaver/storage/graph_view.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace beaver::graph_search {
namespace {

using namespace detail;

/// A node that depth-first search has entered, and how many of its edges it has followed.
struct entered {
  node_number node;
  std::size_t followed = 0;
};

/// For each node a number that those of its component share.
std::vector<node_number> weak_components(const graph_view& graph) {
  std::vector<node_number> parent(graph.size());
  std::iota(parent.begin(), parent.end(), node_number{0});
  const auto root = [&](node_number n) {
    while (parent[n] != n)
      n = parent[n] = parent[parent[n]]; // halves the way of the next
    return n;
  };
  for (node_number n = 0; n < graph.size(); ++n)
    for (const auto target : graph.targets(n)) {
      const auto a = root(n);
      const auto b = root(target);
      parent[std::max(a, b)] = std::min(a, b);
    }
  for (node_number n = 0; n < graph.size(); ++n)
    parent[n] = root(n);
  return parent;
}

/// The same for strong ones. On a stack of its own: a chain may be as long as the graph.
std::vector<node_number> strong_components(const graph_view& graph) {
  constexpr auto none = std::numeric_limits<node_number>::max();
  std::vector<node_number> component(graph.size(), none);
  std::vector<node_number> order(graph.size(), none); // in which nodes were entered
  std::vector<node_number> low(graph.size());         // the earliest that is known to be reached
  std::vector<node_number> open;                      // without a component yet
  std::vector<entered> way;
  node_number next = 0;
  const auto enter = [&](node_number n) {
    order[n] = low[n] = next++;
    open.push_back(n);
    way.push_back({n});
  };
  for (node_number start = 0; start < graph.size(); ++start) {
    if (order[start] == none)
      enter(start);
    while (!way.empty()) {
      auto& [n, followed] = way.back();
      if (const auto targets = graph.targets(n); followed < targets.size()) {
        const auto target = targets[followed++];
        if (order[target] == none)
          enter(target);
        else if (component[target] == none)
          low[n] = std::min(low[n], order[target]);
        continue;
      }
      const auto done = n;
      way.pop_back();
      if (!way.empty())
        low[way.back().node] = std::min(low[way.back().node], low[done]);
      if (low[done] != order[done])
        continue;
      while (component[done] == none) {
        component[open.back()] = done;
        open.pop_back();
      }
    }
  }
  return component;
}

/// The nodes of a cycle in their order, none if there is none.
std::vector<node_number> find_cycle(const graph_view& graph) {
  enum class mark : std::uint8_t { untouched, on_the_way, done };
  std::vector<mark> marks(graph.size(), mark::untouched);
  std::vector<entered> way;
  const auto enter = [&](node_number n) {
    marks[n] = mark::on_the_way;
    way.push_back({n});
  };
  for (node_number start = 0; start < graph.size(); ++start) {
    if (marks[start] == mark::untouched)
      enter(start);
    while (!way.empty()) {
      auto& [n, followed] = way.back();
      const auto targets = graph.targets(n);
      if (followed == targets.size()) {
        marks[n] = mark::done;
        way.pop_back();
        continue;
      }
      const auto target = targets[followed++];
      if (marks[target] == mark::untouched) {
        enter(target);
      } else if (marks[target] == mark::on_the_way) {
        std::vector<node_number> cycle;
        do {
          cycle.push_back(way.back().node);
          way.pop_back();
        } while (cycle.back() != target);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
    }
  }
  return {};
}

/// Where one goes who follows no link: the share of each node.
std::vector<double> jumps(const graph_view& graph, std::string_view name,
                          const graph_rank_options& options) {
  if (!options.personal)
    return std::vector<double>(graph.size(), 1.0 / graph.size());
  std::vector<double> shares(graph.size(), 0);
  double sum = 0;
  for (const auto& [id, weight] : *options.personal)
    sum += weight;
  for (const auto& [id, weight] : *options.personal) {
    const auto n = graph.find(id);
    if (!n)
      throw error(errc::invalid_argument, "personal['" + id + "'] is no node of graph '"
                                            + std::string{name} + "', or has no wanted edge there");
    shares[*n] = weight / sum;
  }
  return shares;
}

} // namespace

std::vector<std::vector<std::string>> components(connection& c, std::string_view name,
                                                 const graph_component_options& options) {
  const graph_view graph{c, name, options.labels, options.where,
                         budget{name, options.max_nodes, options.max_edges}};
  const auto component =
    options.strong.value_or(false) ? strong_components(graph) : weak_components(graph);
  std::vector<std::vector<node_number>> members(graph.size());
  for (node_number n = 0; n < graph.size(); ++n)
    members[component[n]].push_back(n);
  std::erase_if(members, [](const auto& set) { return set.empty(); });
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() > b.size() : a.front() < b.front();
  });
  if (options.limit && *options.limit < members.size())
    members.resize(*options.limit);
  std::vector<std::vector<std::string>> result;
  result.reserve(members.size());
  for (const auto& set : members) {
    auto& ids = result.emplace_back();
    ids.reserve(set.size());
    for (const auto n : set)
      ids.push_back(graph.id(n));
  }
  return result;
}

void check(const graph_rank_options& options) {
  const auto refuse = [](const std::string& what) { throw error(errc::invalid_argument, what); };
  if (options.damping && !(*options.damping >= 0 && *options.damping <= 1))
    refuse("damping must be a number from 0 to 1");
  if (options.tolerance && !(std::isfinite(*options.tolerance) && *options.tolerance >= 0))
    refuse("tolerance must be a number >= 0");
  if (options.max_iterations == 0u)
    refuse("max_iterations must be an integer > 0");
  if (!options.personal)
    return;
  double sum = 0;
  for (const auto& [id, weight] : *options.personal) {
    if (!(std::isfinite(weight) && weight >= 0))
      refuse("personal['" + id + "'] must be a number >= 0");
    sum += weight;
  }
  if (!(std::isfinite(sum) && sum > 0))
    refuse("personal must have weights whose sum is a number > 0");
}

graph_ranks pagerank(connection& c, std::string_view name, const graph_rank_options& options) {
  check(options);
  const graph_view graph{c, name, options.labels, options.where,
                         budget{name, options.max_nodes, options.max_edges}};
  const double damping = options.damping.value_or(0.85);
  const auto jump = jumps(graph, name, options);
  graph_ranks result{{}, 0, graph.size() == 0};
  std::vector<double> rank = jump;
  std::vector<double> next(graph.size());
  while (!result.converged && result.iterations < options.max_iterations.value_or(100)) {
    double stranded = 0; // at nodes without edges out
    for (node_number n = 0; n < graph.size(); ++n)
      if (graph.targets(n).empty())
        stranded += rank[n];
    const double jumping = 1 - damping + damping * stranded;
    for (node_number n = 0; n < graph.size(); ++n)
      next[n] = jumping * jump[n];
    for (node_number n = 0; n < graph.size(); ++n) {
      const auto targets = graph.targets(n);
      if (targets.empty())
        continue;
      const double share = damping * rank[n] / static_cast<double>(targets.size());
      for (const auto target : targets)
        next[target] += share;
    }
    double change = 0;
    for (node_number n = 0; n < graph.size(); ++n)
      change += std::abs(next[n] - rank[n]);
    rank.swap(next);
    ++result.iterations;
    result.converged = change <= options.tolerance.value_or(1e-6);
  }

  std::vector<node_number> order(graph.size());
  std::iota(order.begin(), order.end(), node_number{0});
  const auto wanted = static_cast<std::ptrdiff_t>(
    std::min<std::uint64_t>(order.size(), options.limit.value_or(order.size())));
  std::partial_sort(
    order.begin(), order.begin() + wanted, order.end(),
    [&](node_number a, node_number b) { return rank[a] != rank[b] ? rank[a] > rank[b] : a < b; });
  result.ranks.reserve(static_cast<std::size_t>(wanted));
  for (auto at = order.begin(); at != order.begin() + wanted; ++at)
    result.ranks.push_back({graph.id(*at), rank[*at]});
  return result;
}

std::optional<graph_path> cycle(connection& c, std::string_view name,
                                const graph_selection& which) {
  const graph_view graph{c, name, which.labels, which.where,
                         budget{name, which.max_nodes, which.max_edges}};
  auto found = find_cycle(graph);
  if (found.empty())
    return std::nullopt;
  std::rotate(found.begin(), std::min_element(found.begin(), found.end()), found.end());
  found.push_back(found.front());
  graph_path path{.nodes = {}, .edges = {}, .length = static_cast<double>(found.size() - 1)};
  for (const auto n : found)
    path.nodes.push_back(graph.id(n));
  add_edges(c, name, {.labels = which.labels, .where = which.where}, path);
  return path;
}

} // namespace beaver::graph_search
