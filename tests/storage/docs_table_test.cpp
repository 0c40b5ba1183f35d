#include "docs_support.hpp"
#include "support/failure.hpp"

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

strings ids_of(const std::vector<document>& documents) {
  strings ids;
  for (const auto& d : documents)
    ids.push_back(d.id);
  return ids;
}

json_text condition(std::string_view path, std::string_view op, std::string_view value) {
  return json_text{R"([{"path": ")" + std::string{path} + R"(", "operator": ")" + std::string{op}
                   + R"(", "value": )" + std::string{value} + "}]"};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(docs_tables, docs_fixture)

BOOST_AUTO_TEST_CASE(a_document_is_found_under_its_id_until_it_is_dropped) {
  put("a", R"({"title": "one"})");
  put("a", R"({"title": "two"})");
  put("b", "7");
  BOOST_TEST(docs_table::find(c(), "d", "a")->text() == R"({"title": "two"})");
  BOOST_TEST(docs_table::count(c(), "d") == 2u);
  BOOST_TEST(drop("a"));
  BOOST_TEST(!drop("a"));
  BOOST_TEST(!docs_table::find(c(), "d", "a"));
  BOOST_TEST(docs_table::names(c()) == strings{"d"}, per_element());
}

BOOST_AUTO_TEST_CASE(several_are_given_in_the_order_that_was_asked_for) {
  put("a", "1");
  put("b", "2");
  const strings wanted{"b", "none", "a", "b"};
  BOOST_TEST(ids_of(docs_table::get_many(c(), "d", wanted)) == (strings{"b", "a", "b"}),
             per_element());
}

BOOST_AUTO_TEST_CASE(a_replaced_or_dropped_document_leaves_nothing_behind_whatever_its_id) {
  configure({.fuzzy = true});
  strings all = trap_keys();
  all.insert(all.end(), {"***", "\"", "doc-1", "b0a1e6e4-8f0e-4b0e-9a52-0f0f0f0f0f0f"});
  std::erase_if(all, [](const std::string& id) { return id.find('\0') != id.npos; });
  for (const auto& id : all)
    put(id, R"({"text": "first version", "more": ["of", "it"]})");
  for (const auto& id : all)
    put(id, R"({"text": "second"})");
  BOOST_TEST(rows("__beaver_fts_index__") == static_cast<std::int64_t>(all.size()));
  BOOST_TEST(ids("first").empty());
  BOOST_TEST(ids("second").size() == all.size());
  for (const auto& id : all)
    BOOST_TEST(drop(id));
  BOOST_TEST(rows("__beaver_fts_index__") == 0);
  BOOST_TEST(rows("__beaver_trigrams__") == 0);
  BOOST_TEST(ids("second").empty());
}

BOOST_AUTO_TEST_CASE(rows_of_a_document_are_found_by_an_index) {
  put("a", R"({"text": "word"})");
  put("a", R"({"text": "other"})");
  bool seen = false;
  for (const auto& plan : plans("INDEXED BY __beaver_fts_rows__")) {
    BOOST_TEST_INFO(plan);
    BOOST_TEST(plan.find("SCAN") == std::string::npos);
    seen = seen || plan.find("__beaver_fts_rows__ (c0=? AND c1=?)") != std::string::npos;
  }
  BOOST_TEST(seen);
}

BOOST_AUTO_TEST_CASE(a_patch_changes_removes_and_adds_members) {
  put("a", R"({"title": "old", "author": {"name": "x", "age": 3}, "tags": ["p", "q"]})");
  const auto body = write([&] {
    return docs_table::patch(
      c(), "d", "a",
      json_text{R"({"title": "new", "author": {"age": null}, "tags": ["r"], "year": 7})"});
  });
  BOOST_TEST(body->text()
             == R"({"title": "new", "author": {"name": "x"}, "tags": ["r"], "year": 7})");
  BOOST_TEST(ids("old").empty());
  BOOST_TEST(ids("new") == strings{"a"}, per_element());
  BOOST_TEST(!write([&] { return docs_table::patch(c(), "d", "none", json_text{"{}"}); }));
}

BOOST_AUTO_TEST_CASE(a_listing_follows_ids_or_values) {
  put("a", R"({"year": 1992, "kind": "x"})");
  put("b", R"({"year": 1973, "kind": "y"})");
  put("c", R"({"kind": "x"})");
  put("d", R"({"year": 1973.0, "kind": "x"})");
  put("e", R"({"year": "1973", "kind": "z"})");
  const auto list = [&](const key_range& range, std::vector<sort_field> sort = {},
                        std::uint64_t offset = 0, std::optional<json_text> where = {}) {
    return ids_of(docs_table::list(c(), "d", range, where, sort, offset));
  };
  BOOST_TEST(list({}) == (strings{"a", "b", "c", "d", "e"}), per_element());
  BOOST_TEST(list({.after = "b", .limit = 2}) == (strings{"c", "d"}), per_element());
  BOOST_TEST(list({.descending = true, .limit = 2}, {}, 1) == (strings{"d", "c"}), per_element());
  BOOST_TEST(list({}, {{"year", {}}}) == (strings{"c", "b", "d", "a", "e"}), per_element());
  BOOST_TEST(list({}, {{"year", sort_order::desc}}) == (strings{"e", "a", "b", "d", "c"}),
             per_element());
  BOOST_TEST(list({}, {{"kind", sort_order::desc}, {"year", {}}})
               == (strings{"e", "b", "c", "d", "a"}),
             per_element());
  BOOST_TEST(list({.limit = 2}, {{"year", {}}}, 1) == (strings{"b", "d"}), per_element());
  BOOST_TEST(list({}, {{"year", {}}}, 9).empty());
  BOOST_TEST(list({.limit = 1}, {}, 1, condition("kind", "==", "\"x\"")) == strings{"c"},
             per_element());
}

