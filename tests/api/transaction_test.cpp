#include "beaver/api/database.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(transaction, open_database)

BOOST_AUTO_TEST_CASE(all_of_it_happens_over_all_types) {
  db.dict<int>("a").set("gone", 1);
  const auto sum = db.transaction([](beaver::transaction& tx) {
    auto a = tx.dict<int>("a");
    a.set("x", 1);
    tx.dict<std::string>("b").set("y", "text");
    tx.blob("c").put("z", std::string(3 << 20, 'z')); // written piecewise
    a.erase("gone");
    return a.increment("x", 41);
  });
  BOOST_TEST(sum == 42);
  BOOST_TEST(db.dict<int>("a").get("x") == 42);
  BOOST_TEST(!db.dict("a").contains("gone"));
  BOOST_TEST(db.dict<std::string>("b").get("y") == "text");
  BOOST_TEST(db.blob("c").get("z").size() == 3u << 20);
}

BOOST_AUTO_TEST_CASE(one_that_throws_leaves_no_trace) {
  auto d = db.dict<int>("d");
  d.set("k", 1);
  const auto before = db.info();
  BOOST_CHECK_THROW(db.transaction([&](beaver::transaction& tx) {
    tx.dict<int>("d").set("k", 2);
    tx.dict<int>("d").set("new", 2);
    tx.dict<int>("new").set("k", 2);
    tx.blob("new").put("k", "2");
    throw std::out_of_range("not so");
  }),
                    std::out_of_range);
  BOOST_TEST(d.get("k") == 1);
  BOOST_TEST(!d.contains("new"));
  const auto after = db.info();
  BOOST_TEST(after.managers.size() == before.managers.size());
  BOOST_TEST(after.wal_bytes == before.wal_bytes);
  d.set("k", 3); // and the writer goes on
  BOOST_TEST(d.get("k") == 3);
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_inside_spares_the_others) {
  db.dict<std::string>("d").set("text", "not a number");
  db.transaction([&](beaver::transaction& tx) {
    auto d = tx.dict<int>("d");
    d.set("before", 1);
    BOOST_TEST(outcome_of([&] { d.increment("text"); }).is(errc::type_mismatch));
    BOOST_TEST(outcome_of([&] { d.set("", 1); }).is(errc::invalid_argument));
    d.set("after", 2);
  });
  BOOST_TEST(db.dict<int>("d").get("before") == 1);
  BOOST_TEST(db.dict<int>("d").get("after") == 2);
}

BOOST_AUTO_TEST_CASE(it_sees_its_own_writes_and_others_do_not) {
  auto d = db.dict<int>("d");
  d.set("k", 1);
  db.transaction([&](beaver::transaction& tx) {
    tx.dict<int>("d").set("k", 2);
    BOOST_TEST(tx.dict<int>("d").get("k") == 2);
    int seen = 0;
    std::thread{[&] { seen = d.get("k"); }}.join(); // and does not wait
    BOOST_TEST(seen == 1);
  });
  BOOST_TEST(d.get("k") == 2);
}

BOOST_AUTO_TEST_CASE(a_call_on_the_database_inside_would_deadlock) {
  auto d = db.dict<int>("d");
  db.transaction([&](beaver::transaction& tx) {
    tx.dict<int>("d").set("k", 1);
    const auto end = outcome_of([&] { d.set("k", 2); });
    BOOST_TEST(end.is(errc::would_deadlock));
    BOOST_TEST(end.says("transaction"));
    BOOST_TEST(outcome_of([&] { (void)d.find("k"); }).is(errc::would_deadlock));
    BOOST_TEST(
      outcome_of([&] { db.transaction([](beaver::transaction&) {}); }).is(errc::would_deadlock));
    BOOST_TEST(outcome_of([&] {
                 auto b = db.batched();
                 b.dict<int>("d").set("k", 2);
                 b.commit();
               }).is(errc::would_deadlock));
    BOOST_TEST(outcome_of([&] { db.close(); }).is(errc::would_deadlock));
  });
  BOOST_TEST(d.get("k") == 1);
}

BOOST_AUTO_TEST_CASE(another_database_may_be_used_inside) {
  temp_folder other_folder;
  database other{other_folder.file(), quick()};
  db.transaction([&](beaver::transaction& tx) {
    other.dict<int>("d").set("k", 1);
    other.transaction([&](beaver::transaction& inner) {
      inner.dict<int>("d").increment("k");
      BOOST_TEST(outcome_of([&] { (void)db.dicts(); }).is(errc::would_deadlock));
    });
    tx.dict<int>("d").set("k", other.dict<int>("d").get("k"));
    BOOST_TEST(outcome_of([&] { (void)db.dicts(); }).is(errc::would_deadlock));
  });
  BOOST_TEST(db.dict<int>("d").get("k") == 2);
}

