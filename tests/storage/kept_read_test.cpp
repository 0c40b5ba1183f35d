#include "beaver/storage/kept_read.hpp"

#include "beaver/storage/schema.hpp"
#include "support/failure.hpp"
#include "support/fault_vfs.hpp"
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

#include <sqlite3.h>
#include <sys/mman.h>

using namespace beaver;
using namespace beaver::test;

namespace {

using header = wal_state;

bool wal_header(connection& c, header& out) {
  wal_view view{c};
  if (!view.map())
    return false;
  out = view.read();
  return true;
}

struct fixture {
  temp_folder folder;

  static connection_options read_only() {
    connection_options options;
    options.read_only = true;
    return options;
  }
  static void make(connection& c) {
    c.enable_wal();
    c.execute("CREATE TABLE t(a); INSERT INTO t VALUES (0)");
  }
};

std::int64_t value(connection& c) { return c.integer("SELECT a FROM t"); }

void set(connection& c, std::int64_t to) { c.prepare("UPDATE t SET a = ?1").bind(to).run(); }

/// Counts how often a connection runs a statement, BEGIN and COMMIT included.
struct statement_counter {
  explicit statement_counter(connection& c) {
    sqlite3_trace_v2(
      c.handle(), SQLITE_TRACE_STMT,
      [](unsigned, void* self, void*, void*) {
        ++static_cast<statement_counter*>(self)->count;
        return 0;
      },
      this);
  }
  int count = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_kept_read, fixture)

BOOST_AUTO_TEST_CASE(sees_a_commit_of_another_connection_at_once) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  for (int i = 1; i <= 1000; ++i) {
    set(writer, i);
    kept.begin();
    BOOST_REQUIRE(value(reader) == i);
    if (i % 50 == 0) {
      kept.drop();
      BOOST_REQUIRE(!kept.held());
      writer.execute(i % 100 == 0 ? "PRAGMA wal_checkpoint(TRUNCATE)"
                                  : "PRAGMA wal_checkpoint(RESTART)");
    } else if (i % 7 == 0) {
      writer.execute("PRAGMA wal_checkpoint(PASSIVE)");
    }
  }
}

BOOST_AUTO_TEST_CASE(keeps_one_state_between_two_begins) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  kept.begin();
  BOOST_TEST(value(reader) == 0);
  set(writer, 1);
  BOOST_TEST(value(reader) == 0);
  kept.begin();
  BOOST_TEST(value(reader) == 1);
}

BOOST_AUTO_TEST_CASE(runs_no_statement_while_nothing_is_committed) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  kept.begin();
  BOOST_TEST(value(reader) == 0);
  kept.begin(); // the snapshot is as old as the header now, whatever came between
  statement_counter statements(reader);
  for (int i = 0; i < 100; ++i)
    kept.begin();
  BOOST_TEST(statements.count == 0);
  BOOST_TEST(kept.held());
  set(writer, 5);
  kept.begin();
  BOOST_TEST(statements.count > 0);
  BOOST_TEST(value(reader) == 5);
}

BOOST_AUTO_TEST_CASE(sees_a_commit_between_begin_and_the_first_statement) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  kept.begin();
  set(writer, 1); // after begin: either state is right for this job
  BOOST_TEST(value(reader) == 1);
  kept.begin();
  BOOST_TEST(value(reader) == 1);
  kept.drop();
  kept.begin(); // a job without a statement
  set(writer, 2);
  kept.begin();
  BOOST_TEST(value(reader) == 2);
}

BOOST_AUTO_TEST_CASE(lets_the_log_be_reset_once_dropped) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  kept.begin();
  BOOST_TEST(value(reader) == 0);
  set(writer, 1);
  writer.busy_timeout(std::chrono::milliseconds{0});
  BOOST_TEST(writer.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 1); // busy
  kept.drop();
  BOOST_TEST(!reader.in_transaction());
  BOOST_TEST(writer.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0);
}

BOOST_AUTO_TEST_CASE(begins_anew_after_its_transaction_was_ended) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  kept.begin();
  reader.execute("ROLLBACK");
  BOOST_TEST(!kept.held());
  kept.begin();
  BOOST_TEST(kept.held());
  BOOST_TEST(reader.in_transaction());
}

BOOST_AUTO_TEST_CASE(works_without_wal_and_notices_when_it_comes) {
  connection writer(folder.file(), {});
  writer.execute("CREATE TABLE t(a); INSERT INTO t VALUES (0)");
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  header bytes;
  BOOST_TEST(!wal_header(reader, bytes));
  BOOST_TEST(!std::filesystem::exists(folder.file() + "-shm"));
  kept.begin();
  BOOST_TEST(value(reader) == 0);
  kept.drop(); // without WAL a reader keeps writers out
  set(writer, 1);
  kept.begin();
  BOOST_TEST(value(reader) == 1);
  kept.drop();
  BOOST_TEST(writer.enable_wal());
  for (int i = 2; i < 10; ++i) {
    set(writer, i);
    kept.begin();
    BOOST_TEST(value(reader) == i);
  }
  statement_counter statements(reader);
  kept.begin();
  BOOST_TEST(statements.count == 0);
}

BOOST_AUTO_TEST_CASE(works_through_another_vfs) {
  fault_vfs vfs("kept-read", "test.db");
  auto options = read_only();
  options.vfs = vfs.name();
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), options);
  kept_read kept(reader);
  kept.begin();
  BOOST_TEST(value(reader) == 0);
  statement_counter statements(reader);
  kept.begin();
  BOOST_TEST(statements.count == 0);
  set(writer, 3);
  kept.begin();
  BOOST_TEST(value(reader) == 3);
}

