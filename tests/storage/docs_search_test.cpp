#include "docs_support.hpp"
#include "support/failure.hpp"

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

struct papers : docs_fixture {
  papers() {
    put("p1",
        R"({"title": "Actors and mailboxes", "body": "One message at a time.", "year": 1973})");
    put("p2",
        R"({"title": "Write-ahead logging", "body": "The log is flushed; running flushes merge.",
                  "tags": ["storage", "log"], "year": 1992})");
    put("p3", R"({"title": "Small worlds", "body": "Graphs answer queries about actors.",
                  "author": {"name": "Yury", "city": "Нижний"}, "year": 2016})");
    put("p4", R"("Café society prefers running water")");
  }

  [[nodiscard]] strings texts(const docs_query& query) {
    strings all;
    for (const auto& hit : docs_table::search(c(), "d", query).hits)
      for (const auto& f : *hit.fragments)
        all.push_back(f.path + ": " + f.text);
    return all;
  }
};

strings sorted(strings ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(docs_searches, papers)

BOOST_AUTO_TEST_CASE(words_are_found_by_their_stems_in_any_string) {
  BOOST_TEST(sorted(ids("run")) == (strings{"p2", "p4"}), per_element());
  BOOST_TEST(ids("CAFE") == strings{"p4"}, per_element());
  BOOST_TEST(ids("нижний") == strings{"p3"}, per_element());
  BOOST_TEST(ids("beaver").empty());
}

BOOST_AUTO_TEST_CASE(all_words_have_to_be_in_the_document_but_not_in_one_string) {
  BOOST_TEST(ids("actors time") == strings{"p1"}, per_element());
  BOOST_TEST(ids("worlds yury queries") == strings{"p3"}, per_element());
  BOOST_TEST(ids("actors logging").empty());
}

BOOST_AUTO_TEST_CASE(one_of_the_words_can_be_enough) {
  BOOST_TEST(ids({.query = "actors at yury", .any = true}) == (strings{"p3", "p1"}), per_element());
  BOOST_TEST(ids({.query = "actors yury -message", .any = true}) == strings{"p3"}, per_element());
  BOOST_TEST(ids({.query = "-message", .any = true}).size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_language_has_phrases_prefixes_exclusions_alternatives_and_fields) {
  BOOST_TEST(ids("\"message at a time\"") == strings{"p1"}, per_element());
  BOOST_TEST(ids("\"time a at message\"").empty());
  BOOST_TEST(ids("mailb*") == strings{"p1"}, per_element());
  BOOST_TEST(ids("actors -message") == strings{"p3"}, per_element());
  BOOST_TEST(sorted(ids("message OR water")) == (strings{"p1", "p4"}), per_element());
  BOOST_TEST(ids("title:actors") == strings{"p1"}, per_element());
  BOOST_TEST(ids("author:yury") == strings{"p3"}, per_element());
  BOOST_TEST(ids("author.city:yury").empty());
  BOOST_TEST(ids("\"log running\"~3") == strings{"p2"}, per_element());
  BOOST_TEST(ids("actors -actors").empty());
  BOOST_TEST(sorted(ids("-actors")) == (strings{"p2", "p4"}), per_element());
}

BOOST_AUTO_TEST_CASE(names_paths_and_ids_are_not_searched) {
  BOOST_TEST(ids("d").empty());
  BOOST_TEST(ids("title").empty());
  BOOST_TEST(ids("p1").empty());
}

BOOST_AUTO_TEST_CASE(text_without_a_word_finds_nothing_and_is_no_error) {
  for (const auto* text : {"", "***", "\"", "?!", "- -", "()", "\U0001f9ab"})
    BOOST_TEST(ids(text).empty());
  BOOST_TEST(ids("*** mailboxes ?") == strings{"p1"}, per_element());
}

BOOST_AUTO_TEST_CASE(other_collections_are_not_searched) {
  put("q1", R"({"title": "mailboxes"})", "other");
  BOOST_TEST(ids("mailboxes") == strings{"p1"}, per_element());
  BOOST_TEST(ids("actors mailboxes") == strings{"p1"}, per_element());
}

BOOST_AUTO_TEST_CASE(the_better_match_comes_first_and_of_equal_ones_the_older) {
  put("p5", R"({"title": "actors", "body": "short"})");
  put("p6", R"({"title": "actors", "body": "short"})");
  const auto all = docs_table::search(c(), "d", {.query = "actors"}).hits;
  BOOST_REQUIRE(all.size() == 4u);
  BOOST_TEST(all[0].id == "p5"); // stored first
  BOOST_TEST(all[1].id == "p6");
  BOOST_TEST(all[0].score == all[1].score);
  BOOST_TEST(all[1].score > all[2].score);
  BOOST_TEST(ids({.query = "actors", .limit = 1, .offset = 1}) == strings{"p6"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_query_of_one_word_ranks_as_one_of_several_does) {
  for (int i = 0; i < 40; ++i)
    put("r" + std::to_string(i), "{\"a\": \"" + std::string(static_cast<std::size_t>(i % 7), 'x')
                                   + " word " + (i % 3 ? "word" : "other") + "\", \"b\": \"word "
                                   + std::to_string(i) + "\"}");
  const auto lazily = docs_table::search(c(), "d", {.query = "word", .limit = 20}).hits;
  const auto whole =
    docs_table::search(c(), "d",
                       {.query = "word", .weights = std::vector<field_weight>{}, .limit = 20})
      .hits;
  BOOST_REQUIRE(lazily.size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    BOOST_TEST(lazily[i].id == whole[i].id);
    BOOST_TEST(lazily[i].score == whole[i].score);
  }
}

BOOST_AUTO_TEST_CASE(strings_can_be_chosen_and_weighed) {
  BOOST_TEST(ids({.query = "actors", .on = strings{"body"}}) == strings{"p3"}, per_element());
  BOOST_TEST(ids({.query = "yury", .on = strings{"author"}}) == strings{"p3"}, per_element());
  BOOST_TEST(ids({.query = "log", .on = strings{"tags"}}) == strings{"p2"}, per_element());
  const auto first = [&](double weight) {
    return ids({.query = "actors", .weights = std::vector<field_weight>{{"body", weight}}}).front();
  };
  BOOST_TEST(first(100) == "p3");
  BOOST_TEST(first(0.01) == "p1");
  BOOST_TEST(ids({.query = "actors", .weights = std::vector<field_weight>{{"body", 0}}}).size()
             == 2u);
}

BOOST_AUTO_TEST_CASE(a_filter_and_a_total_apply_to_what_is_found) {
  const json_text where{R"([{"path": "year", "operator": ">", "value": 1980}])"};
  BOOST_TEST(ids({.query = "actors", .where = where}) == strings{"p3"}, per_element());
  const auto found =
    docs_table::search(c(), "d", {.query = "actors OR log", .limit = 1, .total = true});
  BOOST_TEST(found.hits.size() == 1u);
  BOOST_TEST(*found.total == 3u);
  const auto filtered =
    docs_table::search(c(), "d", {.query = "actors", .where = where, .limit = 0, .total = true});
  BOOST_TEST(filtered.hits.empty());
  BOOST_TEST(*filtered.total == 1u);
}

BOOST_AUTO_TEST_CASE(words_are_marked_where_they_were_found) {
  BOOST_TEST(texts({.query = "actors queries", .highlight = true})
               == strings{"body: Graphs answer <b>queries</b> about <b>actors</b>."},
             per_element());
  BOOST_TEST(texts({.query = "flush -mailboxes", .highlight = true, .open = "[", .close = "]"})
               == strings{"body: The log is [flushed]; running [flushes] merge."},
             per_element());
  BOOST_TEST(
    texts({.query = "title:actors time", .highlight = true})
      == (strings{"title: <b>Actors</b> and mailboxes", "body: One message at a <b>time</b>."}),
    per_element());
  put("p9", R"({"title": "dams and dams", "body": "dams"})");
  BOOST_TEST(texts({.query = "body:dams", .highlight = true}) == strings{"body: <b>dams</b>"},
             per_element());
  BOOST_TEST(texts({.query = "merge", .snippet = 2})
               == strings{"body: \u2026flushes <b>merge</b>."},
             per_element());
}

BOOST_AUTO_TEST_CASE(an_expression_of_fts5_sees_the_content_alone) {
  BOOST_TEST(ids({.query = "log AND flush*", .fts5 = true}) == strings{"p2"}, per_element());
  BOOST_TEST(ids({.query = "title OR d OR p1", .fts5 = true}).empty());
  const auto bad = outcome_of([&] { ids({.query = "a AND (", .fts5 = true}); });
  BOOST_TEST(bad.is(errc::invalid_argument));
  BOOST_TEST(bad.says("fts5"));
  BOOST_TEST(ids("actors").size() == 2u); // the connection is as it was
}

BOOST_AUTO_TEST_CASE(a_document_of_another_program_is_found_and_dropped_completely) {
  c().execute("INSERT INTO __beaver_documents__ VALUES ('d', 'py', '{\"t\": \"a dam\"}');"
              "INSERT INTO __beaver_fts_index__ VALUES ('d', 'py', 't', 'a dam')");
  BOOST_TEST(ids("dams") == strings{"py"}, per_element());
  BOOST_TEST(drop("py"));
  BOOST_TEST(ids("dams").empty());
  BOOST_TEST(c().integer("SELECT count(*) FROM __beaver_fts_index__ WHERE item_id = 'py'") == 0);
  c().execute("INSERT INTO __beaver_fts_index__ VALUES ('d', 'gone', 't', 'a dam')");
  BOOST_TEST(ids("dams").empty()); // text without its document
}

BOOST_AUTO_TEST_CASE(a_query_that_contradicts_itself_is_refused) {
  const auto refused = [&](docs_query query) {
    return outcome_of([&] { docs_table::check(query); }).is(errc::invalid_argument);
  };
  BOOST_TEST(refused({.query = "a", .fts5 = true, .fuzzy = true}));
  BOOST_TEST(refused({.query = "a", .fts5 = true, .any = true}));
  BOOST_TEST(refused({.query = "a", .max_distance = 1}));
  BOOST_TEST(refused({.query = "a", .weights = std::vector<field_weight>{{"t", -1}}}));
  BOOST_TEST(refused({.query = "a", .snippet = 0}));
  BOOST_TEST(refused({.query = "a", .snippet = 65}));
  BOOST_TEST(!refused({.query = "a", .snippet = 64}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(docs_fuzzy_searches, docs_fixture)

BOOST_AUTO_TEST_CASE(misspelt_words_are_found) {
  configure({.fuzzy = true});
  put("beaver", R"({"gloss": "large semiaquatic rodent that builds dams", "words": ["beaver"]})");
  put("muskrat", R"({"gloss": "beaver-like aquatic rodent", "words": ["muskrat"]})");
  put("water", R"({"gloss": "clear liquid", "words": ["wasser", "Grün"]})");
  const auto fuzzy = [&](std::string_view text) {
    return ids({.query = std::string{text}, .fuzzy = true});
  };
  BOOST_TEST(fuzzy("beaver") == (strings{"muskrat", "beaver"}), per_element()); // the shorter first
  BOOST_TEST(fuzzy("baever").size() == 2u);
  BOOST_TEST(fuzzy("semiaqautic rodnet") == strings{"beaver"}, per_element());
  BOOST_TEST(fuzzy("likuid") == strings{"water"}, per_element());
  BOOST_TEST(fuzzy("GRÜN") == strings{"water"}, per_element());
  BOOST_TEST(fuzzy("dams").front() == "beaver");
  BOOST_TEST(fuzzy("dans").empty()); // has no three letters in a row that are right
  BOOST_TEST(fuzzy("xylophone").empty());
  BOOST_TEST(fuzzy("***").empty());
  BOOST_TEST(ids({.query = "rodent", .fuzzy = true, .on = strings{"words"}}).empty());
  BOOST_TEST(ids({.query = "muskratt", .fuzzy = true, .max_distance = 0}).empty());
  BOOST_TEST(ids({.query = "muskr", .fuzzy = true, .max_distance = 2}) == strings{"muskrat"},
             per_element());
}

BOOST_AUTO_TEST_CASE(words_too_short_for_an_edit_are_looked_for_as_they_are) {
  configure({.fuzzy = true});
  put("a", R"({"t": "go to sleep"})");
  put("b", R"({"t": "do sleep"})");
  BOOST_TEST(ids({.query = "go slepe", .fuzzy = true}) == strings{"a"}, per_element());
  BOOST_TEST(ids({.query = "no slepe", .fuzzy = true, .any = false}).empty());
}

BOOST_AUTO_TEST_CASE(one_misspelt_word_of_a_sentence_can_be_enough) {
  configure({.fuzzy = true});
  put("beaver", R"({"t": "rodent that constructs dams"})");
  put("robin", R"({"t": "bird that builds nests"})");
  put("wren", R"({"t": "bird that nests"})");
  put("water", R"({"t": "clear liquid"})");
  const docs_query sentence{.query = "animal that buildz damms", .fuzzy = true, .any = true};
  // The words that few documents have count most.
  BOOST_TEST(sorted(ids(sentence)) == (strings{"beaver", "robin", "wren"}), per_element());
  BOOST_TEST(ids(sentence).back() == "wren");
  BOOST_TEST(ids({.query = "animal that buildz damms", .fuzzy = true, .any = false}).empty());
  BOOST_TEST(ids({.query = "xylophone", .fuzzy = true, .any = true}).empty());
}

BOOST_AUTO_TEST_CASE(a_sentence_that_no_document_has_as_a_whole_finds_those_with_some_of_it) {
  configure({.fuzzy = true});
  put("beaver", R"({"t": "rodent that constructs dams", "n": 1})");
  put("robin", R"({"t": "bird that builds nests", "n": 2})");
  put("water", R"({"t": "clear liquid", "n": 3})");
  const auto find = [&](docs_query query) {
    query.fuzzy = true;
    return docs_table::search(c(), "d", query);
  };
  const auto loose = find({.query = "animal that buildz damms", .total = true});
  BOOST_TEST(loose.hits.size() == 2u);
  BOOST_TEST(loose.total.value() == 2u);
  BOOST_TEST(loose.any.value());
  BOOST_TEST(!find({.query = "animal that buildz damms", .any = true}).any);
  // Whoever has all words is alone, on whatever page.
  const auto strict = find({.query = "bird that buildz", .limit = 1, .offset = 1});
  BOOST_TEST(strict.hits.empty());
  BOOST_TEST(!strict.any);
  // A filter that no document with all words satisfies leaves none of them.
  const auto filtered =
    find({.query = "bird that buildz",
          .where = json_text{R"([{"path": "n", "operator": "==", "value": 1}])"}});
  BOOST_TEST(filtered.hits.size() == 1u);
  BOOST_TEST(filtered.any.value());
  BOOST_TEST(!find({.query = "xylophone player"}).any);
  BOOST_TEST(!find({.query = "xylophone"}).any);
}

BOOST_AUTO_TEST_CASE(exact_words_come_before_misspelt_ones_and_are_marked) {
  configure({.fuzzy = true});
  put("a", R"({"t": "the beever swims"})");
  put("b", R"({"t": "the beaver swims far"})");
  const auto hits =
    docs_table::search(c(), "d", {.query = "beaver", .fuzzy = true, .highlight = true}).hits;
  BOOST_REQUIRE(hits.size() == 2u);
  BOOST_TEST(hits[0].id == "b");
  BOOST_TEST(hits[0].score == 1);
  BOOST_TEST(hits[0].fragments->front().text == "the <b>beaver</b> swims far");
  BOOST_TEST(hits[1].fragments->front().text == "the <b>beever</b> swims");
  const auto cut =
    docs_table::search(c(), "d", {.query = "beaver", .fuzzy = true, .snippet = 2}).hits;
  BOOST_TEST(cut[0].fragments->front().text == "the <b>beaver</b>\u2026");
}

BOOST_AUTO_TEST_CASE(a_limit_gives_the_beginning_of_all) {
  configure({.fuzzy = true});
  dice random{7};
  const strings words{"beaver", "beever", "beavre", "bever", "beavers", "weaver", "leave", "brave"};
  for (int i = 0; i < 80; ++i) {
    std::string text;
    for (auto n = 1 + random.below(4); n > 0; --n)
      text += random.of(words) + ' ';
    put("k" + std::to_string(i), R"({"t": ")" + text + "\"}");
  }
  for (const bool any : {false, true}) {
    docs_query query{.query = "beaver brave lave", .fuzzy = true, .any = any};
    const auto all = ids(query);
    BOOST_TEST(all.size() > (any ? 70u : 5u));
    for (std::uint64_t limit = 0; limit <= all.size(); ++limit) {
      query.limit = limit;
      BOOST_TEST(ids(query)
                   == strings(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(limit)),
                 per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_collection_without_fuzzy_search_says_so) {
  put("a", R"({"t": "word"})");
  const auto refused = outcome_of([&] { ids({.query = "word", .fuzzy = true}); });
  BOOST_TEST(refused.is(errc::invalid_argument));
  BOOST_TEST(refused.says("configure"));
}

BOOST_AUTO_TEST_SUITE_END()
