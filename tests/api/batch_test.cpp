#include "beaver/api/database.hpp"

#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(batch, open_database)

BOOST_AUTO_TEST_CASE(nothing_happens_before_commit_and_all_of_it_then) {
  auto d = db.dict<int>("d");
  d.set("old", 1);
  auto b = d.batched();
  for (int i = 0; i < 5'000; ++i)
    b.set(std::to_string(i), i);
  b.erase("old");
  b.increment("0", 7);
  BOOST_TEST(b.size() == 5'002u);
  BOOST_TEST(d.count() == 1u);
  const auto commits = db.info().commits;
  b.commit();
  BOOST_TEST(db.info().commits == commits + 1);
  BOOST_TEST(b.size() == 0u);
  BOOST_TEST(d.count() == 5'000u);
  BOOST_TEST(d.get("0") == 7);
  BOOST_TEST(!d.contains("old"));
  b.commit(); // of nothing
  b.set("again", 1);
  b.commit();
  BOOST_TEST(d.contains("again"));
}

BOOST_AUTO_TEST_CASE(without_commit_nothing_happens) {
  {
    auto b = db.dict<int>("d").batched();
    b.set("k", 1);
  }
  BOOST_TEST(db.dicts().empty());
}

BOOST_AUTO_TEST_CASE(one_batch_spans_all_types) {
  auto b = db.batched();
  auto d = b.dict<int>("d");
  auto files = b.blob("f");
  d.set("k", 1);
  files.put("k", "x", json_text{R"({"a":1})"});
  d.increment("k");
  BOOST_TEST(b.size() == 3u);
  b.commit();
  BOOST_TEST(db.dict<int>("d").get("k") == 2);
  BOOST_TEST(db.blob("f").stat("k")->metadata->text() == R"({"a": 1})");
  auto f = db.blob("f").batched();
  f.erase("k");
  f.put("other", "y");
  f.commit();
  BOOST_TEST(!db.blob("f").contains("k"));
  BOOST_TEST(db.blob("f").contains("other"));
}

BOOST_AUTO_TEST_CASE(one_write_that_fails_undoes_all) {
  db.dict<std::string>("d").set("text", "not a number");
  auto b = db.batched();
  b.dict<int>("d").set("first", 1);
  b.dict<int>("other").set("second", 1);
  b.dict<int>("d").increment("text");
  b.dict<int>("d").set("last", 1);
  BOOST_TEST(outcome_of([&] { b.commit(); }).is(errc::type_mismatch));
  BOOST_TEST(db.dict("d").count() == 1u);
  BOOST_TEST(db.dicts().size() == 1u);
  // Nor does it harm what is written at the same time.
  const auto failures = failures_of_threads(8, [&](int thread) {
    for (int i = 0; i < 50; ++i) {
      if (thread % 2) {
        auto bad = db.dict<int>("d").batched();
        bad.set("never", i);
        bad.increment("text");
        if (!outcome_of([&] { bad.commit(); }).is(errc::type_mismatch))
          throw std::logic_error("applied");
      } else {
        db.dict<int>("d").increment("sum");
      }
    }
  });
  BOOST_TEST(failures == 0);
  BOOST_TEST(db.dict<int>("d").get("sum") == 200);
  BOOST_TEST(!db.dict("d").contains("never"));
}

BOOST_AUTO_TEST_CASE(a_bad_write_is_refused_when_it_is_collected) {
  auto b = db.dict("d").batched();
  b.set("good", json_text{"1"});
  BOOST_TEST(outcome_of([&] { b.set("", json_text{"1"}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { b.set("k", json_text{"{"}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { b.set("k", json_text{"1"}, 0s); }).is(errc::invalid_argument));
  BOOST_TEST(b.size() == 1u);
  b.commit();
  BOOST_TEST(db.dict("d").count() == 1u);
}

BOOST_AUTO_TEST_CASE(batches_of_many_threads_are_each_whole) {
  auto d = db.dict<int>("d");
  auto init = d.batched();
  init.set("a", 0);
  init.set("b", 0);
  init.commit();
  std::atomic<int> torn{0};
  const auto failures = failures_of_threads(4, [&](int thread) {
    for (int i = 0; i < 300; ++i) {
      if (thread == 0) {
        const auto both = d.values();
        torn += both.size() != 2 || both[0] != both[1];
      } else {
        auto b = d.batched();
        b.increment("a");
        b.increment("b");
        b.commit();
      }
    }
  });
  BOOST_TEST(failures == 0);
  BOOST_TEST(torn == 0);
  BOOST_TEST(d.get("a") == 900);
}

BOOST_AUTO_TEST_SUITE_END()
