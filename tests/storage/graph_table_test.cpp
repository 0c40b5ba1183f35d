#include "beaver/storage/graph_table.hpp"

#include "graph_support.hpp"
#include "support/failure.hpp"

#include <tuple>

using namespace beaver;
using namespace beaver::test;

namespace {

using direction = graph_direction;

json_text condition(std::string_view path, std::string_view op, std::string_view value) {
  return json_text{R"([{"path": ")" + std::string{path} + R"(", "operator": ")" + std::string{op}
                   + R"(", "value": )" + std::string{value} + "}]"};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(graph_table_suite, graph_fixture)

BOOST_AUTO_TEST_CASE(an_edge_is_found_with_its_metadata_or_without) {
  link("a", "b", "knows", R"({"since": 1999})");
  link("a", "b", "likes");
  BOOST_TEST(text_of(*graph_table::find(c(), "g", "a", "b", "knows"))
             == R"(a-knows>b {"since": 1999})");
  BOOST_TEST(text_of(*graph_table::find(c(), "g", "a", "b", "likes")) == "a-likes>b");
  BOOST_TEST(!graph_table::find(c(), "g", "b", "a", "knows"));
  BOOST_TEST(!graph_table::find(c(), "h", "a", "b", "knows"));
  BOOST_TEST(graph_table::linked(c(), "g", "a", "b", "likes"));
  BOOST_TEST(!graph_table::linked(c(), "g", "a", "b", "hates"));
}

BOOST_AUTO_TEST_CASE(linking_again_replaces_the_metadata) {
  link("a", "b", "x", "1");
  link("a", "b", "x", "2");
  BOOST_TEST(edges() == "a-x>b 2");
  link("a", "b", "x");
  BOOST_TEST(edges() == "a-x>b");
  graph_table::link_many(c(), "g",
                         std::vector<graph_edge>{{"a", "b", "x", json_text{"3"}},
                                                 {"c", "d", "x"},
                                                 {"a", "b", "x", json_text{"4"}}});
  BOOST_TEST(edges() == "a-x>b 4, c-x>d");
}

BOOST_AUTO_TEST_CASE(unlinking_tells_what_was_there) {
  link("a", "b");
  link("b", "a");
  BOOST_TEST(graph_table::unlink(c(), "g", "a", "b", "x"));
  BOOST_TEST(!graph_table::unlink(c(), "g", "a", "b", "x"));
  BOOST_TEST(edges() == "b-x>a");
  link("b", "b");
  link("b", "c");
  link("c", "d");
  link("d", "b", "y");
  BOOST_TEST(graph_table::unlink_node(c(), "g", "b") == 4u);
  BOOST_TEST(graph_table::unlink_node(c(), "g", "b") == 0u);
  BOOST_TEST(edges() == "c-x>d");
  graph_table::link(c(), "h", {"a", "b", "x"});
  BOOST_TEST(graph_table::clear(c(), "g") == 1u);
  BOOST_TEST((graph_table::names(c()) == std::vector<std::string>{"h"}));
}

BOOST_AUTO_TEST_CASE(edges_of_a_node_come_by_source_target_and_label) {
  for (const char* end : {"b", "n", "z", "B"}) {
    link("n", end, "y");
    link(end, "n", "y");
  }
  link("n", "b", "x");
  link("b", "n", "z");
  link("b", "z");
  BOOST_TEST(edges({.node = "n"}) == "n-y>B, n-x>b, n-y>b, n-y>n, n-y>z");
  BOOST_TEST(edges({.node = "n", .direction = direction::in})
             == "B-y>n, b-y>n, b-z>n, n-y>n, z-y>n");
  BOOST_TEST(edges({.node = "n", .direction = direction::both})
             == "B-y>n, b-y>n, b-z>n, n-y>B, n-x>b, n-y>b, n-y>n, n-y>z, z-y>n");
  BOOST_TEST(edges() == "B-y>n, b-y>n, b-z>n, b-x>z, n-y>B, n-x>b, n-y>b, n-y>n, n-y>z, z-y>n");
  BOOST_TEST(edges({.node = "none", .direction = direction::both}) == "");
}

