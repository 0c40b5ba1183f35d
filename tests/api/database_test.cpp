#include "beaver/api/database.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// Calls of every kind, each with the error that it ends in.
std::vector<outcome> calls_of(database& db) {
  auto dict = db.dict<int>("d");
  auto blob = db.blob("b");
  return {outcome_of([&] { dict.set("k", 1); }),
          outcome_of([&] { (void)dict.find("k"); }),
          outcome_of([&] { blob.put("k", "x"); }),
          outcome_of([&] { (void)blob.reader("k"); }),
          outcome_of([&] { (void)db.dicts(); }),
          outcome_of([&] { (void)db.info(); }),
          outcome_of([&] { db.sweep(); }),
          outcome_of([&] { (void)db.snapshot(); }),
          outcome_of([&] { db.transaction([](transaction&) {}); }),
          outcome_of([&] { (void)db.async().dict<int>("d").set("k", 1); }),
          outcome_of([&] {
            auto b = db.batched();
            b.dict<int>("d").set("k", 1);
            b.commit();
          })};
}

} // namespace

BOOST_AUTO_TEST_SUITE(database)

BOOST_AUTO_TEST_CASE(a_file_keeps_its_content_when_it_is_reopened) {
  temp_folder folder;
  {
    beaver::database db{folder.file()};
    BOOST_TEST(db.path() == folder.file());
    db.dict<int>("numbers").set("one", 1);
    db.blob("files").put("f", "content");
  }
  BOOST_TEST(!std::filesystem::exists(folder.file() + "-wal"));
  beaver::database db{folder.file()};
  BOOST_TEST(db.dict<int>("numbers").get("one") == 1);
  BOOST_TEST(db.blob("files").get("f").text() == "content");
  BOOST_TEST(db.dicts() == std::vector<std::string>{"numbers"}, boost::test_tools::per_element());
  BOOST_TEST(db.blobs() == std::vector<std::string>{"files"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_named_when_opening_fails) {
  temp_folder folder;
  const auto path = folder.file("missing/test.db");
  const auto end = outcome_of([&] { beaver::database db{path}; });
  BOOST_TEST(end.is(errc::io));
  BOOST_TEST(end.says(path));
  BOOST_TEST(end.says("No such file or directory"));
  BOOST_TEST(!std::filesystem::exists(folder.file("missing")));
}

BOOST_AUTO_TEST_CASE(what_is_no_database_is_refused_and_left_alone) {
  temp_folder folder;
  const std::string text(4'096, 'x');
  std::ofstream{folder.file()} << text;
  BOOST_TEST(outcome_of([&] { beaver::database db{folder.file()}; }).is(errc::corrupt));
  BOOST_TEST((file_bytes(folder.file()) == text));
  BOOST_TEST(outcome_of([] { beaver::database db{""}; }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_file_of_another_generation_is_refused_unchanged_to_the_byte) {
  temp_folder folder;
  const std::string original = BEAVER_TEST_DATA "/beaver-1.3.0.db";
  std::filesystem::copy_file(original, folder.file());
  const auto end = outcome_of([&] { beaver::database db{folder.file()}; });
  BOOST_TEST(end.is(errc::unsupported_version));
  BOOST_TEST(end.says("1.3.0"));
  BOOST_TEST(end.says(folder.file()));
  BOOST_TEST((file_bytes(folder.file()) == file_bytes(original)));
  const auto files = std::distance(std::filesystem::directory_iterator{folder.path()}, {});
  BOOST_TEST(files == 1); // no -wal, no -shm
}

BOOST_AUTO_TEST_CASE(a_read_only_database_reads_and_refuses_every_write) {
  temp_folder folder;
  auto how = quick();
  how.read_only = true;
  BOOST_TEST(outcome_of([&] { beaver::database db{folder.file(), how}; }).is(errc::not_found));
  {
    beaver::database db{folder.file()};
    db.dict<int>("d").set("k", 1);
    db.blob("b").put("k", "x");
  }
  const auto before = file_bytes(folder.file());
  {
    beaver::database db{folder.file(), how};
    BOOST_TEST(db.dict<int>("d").get("k") == 1);
    BOOST_TEST(db.blob("b").get("k").text() == "x");
    BOOST_TEST(db.snapshot().dict<int>("d").get("k") == 1);
    BOOST_TEST(db.info().managers.size() == 2);
    auto d = db.dict<int>("d");
    BOOST_TEST(outcome_of([&] { d.set("k", 2); }).is(errc::read_only));
    BOOST_TEST(outcome_of([&] { d.increment("k"); }).is(errc::read_only));
    BOOST_TEST(outcome_of([&] { d.clear(); }).is(errc::read_only));
    BOOST_TEST(outcome_of([&] { db.blob("b").put("k", "y"); }).is(errc::read_only));
    BOOST_TEST(outcome_of([&] { db.sweep(); }).is(errc::read_only));
    BOOST_TEST(outcome_of([&] {
                 db.transaction([](transaction& tx) { tx.dict<int>("d").set("k", 2); });
               }).is(errc::read_only));
    BOOST_TEST(outcome_of([&] {
                 auto b = d.batched();
                 b.set("k", 2);
                 b.commit();
               }).is(errc::read_only));
    BOOST_TEST((db.async().dict<int>("d").set("k", 2).get().error().code == errc::read_only));
    BOOST_TEST(d.get("k") == 1);
  }
  BOOST_TEST((file_bytes(folder.file()) == before));
}

BOOST_AUTO_TEST_CASE(a_database_in_memory_does_all_but_snapshots) {
  beaver::database db{":memory:"};
  beaver::database other{":memory:"};
  auto d = db.dict<int>("d");
  d.set("a", 1);
  BOOST_TEST(d.get("a") == 1);
  BOOST_TEST(other.dict<int>("d").count() == 0);
  db.transaction(
    [](transaction& tx) { tx.dict<int>("d").set("b", tx.dict<int>("d").get("a") + 1); });
  BOOST_CHECK_THROW(db.transaction([](transaction& tx) {
    tx.dict<int>("d").set("c", 3);
    throw std::logic_error("changed my mind");
  }),
                    std::logic_error);
  auto batch = d.batched();
  batch.set("d", 4);
  batch.commit();
  db.blob("b").put("k", std::string(3 << 20, 'x'));
  BOOST_TEST(db.blob("b").stat("k")->size == 3u << 20);
  BOOST_TEST(d.keys() == (std::vector<std::string>{"a", "b", "d"}),
             boost::test_tools::per_element());
  BOOST_TEST(db.async().dict<int>("d").get("b").get().value() == 2);
  BOOST_TEST(outcome_of([&] { (void)db.snapshot(); }).is(errc::not_supported));
  std::atomic<int> sum{0};
  BOOST_TEST(failures_of_threads(4,
                                 [&](int) {
                                   for (int i = 0; i < 200; ++i) {
                                     d.increment("n");
                                     sum += d.contains("n");
                                   }
                                 })
             == 0);
  BOOST_TEST(d.get("n") == 800);
  BOOST_TEST(sum == 800);
  BOOST_TEST(!std::filesystem::exists(":memory:"));
}

BOOST_AUTO_TEST_CASE(two_databases_of_one_process_share_a_file) {
  temp_folder folder;
  beaver::database one{folder.file(), quick()};
  beaver::database two{folder.file(), quick()};
  auto here = one.dict<int>("d");
  auto there = two.dict<int>("d");
  for (int i = 0; i < 500; ++i) {
    here.set("k", i);
    BOOST_REQUIRE(there.get("k") == i);
    there.set("k", -i);
    BOOST_REQUIRE(here.get("k") == -i);
  }
  BOOST_TEST(failures_of_threads(4,
                                 [&](int thread) {
                                   auto& dict = thread % 2 ? here : there;
                                   for (int i = 0; i < 200; ++i)
                                     dict.increment("n");
                                 })
             == 0);
  BOOST_TEST(here.get("n") == 800);
  one.close();
  BOOST_TEST(there.get("n") == 800);
}

BOOST_AUTO_TEST_CASE(each_of_two_databases_on_a_file_keeps_its_own_options) {
  temp_folder folder;
  auto how = quick();
  beaver::database writer{folder.file(), how};
  writer.dict<int>("d").set("k", 1);
  how.read_only = true;
  beaver::database reader{folder.file(), how};
  BOOST_TEST(outcome_of([&] { reader.dict<int>("d").set("k", 2); }).is(errc::read_only));
  writer.dict<int>("d").set("k", 3);
  BOOST_TEST(reader.dict<int>("d").get("k") == 3);
  how.read_only = false;
  how.busy_timeout = 1ms;
  beaver::database hasty{folder.file(), how};
  writer.transaction([&](beaver::transaction& tx) {
    tx.dict<int>("d").set("k", 4);
    BOOST_TEST(outcome_of([&] { hasty.dict<int>("d").set("k", 5); }).is(errc::busy));
  });
  BOOST_TEST(hasty.dict<int>("d").get("k") == 4);
}

BOOST_AUTO_TEST_CASE(every_call_on_a_closed_database_says_so) {
  open_database t;
  auto dict = t.db.dict<int>("d");
  auto futures = t.db.async();
  auto batch = t.db.batched();
  batch.dict<int>("d").set("k", 1);
  t.db.close();
  for (const auto& end : calls_of(t.db))
    BOOST_TEST(end.is(errc::closed));
  BOOST_TEST(outcome_of([&] { dict.set("k", 1); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { (void)futures.dict<int>("d").find("k"); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { batch.commit(); }).is(errc::closed));
  t.db.close(); // again: nothing
}

BOOST_AUTO_TEST_CASE(a_database_can_be_moved) {
  open_database t;
  t.db.dict<int>("d").set("k", 1);
  beaver::database moved{std::move(t.db)};
  BOOST_TEST(moved.dict<int>("d").get("k") == 1);
  temp_folder other;
  beaver::database target{other.file(), quick()};
  auto orphan = target.dict<int>("d");
  target = std::move(moved);
  BOOST_TEST(target.dict<int>("d").get("k") == 1);
  BOOST_TEST(outcome_of([&] { (void)orphan.count(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(info_tells_what_is_in_the_file_and_what_was_done) {
  open_database t;
  auto d = t.db.dict<int>("numbers");
  d.set("a", 1);
  d.set("b", 2);
  t.db.blob("files").put("f", std::string(5'000, 'x'));
  BOOST_TEST(outcome_of([&] { t.db.dict("words").increment("x", 1.0 / 0.0); }).failed);
  d.set("c", 3);
  (void)d.find("a");
  const auto info = t.db.info();
  BOOST_TEST(info.path == t.db.path());
  BOOST_TEST(info.schema_version == 1);
  BOOST_TEST(info.sqlite_version == sqlite3_libversion());
  BOOST_TEST(info.file_bytes > 0u);
  BOOST_TEST(info.wal_bytes > 0u);
  BOOST_REQUIRE(info.managers.size() == 2u);
  BOOST_TEST((info.managers[0].type + info.managers[0].name) == "dictnumbers");
  BOOST_TEST(info.managers[0].count == 3u);
  BOOST_TEST((info.managers[1].type + info.managers[1].name) == "blobfiles");
  BOOST_TEST(info.managers[1].count == 1u);
  BOOST_TEST(info.writes == 4u);
  BOOST_TEST(info.commits >= 1u);
  BOOST_TEST(info.commits <= info.writes);
  BOOST_TEST(info.written_bytes >= 5'000u);
  BOOST_TEST(info.largest_group >= 1u);
  BOOST_TEST(info.reads >= 1u);
  BOOST_TEST(info.commit_p50_us >= 1u);
  BOOST_TEST(info.commit_p99_us >= info.commit_p50_us);
}

BOOST_AUTO_TEST_CASE(the_log_is_emptied_while_readers_are_busy) {
  open_database t;
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  auto d = t.db.dict<std::string>("d");
  d.set("k0", "");
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&, d] {
      try {
        while (!stop)
          (void)d.find("k0");
      } catch (...) {
        ++failures;
      }
    });
  for (int i = 0; i < 12'000; ++i)
    d.set("k" + std::to_string(i % 100), std::string(500, static_cast<char>('a' + i % 26)));
  stop = true;
  for (auto& r : readers)
    r.join();
  BOOST_TEST(failures == 0);
  const auto info = t.db.info();
  BOOST_TEST(info.checkpoints >= 1u);
  BOOST_TEST(info.wal_bytes < 32u << 20);
}

BOOST_AUTO_TEST_CASE(the_log_gives_back_what_one_huge_write_took) {
  open_database t;
  const auto log_size = [&] { return std::filesystem::file_size(t.db.path() + "-wal"); };
  t.db.blob("b").put("huge", std::string(48 << 20, 'x'));
  BOOST_TEST(log_size() > 48u << 20);
  const auto checkpoints = t.db.info().checkpoints;
  for (int i = 0; t.db.info().checkpoints == checkpoints; ++i)
    t.db.dict<int>("d").set("n", i);
  t.db.dict<int>("d").set("last", 1); // the log begins anew
  BOOST_TEST(log_size() <= 32u << 20);
}

BOOST_AUTO_TEST_CASE(a_sweep_on_demand_removes_what_has_expired) {
  temp_folder folder;
  test_clock clock;
  auto how = quick();
  how.clock = clock.function();
  how.sweep_period = 0ms;
  beaver::database db{folder.file(), how};
  for (int i = 0; i < 2'500; ++i)
    db.dict<int>(i % 2 ? "a" : "b").set(std::to_string(i), i, 10s);
  db.dict<int>("a").set("stays", 1, 20s);
  db.dict<int>("a").set("for ever", 1);
  clock.advance(10);
  BOOST_TEST(db.dicts() == std::vector<std::string>{"a"}, boost::test_tools::per_element());
  raw_file raw{folder.file()};
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_dicts__") == 2'502);
  BOOST_TEST(db.dict("b").sweep() == 1'250u);
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_dicts__") == 1'252);
  BOOST_TEST(db.sweep().dict_entries == 1'250u);
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_dicts__") == 2);
  BOOST_TEST(db.sweep().dict_entries == 0u);
}

BOOST_AUTO_TEST_CASE(a_sweep_in_the_background_needs_nobody_to_ask) {
  temp_folder folder;
  test_clock clock;
  auto how = quick();
  how.clock = clock.function();
  how.sweep_period = 1ms;
  beaver::database db{folder.file(), how};
  auto d = db.dict<int>("d");
  for (int i = 0; i < 1'500; ++i) // more than one turn of the sweep
    d.set(std::to_string(i), i, 10s);
  d.set("stays", 1, 20s);
  clock.advance(10);
  raw_file raw{folder.file()};
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  while (raw.integer("SELECT count(*) FROM __beaver_dicts__") != 1
         && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_dicts__") == 1);
  const auto commits = db.info().commits;
  BOOST_TEST(commits > 1u);
}

BOOST_AUTO_TEST_CASE(a_write_waits_for_a_foreign_writer_and_gives_up_in_time) {
  temp_folder folder;
  auto how = quick();
  how.busy_timeout = 50ms;
  beaver::database db{folder.file(), how};
  auto d = db.dict<int>("d");
  d.set("k", 1);
  raw_file other{folder.file()};
  other.execute("BEGIN IMMEDIATE");
  const auto began = std::chrono::steady_clock::now();
  const auto end = outcome_of([&] { d.set("k", 2); });
  BOOST_TEST(end.is(errc::busy));
  BOOST_TEST(end.says(folder.file()));
  BOOST_CHECK(std::chrono::steady_clock::now() - began >= 50ms);
  BOOST_TEST(outcome_of([&] { db.transaction([](transaction&) {}); }).is(errc::busy));
  BOOST_TEST(d.get("k") == 1); // reads do not care

  beaver::database patient{folder.file(), quick()};
  auto pending = patient.async().dict<int>("d").set("k", 3);
  other.execute("UPDATE __beaver_dicts__ SET value = '7'; COMMIT");
  BOOST_TEST(!pending.get().has_error());
  BOOST_TEST(d.get("k") == 3);
}

BOOST_AUTO_TEST_SUITE_END()
