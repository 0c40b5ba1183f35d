#include "beaver/actors/engine.hpp"
#include "support/fault_vfs.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

/// A database on a disk that fails on demand.
struct faulty_disk {
  faulty_disk() : disk("faulty_disk", folder.path().string()) { open(); }

  void open() {
    engine_options how;
    how.path = folder.file();
    how.connecting.vfs = disk.name();
    how.connecting.cache_bytes = 64 << 10; // large jobs spill into the log before the commit
    how.connecting.mmap_bytes = 0;
    how.threads = 1;
    db.emplace(engine::open(how));
  }

  void reopen() {
    db.reset();
    disk.heal();
    open();
  }

  dict<int> numbers() const { return db->dict<int>("d"); }

  temp_folder folder;
  fault_vfs disk;
  std::optional<database> db;
};

/// More than the cache of the write connection holds.
const std::string large(1 << 20, 'x');

} // namespace

BOOST_FIXTURE_TEST_SUITE(faults, faulty_disk)

BOOST_AUTO_TEST_CASE(a_full_disk_costs_the_write_that_met_it) {
  auto d = numbers();
  d.set("k", 1);
  disk.fail_writes(1, SQLITE_FULL);
  const auto end = outcome_of([&] { d.set("k", 2); });
  BOOST_TEST(end.is(errc::full));
  BOOST_TEST(end.says(folder.file()));
  BOOST_TEST(d.get("k") == 1);
  disk.heal();
  d.set("k", 3); // once there is room again, without reopening
  BOOST_TEST(d.get("k") == 3);
  BOOST_TEST(db->info().failed_writes == 1u);
  reopen();
  BOOST_TEST(numbers().get("k") == 3);
}

BOOST_AUTO_TEST_CASE(a_disk_that_stays_full_refuses_every_kind_of_write_and_still_reads) {
  auto d = numbers();
  d.set("k", 1);
  db->blob("b").put("k", "x");
  disk.fail_writes(1, SQLITE_FULL, fault_vfs::forever);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(outcome_of([&] { d.set("k", 2); }).is(errc::full));
    BOOST_TEST(outcome_of([&] { d.increment("new"); }).is(errc::full));
    BOOST_TEST(outcome_of([&] { db->blob("b").put("k", large); }).is(errc::full));
    BOOST_TEST(outcome_of([&] {
                 auto out = db->blob("b").writer("w");
                 out.write(large + large);
                 out.commit();
               }).is(errc::full));
    BOOST_TEST(outcome_of([&] {
                 auto b = d.batched();
                 b.set("k", 2);
                 b.commit();
               }).is(errc::full));
    BOOST_TEST(outcome_of([&] {
                 db->transaction([](transaction& tx) { tx.dict<int>("d").set("k", 2); });
               }).is(errc::full));
    BOOST_TEST((db->async().dict<int>("d").set("k", 2).get().error().code == errc::full));
  }
  BOOST_TEST(d.get("k") == 1);
  BOOST_TEST(d.count() == 1u);
  BOOST_TEST(db->blob("b").get("k").text() == "x");
  disk.heal();
  db->transaction([](transaction& tx) { tx.dict<int>("d").set("k", 2); });
  db->blob("b").put("k", large);
  BOOST_TEST(d.get("k") == 2);
  reopen();
  BOOST_TEST(numbers().get("k") == 2);
  BOOST_TEST((db->blob("b").get("k").text() == large));
  db.reset();
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(one_that_fills_the_disk_inside_a_group_spares_the_others) {
  auto words = db->async().dict<std::string>("d");
  numbers().set("n", 0);
  std::vector<future<void>> sets;
  std::vector<future<std::int64_t>> sums;
  const auto before = db->info();
  db->transaction([&](transaction&) { // holds the writer: what comes now forms one group
    for (int i = 0; i < 10; ++i) {
      sums.push_back(db->async().dict<int>("d").increment("n"));
      sets.push_back(words.set("k" + std::to_string(i), i == 5 ? large : "small"));
    }
    passed_on(db->async(), "d", 0);
    // The first write to the file is the one by which the large value spills out of the cache.
    disk.fail_writes(1, SQLITE_FULL);
  });
  int failed = 0;
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(sums[static_cast<std::size_t>(i)].get().has_value());
    const auto end = sets[static_cast<std::size_t>(i)].get();
    if (end.has_error()) {
      ++failed;
      BOOST_TEST(i == 5);
      BOOST_CHECK(end.error().code == errc::full);
    }
  }
  BOOST_TEST(failed == 1);
  const auto after = db->info();
  BOOST_TEST(after.writes - before.writes == 19u);
  BOOST_TEST(after.failed_writes - before.failed_writes == 1u);
  const auto check = [&] {
    BOOST_TEST(numbers().get("n") == 10); // run again, but not counted twice
    BOOST_TEST(db->dict("d").count() == 10u);
    BOOST_TEST(!db->dict("d").contains("k5"));
  };
  check();
  reopen();
  check();
}