BOOST_AUTO_TEST_CASE(pages_put_together_make_the_listing) {
  for (const char* a : {"a", "b", "n", "y", "z"})
    for (const char* b : {"a", "b", "n", "y", "z"})
      for (const char* label : {"", "x", "y"})
        link(a, b, label, a == std::string_view{"b"} ? std::optional{"[1, 2]"} : std::nullopt);
  for (const auto& node : {std::optional<std::string>{}, std::optional<std::string>{"n"}})
    for (const auto way : {direction::out, direction::in, direction::both})
      for (const std::uint64_t limit : {1, 2, 7})
        for (const bool by_bytes : {false, true}) {
          const auto whole = graph_table::edges(c(), "g", {.node = node, .direction = way});
          std::vector<graph_edge> all;
          graph_edge_page page{.node = node, .direction = way};
          (by_bytes ? page.max_bytes : page.limit) = limit;
          for (auto part = graph_table::edges(c(), "g", page); !part.empty();
               part = graph_table::edges(c(), "g", page)) {
            BOOST_REQUIRE(part.size() <= limit);
            all.insert(all.end(), part.begin(), part.end());
            page.after = {all.back().source, all.back().target, all.back().label};
          }
          BOOST_TEST(text_of(all) == text_of(whole));
        }
  BOOST_TEST(graph_table::edges(c(), "g", {}).size() == 75u);
  BOOST_TEST(graph_table::edges(c(), "g", {.limit = 0}).empty());
}

BOOST_AUTO_TEST_CASE(neighbours_come_once_however_many_edges_lead_there) {
  for (const char* label : {"x", "y"}) {
    link("n", "b", label);
    link("n", "a", label);
    link("c", "n", label);
  }
  link("n", "d", "z", R"({"w": 1})");
  link("n", "n", "z");
  const auto children = [&](const graph_node_page& page) {
    return text_of(graph_table::children(c(), "g", "n", page));
  };
  BOOST_TEST(children({}) == "a b d n");
  BOOST_TEST(children({.labels = {{"x", "y"}}}) == "a b");
  BOOST_TEST(children({.labels = {{}}}) == "");
  BOOST_TEST(children({.where = condition("w", "==", "1")}) == "d");
  BOOST_TEST(children({.limit = 2}) == "a b");
  BOOST_TEST(children({.after = "b", .limit = 1}) == "d");
  BOOST_TEST(children({.after = "b", .max_bytes = 2}) == "d n");
  BOOST_TEST(text_of(graph_table::parents(c(), "g", "n", {})) == "c n");
  BOOST_TEST(text_of(graph_table::parents(c(), "g", "n", {.after = "c"})) == "n");
  BOOST_TEST(text_of(graph_table::parents(c(), "g", "n", {.labels = {{"x"}}})) == "c");
}

BOOST_AUTO_TEST_CASE(an_edge_without_metadata_satisfies_what_a_missing_path_satisfies) {
  link("a", "b", "none");
  link("a", "b", "null", R"({"w": null})");
  link("a", "b", "one", R"({"w": 1})");
  link("a", "b", "other", R"({"v": 1})");
  const auto labels = [&](const json_text& where) {
    std::string all;
    for (const auto& e : graph_table::edges(c(), "g", {.where = where}))
      all += (all.empty() ? "" : " ") + e.label;
    return all;
  };
  BOOST_TEST(labels(condition("w", "==", "1")) == "one");
  BOOST_TEST(labels(condition("w", "!=", "1")) == "null");
  BOOST_TEST(labels(condition("w", "==", "null")) == "null");
  BOOST_TEST(labels(condition("w", "exists", "false")) == "none other");
  BOOST_TEST(labels(condition(".", "exists", "true")) == "null one other");
  BOOST_TEST(labels(condition(".", "exists", "false")) == "none");
  BOOST_TEST(labels(json_text{R"([{"not": {"path": "w", "operator": ">", "value": 0}}])"})
             == "none null other");
  BOOST_TEST(labels(json_text{"[]"}) == "none null one other");
  BOOST_TEST(graph_table::count(c(), "g", {.where = condition("w", "==", "1")}) == 1u);
  BOOST_TEST(graph_table::count(c(), "g", {.labels = {{"one", "none", "one"}}}) == 2u);
  BOOST_TEST(graph_table::count(c(), "g", {}) == 4u);
}