BOOST_AUTO_TEST_CASE(one_that_takes_too_long_ends_in_a_timeout_without_a_trace) {
  temp_folder other_folder;
  auto how = quick();
  how.transaction_timeout = 20ms;
  database brief{other_folder.file(), how};
  brief.dict<int>("d").set("k", 1);
  const auto end = outcome_of([&] {
    brief.transaction([](beaver::transaction& tx) {
      for (;;)
        tx.dict<int>("d").increment("k");
    });
  });
  BOOST_TEST(end.is(errc::timeout));
  BOOST_TEST(brief.dict<int>("d").get("k") == 1);
  // Nor can it be committed by looking away from the error.
  BOOST_TEST(outcome_of([&] {
               brief.transaction([](beaver::transaction& tx) {
                 while (!outcome_of([&] { tx.dict<int>("d").increment("k"); }).failed) {}
               });
             }).is(errc::timeout));
  BOOST_TEST(brief.dict<int>("d").get("k") == 1);
  for (int i = 0; i < 100; ++i) // the limit of one does not end the next
    brief.transaction([](beaver::transaction& tx) { tx.dict<int>("d").increment("k"); });
  BOOST_TEST(brief.dict<int>("d").get("k") == 101);
}

BOOST_AUTO_TEST_CASE(its_handles_end_with_it) {
  std::optional<dict<int>> stray;
  db.transaction([&](beaver::transaction& tx) { stray = tx.dict<int>("d"); });
  BOOST_TEST(outcome_of([&] { stray->set("k", 1); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { (void)stray->find("k"); }).is(errc::closed));
  BOOST_TEST(db.dict<int>("d").count() == 0u);
}

BOOST_AUTO_TEST_CASE(its_handles_belong_to_its_thread) {
  db.transaction([&](beaver::transaction& tx) {
    outcome end;
    std::thread{[&] { end = outcome_of([&] { tx.dict<int>("d").set("k", 1); }); }}.join();
    BOOST_TEST(end.is(errc::invalid_argument));
  });
}

BOOST_AUTO_TEST_CASE(read_modify_write_from_many_threads_loses_nothing) {
  const auto failures = failures_of_threads(8, [&](int thread) {
    for (int i = 0; i < 100; ++i) {
      if (thread % 2) {
        db.transaction([](beaver::transaction& tx) {
          auto d = tx.dict<int>("d");
          d.set("n", d.find("n").value_or(0) + 1);
        });
      } else {
        db.dict<int>("d").increment("n"); // in between, in groups
      }
    }
  });
  BOOST_TEST(failures == 0);
  BOOST_TEST(db.dict<int>("d").get("n") == 800);
}

BOOST_AUTO_TEST_CASE(writes_queued_behind_it_share_one_commit_and_one_that_fails_spares_the_rest) {
  auto words = db.async().dict<std::string>("d");
  auto numbers = db.async().dict<int>("d");
  words.set("text", "not a number").get().value();
  std::vector<future<std::int64_t>> sums;
  const auto before = db.info();
  db.transaction([&](beaver::transaction&) { // holds the writer: what comes now forms one group
    for (int i = 0; i < 20; ++i)
      sums.push_back(numbers.increment(i == 7 ? "text" : "n" + std::to_string(i), i));
    passed_on(db.async(), "d", 0);
  });
  for (int i = 0; i < 20; ++i) {
    const auto end = sums[static_cast<std::size_t>(i)].get();
    if (i == 7) {
      BOOST_REQUIRE(end.has_error());
      BOOST_CHECK(end.error().code == errc::type_mismatch);
    } else {
      BOOST_REQUIRE(end.has_value());
      BOOST_TEST(*end == i);
      BOOST_TEST(db.dict<int>("d").get("n" + std::to_string(i)) == i);
    }
  }
  const auto after = db.info();
  BOOST_TEST(after.largest_group == 19u);
  BOOST_TEST(after.commits - before.commits == 1u);
  BOOST_TEST(after.failed_writes - before.failed_writes == 1u);
  BOOST_TEST(after.writes - before.writes == 19u);
}

BOOST_AUTO_TEST_CASE(a_transaction_is_whole_for_every_reader) {
  auto d = db.dict<int>("d");
  d.set("a", 0);
  d.set("b", 0);
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  std::thread reader{[&] {
    try {
      while (!stop) {
        const auto both = d.values();
        torn += both.size() != 2 || both[0] != both[1];
      }
    } catch (...) {
      ++torn;
    }
  }};
  for (int i = 1; i <= 500; ++i)
    db.transaction([&](beaver::transaction& tx) {
      tx.dict<int>("d").set("a", i);
      tx.dict<int>("d").set("b", i);
    });
  stop = true;
  reader.join();
  BOOST_TEST(torn == 0);
}

BOOST_AUTO_TEST_CASE(transactions_and_checkpoints_take_turns) {
  const auto failures = failures_of_threads(4, [&](int thread) {
    const auto key = std::to_string(thread);
    for (int i = 0; i < 300; ++i) {
      const std::string value(40'000, static_cast<char>('a' + i % 26));
      if (thread % 2)
        db.transaction([&](beaver::transaction& tx) { tx.dict<std::string>("d").set(key, value); });
      else
        db.dict<std::string>("d").set(key, value);
    }
  });
  BOOST_TEST(failures == 0);
  BOOST_TEST(db.info().checkpoints >= 1u);
  BOOST_TEST(db.info().wal_bytes < 32u << 20);
}

BOOST_AUTO_TEST_SUITE_END()
