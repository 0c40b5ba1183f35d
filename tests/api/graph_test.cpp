#include "beaver/api/graph.hpp"

#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

struct road {
  double km;
  std::optional<std::string> surface{};
  friend bool operator==(const road&, const road&) = default;
};
BOOST_DESCRIBE_STRUCT(road, (), (km, surface))

using texts = std::vector<std::string>;

struct map_fixture {
  open_database opened;
  database& db = opened.db;
  graph<road> map = db.graph<road>("map");

  map_fixture() {
    map.link("ham", "ber", "a24", road{289});
    map.link("ham", "han", "a7", road{151, "concrete"});
    map.link("han", "ber", "a2", road{286});
    map.link("ber", "lei", "a9", road{190});
    map.link("han", "lei", "ferry");
  }
};

std::string text_of(const texts& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

template <class T>
std::string labels_of(const std::vector<graph_edge_of<T>>& edges) {
  texts labels;
  for (const auto& e : edges)
    labels.push_back(e.label);
  return text_of(labels);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(graphs, map_fixture)

BOOST_AUTO_TEST_CASE(an_edge_comes_back_as_it_was_linked) {
  BOOST_TEST(map.name() == "map");
  const auto a7 = map.get("ham", "han", "a7");
  BOOST_TEST(a7.source == "ham");
  BOOST_TEST(a7.target == "han");
  BOOST_TEST(a7.label == "a7");
  BOOST_TEST((a7.metadata == road{151, "concrete"}));
  BOOST_TEST(!map.get("han", "lei", "ferry").metadata);
  BOOST_TEST(!map.find("han", "ham", "a7"));
  BOOST_TEST(map.linked("ham", "han", "a7"));
  map.link("ham", "han", "a7", road{152});
  BOOST_TEST((map.find("ham", "han", "a7")->metadata == road{152}));
  map.link("ham", "han", "a7");
  BOOST_TEST(!map.find("ham", "han", "a7")->metadata);
  BOOST_TEST(db.graphs() == texts{"map"}, boost::test_tools::per_element());
  BOOST_TEST(db.info().managers.at(0).count == 5u);
}

BOOST_AUTO_TEST_CASE(an_absent_edge_is_named_by_get) {
  const auto end = outcome_of([&] { (void)map.get("ham", "muc", "a7"); });
  BOOST_TEST(end.is(errc::not_found));
  BOOST_TEST(end.text == "graph 'map' has no edge 'ham' -[a7]-> 'muc'");
  BOOST_TEST(outcome_of([&] {
               (void)db.graph<std::string>("map").get("ham", "ber", "a24");
             }).is(errc::type_mismatch));
}

BOOST_AUTO_TEST_CASE(metadata_is_kept_in_normal_form_and_null_and_empty_are_none) {
  auto raw = db.graph("raw");
  raw_file file{opened.folder.file()};
  const auto stored = [&] {
    return file.text("SELECT metadata FROM __beaver_edges__ WHERE collection = 'raw'");
  };
  raw.link("a", "b", "x", json_text{R"({"b":1.50,"a":["é"]})"});
  BOOST_TEST(*stored() == R"({"b": 1.5, "a": ["\u00e9"]})");
  for (const char* none : {"null", " { } "}) {
    raw.link("a", "b", "x", json_text{none});
    BOOST_TEST(!stored());
    BOOST_TEST(!raw.get("a", "b", "x").metadata);
    raw.link_many(std::vector<graph_edge_of<json_text>>{{"a", "b", "x", json_text{none}}});
    BOOST_TEST(!stored());
  }
  auto weights = db.graph<double>("raw"); // values of which Python would think nothing are values
  weights.link("a", "b", "x", 0);
  BOOST_TEST(*weights.get("a", "b", "x").metadata == 0);
}

BOOST_AUTO_TEST_CASE(listings_have_directions_labels_filters_and_pages) {
  BOOST_TEST(labels_of(map.edges()) == "a9 a24 a7 a2 ferry");
  BOOST_TEST(labels_of(map.edges({.node = "han"})) == "a2 ferry");
  BOOST_TEST(labels_of(map.edges({.node = "han", .direction = graph_direction::both}))
             == "a7 a2 ferry");
  BOOST_TEST(labels_of(map.edges({.where = field("km") > 200})) == "a24 a2");
  BOOST_TEST(labels_of(map.edges({.where = field(".").exists(false)})) == "ferry");
  BOOST_TEST(labels_of(map.edges({.labels = {{"a7", "a9"}}})) == "a9 a7");
  BOOST_TEST(labels_of(map.edges({.after = graph_edge_key{"ber", "lei", "a9"}, .limit = 1}))
             == "a24");
  BOOST_TEST(text_of(map.children("ham")) == "ber han");
  BOOST_TEST(text_of(map.children("ham", {.where = field("surface").exists()})) == "han");
  BOOST_TEST(text_of(map.parents("lei")) == "ber han");
  BOOST_TEST(text_of(map.nodes({.prefix = "h"})) == "ham han");
  BOOST_TEST(map.count() == 5u);
  BOOST_TEST(map.count({.labels = {{"a7"}}}) == 1u);
  BOOST_TEST(map.degree("han").out == 2u);
  BOOST_TEST(map.degree("han", {.where = field("km") < 200}).in == 1u);
  BOOST_TEST(map.labels().size() == 5u);
  BOOST_TEST(map.info().nodes == 4u);
}

BOOST_AUTO_TEST_CASE(a_loop_over_a_graph_fetches_page_after_page) {
  auto ring = db.graph<int>("ring");
  auto batch = ring.batched();
  constexpr int n = 1'000;
  for (int i = 0; i < n; ++i)
    batch.link(std::to_string(1'000 + i), "hub", "x", i);
  batch.commit();
  int next = 0;
  const auto reads = db.info().reads;
  for (const auto& e : ring)
    BOOST_REQUIRE(*e.metadata == next++);
  BOOST_TEST(next == n);
  BOOST_TEST(db.info().reads - reads < 10u); // pages, not edges
  next = 500;
  for (const auto& e : ring.entries({.node = "hub",
                       .direction = graph_direction::in,
                       .where = field(".") >= 500,
                       .limit = 300}))
    BOOST_REQUIRE(*e.metadata == next++);
  BOOST_TEST(next == 800);
}

BOOST_AUTO_TEST_CASE(removal_tells_what_was_there) {
  BOOST_TEST(map.unlink("ham", "ber", "a24"));
  BOOST_TEST(!map.unlink("ham", "ber", "a24"));
  BOOST_TEST(map.unlink_node("han") == 3u);
  BOOST_TEST(labels_of(map.edges()) == "a9");
  map.clear();
  BOOST_TEST(map.count() == 0u);
  BOOST_TEST(db.graphs().empty());
}

BOOST_AUTO_TEST_CASE(searches_follow_what_they_are_told_to) {
  texts reached;
  for (const auto& visit : map.walk("ham", {.paths = true}))
    reached.push_back(visit.node + std::to_string(visit.depth) + '/' + visit.path->back());
  BOOST_TEST(text_of(reached) == "ber1/ber han1/han lei2/lei");
  const auto few = map.shortest_path("ham", "lei");
  BOOST_TEST(text_of(few->nodes) == "ham ber lei");
  const auto cheap = map.shortest_path("ham", "lei", {.weight = "km", .default_weight = 1});
  BOOST_TEST(text_of(cheap->nodes) == "ham han lei");
  BOOST_TEST(cheap->length == 152);
  BOOST_TEST(labels_of(cheap->edges) == "a7 ferry");
  BOOST_TEST((cheap->edges[0].metadata == road{151, "concrete"}));
  BOOST_TEST(!map.shortest_path("lei", "ham"));
  const auto part = map.neighbourhood("han");
  BOOST_TEST(part.nodes.size() == 3u);
  BOOST_TEST(labels_of(part.edges) == "a9 a2 ferry");
}

BOOST_AUTO_TEST_CASE(the_whole_graph_is_analysed) {
  BOOST_TEST(map.components().size() == 1u);
  BOOST_TEST(map.components({.strong = true}).size() == 4u);
  BOOST_TEST(!map.cycle());
  map.link("lei", "ham", "a14");
  BOOST_TEST(text_of(map.cycle({.labels = {{"a14", "a24", "a9"}}})->nodes) == "ber lei ham ber");
  const auto ranks = map.pagerank({.limit = 1});
  BOOST_TEST(ranks.converged);
  BOOST_TEST(ranks.ranks.at(0).node == "lei");
  BOOST_TEST(map.pagerank({.damping = 0.5, .personal = {{{"han", 1}}}}).ranks.at(0).node == "han");
  BOOST_TEST(map.dot({.labels = {{"ferry"}}})
             == "digraph \"map\" {\n  \"han\" -> \"lei\" [label=\"ferry\"];\n}\n");
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused_by_name_and_change_nothing) {
  const auto refused = [](auto call) {
    const auto end = outcome_of(call);
    return end.is(errc::invalid_argument) ? end.text : "not refused: " + end.text;
  };
  auto raw = db.graph("map");
  BOOST_TEST(refused([&] { raw.link("", "b", "x"); }).starts_with("source "));
  BOOST_TEST(refused([&] { raw.link("a", "\xff", "x"); }).starts_with("target is not UTF-8"));
  BOOST_TEST(refused([&] { raw.link("a", "b", std::string(1'025, 'x')); }).starts_with("label "));
  BOOST_TEST(refused([&] { raw.link("a", "b", "x", json_text{"{"}); }).starts_with("metadata is "));
  const std::vector<graph_edge_of<json_text>> edges{{"a", "b", "x"}, {"a", "", "x"}};
  BOOST_TEST(refused([&] { raw.link_many(edges); }).starts_with("edges[1].target "));
  BOOST_TEST(refused([&] { raw.batched().link_many(edges); }).starts_with("edges[1].target "));
  BOOST_TEST(refused([&] { (void)raw.find("a", "b", ""); }).starts_with("label "));
  BOOST_TEST(refused([&] { (void)raw.edges({.node = ""}); }).starts_with("node "));
  BOOST_TEST(refused([&] { (void)raw.children(""); }).starts_with("node "));
  BOOST_TEST(refused([&] { (void)raw.walk(""); }).starts_with("start "));
  BOOST_TEST(refused([&] { (void)raw.shortest_path("a", ""); }).starts_with("target "));
  BOOST_TEST(refused([&] { (void)raw.count({.labels = {{"x", ""}}}); }).starts_with("labels[1] "));
  BOOST_TEST(refused([&] {
               (void)raw.count({.where = field("a..b") == 1});
             }).starts_with("where[0].path: "));
  BOOST_TEST(refused([&] {
               (void)raw.shortest_path("a", "b", {.default_weight = 1});
             }).starts_with("default_weight needs weight"));
  BOOST_TEST(refused([&] { (void)raw.pagerank({.damping = 2}); }).starts_with("damping must be"));
  BOOST_TEST(refused([&] { (void)db.graph("").count(); }).starts_with("name of the graph"));
  BOOST_TEST(outcome_of([&] { (void)raw.walk("ham", {.max_nodes = 2}); }).is(errc::full));
  BOOST_TEST(raw.count() == 5u);
}

BOOST_AUTO_TEST_CASE(futures_batches_transactions_and_snapshots_have_graphs, *in_this_process()) {
  const auto before = db.snapshot();
  db.transaction([](beaver::transaction& tx) {
    auto inside = tx.graph<road>("map");
    inside.link("lei", "muc", "a9", road{430});
    BOOST_TEST(inside.shortest_path("ham", "muc")->edges.size() == 3u);
  });
  BOOST_TEST(!before.graph("map").shortest_path("ham", "muc"));
  BOOST_TEST(db.async().graph<road>("map").shortest_path("ham", "muc").get().value()->length == 3);
  BOOST_TEST(db.async().graph("map").unlink_node("muc").get().value() == 1u);
  auto all = db.batched();
  all.graph<road>("map").link("lei", "muc", "a9");
  all.graph<road>("map").link_many(map.edges({.node = "han"}));
  all.dict<int>("d").set("k", 1);
  BOOST_TEST(!map.linked("lei", "muc", "a9"));
  all.commit();
  BOOST_TEST(map.linked("lei", "muc", "a9"));
  BOOST_TEST(outcome_of([&] {
               db.transaction([&](beaver::transaction& tx) {
                 tx.graph("map").clear();
                 throw error(errc::cancelled, "no");
               });
             }).is(errc::cancelled));
  BOOST_TEST(map.count() == 6u);
}

BOOST_AUTO_TEST_CASE(edges_are_there_after_reopening_and_read_only) {
  const auto expected = labels_of(map.edges());
  db.close();
  auto how = quick();
  how.read_only = true;
  database again{opened.folder.file(), how};
  BOOST_TEST(labels_of(again.graph<road>("map").edges()) == expected);
  BOOST_TEST(outcome_of([&] { again.graph("map").clear(); }).is(errc::read_only));
  BOOST_TEST(outcome_of([&] { map.clear(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(changes_of_edges_are_told_by_their_source) {
  auto changes = db.watch("graph:map");
  map.link("muc", "ber", "a9");
  map.unlink("muc", "ber", "a9");
  for (const auto which : {change_operation::set, change_operation::erase}) {
    const auto change = changes.next();
    BOOST_REQUIRE(change.has_value());
    BOOST_TEST(change->key.text() == "\"muc\"");
    BOOST_TEST((change->operation == which));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(graphs_in_processes)

BOOST_AUTO_TEST_CASE(processes_link_at_the_same_time_and_see_each_others_edges) {
  temp_folder folder;
  constexpr int count = 3;
  constexpr int edges = 50;
  const int failures = failures_of_processes(count, [&](int process) {
    database db{folder.file(), quick()};
    auto ring = db.graph<int>("ring");
    for (int i = 0; i < edges; ++i) // all share the chain
      ring.link(std::to_string(i), std::to_string(i + 1), std::to_string(process), i);
    return ring.shortest_path("0", std::to_string(edges))->length == edges ? 0 : 1;
  });
  BOOST_TEST(failures == 0);
  database db{folder.file(), quick()};
  BOOST_TEST(db.graph("ring").count() == std::uint64_t{count} * edges);
}

BOOST_AUTO_TEST_SUITE_END()
