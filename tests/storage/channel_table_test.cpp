#include "beaver/storage/channel_table.hpp"

#include "beaver/storage/retention.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"
#include "table_fixture.hpp"

#include <cmath>
#include <limits>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr unix_seconds now = 1000;
constexpr auto all = std::numeric_limits<std::uint64_t>::max();
constexpr channel_table::page_size whole{all, all};
using texts = std::vector<std::string>;

texts payloads_of(const std::vector<channel_message>& messages) {
  texts result;
  for (const auto& m : messages)
    result.emplace_back(m.payload.text());
  return result;
}

struct channel_fixture : table_fixture {
  channel_receipt publish(std::string_view name, std::string_view payload, unix_seconds at = now) {
    const json_text one{payload};
    return channel_table::publish(c(), name, {&one, 1}, at);
  }
  /// As the Python original does it, or the shell.
  void publish_like_python(std::string_view name, std::string_view payload, double at) {
    c()
      .prepare("INSERT INTO __beaver_pubsub_log__(timestamp, channel_name, message_payload) "
               "VALUES(?1, ?2, ?3)")
      .bind(at, name, payload)
      .run();
  }
  texts behind(std::uint64_t after, std::string_view name = "c") {
    return payloads_of(channel_table::read(c(), name, after, whole).messages);
  }
  texts matching(const std::string& pattern, std::uint64_t after = 0) {
    return payloads_of(channel_table::read_matching(c(), pattern, after, whole).messages);
  }
  std::int64_t places() { return c().integer("SELECT count(*) FROM __beaver_channel_sequence__"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(channel_tables, channel_fixture)

BOOST_AUTO_TEST_CASE(messages_get_ascending_sequences_and_unique_times_over_all_channels) {
  const auto first = publish("c", "1");
  const auto second = publish("other", "2");
  const auto third = publish("c", "3", now - 50);
  BOOST_TEST(first.timestamp == now);
  BOOST_TEST(second.timestamp == std::nextafter(now, 2 * now));
  BOOST_TEST(third.timestamp > second.timestamp);
  BOOST_TEST((first.sequence < second.sequence && second.sequence < third.sequence));
  const auto read = channel_table::read(c(), "c", 0, whole);
  BOOST_REQUIRE(read.messages.size() == 2u);
  BOOST_TEST(read.messages[1].channel == "c");
  BOOST_TEST(read.messages[1].sequence == third.sequence);
  BOOST_TEST(read.messages[1].timestamp == third.timestamp);
  BOOST_TEST(read.upto == third.sequence);
}

BOOST_AUTO_TEST_CASE(a_batch_gives_the_receipt_of_its_last_message) {
  const std::vector<json_text> three{json_text{"1"}, json_text{"2"}, json_text{"3"}};
  const auto last = channel_table::publish(c(), "c", three, now);
  BOOST_TEST(behind(0) == (texts{"1", "2", "3"}), boost::test_tools::per_element());
  BOOST_TEST(behind(last.sequence - 1) == texts{"3"}, boost::test_tools::per_element());
  BOOST_TEST(channel_table::head(c()) == last.sequence);
}

BOOST_AUTO_TEST_CASE(rows_of_other_programs_have_their_place_in_the_order_of_their_commits) {
  publish("c", "1", now);
  publish_like_python("c", "2", now - 5); // taken before, stored later
  const auto last = publish("c", "3", now - 10);
  BOOST_TEST(last.timestamp > now);
  BOOST_TEST(behind(0) == (texts{"1", "2", "3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_row_that_no_rule_of_ours_allows_does_not_fail_its_writer) {
  c().execute("INSERT INTO __beaver_pubsub_log__ VALUES (NULL, 'c', '1')");
  c().execute("INSERT INTO __beaver_pubsub_log__ VALUES ('soon', 'c', '2')");
  c().execute("INSERT INTO __beaver_pubsub_log__ VALUES (9e999, 'c', '3')");
  BOOST_TEST(publish("c", "4").timestamp == now);
  BOOST_TEST(behind(2) == (texts{"3", "4"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_can_be_published_after_the_end_of_time) {
  publish_like_python("c", "1", std::numeric_limits<double>::max());
  BOOST_CHECK_EXCEPTION(publish("c", "2"), error,
                        [](const error& e) { return e.code() == errc::corrupt; });
}

BOOST_AUTO_TEST_CASE(a_page_ends_at_its_bounds_and_the_next_goes_on) {
  for (int i = 0; i < 10; ++i)
    publish("c", std::to_string(i));
  auto page = channel_table::read(c(), "c", 0, {3, all});
  BOOST_TEST(payloads_of(page.messages) == (texts{"0", "1", "2"}),
             boost::test_tools::per_element());
  BOOST_TEST(page.upto == page.messages.back().sequence);
  page = channel_table::read(c(), "c", page.upto, {all, 2});
  BOOST_TEST(payloads_of(page.messages) == (texts{"3", "4"}), boost::test_tools::per_element());
  page = channel_table::read(c(), "c", page.upto, whole);
  BOOST_TEST(page.messages.size() == 5u);
  BOOST_TEST(page.upto == channel_table::head(c()));
}

BOOST_AUTO_TEST_CASE(history_gives_the_newest_oldest_first) {
  for (int i = 0; i < 5; ++i)
    publish("c", std::to_string(i), now + i);
  BOOST_TEST(payloads_of(channel_table::history(c(), "c", 2)) == (texts{"3", "4"}),
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(channel_table::history(c(), "c", 100, now + 3)) == (texts{"3", "4"}),
             boost::test_tools::per_element());
  BOOST_TEST(channel_table::history(c(), "c", 0).empty());
  BOOST_TEST(channel_table::history(c(), "none", 9).empty());
}

BOOST_AUTO_TEST_CASE(patterns_match_names) {
  const auto matches = [](const char* pattern, const char* name) {
    return channel_table::matches(pattern, name);
  };
  BOOST_TEST(matches("*", ""));
  BOOST_TEST(matches("news.*", "news.sports"));
  BOOST_TEST(matches("news.*", "news."));
  BOOST_TEST(!matches("news.*", "newsx"));
  BOOST_TEST(matches("?", "\u00e9"));
  BOOST_TEST(matches("[a-c]x", "bx"));
  BOOST_TEST(!matches("[^a-c]x", "bx"));
  BOOST_TEST(matches("[*]", "*"));
  BOOST_TEST(!matches("A", "a"));
  publish("news.a", "1");
  publish("c", "2");
  publish("news.b", "3");
  BOOST_TEST(matching("news.*") == (texts{"1", "3"}), boost::test_tools::per_element());
  BOOST_TEST(matching("*") == (texts{"1", "2", "3"}), boost::test_tools::per_element());
  BOOST_TEST(matching("*", 1) == (texts{"2", "3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_page_over_all_channels_passes_a_bounded_part) {
  const std::vector<json_text> many(500, json_text{"0"});
  channel_table::publish(c(), "noise", many, now);
  const auto last = publish("c", "1");
  auto page = channel_table::read_matching(c(), "c", 0, {2, all});
  BOOST_TEST(page.messages.empty());
  BOOST_TEST(page.upto < last.sequence);
  for (int i = 0; i < 10 && page.messages.empty(); ++i)
    page = channel_table::read_matching(c(), "c", page.upto, {2, all});
  BOOST_TEST(payloads_of(page.messages) == texts{"1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_time_is_found_though_others_stored_out_of_order) {
  for (int i = 0; i < 1000; ++i)
    publish_like_python(i % 3 ? "c" : "other", std::to_string(i),
                        now + i * 10 - (i % 7) * 9.001); // up to 54 s late
  for (const double time : {0.0, now, now + 123.0, now + 5000.0, now + 1e6}) {
    const std::string name{"c"};
    for (const auto* which : {static_cast<const std::string*>(nullptr), &name}) {
      const auto start = channel_table::before_time(c(), which, time);
      auto row = c().prepare("SELECT count(*) FROM __beaver_channel_sequence__ WHERE seq <= ?1 "
                             "AND timestamp >= ?2 AND (?3 IS NULL OR channel_name = ?3)");
      row.bind(start, time, which ? std::optional<std::string>{*which} : std::nullopt);
      BOOST_REQUIRE(row.step());
      BOOST_TEST(row.integer(0) == 0);
    }
  }
  // and does not begin far too early
  const std::string name{"c"};
  BOOST_TEST(channel_table::before_time(c(), &name, now + 5000) > 450u);
}

BOOST_AUTO_TEST_CASE(clear_removes_one_channel_and_no_sequence_comes_twice) {
  publish("c", "1");
  publish("other", "2");
  const auto last = publish("c", "3");
  BOOST_TEST(channel_table::clear(c(), "c") == 2u);
  BOOST_TEST(channel_table::count(c(), "c") == 0u);
  BOOST_TEST(behind(0).empty());
  BOOST_TEST(behind(0, "other") == texts{"2"}, boost::test_tools::per_element());
  BOOST_TEST(publish("c", "4").sequence > last.sequence);
  BOOST_TEST(behind(last.sequence) == texts{"4"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rows_removed_by_others_are_passed_over_and_tidied_up) {
  for (int i = 0; i < 5; ++i)
    publish("c", std::to_string(i), now + i);
  c().execute("DELETE FROM __beaver_pubsub_log__ WHERE message_payload IN ('0', '1', '3')");
  BOOST_TEST(behind(0) == (texts{"2", "4"}), boost::test_tools::per_element());
  BOOST_TEST(channel_table::erase(c(), "c", now, {}, all) == 0u);
  BOOST_TEST(places() == 3); // what was gone in front of the first that stays
}

BOOST_AUTO_TEST_CASE(erase_keeps_by_time_and_by_number) {
  for (int i = 0; i < 10; ++i)
    publish("c", std::to_string(i), now + i);
  publish("other", "x", now + 20);
  BOOST_TEST(channel_table::erase(c(), "c", now + 2, {}, all) == 2u);
  BOOST_TEST(channel_table::erase(c(), "c", {}, 5, 2) == 2u); // in parts
  BOOST_TEST(channel_table::erase(c(), "c", {}, 5, 2) == 1u);
  BOOST_TEST(channel_table::erase(c(), "c", {}, 5, 2) == 0u);
  BOOST_TEST(behind(0) == (texts{"5", "6", "7", "8", "9"}), boost::test_tools::per_element());
  BOOST_TEST(channel_table::erase(c(), "c", now + 7, 4, all) == 2u);
  BOOST_TEST(channel_table::erase(c(), "c", {}, 0, all) == 3u);
  BOOST_TEST(channel_table::count(c(), "other") == 1u);
  BOOST_TEST(places() == 1);
}

BOOST_AUTO_TEST_CASE(cursors_stand_where_they_were_put) {
  BOOST_TEST(!channel_table::cursor(c(), "c", "a"));
  channel_table::set_cursor(c(), "c", "b", 7);
  channel_table::set_cursor(c(), "c", "a", 9);
  channel_table::set_cursor(c(), "c", "a", 3);
  channel_table::set_cursor(c(), "other", "a", 1);
  BOOST_TEST(*channel_table::cursor(c(), "c", "a") == 3u);
  const auto both = channel_table::cursors(c(), "c");
  BOOST_REQUIRE(both.size() == 2u);
  BOOST_TEST(both[0].cursor == "a");
  BOOST_TEST(both[1].sequence == 7u);
  BOOST_TEST(channel_table::erase_cursor(c(), "c", "a"));
  BOOST_TEST(!channel_table::erase_cursor(c(), "c", "a"));
  BOOST_TEST(channel_table::cursors(c(), "other").size() == 1u);
}

BOOST_AUTO_TEST_CASE(info_and_names_tell_what_there_is) {
  BOOST_TEST(channel_table::names(c()).empty());
  publish("b", "12");
  publish("a", "\"\u00e9\"", now + 1);
  publish("b", "345", now + 2);
  BOOST_TEST(channel_table::names(c()) == (texts{"a", "b"}), boost::test_tools::per_element());
  const auto b = channel_table::info(c(), "b");
  BOOST_TEST(b.messages == 2u);
  BOOST_TEST(b.bytes == 5u);
  BOOST_TEST(*b.first == now);
  BOOST_TEST(*b.last == now + 2);
  BOOST_TEST(!channel_table::info(c(), "none").first);
}

BOOST_AUTO_TEST_CASE(a_rule_of_retention_removes_in_parts_what_it_does_not_keep) {
  for (int i = 0; i < 10; ++i)
    publish("c", std::to_string(i), now + i);
  BOOST_TEST(!retention::is_due(c(), now + 1e6));
  retention::set(c(), "channel", "c", {.max_age_seconds = 100, .max_count = 6});
  BOOST_TEST(*retention::get(c(), "channel", "c").max_count == 6u);
  BOOST_TEST(retention::is_due(c(), now + 9));
  BOOST_TEST(retention::sweep(c(), now + 9, 3).messages == 3u);
  BOOST_TEST(retention::sweep(c(), now + 9, 3).messages == 1u);
  BOOST_TEST(!retention::is_due(c(), now + 9));
  BOOST_TEST(retention::is_due(c(), now + 108));
  BOOST_TEST(retention::sweep(c(), now + 108, 100).messages == 4u);
  BOOST_TEST(behind(0) == (texts{"8", "9"}), boost::test_tools::per_element());
  retention::set(c(), "channel", "c", {});
  BOOST_TEST(!retention::get(c(), "channel", "c").max_count);
  BOOST_TEST(!retention::is_due(c(), now + 1e6));
}

BOOST_AUTO_TEST_CASE(messages_of_before_get_their_places_when_the_file_is_first_opened) {
  publish("c", "2", now + 2);
  publish_like_python("c", "1", now + 1);
  c().execute("DROP TRIGGER __beaver_channel_published__; DROP TABLE __beaver_channel_sequence__");
  schema::prepare(c());
  BOOST_TEST(behind(0) == (texts{"1", "2"}), boost::test_tools::per_element());
  publish("c", "3");
  BOOST_TEST(behind(0) == (texts{"1", "2", "3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reading_searches_indexes_and_sorts_nothing) {
  const auto plan = [&](const char* sql) {
    auto rows = c().prepare(std::string{"EXPLAIN QUERY PLAN "} + sql);
    std::string text;
    while (rows.step())
      text += std::string{rows.text(3)} + "\n";
    return text;
  };
  const auto page =
    plan("SELECT s.seq, s.timestamp, m.message_payload FROM "
         "__beaver_channel_sequence__ s INDEXED BY __beaver_channel_sequence_name__ "
         "CROSS JOIN __beaver_pubsub_log__ m INDEXED BY "
         "sqlite_autoindex___beaver_pubsub_log___1 WHERE s.channel_name = ?1 AND "
         "m.timestamp = s.timestamp AND m.channel_name = ?1 AND s.seq > ?2 "
         "ORDER BY s.seq");
  BOOST_TEST(page.find("SCAN") == std::string::npos, page);
  BOOST_TEST(page.find("TEMP B-TREE") == std::string::npos, page);
}

BOOST_AUTO_TEST_SUITE_END()