BOOST_AUTO_TEST_CASE(values_are_counted_and_aggregated) {
  put("a", R"({"n": 1, "g": "x"})");
  put("b", R"({"n": 5, "g": "y"})");
  put("c", R"({"n": 9, "g": "x"})");
  BOOST_TEST(docs_table::count(c(), "d", condition("n", ">", "4")) == 2u);
  const auto rows = docs_table::aggregate(
    c(), "d", {}, {.field = "n", .functions = {}, .group_by = "g", .bucket = {}});
  BOOST_REQUIRE(rows.size() == 2u);
  BOOST_TEST(rows[0].group->text() == "\"x\"");
  BOOST_TEST(*rows[0].sum == 10);
  BOOST_TEST(rows[1].count == 1u);
}

BOOST_AUTO_TEST_CASE(a_clear_removes_documents_text_and_entries_of_one_collection) {
  configure({.fuzzy = true});
  write([&] { return docs_table::create_index(c(), "d", "n"); });
  put("a", R"({"n": 1, "t": "word"})");
  put("a", R"({"t": "word"})", "other");
  BOOST_TEST(write([&] { return docs_table::clear(c(), "d"); }) == 1u);
  BOOST_TEST(docs_table::count(c(), "other") == 1u);
  BOOST_TEST(rows("__beaver_fts_index__") == 1);
  BOOST_TEST(rows("__beaver_trigrams__") == 0);
  BOOST_TEST(rows("__beaver_index_entries__") == 0);
  BOOST_TEST(docs_table::indexes(c(), "d").size() == 1u);
  BOOST_TEST(*docs_table::options(c(), "d").fuzzy);
}

BOOST_AUTO_TEST_CASE(filters_with_an_index_find_what_a_scan_finds_whoever_has_written) {
  for (int i = 0; i < 100; ++i)
    put("k" + std::to_string(i), R"({"n": )" + std::to_string(i % 20) + "}");
  const auto where = condition("n", "==", "3");
  const auto scan = docs_table::count(c(), "d", where);
  write([&] { return docs_table::create_index(c(), "d", "n"); });
  BOOST_TEST(docs_table::explain(c(), "d", where).scanned);
  reindex();
  BOOST_TEST(!docs_table::explain(c(), "d", where).scanned);
  BOOST_TEST(docs_table::count(c(), "d", where) == scan);
  c().execute("INSERT INTO __beaver_documents__ VALUES ('d', 'foreign', '{\"n\": 3}')");
  c().execute("UPDATE __beaver_documents__ SET data = '{\"n\": 4}' WHERE item_id = 'k3'");
  c().execute("DELETE FROM __beaver_documents__ WHERE item_id = 'k23'");
  BOOST_TEST(!docs_table::explain(c(), "d", where).scanned);
  BOOST_TEST(docs_table::count(c(), "d", where) == scan - 1);
  put("k43", R"({"n": "3"})");
  BOOST_TEST(docs_table::count(c(), "d", where) == scan - 2);
  BOOST_TEST(drop("k63"));
  BOOST_TEST(docs_table::count(c(), "d", where) == scan - 3);
  reopen();
  BOOST_TEST(docs_table::count(c(), "d", where) == scan - 3);
}

BOOST_AUTO_TEST_CASE(changed_options_hold_for_earlier_documents_after_a_reindex) {
  for (int i = 0; i < 5; ++i)
    put("k" + std::to_string(i), R"({"title": "lodge", "body": "dam"})");
  configure({.full_text = strings{"title"}, .fuzzy = true});
  BOOST_TEST(!docs_table::info(c(), "d").text_complete);
  BOOST_TEST(*docs_table::search(c(), "d", {.query = "dam"}).incomplete);
  put("new", R"({"title": "lodge", "body": "dam"})");
  BOOST_TEST(ids("dam").size() == 5u);
  reindex();
  BOOST_TEST(ids("dam").empty());
  BOOST_TEST(ids("lodge").size() == 6u);
  BOOST_TEST(ids({.query = "lodgee", .fuzzy = true}).size() == 6u);
  BOOST_TEST(docs_table::info(c(), "d").text_complete);
  BOOST_TEST(!docs_table::search(c(), "d", {.query = "dam"}).incomplete);
  configure({.full_text = strings{}});
  reindex();
  BOOST_TEST(rows("__beaver_fts_index__") == 0);
}

BOOST_AUTO_TEST_CASE(half_a_surrogate_pair_is_refused_where_text_is_indexed) {
  const std::string_view body = R"({"t": "\ud800"})";
  BOOST_TEST(outcome_of([&] { put("a", body); }).is(errc::invalid_argument));
  BOOST_TEST(docs_table::count(c(), "d") == 0u);
  configure({.full_text = strings{}});
  put("a", body);
  BOOST_TEST(docs_table::find(c(), "d", "a")->text() == body);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_json_is_corrupt_where_it_has_to_be_looked_at) {
  put("a", "1");
  c().execute("INSERT INTO __beaver_documents__ VALUES ('d', 'bad', '{')");
  BOOST_TEST(docs_table::count(c(), "d") == 2u);
  const auto refused =
    outcome_of([&] { static_cast<void>(docs_table::count(c(), "d", condition("n", "==", "1"))); });
  BOOST_TEST(refused.is(errc::corrupt));
  BOOST_TEST(refused.says("'bad'"));
  BOOST_TEST(drop("bad"));
}

BOOST_AUTO_TEST_SUITE_END()
