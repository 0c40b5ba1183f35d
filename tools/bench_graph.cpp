#include "beaver/tools/bench_workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* graph_name = "wordnet";
constexpr const char* label = "hypernym";
constexpr std::size_t node_count = 100'000;
constexpr std::size_t edges_per_node = 4;

std::string node(std::size_t n) {
  char text[16];
  std::snprintf(text, sizeof text, "n%08zu", n);
  return text;
}

/// Two files with the same graph: about four edges from each node, to any other.
struct graph_files : twin_databases {
  explicit graph_files(const folder& where) : twin_databases(where, durability::relaxed) {}

  void fill() {
    generator random{1};
    std::vector<graph_edge_of<json_text>> edges;
    for (std::size_t n = 0; n < node_count; ++n)
      for (std::size_t i = 0; i < edges_per_node; ++i)
        edges.push_back({node(n), node(random.below(node_count)), label, {}});
    db.graph(graph_name).link_many(edges);
    raw->begin();
    for (const auto& e : edges)
      raw->link(graph_name, e.source, e.target, e.label);
    raw->commit();
  }
};

/// What a program would write that has the table and nothing else: level by level, with a set of
/// the nodes that it has seen.
std::vector<std::pair<std::string, int>> raw_walk(raw_database& db, const std::string& start,
                                                  int depth) {
  std::vector<std::pair<std::string, int>> found;
  std::unordered_set<std::string> seen{start};
  std::vector<std::string> level{start};
  for (int d = 1; d <= depth && !level.empty(); ++d) {
    std::vector<std::string> next;
    for (const auto& from : level)
      for (auto& to : db.targets_of(graph_name, from))
        if (seen.insert(to).second)
          next.push_back(std::move(to));
    for (const auto& id : next)
      found.emplace_back(id, d);
    level = std::move(next);
  }
  return found;
}

/// One end of the search below.
struct raw_front {
  explicit raw_front(const std::string& start) : came_from{{start, start}}, level{start} {}

  std::unordered_map<std::string, std::string> came_from;
  std::vector<std::string> level;
};

/// The length of a shortest path by breadth-first search from both ends; -1 if there is none.
int raw_path(raw_database& db, const std::string& from, const std::string& to) {
  if (from == to)
    return 0;
  raw_front ahead{from};
  raw_front back{to};
  for (int steps = 1; !ahead.level.empty() && !back.level.empty(); ++steps) {
    const bool forward = ahead.level.size() <= back.level.size();
    auto& mine = forward ? ahead : back;
    auto& other = forward ? back : ahead;
    std::vector<std::string> next;
    for (const auto& id : mine.level)
      for (auto& end : forward ? db.targets_of(graph_name, id) : db.sources_of(graph_name, id)) {
        if (!mine.came_from.emplace(end, id).second)
          continue;
        if (other.came_from.count(end))
          return steps;
        next.push_back(std::move(end));
      }
    mine.level = std::move(next);
  }
  return -1;
}

/// The highest rank: the edges into memory, then the plain loop until the changes are below 1e-6.
double raw_pagerank(raw_database& db) {
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  std::vector<std::uint32_t> degree;
  const auto number = [&](std::string_view id) {
    const auto [at, is_new] =
      numbers.emplace(std::string{id}, static_cast<std::uint32_t>(numbers.size()));
    if (is_new)
      degree.push_back(0);
    return at->second;
  };
  db.each_edge(graph_name, [&](std::string_view source, std::string_view target) {
    const auto from = number(source);
    edges.emplace_back(from, number(target));
    ++degree[from];
  });
  const auto n = static_cast<double>(degree.size());
  std::vector<double> rank(degree.size(), 1 / n);
  std::vector<double> next(degree.size());
  for (double change = 1; change > 1e-6;) {
    double stranded = 0;
    for (std::size_t i = 0; i < rank.size(); ++i)
      if (degree[i] == 0)
        stranded += rank[i];
    next.assign(next.size(), (0.15 + 0.85 * stranded) / n);
    for (const auto& [from, to] : edges)
      next[to] += 0.85 * rank[from] / degree[from];
    change = 0;
    for (std::size_t i = 0; i < rank.size(); ++i)
      change += std::abs(next[i] - rank[i]);
    rank.swap(next);
  }
  return *std::max_element(rank.begin(), rank.end());
}