BOOST_AUTO_TEST_CASE(metadata_that_is_no_json_is_named_if_it_has_to_be_looked_at) {
  link("a", "b", "good", "1");
  link("a", "b", "wrong", "{");
  BOOST_TEST(edges({}) == "a-good>b 1, a-wrong>b {");
  const auto end = outcome_of([&] { (void)edges({.where = condition("w", "==", "1")}); });
  BOOST_TEST(end.is(errc::corrupt));
  BOOST_TEST(end.says("graph 'g': the metadata of the edge 'a' -[wrong]-> 'b' is "), end.text);
  BOOST_TEST(edges({.labels = {{"good"}}, .where = condition(".", "==", "1")}) == "a-good>b 1");
  BOOST_TEST(
    outcome_of([&] { (void)edges({.where = json_text{"{}"}}); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(degrees_count_edges_on_both_sides) {
  link("n", "a", "x");
  link("n", "a", "y");
  link("n", "n", "x");
  link("b", "n", "x");
  const auto all = graph_table::degree(c(), "g", "n", {});
  BOOST_TEST(all.out == 3u);
  BOOST_TEST(all.in == 2u);
  const auto some = graph_table::degree(c(), "g", "n", {.labels = {{"y"}}});
  BOOST_TEST(some.out == 1u);
  BOOST_TEST(some.in == 0u);
}

BOOST_AUTO_TEST_CASE(nodes_are_the_ends_of_edges_each_once_in_order) {
  link("b", "a");
  link("b", "é");
  link("B", "b", "y");
  link("a\x01", "a");
  graph_table::link(c(), "h", {"other", "other", "x"});
  const auto nodes = [&](const key_range& range) {
    return text_of(graph_table::nodes(c(), "g", range));
  };
  BOOST_TEST(nodes({}) == "B a a\x01 b é");
  BOOST_TEST(nodes({.descending = true}) == "é b a\x01 a B");
  BOOST_TEST(nodes({.prefix = "a"}) == "a a\x01");
  BOOST_TEST(nodes({.after = "a", .limit = 2}) == "a\x01 b");
  BOOST_TEST(nodes({.after = "b", .descending = true, .max_bytes = 1}) == "a\x01");
  BOOST_TEST(nodes({.from = "a", .to = "b"}) == "a a\x01");
  BOOST_TEST(nodes({.limit = 0}) == "");
}

BOOST_AUTO_TEST_CASE(a_summary_counts_edges_nodes_labels_and_bytes) {
  link("a", "b", "x", "[1]");
  link("b", "é", "yy");
  link("a", "b", "yy");
  const auto sum = graph_table::info(c(), "g");
  BOOST_TEST(sum.edges == 3u);
  BOOST_TEST(sum.nodes == 3u);
  BOOST_TEST(sum.labels == 2u);
  BOOST_TEST(sum.bytes == 6u + 5 + 4);
  std::string labels;
  for (const auto& [label, n] : graph_table::labels(c(), "g"))
    labels += label + std::to_string(n) + ' ';
  BOOST_TEST(labels == "x1 yy2 ");
  const auto none = graph_table::info(c(), "none");
  BOOST_TEST(none.edges + none.nodes + none.labels + none.bytes == 0u);
}

BOOST_AUTO_TEST_CASE(ends_and_labels_that_are_blobs_are_passed_over) {
  link("a", "b");
  for (const char* row : {"x'61', 'b', 'y'", "'a', x'62', 'y'", "'a', 'b', x'79'"})
    c().execute(
      ("INSERT INTO __beaver_edges__ VALUES('g', " + std::string{row} + ", NULL)").c_str());
  BOOST_TEST(edges() == "a-x>b");
  BOOST_TEST(edges({.node = "b", .direction = direction::both}) == "a-x>b");
  BOOST_TEST(text_of(graph_table::nodes(c(), "g", {})) == "a b");
  BOOST_TEST(graph_table::clear(c(), "g") == 4u);
}

BOOST_AUTO_TEST_CASE(a_file_that_no_release_with_graphs_has_written_to_can_be_read) {
  write([&] {
    link_all("an bn cn nd");
    c().execute("DROP INDEX __beaver_edges_target__");
  });
  connection_options options;
  options.read_only = true;
  connection reader{path(), options};
  BOOST_TEST(text_of(graph_table::edges(
               reader, "g",
               {.node = "n", .direction = direction::both, .after = graph_edge_key{"a", "n", "x"}}))
             == "b-x>n, c-x>n, n-x>d");
  BOOST_TEST(text_of(graph_table::parents(reader, "g", "n", {.after = "b"})) == "c");
}

BOOST_AUTO_TEST_CASE(every_statement_searches_an_index_and_only_labels_are_sorted) {
  link("a", "b");
  for (const auto way : {direction::out, direction::in, direction::both})
    for (const bool metadata : {false, true}) {
      const std::optional<json_text> where =
        metadata ? std::optional{json_text{"[]"}} : std::nullopt;
      std::ignore = edges({.node = "a", .direction = way});
      std::ignore = edges({.node = "a", .direction = way, .after = graph_edge_key{"a", "a", ""}});
      std::ignore = graph_table::children(c(), "g", "a", {.where = where, .after = "a"});
      std::ignore = graph_table::parents(c(), "g", "a", {.where = where, .after = "a"});
      std::ignore = graph_search::shortest_path(c(), "g", "a", "b", {.direction = way});
    }
  std::ignore = edges();
  std::ignore = edges({.after = graph_edge_key{"a", "a", ""}});
  std::ignore = graph_table::count(c(), "g", {});
  std::ignore = graph_table::count(c(), "g", {.labels = {{"x"}}});
  std::ignore = graph_table::find(c(), "g", "a", "b", "x");
  std::ignore = graph_table::linked(c(), "g", "a", "b", "x");
  std::ignore = graph_table::nodes(c(), "g", {});
  std::ignore = graph_table::nodes(c(), "g", {.descending = true});
  std::ignore = graph_table::labels(c(), "g");
  std::ignore = graph_table::info(c(), "g");
  std::ignore = graph_table::names(c());
  graph_table::unlink(c(), "g", "a", "b", "x");
  graph_table::unlink_node(c(), "g", "a");
  graph_table::clear(c(), "g");
  int listings = 0;
  for (const auto& plan : plans("__beaver_edges__")) {
    BOOST_TEST(plan.find("SCAN __beaver") == std::string::npos, plan);
    const bool labels = plan.find("GROUP BY label") != std::string::npos
                        || plan.find("DISTINCT label") != std::string::npos;
    BOOST_TEST((plan.find("TEMP B-TREE") == std::string::npos || labels), plan);
    if (plan.find("ORDER BY") == std::string::npos || labels)
      continue;
    ++listings;
    const bool metadata = plan.find("metadata FROM") != std::string::npos;
    BOOST_TEST((plan.find("COVERING") == std::string::npos) == metadata, plan);
  }
  BOOST_TEST(listings >= 12);
}

BOOST_AUTO_TEST_SUITE_END()
