#include "beaver/storage/graph_search.hpp"

#include "graph_support.hpp"
#include "support/failure.hpp"

#include <cmath>
#include <numeric>

using namespace beaver;
using namespace beaver::test;

namespace {

using direction = graph_direction;

class search_fixture : public graph_fixture {
public:
  /// "b1 c2": nodes with their depths.
  std::string walk(std::string_view start, const graph_walk_options& options = {}) {
    std::string text;
    for (const auto& [node, depth, path] : graph_search::walk(c(), "g", start, options))
      text += (text.empty() ? "" : " ") + node + std::to_string(depth)
              + (path ? '(' + text_of(*path) + ')' : "");
    return text;
  }

  std::string path(std::string_view from, std::string_view to,
                   const graph_path_options& options = {}) {
    const auto found = graph_search::shortest_path(c(), "g", from, to, options);
    return found ? text_of(found->nodes) : "none";
  }

  void weigh(std::string_view source, std::string_view target, std::string_view weight,
             std::string_view label = "x") {
    link(source, target, label, R"({"km": )" + std::string{weight} + '}');
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(graph_search_suite, search_fixture)

BOOST_AUTO_TEST_CASE(a_walk_gives_each_node_once_by_depth_and_id) {
  link_all("ac ab bd cd de ea ff");
  BOOST_TEST(walk("a") == "b1 c1 d2 e3");
  BOOST_TEST(walk("d") == "e1 a2 b3 c3");
  BOOST_TEST(walk("a", {.depth = 2}) == "b1 c1 d2");
  BOOST_TEST(walk("a", {.depth = 0}) == "");
  BOOST_TEST(walk("a", {.direction = direction::in}) == "e1 d2 b3 c3");
  BOOST_TEST(walk("a", {.direction = direction::both, .depth = 1}) == "b1 c1 e1");
  BOOST_TEST(walk("a", {.limit = 3}) == "b1 c1 d2");
  BOOST_TEST(walk("a", {.limit = 0}) == "");
  BOOST_TEST(walk("f") == ""); // itself only
  BOOST_TEST(walk("nowhere") == "");
}

BOOST_AUTO_TEST_CASE(a_walk_tells_the_way_to_each_node) {
  link_all("ac ab bd cd de");
  BOOST_TEST(walk("a", {.paths = true}) == "b1(a b) c1(a c) d2(a b d) e3(a b d e)");
}

BOOST_AUTO_TEST_CASE(a_walk_follows_wanted_labels_and_metadata_only) {
  link("a", "b", "x", "1");
  link("a", "c", "y", "1");
  link("b", "d", "y");
  link("b", "e", "z", "1");
  BOOST_TEST(walk("a", {.labels = {{"x", "y"}}}) == "b1 c1 d2");
  BOOST_TEST(walk("a", {.where = json_text{R"([{"path": ".", "operator": "exists"}])"}})
             == "b1 c1 e2");
}

BOOST_AUTO_TEST_CASE(bounds_are_errors_that_say_how_to_raise_them) {
  link_all("ab ac ad bc");
  const auto nodes = outcome_of([&] { (void)walk("a", {.max_nodes = 3}); });
  BOOST_TEST(nodes.is(errc::full));
  BOOST_TEST(
    nodes.text
    == "graph 'g': more than 3 nodes would be needed; narrow the search, or raise max_nodes");
  BOOST_TEST(walk("a", {.max_nodes = 4}) == "b1 c1 d1");
  const auto ways = [&](std::uint64_t most) {
    return walk("a", {.paths = true, .max_nodes = most});
  };
  BOOST_TEST(ways(10) == "b1(a b) c1(a c) d1(a d)"); // four nodes, and six on the paths
  BOOST_TEST(outcome_of([&] { ways(9); }).is(errc::full));
  const auto edges = outcome_of([&] { (void)walk("a", {.max_edges = 3}); });
  BOOST_TEST(edges.is(errc::full));
  BOOST_TEST(edges.says("raise max_edges"));
  BOOST_TEST(walk("a", {.max_edges = 4}) == "b1 c1 d1");
  // also those that are only passed over
  BOOST_TEST(
    outcome_of([&] { (void)walk("a", {.labels = {{"y"}}, .max_edges = 2}); }).is(errc::full));
  BOOST_TEST(outcome_of([&] { (void)path("a", "z", {.max_nodes = 2}); }).is(errc::full));
  BOOST_TEST(outcome_of([&] { (void)path("a", "d", {.max_edges = 1}); }).is(errc::full));
  const graph_path_options cheap{.weight = "km", .default_weight = 1, .max_edges = 2};
  BOOST_TEST(outcome_of([&] { (void)path("a", "d", cheap); }).is(errc::full));
  const graph_path_options few{.weight = "km", .default_weight = 1, .max_nodes = 3};
  BOOST_TEST(outcome_of([&] { (void)path("a", "d", few); }).is(errc::full));
  BOOST_TEST(outcome_of([&] {
               (void)graph_search::neighbourhood(c(), "g", "a", {.max_edges = 3});
             }).is(errc::full));
  BOOST_TEST(graph_search::neighbourhood(c(), "g", "a", {.max_edges = 7}).edges.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_shortest_path_has_the_fewest_steps) {
  link_all("ab bc cd de af fe zz");
  BOOST_TEST(path("a", "e") == "a f e");
  BOOST_TEST(path("b", "e") == "b c d e");
  BOOST_TEST(path("e", "a") == "none");
  BOOST_TEST(path("e", "a", {.direction = direction::in}) == "e f a");
  BOOST_TEST(path("b", "f", {.direction = direction::both}) == "b a f");
  BOOST_TEST(path("a", "e", {.max_depth = 1}) == "none");
  BOOST_TEST(path("a", "e", {.max_depth = 2}) == "a f e");
  BOOST_TEST(path("a", "a") == "a");
  BOOST_TEST(path("a", "a", {.max_depth = 0}) == "a");
  BOOST_TEST(path("a", "z") == "none");
  BOOST_TEST(path("nowhere", "a") == "none");
}

BOOST_AUTO_TEST_CASE(a_path_names_the_edges_of_its_steps) {
  link("a", "b", "y");
  link("a", "b", "x", "[1]");
  link("c", "b", "z");
  const auto found =
    graph_search::shortest_path(c(), "g", "a", "c", {.direction = direction::both});
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(text_of(found->edges) == "a-x>b [1], c-z>b");
  BOOST_TEST(found->length == 2);
  const auto none = graph_search::shortest_path(c(), "g", "a", "a", {});
  BOOST_TEST(none->edges.empty());
  BOOST_TEST(none->length == 0);
}

BOOST_AUTO_TEST_CASE(a_path_follows_wanted_labels_and_metadata_only) {
  link("a", "c", "fly");
  link("a", "b", "walk", "1");
  link("b", "c", "walk");
  BOOST_TEST(path("a", "c") == "a c");
  BOOST_TEST(path("a", "c", {.labels = {{"walk"}}}) == "a b c");
  BOOST_TEST(path("a", "c", {.where = json_text{R"([{"path": ".", "operator": "exists"}])"}})
             == "none");
}

BOOST_AUTO_TEST_CASE(a_cheapest_path_has_the_least_sum_of_weights) {
  weigh("a", "b", "1");
  weigh("b", "c", "1.5");
  weigh("c", "d", "0");
  weigh("a", "d", "2.75");
  const auto found = graph_search::shortest_path(c(), "g", "a", "d", {.weight = "km"});
  BOOST_TEST(text_of(found->nodes) == "a b c d");
  BOOST_TEST(found->length == 2.5);
  BOOST_TEST(text_of(found->edges) == R"(a-x>b {"km": 1}, b-x>c {"km": 1.5}, c-x>d {"km": 0})");
  weigh("a", "d", "2.5", "y"); // as cheap, in fewer steps
  BOOST_TEST(path("a", "d", {.weight = "km"}) == "a d");
  BOOST_TEST(path("d", "a", {.direction = direction::in, .weight = "km"}) == "d a");
  BOOST_TEST(path("d", "b", {.weight = "km"}) == "none");
  BOOST_TEST(path("a", "a", {.weight = "km"}) == "a");
}

BOOST_AUTO_TEST_CASE(a_step_takes_the_cheapest_of_several_edges) {
  weigh("a", "b", "3", "x");
  weigh("a", "b", "2", "z");
  weigh("a", "b", "2", "y");
  const auto found = graph_search::shortest_path(c(), "g", "a", "b", {.weight = "km"});
  BOOST_TEST(found->length == 2);
  BOOST_TEST(found->edges.at(0).label == "y");
}

BOOST_AUTO_TEST_CASE(a_bound_on_the_depth_makes_a_path_dearer) {
  weigh("a", "b", "1");
  weigh("b", "c", "1");
  weigh("c", "d", "1");
  weigh("a", "c", "5");
  weigh("b", "d", "9");
  BOOST_TEST(path("a", "d", {.weight = "km"}) == "a b c d");
  BOOST_TEST(path("a", "d", {.max_depth = 2, .weight = "km"}) == "a c d"); // c, in a dearer way
  BOOST_TEST(path("a", "d", {.max_depth = 1, .weight = "km"}) == "none");
}

BOOST_AUTO_TEST_CASE(a_weight_that_is_missing_has_the_default_or_is_an_error) {
  weigh("a", "b", "1");
  link("b", "c");
  weigh("b", "d", "\"2\"");
  const auto fails = [&](const graph_path_options& options) {
    return outcome_of([&] { (void)path("a", "c", options); });
  };
  BOOST_TEST(fails({.weight = "km"}).is(errc::type_mismatch));
  BOOST_TEST(fails({.weight = "km"}).text
             == "graph 'g': the edge 'b' -[x]-> 'c' has no number at 'km'; give a default_weight");
  BOOST_TEST(
    graph_search::shortest_path(c(), "g", "a", "d", {.weight = "km", .default_weight = 4})->length
    == 5);
  weigh("b", "e", "-0.5");
  BOOST_TEST(fails({.weight = "km", .default_weight = 4}).is(errc::type_mismatch));
  BOOST_TEST(fails({.weight = "km", .default_weight = 4}).says("has a negative number at 'km'"));
  weigh("b", "e", "1e308");
  weigh("e", "f", "1e308");
  BOOST_TEST(outcome_of([&] {
               (void)path("a", "f", {.weight = "km", .default_weight = 0});
             }).says("beyond the range of a double"));
  link("b", "e", "x", "{");
  BOOST_TEST(fails({.weight = "km", .default_weight = 4}).is(errc::corrupt));
}

BOOST_AUTO_TEST_CASE(bad_options_of_a_path_are_refused_by_name) {
  const auto refused = [&](const graph_path_options& options) {
    const auto end = outcome_of([&] { (void)path("a", "b", options); });
    return end.is(errc::invalid_argument) ? end.text : "not refused";
  };
  BOOST_TEST(refused({.weight = "a..b"}).starts_with("weight: path 'a..b'"));
  BOOST_TEST(refused({.default_weight = 1}).starts_with("default_weight needs weight"));
  for (const double wrong : {-1.0, std::nan(""), HUGE_VAL})
    BOOST_TEST(refused({.weight = "w", .default_weight = wrong})
               == "default_weight must be a number >= 0");
}

BOOST_AUTO_TEST_CASE(a_neighbourhood_has_all_edges_between_its_nodes) {
  link_all("ab ac bc cb ca cd dd ee");
  const auto part = [&](const graph_part_options& options) {
    const auto found = graph_search::neighbourhood(c(), "g", "a", options);
    std::string text;
    for (const auto& visit : found.nodes)
      text += visit.node + std::to_string(visit.depth) + ' ';
    return text + "| " + text_of(found.edges);
  };
  BOOST_TEST(part({}) == "a0 b1 c1 | a-x>b, a-x>c, b-x>c, c-x>a, c-x>b");
  BOOST_TEST(part({.depth = 2}) == "a0 b1 c1 d2 | a-x>b, a-x>c, b-x>c, c-x>a, c-x>b, c-x>d, d-x>d");
  BOOST_TEST(part({.depth = 0}) == "a0 | ");
  BOOST_TEST(part({.direction = direction::in}) == "a0 c1 | a-x>c, c-x>a");
  BOOST_TEST(part({.labels = {{"none"}}}) == "a0 | ");
}

BOOST_AUTO_TEST_CASE(a_long_chain_is_walked_and_found_whole) {
  constexpr int length = 20'000;
  const auto id = [](int i) { return std::to_string(1'000'000 + i); };
  write([&] {
    std::vector<graph_edge> all;
    for (int i = 0; i < length; ++i)
      all.push_back({id(i), id(i + 1), "x"});
    graph_table::link_many(c(), "g", all);
  });
  BOOST_TEST(graph_search::walk(c(), "g", id(0), {}).size() == std::size_t{length});
  BOOST_TEST(graph_search::shortest_path(c(), "g", id(0), id(length), {})->length == length);
  BOOST_TEST(graph_search::components(c(), "g", {.strong = true}).size()
             == std::size_t{length} + 1);
  BOOST_TEST(graph_search::components(c(), "g", {}).size() == 1u);
  link(id(length), id(0));
  BOOST_TEST(graph_search::components(c(), "g", {.strong = true}).size() == 1u);
  BOOST_TEST(graph_search::cycle(c(), "g", {})->length == length + 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(graph_analysis_suite, search_fixture)

BOOST_AUTO_TEST_CASE(components_come_by_size_then_by_their_least_node) {
  link_all("zy yx ab cd dc ee");
  const auto all = [&](const graph_component_options& options) {
    std::string text;
    for (const auto& set : graph_search::components(c(), "g", options))
      text += '(' + text_of(set) + ')';
    return text;
  };
  BOOST_TEST(all({}) == "(x y z)(a b)(c d)(e)");
  BOOST_TEST(all({.strong = true}) == "(c d)(a)(b)(e)(x)(y)(z)");
  BOOST_TEST(all({.limit = 2}) == "(x y z)(a b)");
  BOOST_TEST(all({.limit = 0}) == "");
  BOOST_TEST(all({.labels = {{"none"}}}) == "");
  BOOST_TEST(outcome_of([&] { all({.max_nodes = 7}); }).is(errc::full));
  BOOST_TEST(outcome_of([&] { all({.max_edges = 5}); }).is(errc::full));
  BOOST_TEST(all({.max_nodes = 8, .max_edges = 6}) == "(x y z)(a b)(c d)(e)");
}

BOOST_AUTO_TEST_CASE(a_cycle_begins_and_ends_with_its_least_node) {
  link_all("ab bc cd");
  BOOST_TEST(!graph_search::cycle(c(), "g", {}));
  link("d", "b", "back", "7");
  const auto found = graph_search::cycle(c(), "g", {});
  BOOST_TEST(text_of(found->nodes) == "b c d b");
  BOOST_TEST(text_of(found->edges) == "b-x>c, c-x>d, d-back>b 7");
  BOOST_TEST(found->length == 3);
  BOOST_TEST(!graph_search::cycle(c(), "g", {.labels = {{"x"}}}));
  link("a", "a");
  BOOST_TEST(text_of(graph_search::cycle(c(), "g", {.labels = {{"x"}}})->nodes) == "a a");
  BOOST_TEST(
    outcome_of([&] { (void)graph_search::cycle(c(), "g", {.max_edges = 2}); }).is(errc::full));
}

BOOST_AUTO_TEST_CASE(ranks_of_a_textbook_graph_are_those_of_the_textbook) {
  link_all("ab ac bc ca dc"); // a, b, c and d of the paper's example
  const auto found = graph_search::pagerank(c(), "g", {.tolerance = 1e-12});
  BOOST_TEST(found.converged);
  std::string order;
  double sum = 0;
  for (const auto& [node, rank] : found.ranks) {
    order += node;
    sum += rank;
  }
  BOOST_TEST(order == "cabd");
  BOOST_TEST(std::abs(sum - 1) < 1e-9);
  // (1 - 0.85) / 4 comes to d alone; b has that and half of what a gives on.
  BOOST_TEST(std::abs(found.ranks[3].rank - 0.0375) < 1e-9);
  BOOST_TEST(std::abs(found.ranks[2].rank - (0.0375 + 0.425 * found.ranks[1].rank)) < 1e-9);
  BOOST_TEST(std::abs(found.ranks[1].rank - (0.0375 + 0.85 * found.ranks[0].rank)) < 1e-9);
}

BOOST_AUTO_TEST_CASE(ranks_tell_whether_they_have_settled) {
  link_all("ab bc cd de ea ac");
  const auto early = graph_search::pagerank(c(), "g", {.max_iterations = 2});
  BOOST_TEST(early.iterations == 2u);
  BOOST_TEST(!early.converged);
  const auto late = graph_search::pagerank(c(), "g", {});
  BOOST_TEST(late.converged);
  BOOST_TEST(late.iterations < 100u);
  BOOST_TEST(graph_search::pagerank(c(), "g", {.limit = 2}).ranks.size() == 2u);
  const auto empty = graph_search::pagerank(c(), "none", {});
  BOOST_TEST(empty.converged);
  BOOST_TEST(empty.ranks.empty());
}

BOOST_AUTO_TEST_CASE(personal_ranks_favour_what_is_near) {
  link_all("ab ba cd dc bc");
  const auto rank = [&](const graph_rank_options& options, std::string_view node) {
    for (const auto& r : graph_search::pagerank(c(), "g", options).ranks)
      if (r.node == node)
        return r.rank;
    return -1.0;
  };
  BOOST_TEST(rank({}, "c") > rank({}, "a"));
  BOOST_TEST(rank({.personal = {{{"a", 2}}}}, "a") > rank({}, "a"));
  BOOST_TEST(rank({.personal = {{{"d", 1}}}}, "a") == 0);
  BOOST_TEST(rank({.damping = 0, .personal = {{{"a", 1}, {"d", 3}}}}, "d") == 0.75);
}

BOOST_AUTO_TEST_CASE(bad_options_of_ranks_are_refused_by_name) {
  link_all("ab");
  const auto refused = [&](const graph_rank_options& options) {
    const auto end = outcome_of([&] { (void)graph_search::pagerank(c(), "g", options); });
    return end.is(errc::invalid_argument) ? end.text : "not refused";
  };
  BOOST_TEST(refused({.damping = 1.1}) == "damping must be a number from 0 to 1");
  BOOST_TEST(refused({.damping = std::nan("")}) == "damping must be a number from 0 to 1");
  BOOST_TEST(refused({.tolerance = -1}) == "tolerance must be a number >= 0");
  BOOST_TEST(refused({.max_iterations = 0}) == "max_iterations must be an integer > 0");
  BOOST_TEST(refused({.personal = {{{"a", -1}}}}) == "personal['a'] must be a number >= 0");
  BOOST_TEST(refused({.personal = {{{"a", 0}}}}).starts_with("personal must have weights"));
  BOOST_TEST(refused({.personal = {{{"c", 1}}}}).starts_with("personal['c'] is no node of"));
}

BOOST_AUTO_TEST_CASE(dot_text_has_a_line_for_each_edge) {
  link("a", "b c", "say \"x\"");
  link("tab\\", "a & b", "two\nlines", "[1]");
  BOOST_TEST(graph_search::dot(c(), "g", {})
             == "digraph \"g\" {\n"
                "  \"a\" -> \"b c\" [label=\"say \\\"x\\\"\"];\n"
                "  \"tab\\\\\" -> \"a &amp; b\" [label=\"two\\nlines\"];\n"
                "}\n");
  BOOST_TEST(graph_search::dot(c(), "no \"graph", {}) == "digraph \"no \\\"graph\" {\n}\n");
  BOOST_TEST(
    outcome_of([&] { (void)graph_search::dot(c(), "g", {.max_edges = 1}); }).is(errc::full));
  BOOST_TEST(
    outcome_of([&] { (void)graph_search::dot(c(), "g", {.max_nodes = 3}); }).is(errc::full));
}

BOOST_AUTO_TEST_SUITE_END()