contest graph_link(const folder& where) {
  auto s = std::make_shared<graph_files>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, graph = s->db.graph(graph_name), random = generator{1}]() mutable {
      const auto source = node(random.below(node_count));
      graph.link(source, node(random.below(node_count)), label);
    }));
  c.baseline.workers.push_back(repeat([s, random = generator{1}]() mutable {
    const auto source = node(random.below(node_count));
    s->raw->begin();
    s->raw->link(graph_name, source, node(random.below(node_count)), label);
    s->raw->commit();
  }));
  return c;
}

contest graph_children(const folder& where) {
  auto s = std::make_shared<graph_files>(where);
  s->fill();
  contest c;
  c.ours.workers.push_back(
    repeat([s, graph = s->db.graph(graph_name), random = generator{2}]() mutable {
      keep(graph.children(node(random.below(node_count))).data());
    }));
  c.baseline.workers.push_back(repeat([s, random = generator{2}]() mutable {
    keep(s->raw->targets_of(graph_name, node(random.below(node_count))).data());
  }));
  return c;
}

contest graph_walk_3_100k(const folder& where) {
  auto s = std::make_shared<graph_files>(where);
  s->fill();
  contest c;
  c.ours.workers.push_back(
    repeat([s, graph = s->db.graph(graph_name), random = generator{3}]() mutable {
      keep(graph.walk(node(random.below(node_count)), {.depth = 3}).data());
    }));
  c.baseline.workers.push_back(repeat([s, random = generator{3}]() mutable {
    keep(raw_walk(*s->raw, node(random.below(node_count)), 3).data());
  }));
  return c;
}

contest graph_shortest_path_100k(const folder& where) {
  auto s = std::make_shared<graph_files>(where);
  s->fill();
  const auto graph = s->db.graph(graph_name);
  for (std::size_t n = 0; n < 20; ++n) { // both have to find the same
    const auto ours = graph.shortest_path(node(n), node(n + 100));
    const int raw = raw_path(*s->raw, node(n), node(n + 100));
    if ((ours ? static_cast<int>(ours->length) : -1) != raw)
      throw std::runtime_error("graph_shortest_path_100k: the paths differ");
  }
  contest c;
  c.ours.workers.push_back(repeat([s, graph, random = generator{4}]() mutable {
    const auto from = node(random.below(node_count));
    keep(graph.shortest_path(from, node(random.below(node_count))));
  }));
  c.baseline.workers.push_back(repeat([s, random = generator{4}]() mutable {
    const auto from = node(random.below(node_count));
    keep(raw_path(*s->raw, from, node(random.below(node_count))));
  }));
  return c;
}

contest graph_pagerank_100k(const folder& where) {
  auto s = std::make_shared<graph_files>(where);
  s->fill();
  const auto graph = s->db.graph(graph_name);
  const double ours = graph.pagerank({.limit = 1}).ranks.at(0).rank;
  if (std::abs(ours - raw_pagerank(*s->raw)) > 1e-9)
    throw std::runtime_error("graph_pagerank_100k: the ranks differ");
  contest c;
  c.ours.workers.push_back(repeat([s, graph] { keep(graph.pagerank({.limit = 10})); }));
  c.baseline.workers.push_back(repeat([s] { keep(raw_pagerank(*s->raw)); }));
  return c;
}

constexpr bench_case cases[] = {
  {"graph_link", "link two random nodes of 100,000, relaxed durability",
   "BEGIN IMMEDIATE, upsert, COMMIT", graph_link},
  {"graph_children", "the children of a random node of 100,000 with 400,000 edges",
   "SELECT DISTINCT, each copied", graph_children},
  {"graph_walk_3_100k", "walk three steps from a random node there, some 80 nodes",
   "the same select for each node, and a set of those seen", graph_walk_3_100k},
  {"graph_shortest_path_100k", "a shortest path between two random nodes there, with its edges",
   "the same search from both ends, over selects", graph_shortest_path_100k},
  {"graph_pagerank_100k", "the ten highest ranks there, from the file",
   "all edges into memory, and a plain loop", graph_pagerank_100k},
};

} // namespace

std::span<const bench_case> graph_cases() { return cases; }

} // namespace beaver::bench
