#include "beaver/storage/transaction.hpp"

#include "support/failure.hpp"
#include "support/fault_vfs.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  temp_folder folder;
  fault_vfs vfs{"transaction-faults", "test.db"};
  connection db{folder.file(), options()};

  fixture() {
    db.enable_wal();
    db.execute("CREATE TABLE t(a UNIQUE ON CONFLICT ABORT)");
  }
  [[nodiscard]] connection_options options() const {
    connection_options result;
    result.vfs = vfs.name();
    return result;
  }
  void insert(int value) { db.prepare("INSERT INTO t VALUES (?1)").bind(value).run(); }
  std::string values() {
    auto row = db.prepare("SELECT group_concat(a) FROM (SELECT a FROM t ORDER BY a)");
    return row.step() ? std::string(row.text(0)) : "no row";
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_transaction, fixture)

BOOST_AUTO_TEST_CASE(keeps_its_work_when_committed) {
  {
    transaction_scope t(db);
    insert(1);
    t.commit();
  }
  BOOST_TEST(values() == "1");
  BOOST_TEST(!db.in_transaction());
}

BOOST_AUTO_TEST_CASE(leaves_no_trace_otherwise) {
  {
    transaction_scope t(db);
    insert(1);
  }
  BOOST_TEST(values() == "");
  BOOST_CHECK_THROW(
    {
      transaction_scope t(db);
      insert(1);
      throw std::runtime_error("no");
    },
    std::runtime_error);
  BOOST_TEST(values() == "");
  BOOST_TEST(!db.in_transaction());
}

BOOST_AUTO_TEST_CASE(is_refused_while_another_connection_writes) {
  connection other(folder.file(), {});
  other.busy_timeout(0ms);
  transaction_scope t(db);
  auto end = outcome_of([&] { transaction_scope second(other); });
  BOOST_TEST(end.is(errc::busy));
  BOOST_TEST(end.says("test.db"));
}

BOOST_AUTO_TEST_CASE(can_be_followed_by_another_after_a_failed_commit) {
  vfs.fail_syncs(1);
  auto end = outcome_of([&] {
    transaction_scope t(db);
    insert(1);
    t.commit();
  });
  BOOST_TEST(end.is(errc::io));
  BOOST_TEST(!db.in_transaction());
  transaction_scope t(db);
  insert(2);
  t.commit();
  BOOST_TEST(!db.in_transaction());
}

BOOST_AUTO_TEST_CASE(that_sqlite_has_ended_is_left_alone) {
  {
    transaction_scope t(db);
    insert(1);
    BOOST_TEST(outcome_of([&] { db.execute("INSERT OR ROLLBACK INTO t VALUES (1)"); }).failed);
    BOOST_TEST(!db.in_transaction());
    BOOST_TEST(outcome_of([&] { t.commit(); }).failed);
  }
  BOOST_TEST(values() == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_savepoint, fixture)

BOOST_AUTO_TEST_CASE(undoes_only_its_own_work) {
  transaction_scope t(db);
  insert(1);
  {
    savepoint s(db);
    insert(2);
  }
  {
    savepoint s(db);
    insert(3);
    s.release();
  }
  t.commit();
  BOOST_TEST(values() == "1,3");
}

BOOST_AUTO_TEST_CASE(nests) {
  transaction_scope t(db);
  {
    savepoint outer(db);
    insert(1);
    {
      savepoint inner(db);
      insert(2);
    }
    {
      savepoint inner(db);
      insert(3);
      inner.release();
    }
    outer.release();
  }
  {
    savepoint outer(db);
    savepoint inner(db);
    insert(4);
    inner.release();
  }
  t.commit();
  BOOST_TEST(values() == "1,3");
}

BOOST_AUTO_TEST_CASE(protects_the_others_from_a_constraint) {
  transaction_scope t(db);
  insert(1);
  auto end = outcome_of([&] {
    savepoint s(db);
    insert(2);
    insert(1);
    s.release();
  });
  BOOST_TEST(end.is(errc::already_exists));
  BOOST_TEST(db.in_transaction());
  t.commit();
  BOOST_TEST(values() == "1");
}

BOOST_AUTO_TEST_CASE(needs_a_transaction) {
  BOOST_TEST(outcome_of([&] { savepoint s(db); }).is(errc::internal));
  BOOST_TEST(!db.in_transaction());
}

BOOST_AUTO_TEST_CASE(is_harmless_when_a_full_disk_has_ended_the_transaction) {
  db.execute("PRAGMA cache_size=2"); // pages spill into the WAL before COMMIT
  auto end = outcome_of([&] {
    transaction_scope t(db);
    savepoint s(db);
    vfs.fail_writes(1, SQLITE_FULL, fault_vfs::forever);
    db.execute("CREATE TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM "
               "n LIMIT 100) SELECT randomblob(4000) FROM n");
  });
  BOOST_TEST(end.is(errc::full));
  BOOST_TEST(!db.in_transaction());
  vfs.heal();
  insert(1);
  BOOST_TEST(values() == "1");
  BOOST_TEST(!db.in_transaction());
}

BOOST_AUTO_TEST_CASE(is_harmless_when_a_statement_has_rolled_back) {
  {
    transaction_scope t(db);
    insert(1);
    savepoint s(db);
    BOOST_TEST(outcome_of([&] { db.execute("INSERT OR ROLLBACK INTO t VALUES (1)"); }).failed);
    BOOST_TEST(outcome_of([&] { s.release(); }).failed);
  }
  insert(2);
  BOOST_TEST(values() == "2");
}

BOOST_AUTO_TEST_SUITE_END()
