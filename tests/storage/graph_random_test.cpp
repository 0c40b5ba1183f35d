#include "graph_support.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

using namespace beaver;
using namespace beaver::test;

namespace {

using direction = graph_direction;

/// A small graph as matrices and lists, and the textbook's answers by the slowest and surest way.
class oracle {
public:
  struct edge {
    std::size_t from;
    std::size_t to;
    std::string label;
    double weight;
  };

  explicit oracle(dice& d) : size_(d.below(9) + 1) {
    // Few edges make many parts, many make cycles; the ends may be the same.
    for (auto n = d.below(size_ * (d.one_in(3) ? 4 : 2)); n > 0; --n)
      add({d.below(size_), d.below(size_), d.one_in(3) ? "y" : "x",
           static_cast<double>(d.below(12)) / 2});
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] std::vector<graph_edge> edges() const {
    std::vector<graph_edge> all;
    for (const auto& e : edges_) {
      std::string metadata = R"({"w": )";
      json::append_double(metadata, e.weight);
      all.push_back({name(e.from), name(e.to), e.label, json_text{metadata + '}'}});
    }
    return all;
  }

  /// Ids whose order is not that of the numbers.
  [[nodiscard]] static std::string name(std::size_t n) {
    static const std::vector<std::string> names{"k", "b", "é", "A", "zz", "z", "0", "\x7f", "m"};
    return names[n];
  }

  /// The edges that a search may follow, as steps from one node to another.
  [[nodiscard]] std::vector<edge> steps(direction way,
                                        const std::optional<std::string>& label = {}) const {
    std::vector<edge> all;
    for (const auto& e : edges_) {
      if (label && e.label != *label)
        continue;
      if (way != direction::in)
        all.push_back(e);
      if (way != direction::out)
        all.push_back({e.to, e.from, e.label, e.weight});
    }
    return all;
  }

  /// Least sums of weights from a node by at most so many steps: Bellman and Ford.
  [[nodiscard]] std::vector<double> distances(std::size_t from, const std::vector<edge>& steps,
                                              std::size_t most, bool weighted) const {
    std::vector<double> least(size_, infinity);
    least[from] = 0;
    for (std::size_t round = 0; round < most; ++round) {
      auto next = least;
      for (const auto& s : steps)
        next[s.to] = std::min(next[s.to], least[s.from] + (weighted ? s.weight : 1));
      least = next;
    }
    return least;
  }

  /// Which node can be reached from which, by any number of steps: Warshall.
  [[nodiscard]] std::vector<std::vector<bool>> closure(const std::vector<edge>& steps,
                                                       bool itself) const {
    std::vector<std::vector<bool>> reach(size_, std::vector<bool>(size_));
    for (const auto& s : steps)
      reach[s.from][s.to] = true;
    for (std::size_t n = 0; n < size_; ++n)
      reach[n][n] = reach[n][n] || itself;
    for (std::size_t k = 0; k < size_; ++k)
      for (std::size_t i = 0; i < size_; ++i)
        for (std::size_t j = 0; j < size_; ++j)
          if (reach[i][k] && reach[k][j])
            reach[i][j] = true;
    return reach;
  }

  /// Nodes that have an edge.
  [[nodiscard]] std::set<std::size_t> nodes() const {
    std::set<std::size_t> all;
    for (const auto& e : edges_) {
      all.insert(e.from);
      all.insert(e.to);
    }
    return all;
  }

  /// PageRank: the system of equations, by Gauss and Jordan.
  [[nodiscard]] std::map<std::string, double> ranks(double damping) const {
    const auto all = nodes();
    const std::vector<std::size_t> order(all.begin(), all.end());
    const auto n = order.size();
    std::vector<std::vector<double>> m(n, std::vector<double>(n + 1, 0));
    for (std::size_t row = 0; row < n; ++row) {
      m[row][row] = 1;
      m[row][n] = (1 - damping) / static_cast<double>(n);
    }
    for (std::size_t from = 0; from < n; ++from) {
      std::vector<double> share(n, 0);
      double out = 0;
      for (const auto& e : edges_)
        if (e.from == order[from]) {
          ++share[static_cast<std::size_t>(std::find(order.begin(), order.end(), e.to)
                                           - order.begin())];
          ++out;
        }
      for (std::size_t to = 0; to < n; ++to)
        m[to][from] -= damping * (out > 0 ? share[to] / out : 1.0 / static_cast<double>(n));
    }
    for (std::size_t pivot = 0; pivot < n; ++pivot) {
      std::size_t best = pivot;
      for (std::size_t row = pivot; row < n; ++row)
        if (std::abs(m[row][pivot]) > std::abs(m[best][pivot]))
          best = row;
      std::swap(m[pivot], m[best]);
      for (std::size_t row = 0; row < n; ++row) {
        if (row == pivot)
          continue;
        const double factor = m[row][pivot] / m[pivot][pivot];
        for (std::size_t column = pivot; column <= n; ++column)
          m[row][column] -= factor * m[pivot][column];
      }
    }
    std::map<std::string, double> result;
    for (std::size_t row = 0; row < n; ++row)
      result[name(order[row])] = m[row][n] / m[row][row];
    return result;
  }