BOOST_AUTO_TEST_CASE(is_never_stale_across_threads) {
  connection writer(folder.file(), {});
  make(writer);
  std::atomic<std::int64_t> acknowledged{0};
  std::atomic<bool> done{false};
  std::atomic<int> stale{0};
  std::thread other([&] {
    connection reader(folder.file(), read_only());
    kept_read kept(reader);
    while (!done) {
      auto at_least = acknowledged.load();
      kept.begin();
      if (value(reader) < at_least)
        ++stale;
      if (at_least % 100 == 0)
        kept.drop();
    }
  });
  for (int i = 1; i <= 3000; ++i) {
    set(writer, i);
    acknowledged = i;
    if (i % 256 == 0)
      writer.execute("PRAGMA wal_checkpoint(PASSIVE)");
  }
  done = true;
  other.join();
  BOOST_TEST(stale == 0);
}

BOOST_AUTO_TEST_CASE(is_never_stale_across_processes) {
  {
    connection writer(folder.file(), {});
    make(writer);
  }
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  BOOST_REQUIRE(memory != MAP_FAILED);
  auto* acknowledged = new (memory) std::atomic<std::int64_t>(0);
  constexpr int rounds = 5000;
  int failures = failures_of_processes(3, [&](int process) {
    connection_options options;
    options.full_sync = false;
    if (process == 0) {
      connection writer(folder.file(), options);
      for (int i = 1; i <= rounds; ++i) {
        set(writer, i);
        acknowledged->store(i);
        if (i % 200 == 0)
          writer.execute("PRAGMA wal_checkpoint(PASSIVE)");
      }
      return 0;
    }
    connection reader(folder.file(), read_only());
    kept_read kept(reader);
    for (std::int64_t at_least = 0; at_least < rounds;) {
      at_least = acknowledged->load();
      kept.begin();
      if (value(reader) < at_least)
        return 1;
      if (at_least % 128 == 0)
        kept.drop();
    }
    return 0;
  });
  ::munmap(memory, 4096);
  BOOST_TEST(failures == 0);
}

BOOST_AUTO_TEST_CASE(tells_its_state_only_if_nobody_committed_while_it_began) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), read_only());
  kept_read kept(reader);
  BOOST_TEST(!kept.state());
  kept.begin();
  header now;
  BOOST_REQUIRE(wal_header(writer, now));
  BOOST_REQUIRE(kept.state());
  BOOST_TEST((*kept.state() == now));
  set(writer, 1);
  BOOST_REQUIRE(kept.state()); // still the one it shows
  BOOST_TEST((*kept.state() == now));
  kept.begin();
  set(writer, 2); // before its first statement, which will show it
  BOOST_TEST(!kept.state());
  BOOST_TEST(value(reader) == 2);
  BOOST_TEST(!kept.state());
  kept.begin();
  BOOST_REQUIRE(wal_header(writer, now));
  BOOST_REQUIRE(kept.state());
  BOOST_TEST((*kept.state() == now));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(the_wal_header, fixture)

BOOST_AUTO_TEST_CASE(changes_with_every_commit_and_with_nothing_else) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), {});
  header before;
  header after;
  BOOST_TEST(value(reader) == 0);
  BOOST_REQUIRE(wal_header(reader, before));
  BOOST_TEST(value(reader) == 0);
  BOOST_REQUIRE(wal_header(reader, after));
  BOOST_TEST((before == after));
  writer.execute("BEGIN IMMEDIATE; UPDATE t SET a = 1");
  BOOST_REQUIRE(wal_header(reader, after));
  BOOST_TEST((before == after));
  writer.execute("COMMIT");
  BOOST_REQUIRE(wal_header(reader, after));
  BOOST_TEST((before != after));
  header of_writer;
  BOOST_REQUIRE(wal_header(writer, of_writer));
  BOOST_TEST((of_writer == after));
}

BOOST_AUTO_TEST_CASE(changes_when_the_log_begins_anew) {
  connection writer(folder.file(), {});
  make(writer);
  connection reader(folder.file(), {});
  header before;
  header after;
  BOOST_REQUIRE(wal_header(reader, before));
  writer.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  set(writer, 1); // as many frames as before, perhaps
  BOOST_REQUIRE(wal_header(reader, after));
  BOOST_TEST((before != after));
}

BOOST_AUTO_TEST_CASE(changes_with_a_commit_of_another_process) {
  {
    connection writer(folder.file(), {});
    make(writer);
  }
  int to_parent[2];
  int to_child[2];
  BOOST_REQUIRE((::pipe(to_parent) == 0 && ::pipe(to_child) == 0));
  pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  char byte = 0;
  if (child == 0) {
    ::close(to_child[1]);
    int code = 1;
    if (::read(to_child[0], &byte, 1) == 1) {
      connection writer(folder.file(), {});
      set(writer, 1);
      code = ::write(to_parent[1], "x", 1) == 1 ? 0 : 1;
      static_cast<void>(!::read(to_child[0], &byte, 1)); // stays open until the parent has looked
    }
    ::_exit(code);
  }
  ::close(to_parent[1]);
  {
    connection reader(folder.file(), {});
    header before;
    header after;
    BOOST_TEST(wal_header(reader, before));
    BOOST_TEST(::write(to_child[1], "x", 1) == 1);
    BOOST_TEST(::read(to_parent[0], &byte, 1) == 1);
    BOOST_TEST(wal_header(reader, after));
    BOOST_TEST((before != after));
  }
  ::close(to_child[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  ::close(to_parent[0]);
  ::close(to_child[0]);
}

BOOST_AUTO_TEST_CASE(is_absent_in_memory) {
  connection c(":memory:", {});
  header bytes;
  BOOST_TEST(!wal_header(c, bytes));
}

BOOST_AUTO_TEST_SUITE_END()
