#include "beaver/actors/file_version.hpp"

#include "beaver/storage/checkpoint.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

using namespace beaver;
using namespace beaver::test;

namespace {

/// A file with one connection that is ours, as the writer uses it, and one of a stranger.
struct fixture {
  fixture() {
    ours.enable_wal();
    ours.execute("CREATE TABLE t(a); INSERT INTO t VALUES (0)");
    BOOST_REQUIRE(view.map());
  }

  static void write(connection& c) { c.execute("UPDATE t SET a = a + 1"); }

  /// A transaction of ours; `behind` happens between its COMMIT and the look at the file.
  void commit(std::initializer_list<std::string_view> lists, bool writes = true,
              void (*behind)(connection&) = nullptr) {
    change_set changed;
    for (const auto name : lists)
      changed.add("list", name);
    const auto commits = log.commits();
    ours.execute("BEGIN IMMEDIATE");
    const auto before = view.read();
    if (writes)
      write(ours);
    ours.execute("COMMIT");
    if (behind)
      behind(stranger);
    versions.committed(before, view.read(), log.commits() != commits, changed);
  }

  [[nodiscard]] std::uint64_t of(std::string_view list) {
    return versions.of("list", list, view.read());
  }

  temp_folder folder;
  connection ours{folder.file(), {}};
  connection stranger{folder.file(), {}};
  wal_monitor log{ours};
  wal_view view{ours};
  file_version versions;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(file_versions, fixture)

BOOST_AUTO_TEST_CASE(a_commit_of_ours_changes_the_number_of_what_it_touched_alone) {
  commit({"a"});
  const auto a = of("a");
  const auto b = of("b");
  commit({"a"});
  BOOST_TEST(of("a") != a);
  BOOST_TEST(of("b") == b);
  commit({"b"});
  BOOST_TEST(of("b") != b);
  BOOST_TEST(versions.is_ours(view.read()));
}

BOOST_AUTO_TEST_CASE(a_type_with_the_same_name_is_another_manager) {
  commit({"a"});
  const auto queue = versions.of("queue", "a", view.read());
  commit({"a"});
  BOOST_TEST(versions.of("queue", "a", view.read()) == queue);
}

BOOST_AUTO_TEST_CASE(a_commit_of_a_stranger_changes_all_numbers) {
  commit({"a"});
  const auto a = of("a");
  write(stranger);
  const auto unknown = of("a");
  BOOST_TEST(unknown != a);
  BOOST_TEST(!versions.is_ours(view.read()));
  commit({"b"}); // also after the next one of ours
  BOOST_TEST(of("a") != a);
  BOOST_TEST(of("a") != unknown);
}

BOOST_AUTO_TEST_CASE(a_stranger_right_behind_our_commit_is_not_taken_for_us) {
  commit({"a"});
  const auto a = of("a");
  commit({"b"}, true, write);
  BOOST_TEST(!versions.is_ours(view.read()));
  BOOST_TEST(of("a") != a);
  commit({"b"});
  BOOST_TEST(of("a") != a);
}

BOOST_AUTO_TEST_CASE(a_stranger_behind_a_transaction_that_wrote_nothing_is_not_taken_for_us) {
  commit({"a"});
  const auto a = of("a");
  commit({"b"}, false, write);
  BOOST_TEST(of("a") != a);
  commit({"b"});
  BOOST_TEST(of("a") != a);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_wrote_nothing_leaves_all_numbers) {
  commit({"a"});
  const auto a = of("a");
  commit({}, false);
  BOOST_TEST(of("a") == a);
}

BOOST_AUTO_TEST_CASE(the_log_that_begins_anew_is_no_stranger) {
  commit({"a"});
  const auto a = of("a");
  BOOST_REQUIRE(log.restart(std::chrono::milliseconds{0}));
  BOOST_TEST(of("a") == a);
  commit({"b"});
  BOOST_TEST(of("a") == a);
}

BOOST_AUTO_TEST_CASE(the_memory_for_names_is_bounded) {
  commit({"first"});
  const auto first = of("first");
  for (int i = 0; i < 5'000; ++i)
    commit({std::to_string(i)});
  BOOST_TEST(of("first") != first); // forgotten, which only costs a rebuild
}

BOOST_AUTO_TEST_SUITE_END()