  static constexpr double infinity = std::numeric_limits<double>::infinity();

private:
  void add(const edge& e) {
    for (auto& old : edges_)
      if (old.from == e.from && old.to == e.to && old.label == e.label) {
        old.weight = e.weight;
        return;
      }
    edges_.push_back(e);
  }

  std::size_t size_;
  std::vector<edge> edges_;
};

class random_graphs : public graph_fixture {
public:
  void run() {
    BOOST_TEST_CONTEXT("seed " << seed_) {
      const int graphs = long_tests() ? 20'000 : 1'000;
      for (int i = 0; i < graphs; ++i) {
        const oracle o{dice_};
        write([&] {
          graph_table::clear(c(), "g");
          graph_table::link_many(c(), "g", shuffled(o.edges()));
        });
        BOOST_TEST_CONTEXT(text_of(graph_table::edges(c(), "g", {}))) {
          compare_searches(o);
          compare_components(o);
          compare_cycle(o);
          compare_ranks(o);
        }
      }
    }
    BOOST_TEST(paths_ > 100); // a test of something
    BOOST_TEST(cycles_ > 100);
    BOOST_TEST(cycles_ < 900 * (long_tests() ? 20 : 1));
  }

private:
  std::vector<graph_edge> shuffled(std::vector<graph_edge> edges) {
    for (std::size_t i = edges.size(); i > 1; --i)
      std::swap(edges[i - 1], edges[dice_.below(i)]);
    return edges;
  }

  void compare_searches(const oracle& o) {
    const auto way = static_cast<direction>(dice_.below(3));
    std::optional<std::string> label;
    if (dice_.one_in(3))
      label = "x";
    const auto labels = label ? std::optional{std::vector<std::string>{*label}} : std::nullopt;
    std::optional<std::uint64_t> depth;
    if (dice_.one_in(2))
      depth = dice_.below(5);
    const auto most = static_cast<std::size_t>(depth.value_or(o.size()));
    const auto steps = o.steps(way, label);
    const auto from = dice_.below(o.size());
    BOOST_TEST_CONTEXT("from " << o.name(from) << " direction " << static_cast<int>(way)
                               << " label " << label.value_or("-") << " depth " << most) {
      compare_walk(o, from, o.distances(from, steps, most, false),
                   {.direction = way, .labels = labels, .depth = depth, .paths = true}, steps);
      for (const auto& weight : {std::optional<std::string>{}, std::optional<std::string>{"w"}})
        compare_paths(o, from, o.distances(from, steps, most, weight.has_value()),
                      {.direction = way, .labels = labels, .max_depth = depth, .weight = weight},
                      steps);
    }
  }

  void compare_walk(const oracle& o, std::size_t from, const std::vector<double>& distances,
                    const graph_walk_options& options, const std::vector<oracle::edge>& steps) {
    std::vector<std::pair<double, std::string>> expected;
    for (std::size_t n = 0; n < o.size(); ++n)
      if (n != from && distances[n] < oracle::infinity)
        expected.emplace_back(distances[n], o.name(n));
    std::sort(expected.begin(), expected.end());
    const auto walked = graph_search::walk(c(), "g", o.name(from), options);
    BOOST_REQUIRE(walked.size() == expected.size());
    for (std::size_t i = 0; i < walked.size(); ++i) {
      BOOST_REQUIRE(walked[i].node == expected[i].second);
      BOOST_REQUIRE(static_cast<double>(walked[i].depth) == expected[i].first);
      BOOST_REQUIRE(walked[i].path->size() == walked[i].depth + 1);
      BOOST_REQUIRE(walked[i].path->front() == o.name(from));
      BOOST_REQUIRE(walked[i].path->back() == walked[i].node);
      for (std::size_t at = 1; at < walked[i].path->size(); ++at)
        BOOST_REQUIRE(std::any_of(steps.begin(), steps.end(), [&](const oracle::edge& s) {
          return o.name(s.from) == (*walked[i].path)[at - 1]
                 && o.name(s.to) == (*walked[i].path)[at];
        }));
    }
    auto part = graph_search::neighbourhood(c(), "g", o.name(from),
                                            {.direction = options.direction,
                                             .labels = options.labels,
                                             .depth = options.depth.value_or(o.size())});
    std::set<std::string> inside{o.name(from)};
    for (const auto& [distance, name] : expected)
      inside.insert(name);
    std::erase_if(part.nodes, [&](const auto& visit) { return inside.count(visit.node) > 0; });
    BOOST_REQUIRE(part.nodes.empty());
    auto edges = graph_table::edges(c(), "g", {.labels = options.labels});
    std::erase_if(
      edges, [&](const auto& e) { return !inside.count(e.source) || !inside.count(e.target); });
    BOOST_REQUIRE(text_of(part.edges) == text_of(edges));
  }

