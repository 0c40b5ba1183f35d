#include "beaver/storage/wal_buffer.hpp"

#include "beaver/storage/transaction.hpp"
#include "support/failure.hpp"
#include "support/fault_vfs.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <tuple>

using namespace beaver;
using namespace beaver::test;
namespace fs = std::filesystem;

namespace {

using rows = std::map<std::int64_t, std::string>;

struct fixture {
  fault_vfs vfs{"wal buffer faults", "test.db"};

  [[nodiscard]] connection_options options(bool full_sync) const {
    connection_options how;
    how.vfs = vfs.name();
    how.full_sync = full_sync;
    return how;
  }

  static void make(connection& c) {
    c.enable_wal();
    c.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, value TEXT)");
  }

  static void put(connection& c, std::int64_t id, std::string_view value) {
    c.prepare("INSERT OR REPLACE INTO t VALUES (?1, ?2)").bind(id, value).run();
  }

  static rows content(const std::string& path) {
    connection c{path, {}};
    rows found;
    auto all = c.prepare("SELECT id, value FROM t");
    while (all.step())
      found.emplace(all.integer(0), all.text(1));
    BOOST_TEST(raw_file{path}.integrity() == "ok");
    return found;
  }

  /// What somebody would find if this process were killed now.
  static rows content_after_a_crash(const std::string& path) {
    const temp_folder elsewhere;
    for (const char* side : {"", "-wal"})
      fs::copy_file(path + side, elsewhere.file() + side);
    return content(elsewhere.file());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_wal_buffer, fixture)

BOOST_AUTO_TEST_CASE(a_small_transaction_is_one_write_at_any_durability) {
  for (const bool full : {false, true}) {
    const temp_folder own;
    connection c{own.file(), options(full)};
    make(c);
    put(c, 1, "first");
    vfs.heal();
    put(c, 2, "second");
    BOOST_TEST(vfs.writes() == 1u);
    BOOST_TEST(vfs.syncs() == (full ? 1u : 0u));
  }
}

BOOST_AUTO_TEST_CASE(a_commit_is_in_the_log_when_it_returns) {
  for (const bool full : {false, true}) {
    const temp_folder own;
    const auto path = own.file();
    connection c{path, options(full)};
    make(c);
    for (std::int64_t i = 0; i < 20; ++i) {
      put(c, i, std::string(static_cast<std::size_t>(i) * 700, 'x'));
      connection other{path, {}};
      BOOST_TEST(other.integer("SELECT count(*) FROM t") == i + 1);
    }
  }
}

/// With a cache of a few pages SQLite writes pages of a transaction early, reads them back, and
/// writes them again in place, with new checksums for all that follow.
BOOST_AUTO_TEST_CASE(whatever_a_transaction_does_the_log_holds_what_was_committed) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  const int transactions = long_tests() ? 3'000 : 150;
  for (const bool full : {false, true}) {
    std::mt19937_64 random{seed + full};
    const temp_folder own;
    const auto path = own.file();
    auto how = options(full);
    how.cache_bytes = 8 << 10;
    how.mmap_bytes = 0;
    connection c{path, how};
    make(c);
    rows expected;
    int undone = 0;
    const auto change = [&](rows& now) {
      const auto id = static_cast<std::int64_t>(random() % 300);
      if (random() % 4 == 0) {
        c.prepare("DELETE FROM t WHERE id = ?1").bind(id).run();
        now.erase(id);
      } else {
        const std::string value(random() % 6'000, static_cast<char>('a' + random() % 26));
        put(c, id, value);
        now.insert_or_assign(id, value);
      }
    };
    for (int i = 0; i < transactions; ++i) {
      BOOST_TEST_INFO_SCOPE("seed " << seed << ", full " << full << ", transaction " << i);
      rows now = expected;
      c.execute("BEGIN IMMEDIATE");
      for (auto n = random() % 60; n > 0; --n)
        change(now);
      {
        std::optional<savepoint> part{std::in_place, c};
        rows inside = now;
        for (auto n = random() % 30; n > 0; --n)
          change(inside);
        if (random() % 2 == 0) {
          part->release();
          now = std::move(inside);
        }
        part.reset();
        undone += !c.in_transaction();
      }
      if (!c.in_transaction())
        continue;
      if (random() % 5 == 0) {
        c.execute("ROLLBACK");
      } else {
        c.execute("COMMIT");
        expected = std::move(now);
      }
      if (random() % 40 == 0)
        c.execute("PRAGMA wal_checkpoint(RESTART)");
      if (i % 10 != 0)
        continue;
      BOOST_REQUIRE((content_after_a_crash(path) == expected));
    }
    BOOST_TEST((content(path) == expected));
    BOOST_TEST(undone > 0);
  }
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_fails_its_commit_and_no_later_one) {
  for (const bool full : {false, true}) {
    const temp_folder own;
    const auto path = own.file();
    connection c{path, options(full)};
    make(c);
    put(c, 1, "kept");
    vfs.heal();
    vfs.fail_writes(1);
    BOOST_TEST(outcome_of([&] { put(c, 2, "lost"); }).is(errc::full));
    put(c, 3, "kept");
    BOOST_TEST((content(path) == rows{{1, "kept"}, {3, "kept"}}));
  }
}

BOOST_AUTO_TEST_CASE(a_vfs_that_took_the_name_of_another_is_used) {
  const temp_folder own;
  for (int i = 0; i < 2; ++i) {
    fault_vfs again{"taken twice", "test.db"};
    connection_options how;
    how.vfs = again.name();
    connection c{own.file(), how};
    if (i == 0)
      make(c);
    again.heal();
    put(c, i, "x");
    BOOST_TEST(again.writes() == 1u);
  }
  BOOST_TEST(
    outcome_of([] { std::ignore = wal_buffering_vfs("no such"); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_SUITE_END()
