#include "vectors_support.hpp"

#include <atomic>
#include <boost/describe/class.hpp>
#include <limits>
#include <thread>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using strings = std::vector<std::string>;

struct animal {
  std::string gloss;
  int legs = 0;
};
BOOST_DESCRIBE_STRUCT(animal, (), (gloss, legs))

struct hybrid_fixture {
  open_database opened;
  database& db = opened.db;
  beaver::docs<animal> animals = db.docs<animal>("animals");
  beaver::vectors<> vectors = db.vectors("animals");

  void fill() {
    animals.index("beaver", {"rodent that builds dams", 4});
    animals.index("muskrat", {"aquatic rodent", 4});
    animals.index("otter", {"swims and eats fish", 4});
    animals.index("pike", {"fish", 0});
    vectors.set("beaver", numbers{1, 0.2F});
    vectors.set("otter", numbers{0.9F, 0.5F});
    vectors.set("pike", numbers{0, 1});
    vectors.set("submarine", numbers{1, 0}); // no document
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(hybrid_searches, hybrid_fixture)

BOOST_AUTO_TEST_CASE(words_and_a_vector_find_documents_together) {
  fill();
  const numbers query{1, 0};
  const auto found =
    animals.search({.query = "rodent", .vector = query, .limit = 3, .highlight = true});
  BOOST_TEST(ids_of(found) == (strings{"beaver", "muskrat", "otter"}), per_element());
  const auto& beaver = found.hits[0];
  BOOST_TEST(beaver.body.legs == 4);
  BOOST_TEST(beaver.score == 1.0 / 62 + 1.0 / 61);
  BOOST_TEST(beaver.text.value().rank == 2u);
  BOOST_TEST(beaver.near.value().rank == 1u); // the submarine takes no place
  BOOST_TEST(beaver.near.value().score == cosine_score(query, {1, 0.2F}));
  BOOST_TEST(beaver.fragments.at(0).text == "<b>rodent</b> that builds dams");
  BOOST_TEST(!found.hits[1].near);
  BOOST_TEST(!found.hits[2].text);
  BOOST_TEST(found.hits[2].fragments.empty());
  BOOST_TEST(!found.approximate);
}

BOOST_AUTO_TEST_CASE(a_vector_alone_finds_the_nearest_documents) {
  fill();
  const auto near = [&](docs_query what) { return ids_of(animals.search(std::move(what))); };
  const numbers query{1, 0};
  BOOST_TEST(near({.vector = query}) == (strings{"beaver", "otter", "pike"}), per_element());
  BOOST_TEST(near({.vector = query, .limit = 1, .offset = 1}) == strings{"otter"}, per_element());
  BOOST_TEST(near({.vector = query, .depth = 1}) == strings{"beaver"}, per_element());
  BOOST_TEST(animals.search({.query = "rodent"}).hits.at(0).text.has_value() == false);
}

BOOST_AUTO_TEST_CASE(a_filter_over_bodies_holds_for_both) {
  fill();
  const docs_query query{
    .query = "rodent fish", .any = true, .vector = numbers{0, 1}, .where = field("legs") == 4};
  const auto scanned = animals.search(query);
  BOOST_TEST(ids_of(scanned) == (strings{"otter", "beaver", "muskrat"}), per_element());
  BOOST_TEST(scanned.hits[0].near.value().rank == 1u); // the pike takes no place
  animals.create_index("legs");
  animals.reindex();
  BOOST_TEST(ids_of(animals.search(query)) == ids_of(scanned), per_element());
  auto nobody = query;
  nobody.where = field("legs") == 6;
  BOOST_TEST(animals.search(nobody).hits.empty());
}

BOOST_AUTO_TEST_CASE(vectors_may_be_elsewhere_or_nowhere) {
  fill();
  auto photos = db.vectors("photos", {.by = metric::euclid});
  const numbers query{1, 2, 3};
  const auto by_photo = [&] {
    return animals.search({.query = "aquatic", .vector = query, .vectors = "photos"});
  };
  BOOST_TEST(ids_of(by_photo()) == strings{"muskrat"}, per_element()); // none are there yet
  photos.set("pike", numbers{1, 2, 5});
  const auto found = by_photo();
  BOOST_TEST(ids_of(found) == (strings{"muskrat", "pike"}), per_element());
  BOOST_TEST(found.hits[1].near.value().score == 2.0);
  BOOST_TEST(db.vector_collections() == (strings{"animals", "photos"}), per_element());
}

BOOST_AUTO_TEST_CASE(documents_far_behind_vectors_without_any_are_found) {
  for (int i = 0; i < 1'000; ++i)
    vectors.set("v" + std::to_string(i), numbers{1, static_cast<float>(i) / 1'000});
  animals.index("v998", {"last but one", 0});
  animals.index("v999", {"last", 0});
  BOOST_TEST(ids_of(animals.search({.vector = numbers{1, 0}, .limit = 1})) == strings{"v998"},
             per_element());
  BOOST_TEST(ids_of(animals.search({.vector = numbers{1, 0}, .limit = 5}))
               == (strings{"v998", "v999"}),
             per_element());
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_by_name) {
  fill();
  const auto refusal = [&](docs_query what) {
    const auto how = outcome_of([&] { static_cast<void>(animals.search(std::move(what))); });
    return how.is(errc::invalid_argument) ? how : outcome{};
  };
  constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
  BOOST_TEST(refusal({.query = "fish", .vector = numbers{1}}).says("vectors 'animals'"));
  BOOST_TEST(refusal({.vector = numbers{1, 2, 3}}).says("3 numbers, where 2 are wanted"));
  BOOST_TEST(refusal({.vector = numbers{}}).says("vector must have a number"));
  BOOST_TEST(refusal({.vector = numbers{1, nan}}).says("vector holds a number"));
  BOOST_TEST(refusal({.vector = numbers{1, 2}, .vectors = ""}).says("vectors"));
  BOOST_TEST(refusal({.vector = numbers{1, 2}, .total = true}).says("total"));
  BOOST_TEST(refusal({.query = "fish", .depth = 3}).says("depth"));
}

BOOST_AUTO_TEST_CASE(transactions_and_snapshots_see_their_own_state, *in_this_process()) {
  fill();
  const docs_query query{.query = "rodent", .vector = numbers{0, 1}, .limit = 1};
  BOOST_TEST(ids_of(animals.search(query)) == strings{"beaver"}, per_element());
  const auto before = db.snapshot();
  db.transaction([&](transaction& tx) {
    tx.docs<animal>("animals").index("vole", {"small rodent", 4});
    tx.vectors("animals").set("vole", numbers{0, 1});
    BOOST_TEST(ids_of(tx.docs<animal>("animals").search(query)) == strings{"vole"}, per_element());
    tx.vectors("animals").set("vole", numbers{1, 0});
    tx.vectors("animals").set("muskrat", numbers{0, 1});
    BOOST_TEST(ids_of(tx.docs<animal>("animals").search(query)) == strings{"muskrat"},
               per_element());
  });
  BOOST_TEST(ids_of(animals.search(query)) == strings{"muskrat"}, per_element());
  BOOST_TEST(ids_of(before.docs<animal>("animals").search(query)) == strings{"beaver"},
             per_element());
  database memory{":memory:"};
  memory.docs<animal>("animals").index("eel", {"fish", 0});
  memory.vectors("animals").set("eel", numbers{1, 1});
  BOOST_TEST(ids_of(memory.docs<animal>("animals").search(query)) == strings{"eel"}, per_element());
}

BOOST_AUTO_TEST_CASE(futures_give_the_same) {
  fill();
  const docs_query query{.query = "fish", .vector = numbers{1, 0}};
  const auto later = db.async().docs<animal>("animals").search(query).get().value();
  BOOST_TEST(ids_of(later) == ids_of(animals.search(query)), per_element());
  BOOST_TEST(db.async().docs<animal>("animals").search({.vector = numbers{1}}).get().has_error());
}

BOOST_AUTO_TEST_CASE(an_index_that_may_miss_documents_says_so) {
  number_source random{7};
  constexpr std::size_t dims = 300;
  constexpr std::size_t count = 3'700; // beyond what is small enough for a scan
  strings ids;
  numbers rows;
  for (std::size_t i = 0; i < count; ++i) {
    ids.push_back(std::to_string(i));
    const auto v = random.next(dims);
    rows.insert(rows.end(), v.begin(), v.end());
  }
  vectors.configure({.how = vectors_strategy::lsh});
  vectors.set_many(ids, rows);
  vectors.compact();
  animals.index("5", {"fish", 0});
  const numbers query{rows.begin() + 5 * dims, rows.begin() + 6 * dims};
  const auto found = animals.search({.vector = query, .limit = 1});
  BOOST_TEST(ids_of(found) == strings{"5"}, per_element());
  BOOST_TEST(found.approximate);
  const auto exact = animals.search({.vector = query, .exact = true, .limit = 1});
  BOOST_TEST(ids_of(exact) == strings{"5"}, per_element());
  BOOST_TEST(!exact.approximate);
  // Few are left by a filter: each is looked at.
  BOOST_TEST(!animals.search({.vector = query, .where = field("legs") == 0}).approximate);
}

BOOST_AUTO_TEST_CASE(bodies_and_vectors_are_of_one_state_while_others_write) {
  auto places = db.vectors("animals", {.by = metric::euclid});
  std::atomic<int> written{0};
  std::atomic<bool> stop{false};
  const auto write = [&](int i) {
    auto both = db.batched();
    both.docs<animal>("animals").index("a", {"fish", i});
    both.vectors("animals").set("a", numbers{static_cast<float>(i)});
    both.commit();
    written = i;
  };
  write(1);
  std::atomic<int> mixed{0};
  std::atomic<int> stale{0};
  std::thread writer{[&] {
    for (int i = 2; !stop; ++i)
      write(i);
  }};
  const auto failed = failures_of_threads(3, [&](int thread) {
    for (int round = 0; round < 3'000; ++round) {
      const auto least = written.load();
      docs_query query{.vector = numbers{0}};
      if (thread == 1)
        query.where = field("legs") > 0;
      if (thread == 2)
        query.query = "fish";
      const auto hit = animals.search(query).hits.at(0);
      mixed += hit.near.value().score == hit.body.legs ? 0 : 1;
      stale += hit.body.legs >= least ? 0 : 1;
    }
  });
  stop = true;
  writer.join();
  BOOST_TEST(failed == 0);
  BOOST_TEST(mixed == 0);
  BOOST_TEST(stale == 0);
}

BOOST_AUTO_TEST_SUITE_END()