BOOST_AUTO_TEST_CASE(a_transaction_that_a_full_disk_has_ended_cannot_go_on) {
  auto end = outcome_of([&] {
    db->transaction([&](transaction& tx) {
      tx.dict<int>("d").set("k", 1);
      disk.fail_writes(1, SQLITE_FULL);
      BOOST_TEST(outcome_of([&] { tx.blob("b").put("k", large); }).is(errc::full));
      BOOST_TEST(outcome_of([&] { tx.dict<int>("d").set("k", 2); }).is(errc::closed));
    });
  });
  BOOST_TEST(end.is(errc::closed));
  disk.heal();
  BOOST_TEST(!numbers().contains("k"));
  numbers().set("k", 3); // nothing has happened to the database
  BOOST_TEST(numbers().get("k") == 3);
}

BOOST_AUTO_TEST_CASE(a_write_error_reaches_the_caller_and_the_file_stays_whole) {
  auto d = numbers();
  for (int i = 0; i < 100; ++i)
    d.set(std::to_string(i), i);
  disk.fail_writes(1, SQLITE_IOERR_WRITE);
  const auto end = outcome_of([&] { d.set("k", 2); });
  BOOST_TEST(end.is(errc::io));
  BOOST_TEST(end.says("reopen"));
  reopen();
  BOOST_TEST(numbers().count() >= 100u);
  for (int i = 0; i < 100; ++i)
    BOOST_REQUIRE(numbers().get(std::to_string(i)) == i);
  db.reset();
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(after_a_failed_sync_nothing_is_written_until_reopened) {
  auto d = numbers();
  d.set("k", 1);
  disk.fail_syncs(1);
  const auto end = outcome_of([&] { d.set("k", 2); });
  BOOST_TEST(end.is(errc::io));
  BOOST_TEST(end.says("reopen"));
  disk.heal(); // the disk is well again, the writer stays shut
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(outcome_of([&] { d.set("other", 2); }).is(errc::io));
    BOOST_TEST(outcome_of([&] { db->transaction([](transaction&) {}); }).is(errc::io));
    BOOST_TEST(outcome_of([&] {
                 auto b = d.batched();
                 b.set("other", 2);
                 b.commit();
               }).is(errc::io));
    BOOST_TEST((db->async().dict<int>("d").set("other", 2).get().error().code == errc::io));
  }
  BOOST_TEST(d.get("k") == 1);
  BOOST_TEST(!d.contains("other"));
  reopen();
  BOOST_TEST((numbers().get("k") == 1 || numbers().get("k") == 2)); // not acknowledged: either
  BOOST_TEST(!numbers().contains("other"));
  numbers().set("k", 3);
  BOOST_TEST(numbers().get("k") == 3);
}

BOOST_AUTO_TEST_CASE(a_failed_sync_fails_every_write_of_its_group) {
  std::vector<future<std::int64_t>> sums;
  numbers().set("n", 0);
  db->transaction([&](transaction&) {
    for (int i = 0; i < 10; ++i)
      sums.push_back(db->async().dict<int>("d").increment("n"));
    passed_on(db->async(), "d", 0);
    disk.fail_syncs(1, SQLITE_IOERR_FSYNC, fault_vfs::forever);
  });
  for (auto& sum : sums)
    BOOST_CHECK(sum.get().error().code == errc::io);
  reopen();
  const auto n = numbers().get("n");
  BOOST_TEST((n >= 0 && n <= 10));
}

BOOST_AUTO_TEST_CASE(a_failed_sync_of_a_transaction_shuts_the_writer_too) {
  numbers().set("k", 1);
  disk.fail_syncs(1);
  BOOST_TEST(outcome_of([&] {
               db->transaction([](transaction& tx) { tx.dict<int>("d").set("k", 2); });
             }).is(errc::io));
  disk.heal();
  BOOST_TEST(outcome_of([&] { numbers().set("k", 3); }).is(errc::io));
  reopen();
  BOOST_TEST((numbers().get("k") == 1 || numbers().get("k") == 2));
}

BOOST_AUTO_TEST_CASE(what_was_acknowledged_survives_a_power_cut_at_any_write) {
  for (std::uint64_t nth = 1; nth <= 40; ++nth) {
    BOOST_TEST_INFO("power off at write " << nth);
    disk.cut_power_at_write(nth, nth * 7'919);
    std::vector<int> acknowledged;
    for (int i = 0; i < 1'000 && !disk.power_is_off(); ++i) {
      const auto key = std::to_string(nth) + "." + std::to_string(i);
      const auto end = outcome_of([&] {
        auto b = db->dict<int>("d").batched();
        b.set(key, i);
        b.set(key + "twin", i);
        b.commit();
      });
      if (end.failed)
        break;
      acknowledged.push_back(i);
    }
    BOOST_REQUIRE(disk.power_is_off());
    reopen();
    const auto d = numbers();
    for (const int i : acknowledged)
      BOOST_REQUIRE(d.contains(std::to_string(nth) + "." + std::to_string(i)));
    for (const auto& [key, value] : d.entries())
      BOOST_REQUIRE(key.ends_with("twin") || d.contains(key + "twin"));
  }
  db.reset();
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(a_disk_that_fails_while_opening_is_no_database) {
  db.reset();
  std::filesystem::remove(folder.file());
  disk.fail_writes(1, SQLITE_FULL, fault_vfs::forever);
  BOOST_TEST(outcome_of([&] { open(); }).is(errc::full));
  disk.heal();
  open();
  numbers().set("k", 1);
  BOOST_TEST(numbers().get("k") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