  void compare_paths(const oracle& o, std::size_t from, const std::vector<double>& distances,
                     const graph_path_options& options, const std::vector<oracle::edge>& steps) {
    for (std::size_t to = 0; to < o.size(); ++to) {
      const auto path = graph_search::shortest_path(c(), "g", o.name(from), o.name(to), options);
      BOOST_REQUIRE(path.has_value() == (distances[to] < oracle::infinity));
      if (!path)
        continue;
      paths_ += path->edges.empty() ? 0 : 1;
      BOOST_REQUIRE(path->length == distances[to]); // halves add exactly
      BOOST_REQUIRE(path->nodes.front() == o.name(from));
      BOOST_REQUIRE(path->nodes.back() == o.name(to));
      BOOST_REQUIRE(path->edges.size() == path->nodes.size() - 1);
      BOOST_REQUIRE(path->edges.size() <= options.max_depth.value_or(99));
      double sum = 0;
      for (std::size_t i = 0; i < path->edges.size(); ++i) {
        const auto& e = path->edges[i];
        double least = oracle::infinity;
        for (const auto& s : steps)
          if (o.name(s.from) == path->nodes[i] && o.name(s.to) == path->nodes[i + 1]
              && s.label == e.label)
            least = std::min(least, options.weight ? s.weight : 1);
        sum += least;
        BOOST_REQUIRE(graph_table::linked(c(), "g", e.source, e.target, e.label));
      }
      BOOST_REQUIRE(sum == path->length);
    }
  }

  void compare_components(const oracle& o) {
    for (const bool strong : {false, true}) {
      const auto reach = o.closure(o.steps(strong ? direction::out : direction::both), true);
      std::set<std::vector<std::string>> expected;
      for (const auto n : o.nodes()) {
        std::vector<std::string> set;
        for (const auto other : o.nodes())
          if (reach[n][other] && reach[other][n])
            set.push_back(o.name(other));
        std::sort(set.begin(), set.end());
        expected.insert(set);
      }
      const auto found = graph_search::components(c(), "g", {.strong = strong});
      BOOST_REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        BOOST_REQUIRE(expected.count(found[i]) == 1u);
        BOOST_REQUIRE((i == 0 || found[i - 1].size() > found[i].size()
                       || (found[i - 1].size() == found[i].size() && found[i - 1] < found[i])));
      }
    }
  }

  void compare_cycle(const oracle& o) {
    const auto reach = o.closure(o.steps(direction::out), false);
    bool there = false;
    for (std::size_t n = 0; n < o.size(); ++n)
      there = there || reach[n][n];
    const auto found = graph_search::cycle(c(), "g", {});
    BOOST_REQUIRE(found.has_value() == there);
    cycles_ += there ? 1 : 0;
    if (!found)
      return;
    BOOST_REQUIRE(found->nodes.front() == found->nodes.back());
    BOOST_REQUIRE(found->edges.size() == found->nodes.size() - 1);
    BOOST_REQUIRE(!found->edges.empty());
    const std::set<std::string> different(found->nodes.begin(), found->nodes.end());
    BOOST_REQUIRE(different.size() == found->edges.size());
    BOOST_REQUIRE(*different.begin() == found->nodes.front());
    for (std::size_t i = 0; i < found->edges.size(); ++i) {
      BOOST_REQUIRE(found->edges[i].source == found->nodes[i]);
      BOOST_REQUIRE(found->edges[i].target == found->nodes[i + 1]);
      BOOST_REQUIRE(graph_table::linked(c(), "g", found->edges[i].source, found->edges[i].target,
                                        found->edges[i].label));
    }
  }

  void compare_ranks(const oracle& o) {
    const double damping = dice_.one_in(2) ? 0.85 : 0.5;
    const auto expected = o.ranks(damping);
    const auto found = graph_search::pagerank(
      c(), "g", {.damping = damping, .tolerance = 1e-13, .max_iterations = 1'000});
    BOOST_REQUIRE(found.converged);
    BOOST_REQUIRE(found.ranks.size() == expected.size());
    for (const auto& [node, rank] : found.ranks)
      BOOST_REQUIRE(std::abs(rank - expected.at(node)) < 1e-9);
  }

  const std::uint64_t seed_ = fresh_seed();
  dice dice_{seed_};
  int paths_ = 0;
  int cycles_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_random)

BOOST_AUTO_TEST_CASE(algorithms_on_random_graphs_agree_with_textbooks) { random_graphs{}.run(); }

BOOST_AUTO_TEST_SUITE_END()
