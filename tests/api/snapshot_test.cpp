#include "beaver/api/database.hpp"

#include "support/machine.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(snapshot, open_database)

BOOST_AUTO_TEST_CASE(it_shows_one_instant_while_writers_go_on) {
  auto d = db.dict<int>("d");
  d.set("a", 0);
  d.set("b", 0);
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::thread writer{[&] {
    try {
      for (int i = 1; !stop; ++i) {
        auto b = d.batched();
        b.set("a", i);
        b.set("b", i);
        b.set("n" + std::to_string(i % 1'000), i);
        b.commit();
      }
    } catch (...) {
      ++failures;
    }
  }};
  for (int round = 0; round < 30; ++round) {
    const auto view = db.snapshot();
    const auto seen = view.dict<int>("d");
    const auto first = seen.items();
    BOOST_REQUIRE(seen.get("a") == seen.get("b"));
    const auto count = seen.count();
    const auto passed = d.get("a");
    while (d.get("a") < passed + 20 && failures == 0) {}
    BOOST_REQUIRE((seen.items() == first));
    BOOST_REQUIRE(seen.count() == count);
    BOOST_REQUIRE(count == first.size());
    const auto later = db.snapshot();
    BOOST_REQUIRE(later.dict<int>("d").get("a") > seen.get("a"));
  }
  stop = true;
  writer.join();
  BOOST_TEST(failures == 0);
}

BOOST_AUTO_TEST_CASE(it_covers_all_types_and_sees_what_was_acknowledged) {
  db.dict<int>("d").set("k", 1);
  db.blob("b").put("k", "old");
  const auto view = db.snapshot();
  db.dict<int>("d").set("k", 2);
  db.dict<int>("d2").set("k", 2);
  db.blob("b").put("k", "new");
  BOOST_TEST(view.dict<int>("d").get("k") == 1);
  BOOST_TEST(view.dict<int>("d2").count() == 0u);
  BOOST_TEST(view.blob("b").get("k").text() == "old");
  auto reader = view.blob("b").reader("k");
  BOOST_REQUIRE(reader.has_value());
  std::byte buffer[8];
  BOOST_TEST(reader->read(buffer) == 3u);
  BOOST_TEST(db.blob("b").get("k").text() == "new");
}

BOOST_AUTO_TEST_CASE(it_refuses_writes) {
  const auto view = db.snapshot();
  auto d = view.dict<int>("d");
  BOOST_TEST(outcome_of([&] { d.set("k", 1); }).is(errc::read_only));
  BOOST_TEST(outcome_of([&] { d.increment("k"); }).is(errc::read_only));
  BOOST_TEST(outcome_of([&] { view.blob("b").put("k", "x"); }).is(errc::read_only));
  BOOST_TEST(outcome_of([&] {
               auto b = d.batched();
               b.set("k", 1);
               b.commit();
             }).is(errc::not_supported));
  BOOST_TEST(db.dict<int>("d").count() == 0u);
}

BOOST_AUTO_TEST_CASE(it_serves_many_threads) {
  auto d = db.dict<int>("d");
  for (int i = 0; i < 100; ++i)
    d.set(std::to_string(i), i);
  const auto view = db.snapshot();
  d.clear();
  std::atomic<int> wrong{0};
  const auto failures = failures_of_threads(8, [&](int) {
    const auto seen = view.dict<int>("d");
    for (int i = 0; i < 100; ++i)
      wrong += seen.get(std::to_string(i)) != i;
    wrong += seen.count() != 100;
  });
  BOOST_TEST(failures == 0);
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(it_ends_when_its_time_is_over) {
  temp_folder other_folder;
  auto how = quick();
  how.snapshot_timeout = 30ms;
  database brief{other_folder.file(), how};
  brief.dict<int>("d").set("k", 1);
  const auto began = std::chrono::steady_clock::now();
  const auto view = brief.snapshot();
  auto end = outcome_of([&] { (void)view.dict<int>("d").get("k"); });
  while (!end.failed)
    end = outcome_of([&] { (void)view.dict<int>("d").get("k"); });
  BOOST_TEST(end.is(errc::timeout));
  BOOST_CHECK(std::chrono::steady_clock::now() - began >= 30ms);
  BOOST_TEST(outcome_of([&] { (void)view.dict<int>("d").get("k"); }).is(errc::timeout));
}

BOOST_AUTO_TEST_CASE(it_ends_by_itself_though_nobody_uses_it) {
  const auto emptied = [](raw_file& raw) { // the log, which works only if nobody looks at the past
    return raw.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0";
  };
  const auto look_at_the_past = [](database& of) {
    of.dict<int>("d").set("k", 1);
    auto view = of.snapshot();
    of.dict<int>("d").set("k", 2);
    return view;
  };
  const auto kept = look_at_the_past(db);
  raw_file raw{db.path()};
  raw.execute("PRAGMA busy_timeout = 50");
  BOOST_TEST(!emptied(raw));
  BOOST_TEST(kept.dict<int>("d").get("k") == 1);

  temp_folder other_folder;
  auto how = quick();
  how.snapshot_timeout = 1ms;
  database brief{other_folder.file(), how};
  const auto forgotten = look_at_the_past(brief);
  raw_file other{brief.path()};
  other.execute("PRAGMA busy_timeout = 50");
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  bool done = emptied(other);
  while (!done && std::chrono::steady_clock::now() < give_up)
    done = emptied(other);
  BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(it_ends_when_it_holds_back_too_much_of_the_log) {
  temp_folder other_folder;
  auto how = quick();
  how.snapshot_wal_bytes = 1 << 20;
  database brief{other_folder.file(), how};
  auto d = brief.dict<std::string>("d");
  d.set("k", "old");
  const auto view = brief.snapshot();
  BOOST_TEST(view.dict<std::string>("d").get("k") == "old");
  for (int i = 0; i < 4; ++i)
    d.set("k", std::string(400'000, static_cast<char>('a' + i)));
  BOOST_TEST(outcome_of([&] { (void)view.dict<std::string>("d").get("k"); }).is(errc::timeout));
}

BOOST_AUTO_TEST_CASE(a_log_that_was_long_before_does_not_end_it) {
  temp_folder other_folder;
  auto how = quick();
  how.snapshot_wal_bytes = 1 << 20;
  database brief{other_folder.file(), how};
  auto b = brief.blob("b");
  b.put("k", std::string(3 << 20, 'x'));
  BOOST_TEST(brief.info().wal_bytes > 3u << 20);
  BOOST_TEST(brief.snapshot().blob("b").get("k").size() == 3u << 20);
  BOOST_TEST(b.reader("k").has_value());
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_database) {
  auto view = db.snapshot();
  db.close();
  BOOST_TEST(outcome_of([&] { (void)view.dict<int>("d").find("k"); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(dropping_it_closes_its_files, *boost::unit_test::precondition(has_proc)) {
  constexpr std::size_t snapshots = 200;
  const auto files = entries_of_process("fd");
  for (std::size_t i = 0; i < snapshots; ++i)
    static_cast<void>(db.snapshot());
  // Meanwhile a reader may have opened its connection; what is left behind would be one file each.
  BOOST_TEST(entries_of_process("fd") < files + snapshots / 2);
}

BOOST_AUTO_TEST_CASE(dropping_it_lets_the_log_be_emptied) {
  auto d = db.dict<std::string>("d");
  d.set("k", "");
  for (int i = 0; i < 200; ++i)
    static_cast<void>(db.snapshot());
  for (int i = 0; i < 9'000; ++i)
    d.set("k", std::string(100, static_cast<char>('a' + i % 26)));
  BOOST_TEST(db.info().checkpoints >= 1u);
}

BOOST_AUTO_TEST_SUITE_END()
