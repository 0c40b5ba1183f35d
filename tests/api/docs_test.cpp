#include "beaver/api/rerank.hpp"

#include "support/failure.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <algorithm>
#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using strings = std::vector<std::string>;

struct paper {
  std::string title;
  int year = 0;
  std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(paper, (), (title, year, tags))

struct docs_fixture {
  open_database opened;
  database& db = opened.db;
  beaver::docs<paper> papers = db.docs<paper>("papers");

  void fill() {
    papers.index("a", {"Actors and mailboxes", 1973, {"actors"}});
    papers.index("b", {"Write-ahead logging", 1992, {"storage"}});
    papers.index("c", {"Small worlds of actors", 2016, {"graphs", "actors"}});
  }

  template <class Documents>
  [[nodiscard]] static strings ids_of(const Documents& documents) {
    strings ids;
    for (const auto& d : documents)
      ids.push_back(d.id);
    return ids;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(documents, docs_fixture)

BOOST_AUTO_TEST_CASE(a_document_comes_back_as_the_type_it_was) {
  fill();
  const auto a = papers.get("a");
  BOOST_TEST(a.title == "Actors and mailboxes");
  BOOST_TEST(a.year == 1973);
  BOOST_TEST(!papers.find("none"));
  BOOST_TEST(outcome_of([&] { static_cast<void>(papers.get("none")); }).is(errc::not_found));
  BOOST_TEST(ids_of(papers.get_many({"c", "none", "a"})) == (strings{"c", "a"}), per_element());
  BOOST_TEST(papers.drop("a"));
  BOOST_TEST(!papers.drop("a"));
  BOOST_TEST(papers.count() == 2u);
  BOOST_TEST(db.documents() == strings{"papers"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_new_id_is_made_where_none_is_given) {
  const auto one = papers.index({"one", 1, {}});
  const auto two = papers.index({"two", 2, {}});
  BOOST_TEST(one.size() == 32u);
  BOOST_TEST(one != two);
  BOOST_TEST(papers.get(one).title == "one");
  const auto ids = papers.index_many(std::vector<paper>{{"three", 3, {}}, {"four", 4, {}}});
  BOOST_TEST(papers.get(ids.at(1)).title == "four");
  const auto named =
    papers.index_many(std::vector<document_of<paper>>{{"x", {"five", 5, {}}}, {"y", {}}});
  BOOST_TEST(named == (strings{"x", "y"}), per_element());
}

BOOST_AUTO_TEST_CASE(words_filters_and_order_find_documents) {
  fill();
  const auto found = papers.search("actors");
  BOOST_TEST(ids_of(found.hits) == (strings{"a", "c"}), per_element());
  BOOST_TEST(found.hits[0].body.year == 1973);
  BOOST_TEST(!found.incomplete);
  const auto late = papers.search(
    {.query = "actors", .where = field("year") > 2000, .total = true, .highlight = true});
  BOOST_TEST(*late.total == 1u);
  BOOST_TEST(late.hits.at(0).fragments.at(0).text == "Small worlds of <b>actors</b>");
  BOOST_TEST(papers.count(field("tags").contains("actors")) == 2u);
  docs_range by_year;
  by_year.sort = {{"year", sort_order::desc}};
  by_year.limit = 2;
  BOOST_TEST(ids_of(papers.list(by_year)) == (strings{"c", "b"}), per_element());
  const auto rows = papers.aggregate(
    {.field = "year", .functions = {}, .group_by = {}, .bucket = {}}, field("year") < 2000);
  BOOST_TEST(*rows.at(0).max == 1992);
}

BOOST_AUTO_TEST_CASE(all_documents_come_by_the_page_in_order) {
  std::vector<document_of<paper>> many;
  for (int i = 0; i < 3'000; ++i)
    many.push_back({"k" + std::to_string(10'000 + i), {"title", i, {}}});
  papers.index_many(many);
  int n = 0;
  for (const auto& d : papers)
    BOOST_REQUIRE(d.body.year == n++);
  BOOST_TEST(n == 3'000);
}

BOOST_AUTO_TEST_CASE(a_patch_gives_the_new_body) {
  fill();
  const auto changed = papers.patch("a", json_text{R"({"year": 1974, "tags": []})"});
  BOOST_TEST(changed->year == 1974);
  BOOST_TEST(changed->tags.empty());
  BOOST_TEST(changed->title == "Actors and mailboxes");
  BOOST_TEST(!papers.patch("none", json_text{"{}"}));
}

BOOST_AUTO_TEST_CASE(lists_of_hits_become_one_in_which_what_several_have_is_first) {
  fill();
  const auto words = papers.search("actors").hits; // a, c
  const auto late = papers.search("small OR logging").hits;
  const auto both = rerank(std::vector{words, late});
  BOOST_REQUIRE(both.size() == 3u);
  BOOST_TEST(both[0].id == "c");
  BOOST_TEST(both[0].body.year == 2016);
  const auto place = [&](const auto& list, const std::string& id) {
    return 1 + std::find(list.begin(), list.end(), id) - list.begin();
  };
  BOOST_TEST(both[0].score
               == 1.0 / (60 + place(ids_of(words), "c")) + 1.0 / (60 + place(ids_of(late), "c")),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(rerank(std::vector{words, late}, {.weights = {0, 1}}).size() == late.size());
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(rerank(std::vector{words, late}, {.weights = {1}}));
             }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(options_are_kept_and_checked_at_the_next_opening) {
  auto opened_first = db.docs<paper>("titles", {.full_text = strings{"title"}, .fuzzy = true});
  opened_first.index("a", {"Write-ahead logging", 1, {"storage"}});
  BOOST_TEST(opened_first.search("storage").hits.empty());
  BOOST_TEST(ids_of(opened_first.search({.query = "logginng", .fuzzy = true}).hits) == strings{"a"},
             per_element());
  static_cast<void>(db.docs("titles", {.full_text = strings{"title"}, .fuzzy = true}));
  const auto refused = outcome_of([&] { static_cast<void>(db.docs("titles", {.fuzzy = true})); });
  BOOST_TEST(refused.is(errc::already_exists));
  BOOST_TEST(refused.says("full_text"));
  BOOST_TEST(*db.docs("titles").options().fuzzy);
  opened_first.configure({});
  BOOST_TEST(opened_first.search("storage").incomplete);
  std::uint64_t seen = 0;
  BOOST_TEST(opened_first.reindex({}, [&](std::uint64_t n) { seen = n; }) == 1u);
  BOOST_TEST(seen == 1u);
  BOOST_TEST(ids_of(opened_first.search("storage").hits) == strings{"a"}, per_element());
}

BOOST_AUTO_TEST_CASE(an_index_answers_what_a_scan_answers) {
  fill();
  for (int i = 0; i < 100; ++i)
    papers.index({"filler", i, {}});
  const auto where = field("year") >= 1973;
  const auto scanned = papers.count(where);
  BOOST_TEST(papers.create_index("year"));
  BOOST_TEST(!papers.create_index("year"));
  papers.reindex();
  BOOST_TEST(!papers.explain(where).scanned);
  BOOST_TEST(papers.count(where) == scanned);
  BOOST_TEST(papers.indexes().at(0).entries == 103u);
  BOOST_TEST(papers.drop_index("year"));
  BOOST_TEST(outcome_of([&] { papers.reindex("year"); }).is(errc::not_found));
}

BOOST_AUTO_TEST_CASE(batches_and_transactions_apply_whole) {
  {
    auto batch = papers.batched();
    batch.index("x", {"one", 1, {}});
    batch.index("y", {"two", 2, {}});
    batch.drop("x");
    batch.commit();
  }
  BOOST_TEST(papers.count() == 1u);
  BOOST_CHECK_THROW(db.transaction([](transaction& tx) {
    auto in = tx.docs<paper>("papers");
    in.index("z", {"lost", 3, {}});
    BOOST_TEST(in.search("lost").hits.size() == 1u);
    throw std::runtime_error("no");
  }),
                    std::runtime_error);
  BOOST_TEST(papers.search("lost").hits.empty());
  auto later = db.async().docs<paper>("papers").index("w", {"async", 4, {}});
  BOOST_TEST(later.get().value() == "w");
}

BOOST_AUTO_TEST_CASE(edges_go_with_a_document_where_that_is_wanted) {
  fill();
  auto cites = db.graph("papers");
  cites.link("a", "b", "cites");
  cites.link("c", "a", "cites");
  cites.link("c", "b", "cites");
  BOOST_TEST(papers.drop("b"));
  BOOST_TEST(cites.count() == 3u);
  BOOST_TEST(papers.drop_with_edges("a"));
  BOOST_TEST(cites.count() == 1u);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_and_changes_nothing) {
  auto raw = db.docs("papers");
  const auto refused = [](auto call) { return outcome_of(call).is(errc::invalid_argument); };
  BOOST_TEST(refused([&] { raw.index("", json_text{"1"}); }));
  BOOST_TEST(refused([&] { raw.index("a", json_text{"{"}); }));
  BOOST_TEST(refused([&] { raw.index("a", json_text{"\"\\ud800\""}); }));
  BOOST_TEST(refused([&] { raw.patch("a", json_text{"{"}); }));
  BOOST_TEST(refused([&] { static_cast<void>(raw.count(filter{json_text{"7"}})); }));
  BOOST_TEST(refused([&] { static_cast<void>(raw.search({.query = "a AND", .fts5 = true})); }));
  BOOST_TEST(refused([&] { static_cast<void>(raw.search({.query = "a", .fuzzy = true})); }));
  docs_range sorted;
  sorted.sort = {{"year", {}}};
  sorted.after = "x";
  BOOST_TEST(refused([&] { static_cast<void>(raw.list(sorted)); }));
  BOOST_TEST(refused([&] {
    static_cast<void>(
      raw.aggregate({.field = "x", .functions = {}, .group_by = {}, .bucket = 1.0}));
  }));
  BOOST_TEST(raw.count() == 0u);
}

BOOST_AUTO_TEST_CASE(changes_of_documents_are_told_and_seen_by_others) {
  fill();
  raw_file other{opened.folder.file()};
  BOOST_TEST(other.integer("SELECT count(*) FROM __beaver_documents__ WHERE collection = 'papers'")
             == 3);
  BOOST_TEST(other.integer("SELECT count(*) FROM __beaver_fts_index__ WHERE "
                           "__beaver_fts_index__ MATCH 'actors'")
             == 4);
  auto changes = db.watch("docs:papers");
  papers.index("d", {"new", 1, {}});
  BOOST_TEST(changes.next()->key.text() == "\"d\"");
}

BOOST_AUTO_TEST_SUITE_END()
