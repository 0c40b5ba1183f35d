#include "vectors_support.hpp"

#include <boost/describe/class.hpp>
#include <limits>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using strings = std::vector<std::string>;

struct note {
  std::string topic;
  int year = 0;
};
BOOST_DESCRIBE_STRUCT(note, (), (topic, year))

struct vectors_fixture {
  open_database opened;
  database& db = opened.db;
  beaver::vectors<note> places = db.vectors<note>("places");

  void fill() {
    places.set("east", numbers{1, 0}, note{"compass", 1});
    places.set("north", numbers{0, 1}, note{"compass", 2});
    places.set("northeast", numbers{1, 1}, note{"between", 3});
    places.set("nowhere", numbers{0, 0});
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(vector_calls, vectors_fixture)

BOOST_AUTO_TEST_CASE(a_vector_comes_back_as_it_was) {
  fill();
  const auto found = places.get("northeast");
  BOOST_TEST(found.vector == (numbers{1, 1}), per_element());
  BOOST_TEST(found.metadata->topic == "between");
  BOOST_TEST(!places.get("nowhere").metadata);
  BOOST_TEST(!places.find("none"));
  BOOST_TEST(outcome_of([&] { static_cast<void>(places.get("none")); }).is(errc::not_found));
  BOOST_TEST(places.contains("east"));
  BOOST_TEST(places.count() == 4u);
  BOOST_TEST(places.count(field("topic") == "compass") == 2u);
  BOOST_TEST(places.erase("east"));
  BOOST_TEST(!places.erase("east"));
  const auto several = places.get_many({"nowhere", "none", "north"});
  BOOST_REQUIRE(several.size() == 2u);
  BOOST_TEST(several[1].id == "north");
  strings ids;
  for (const auto& e : places)
    ids.push_back(e.id);
  BOOST_TEST(ids == (strings{"north", "northeast", "nowhere"}), per_element());
  BOOST_TEST(db.vector_collections() == strings{"places"}, per_element());
  places.clear();
  BOOST_TEST(places.count() == 0u);
  BOOST_TEST(places.near(numbers{1, 0}).hits.empty());
}

BOOST_AUTO_TEST_CASE(the_nearest_come_first_with_score_and_metadata) {
  fill();
  const auto found = places.near(numbers{2, 0.5F}, {.k = 3});
  BOOST_TEST(ids_of(found) == (strings{"east", "northeast", "north"}), per_element());
  BOOST_TEST(found.hits[0].score == cosine_score({2, 0.5F}, {1, 0}));
  BOOST_TEST(found.hits[1].metadata->year == 3);
  BOOST_TEST(found.exact);
  BOOST_TEST((found.how == strategy::linear));
  BOOST_TEST(ids_of(places.near(numbers{9, 9}, {.k = 1, .by = metric::inner_product}))
               == strings{"northeast"},
             per_element());
  BOOST_TEST(ids_of(places.near(numbers{0, 0.1F}, {.k = 1, .by = metric::euclid}))
               == strings{"nowhere"},
             per_element());
  BOOST_TEST(places.near(numbers{0, 1}, {.k = 0}).hits.empty());
}

BOOST_AUTO_TEST_CASE(filters_and_candidates_say_among_which) {
  fill();
  const numbers query{1, 0};
  const auto near = [&](near_options how) { return ids_of(places.near(query, std::move(how))); };
  BOOST_TEST(near({.where = field("topic") == "compass"}) == (strings{"east", "north"}),
             per_element());
  BOOST_TEST(near({.where = !field("topic").exists()}) == strings{"nowhere"}, per_element());
  BOOST_TEST(near({.candidates = strings{"north", "none", "northeast"}})
               == (strings{"northeast", "north"}),
             per_element());
  BOOST_TEST(near({.where = field("year") >= 2, .candidates = strings{"north", "east"}})
               == strings{"north"},
             per_element());
  BOOST_TEST(near({.candidates = strings{}}).empty());
}

BOOST_AUTO_TEST_CASE(a_filter_is_asked_anew_when_anything_has_changed, *in_this_process()) {
  fill();
  raw_file other{opened.folder.file()};
  const auto near = [&] {
    return ids_of(places.near(numbers{1, 0}, {.where = field("topic") == "compass"}));
  };
  BOOST_TEST(near() == (strings{"east", "north"}), per_element());
  BOOST_TEST(near() == (strings{"east", "north"}), per_element());
  other.execute("UPDATE __beaver_vectors__ SET metadata = '{\"topic\": \"compass\", \"year\": 0}' "
                "WHERE item_id = 'northeast'");
  BOOST_TEST(near() == (strings{"east", "northeast", "north"}), per_element());
  places.set("north", numbers{0, 1}, note{"wind", 5});
  BOOST_TEST(near() == (strings{"east", "northeast"}), per_element());
  db.transaction([&](transaction& tx) {
    tx.vectors("places").erase("east");
    BOOST_TEST(
      ids_of(tx.vectors("places").near(numbers{1, 0}, {.where = field("topic") == "compass"}))
        == strings{"northeast"},
      per_element());
  });
  BOOST_TEST(near() == strings{"northeast"}, per_element());
  for (int year = 0; year < 40; ++year) // more filters than are kept
    BOOST_TEST(places.count(field("year") == year)
               == places.near(numbers{1, 0}, {.where = field("year") == year}).hits.size());
}

BOOST_AUTO_TEST_CASE(several_are_looked_for_at_once) {
  fill();
  const auto found = places.near_many(numbers{1, 0, 0, 1}, 2, {.k = 1});
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(ids_of(found[0]) == strings{"east"}, per_element());
  BOOST_TEST(ids_of(found[1]) == strings{"north"}, per_element());
  BOOST_TEST(places.near_many({}, 0).empty());
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(places.near_many(numbers{1, 2, 3}, 2));
             }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(many_are_stored_at_once_or_none) {
  places.set_many(strings{"a", "b"}, numbers{1, 2, 3, 4, 5, 6});
  BOOST_TEST(places.get("b").vector == (numbers{4, 5, 6}), per_element());
  using entry = beaver::vectors<note>::entry;
  const std::vector<entry> mixed{{"c", {1, 1, 1}, note{"t", 1}}, {"d", {1, 1}, {}}};
  const auto refused = outcome_of([&] { places.set_many(mixed); });
  BOOST_TEST(refused.is(errc::invalid_argument));
  BOOST_TEST(refused.says("3"));
  BOOST_TEST(!places.contains("c"));
  BOOST_TEST(places.count() == 2u);
}

BOOST_AUTO_TEST_CASE(bad_vectors_are_refused_and_lose_nothing) {
  fill();
  constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
  constexpr auto infinity = std::numeric_limits<float>::infinity();
  for (const auto& bad :
       {numbers{}, numbers{1}, numbers{1, 2, 3}, numbers{1, nan}, numbers{-infinity, 1}}) {
    BOOST_TEST(outcome_of([&] { places.set("east", bad); }).is(errc::invalid_argument));
    BOOST_TEST(outcome_of([&] { static_cast<void>(places.near(bad)); }).is(errc::invalid_argument));
  }
  BOOST_TEST(outcome_of([&] { places.set("", numbers{1, 2}); }).is(errc::invalid_argument));
  BOOST_TEST(places.get("east").vector == (numbers{1, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(options_are_kept_and_checked) {
  auto typed = db.vectors("typed", {.dims = 3, .by = metric::euclid});
  BOOST_TEST(outcome_of([&] { typed.set("a", numbers{1, 2}); }).is(errc::invalid_argument));
  BOOST_TEST(typed.near(numbers{1, 2, 3}).hits.empty());
  typed.set("a", numbers{1, 2, 3});
  BOOST_TEST(typed.near(numbers{1, 2, 4}).hits[0].score == 1);
  BOOST_TEST(
    (db.vectors("typed", {.how = vectors_strategy::linear}).options().by == metric::euclid));
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(db.vectors("typed", {.by = metric::cosine}));
             }).is(errc::already_exists));
  BOOST_TEST(outcome_of([&] { typed.configure({.dims = 4}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { typed.configure({.dims = 0}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] {
               typed.configure({.by = metric::manhattan, .how = vectors_strategy::lsh});
             }).is(errc::invalid_argument));
  typed.configure({.target_recall = 0.9});
  BOOST_TEST(typed.options().target_recall.value() == 0.9);
  BOOST_TEST(typed.options().dims.value() == 3u);
}

BOOST_AUTO_TEST_CASE(transactions_batches_and_snapshots_see_their_own_state, *in_this_process()) {
  fill();
  const numbers query{1, 0};
  db.transaction([&](transaction& tx) {
    auto inside = tx.vectors<note>("places");
    inside.erase("east");
    inside.set("almost", numbers{1, 0.1F});
    BOOST_TEST(ids_of(inside.near(query, {.k = 1})) == strings{"almost"}, per_element());
  });
  const auto before = db.snapshot();
  auto batch = places.batched();
  batch.set("east", query);
  batch.erase("almost");
  BOOST_TEST(ids_of(places.near(query, {.k = 1})) == strings{"almost"}, per_element());
  batch.commit();
  BOOST_TEST(ids_of(places.near(query, {.k = 1})) == strings{"east"}, per_element());
  BOOST_TEST(ids_of(before.vectors<note>("places").near(query, {.k = 1})) == strings{"almost"},
             per_element());
  BOOST_CHECK_THROW(db.transaction([&](transaction& tx) {
    tx.vectors("places").set("gone", query);
    throw std::runtime_error("no");
  }),
                    std::runtime_error);
  BOOST_TEST(ids_of(places.near(query, {.k = 1})) == strings{"east"}, per_element());
}

BOOST_AUTO_TEST_CASE(futures_give_the_same) {
  fill();
  auto async = db.async().vectors<note>("places");
  BOOST_TEST(ids_of(async.near(numbers{0, 2}, {.k = 1}).get().value()) == strings{"north"},
             per_element());
  BOOST_TEST(async.set("east", numbers{1, 2, 3}).get().has_error());
}

BOOST_AUTO_TEST_CASE(what_another_program_writes_is_found_by_the_next_search) {
  fill();
  raw_file other{opened.folder.file()};
  const numbers query{0.9F, 0.1F};
  BOOST_TEST(ids_of(places.near(query, {.k = 1})) == strings{"east"}, per_element());
  other.execute("INSERT INTO __beaver_vectors__ VALUES('places', 'foreign', " + blob_literal(query)
                + ", '{\"topic\": \"sql\", \"year\": 4}')");
  const auto found = places.near(query, {.k = 1});
  BOOST_TEST(ids_of(found) == strings{"foreign"}, per_element());
  BOOST_TEST(found.hits[0].metadata->topic == "sql");
  other.execute("INSERT OR REPLACE INTO __beaver_vectors__ VALUES('places', 'foreign', "
                + blob_literal({-1, -1}) + ", NULL)");
  BOOST_TEST(ids_of(places.near(query, {.k = 1})) == strings{"east"}, per_element());
  other.execute("DELETE FROM __beaver_vectors__ WHERE item_id = 'east'");
  BOOST_TEST(ids_of(places.near(query, {.k = 1})) == strings{"northeast"}, per_element());
  // What is no vector of the collection is told, and passed over.
  other.execute("INSERT INTO __beaver_vectors__ VALUES('places', 'short', x'0000803f', NULL), "
                "('places', 'nan', x'0000c07f0000803f', NULL), ('places', 'text', 'words', NULL)");
  BOOST_TEST(ids_of(places.near(query, {.k = 9})).size() == 4u);
  BOOST_TEST(places.info().unusable == 3u);
  BOOST_TEST(outcome_of([&] { static_cast<void>(places.get("short")); }).is(errc::corrupt));
  other.execute("DELETE FROM __beaver_vectors__ WHERE item_id IN ('short', 'text')");
  BOOST_TEST(places.info().unusable == 1u);
}

BOOST_AUTO_TEST_CASE(a_database_in_memory_searches_too_but_makes_no_snapshots) {
  database memory{":memory:"};
  auto v = memory.vectors("v");
  v.set("a", numbers{1, 0});
  v.set("b", numbers{0, 1});
  BOOST_TEST(ids_of(v.near(numbers{1, 2}, {.k = 1})) == strings{"b"}, per_element());
  BOOST_TEST(outcome_of([&] { v.compact(); }).is(errc::not_supported));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_only_read_is_searched) {
  fill();
  db.close();
  auto how = quick();
  how.read_only = true;
  database reading{opened.folder.file(), how};
  BOOST_TEST(ids_of(reading.vectors("places").near(numbers{1, 0}, {.k = 1})) == strings{"east"},
             per_element());
  BOOST_TEST(outcome_of([&] { reading.vectors("places").compact(); }).is(errc::read_only));
}

BOOST_AUTO_TEST_SUITE_END()
