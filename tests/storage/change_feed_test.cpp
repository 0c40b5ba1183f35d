#include "beaver/storage/change_feed.hpp"

#include "beaver/storage/dict_table.hpp"
#include "support/failure.hpp"
#include "support/raw_file.hpp"
#include "table_fixture.hpp"

#include <limits>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr auto all = std::numeric_limits<std::uint64_t>::max() / 1000;
using texts = std::vector<std::string>;

struct change_fixture : table_fixture {
  /// "set dict:d "k"" and so on.
  texts changes(const std::string& pattern = "*:*", std::uint64_t after = 0) {
    texts result;
    for (const auto& one : change_feed::read(c(), change_pattern{pattern}, after, all).changes)
      result.push_back((one.operation == change_operation::set ? "set " : "erase ") + one.type + ':'
                       + one.name + ' ' + std::string{one.key.text()});
    return result;
  }
  void watch(const std::string& pattern) { change_feed::watch(c(), change_pattern{pattern}); }
  void run(const char* sql) { c().execute(sql); }
  std::int64_t triggers() {
    return c().integer("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' "
                       "AND name LIKE '\\_\\_beaver\\_watch\\_%' ESCAPE '\\'");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(change_feeds, change_fixture)

BOOST_AUTO_TEST_CASE(nothing_is_recorded_before_somebody_asks) {
  run("INSERT INTO __beaver_dicts__ VALUES ('d', 'k', '1', NULL)");
  BOOST_TEST(changes().empty());
  BOOST_TEST(triggers() == 0);
  BOOST_TEST(change_feed::watched(c()).empty());
}

BOOST_AUTO_TEST_CASE(every_way_to_write_a_row_is_recorded) {
  watch("dict:d*");
  run("INSERT INTO __beaver_dicts__ VALUES ('d', 'k', '1', NULL), ('other', 'k', '1', NULL)");
  run("INSERT OR REPLACE INTO __beaver_dicts__ VALUES ('d', 'k', '2', NULL)");
  run("INSERT INTO __beaver_dicts__ VALUES ('d', 'k', '3', NULL) ON CONFLICT DO UPDATE SET value = "
      "excluded.value");
  run("UPDATE __beaver_dicts__ SET key = 'l' WHERE dict_name = 'd'");
  run("UPDATE __beaver_dicts__ SET dict_name = 'd2' WHERE dict_name = 'd'");
  run("UPDATE __beaver_dicts__ SET dict_name = 'unseen' WHERE dict_name = 'd2'");
  run("DELETE FROM __beaver_dicts__");
  BOOST_TEST(changes()
               == (texts{"set dict:d \"k\"", "set dict:d \"k\"", "set dict:d \"k\"",
                         "erase dict:d \"k\"", "set dict:d \"l\"", "erase dict:d \"l\"",
                         "set dict:d2 \"l\"", "erase dict:d2 \"l\""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_data_type_can_be_watched) {
  watch("*:x");
  run("INSERT INTO __beaver_dicts__ VALUES ('x', 'k', '1', NULL)");
  run("INSERT INTO __beaver_blobs__ VALUES ('x', 'k', x'00', NULL)");
  run("INSERT INTO __beaver_lists__ VALUES ('x', 'V', '1')");
  run("INSERT INTO __beaver_priority_queues__ VALUES ('x', 1, 2.5, '1')");
  run("INSERT INTO __beaver_logs__ VALUES ('x', 3, '1')");
  run("INSERT INTO __beaver_pubsub_log__ VALUES (4.5, 'x', '1')");
  run("INSERT INTO __beaver_lock_waiters__ VALUES ('x', 'w', 1, 2)");
  run("INSERT INTO __beaver_sketches__ VALUES ('x', 'hll', 1, 0.1, x'00')");
  run("INSERT INTO __beaver_documents__ VALUES ('x', 'i', '{}')");
  run("INSERT INTO __beaver_edges__ VALUES ('x', 'a', 'b', 'l', NULL)");
  run("INSERT INTO __beaver_vectors__ VALUES ('x', 'i', x'00', NULL)");
  BOOST_TEST(
    changes()
      == (texts{"set dict:x \"k\"", "set blob:x \"k\"", "set list:x \"V\"", "set queue:x 2.5",
                "set log:x 3.0", "set channel:x 4.5", "set lock:x \"w\"", "set sketch:x \"hll\"",
                "set docs:x \"i\"", "set graph:x \"a\"", "set vectors:x \"i\""}),
    boost::test_tools::per_element());
  BOOST_TEST(changes("*:x", 9).size() == 2u);
  BOOST_TEST(changes("l*:*").size() == 3u);
  BOOST_TEST(changes("dict:y").empty());
}

BOOST_AUTO_TEST_CASE(unwatching_ends_the_record_and_the_last_takes_the_triggers_along) {
  watch("dict:a");
  watch("dict:*");
  BOOST_TEST(triggers() == 3);
  BOOST_TEST(change_feed::is_watched(c(), change_pattern{"dict:a"}));
  BOOST_TEST(change_feed::unwatch(c(), change_pattern{"dict:*"}));
  BOOST_TEST(!change_feed::unwatch(c(), change_pattern{"dict:*"}));
  run("INSERT INTO __beaver_dicts__ VALUES ('a', 'k', '1', NULL), ('b', 'k', '1', NULL)");
  BOOST_TEST(changes() == texts{"set dict:a \"k\""}, boost::test_tools::per_element());
  BOOST_TEST(change_feed::unwatch(c(), change_pattern{"dict:a"}));
  BOOST_TEST(triggers() == 0);
  BOOST_TEST(changes().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_name_with_pattern_characters_can_be_meant_itself) {
  const auto pattern = change_pattern::exactly("dict", "a*[b]?");
  BOOST_TEST(pattern == "dict:a[*][[]b][?]");
  watch(pattern);
  run("INSERT INTO __beaver_dicts__ VALUES ('a*[b]?', 'k', '1', NULL), ('axbx', 'k', '1', NULL)");
  BOOST_TEST(changes().size() == 1u);
}

BOOST_AUTO_TEST_CASE(bad_patterns_are_refused) {
  for (const auto* text : {"", "dict", ":x", "dict:", "dcit:x"})
    BOOST_TEST(outcome_of([&] { change_pattern{text}; }).is(errc::invalid_argument), text);
  BOOST_TEST(outcome_of([] { change_pattern{"dcit:x"}; }).says("dict"));
}

BOOST_AUTO_TEST_CASE(other_programs_are_recorded_and_never_fail) {
  watch("*:*");
  raw_file other{path()};
  other.execute("INSERT INTO __beaver_dicts__ VALUES ('d', x'ff00', '1', NULL)");
  other.execute("INSERT INTO __beaver_pubsub_log__ VALUES (NULL, 'c', '1'), (9e999, 'c', '1')");
  const auto seen = changes();
  BOOST_REQUIRE(seen.size() == 3u);
  BOOST_TEST(seen[1] == "set channel:c null");
  const auto times = change_feed::read(c(), change_pattern{"*:*"}, 0, all).changes;
  BOOST_TEST(times[0].timestamp > 1.7e9);
  BOOST_TEST(times[0].timestamp < 1e10);
}

BOOST_AUTO_TEST_CASE(old_changes_go_and_no_sequence_comes_twice) {
  watch("dict:*");
  for (int i = 0; i < 5; ++i)
    run("INSERT OR REPLACE INTO __beaver_dicts__ VALUES ('d', 'k', '1', NULL)");
  const auto head = change_feed::head(c());
  run("UPDATE __beaver_changes__ SET timestamp = 1000 + seq");
  const double late = 1003.5 + change_feed::kept_seconds;
  BOOST_TEST(change_feed::before_time(c(), 2000) == head);
  BOOST_TEST(change_feed::before_time(c(), 1000) == 0u);
  BOOST_TEST(!change_feed::is_due(c(), 1000 + change_feed::kept_seconds));
  BOOST_TEST(change_feed::is_due(c(), late));
  BOOST_TEST(change_feed::sweep(c(), late, 2) == 2u);
  BOOST_TEST(change_feed::sweep(c(), late, 10) == 1u);
  BOOST_TEST(change_feed::sweep(c(), late, 10) == 0u);
  BOOST_TEST(change_feed::sweep(c(), late * 2, 10) == 1u); // the newest stays
  BOOST_TEST(!change_feed::is_due(c(), late * 2));
  run("INSERT OR REPLACE INTO __beaver_dicts__ VALUES ('d', 'k', '1', NULL)");
  BOOST_TEST(change_feed::head(c()) == head + 1);
}

BOOST_AUTO_TEST_SUITE_END()
