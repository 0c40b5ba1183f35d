#include "support/fault_vfs.hpp"

#include "beaver/storage/schema.hpp"
#include "beaver/storage/transaction.hpp"
#include "support/failure.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace beaver;
using namespace beaver::test;

namespace {

struct fixture {
  temp_folder folder;
  fault_vfs vfs{"faults", "test.db"};

  [[nodiscard]] connection_options faulty(bool full_sync = true) const {
    connection_options options;
    options.vfs = vfs.name();
    options.full_sync = full_sync;
    return options;
  }
  static void make(connection& c) {
    c.enable_wal();
    c.execute("CREATE TABLE t(a)");
  }
  static void insert(connection& c, int value) {
    c.prepare("INSERT INTO t VALUES (?1)").bind(value).run();
  }
  void check_integrity(connection& c) {
    auto row = c.prepare("PRAGMA integrity_check");
    BOOST_REQUIRE(row.step());
    BOOST_REQUIRE(row.text(0) == "ok");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_fault_vfs, fixture)

BOOST_AUTO_TEST_CASE(counts_writes_and_syncs_and_changes_nothing_else) {
  connection c(folder.file(), faulty());
  make(c);
  vfs.heal();
  insert(c, 1);
  BOOST_TEST(vfs.writes() > 0U);
  BOOST_TEST(vfs.syncs() == 1U);
  connection plain(folder.file(), {});
  BOOST_TEST(plain.integer("SELECT a FROM t") == 1);
}

BOOST_AUTO_TEST_CASE(fails_the_nth_write_and_only_that) {
  connection c(folder.file(), faulty());
  make(c);
  insert(c, 0);
  vfs.heal();
  insert(c, 1);
  auto one_insert = vfs.writes();
  vfs.fail_writes(one_insert + 1, SQLITE_FULL);
  insert(c, 2);
  BOOST_TEST(outcome_of([&] { insert(c, 3); }).is(errc::full));
  insert(c, 4);
  BOOST_TEST(c.integer("SELECT sum(a) FROM t") == 7);
}

BOOST_AUTO_TEST_CASE(fails_until_healed) {
  connection c(folder.file(), faulty());
  make(c);
  vfs.fail_writes(1, SQLITE_IOERR_WRITE, fault_vfs::forever);
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(outcome_of([&] { insert(c, i); }).is(errc::io));
  vfs.heal();
  insert(c, 4);
  BOOST_TEST(c.integer("SELECT count(*) FROM t") == 1);
}

BOOST_AUTO_TEST_CASE(leaves_other_files_alone) {
  connection c(folder.file("other"), faulty());
  vfs.fail_writes(1, SQLITE_FULL, fault_vfs::forever);
  make(c);
  insert(c, 1);
  BOOST_TEST(c.integer("SELECT a FROM t") == 1);
  BOOST_TEST(vfs.writes() == 0U);
}

BOOST_AUTO_TEST_CASE(without_power_changes_nothing_any_more) {
  {
    connection c(folder.file(), faulty());
    make(c);
    insert(c, 1);
    vfs.cut_power_at_write(1);
    BOOST_TEST(outcome_of([&] { insert(c, 2); }).is(errc::io));
    BOOST_TEST(vfs.power_is_off());
    BOOST_TEST(outcome_of([&] { insert(c, 3); }).is(errc::io));
  }
  connection c(folder.file(), {});
  BOOST_TEST(c.integer("SELECT count(*) FROM t WHERE a = 1") == 1);
  BOOST_TEST(c.integer("SELECT count(*) FROM t") == 1);
}

BOOST_AUTO_TEST_CASE(drops_what_was_not_synced) {
  // synchronous=NORMAL commits without a sync: such a commit is lost with the power, which shows
  // that writes are taken back and not only stopped.
  {
    connection c(folder.file(), faulty(false));
    make(c);
    c.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    insert(c, 1);
    BOOST_TEST(c.integer("SELECT count(*) FROM t") == 1);
    vfs.cut_power_at_write(1);
    BOOST_TEST(outcome_of([&] { insert(c, 2); }).failed);
  }
  connection c(folder.file(), {});
  BOOST_TEST(c.integer("SELECT count(*) FROM t") == 0);
  check_integrity(c);
}

// Every commit that was acknowledged under synchronous=FULL is there after a power cut at any
// write, nothing half done is, and the file is sound.
void survive_cuts(fixture& f, bool by_chance) {
  std::uint64_t n = 1;
  for (bool cut = true; cut; ++n) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      std::filesystem::remove(f.folder.file() + suffix);
    f.vfs.heal();
    int acknowledged = 0;
    bool prepared = false;
    f.vfs.cut_power_at_write(n, by_chance ? std::optional<std::uint64_t>{n} : std::nullopt);
    static_cast<void>(outcome_of([&] {
      connection c(f.folder.file(), f.faulty());
      schema::prepare(c);
      prepared = true;
      c.execute("CREATE TABLE t(a, b)");
      for (int i = 1; i <= 12; ++i) {
        transaction_scope t(c);
        c.prepare("INSERT INTO t VALUES (?1, 1)").bind(i).run();
        c.prepare("INSERT INTO t VALUES (?1, randomblob(9000))").bind(i).run();
        t.commit();
        acknowledged = i;
        if (i % 4 == 0)
          c.execute("PRAGMA wal_checkpoint(RESTART)");
      }
    }));
    cut = f.vfs.power_is_off();
    BOOST_TEST_INFO_SCOPE("power cut at write " << n << ", acknowledged " << acknowledged);
    connection c(f.folder.file(), {});
    f.check_integrity(c);
    schema::prepare(c);
    if (prepared)
      BOOST_REQUIRE(c.integer("SELECT count(*) FROM __beaver_meta__") == 1);
    if (acknowledged == 0)
      continue;
    auto pairs = c.integer("SELECT count(*) FROM t WHERE b = 1");
    BOOST_REQUIRE(c.integer("SELECT count(*) FROM t") == 2 * pairs);
    BOOST_REQUIRE(pairs >= acknowledged);
    BOOST_REQUIRE(pairs <= acknowledged + 1);
    BOOST_REQUIRE(c.integer("SELECT coalesce(max(a), 0) FROM t") == pairs);
  }
  BOOST_TEST(n > 50U);
}

BOOST_AUTO_TEST_CASE(shows_that_commits_survive_a_power_cut_at_any_write) {
  survive_cuts(*this, false);
}

BOOST_AUTO_TEST_CASE(shows_that_commits_survive_whatever_a_disk_cache_keeps) {
  survive_cuts(*this, true);
}

BOOST_AUTO_TEST_SUITE_END()
