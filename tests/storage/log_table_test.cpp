#include "beaver/storage/log_table.hpp"

#include "log_support.hpp"
#include "support/failure.hpp"

#include <tuple>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr double most = std::numeric_limits<double>::max();

struct fixture : log_fixture {
  /// Entries "1" to "5" at the times 1 to 5.
  void fill() {
    for (int i = 5; i >= 1; --i)
      append(std::to_string(i), i);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_table_suite, fixture)

BOOST_AUTO_TEST_CASE(entries_are_ordered_by_time_and_kept_as_they_are) {
  BOOST_TEST(append(R"({"a":1})", 3) == 3);
  BOOST_TEST(append("2", -1.5) == -1.5);
  BOOST_TEST(append("3", 0) == 0);
  log_table::append(c(), "other", json_text{"4"}, 3, 0);
  BOOST_TEST((all() == timed_texts{{-1.5, "2"}, {0, "3"}, {3, R"({"a":1})"}}));
  BOOST_TEST(log_table::count(c(), "l") == 3u);
  BOOST_TEST((log_table::names(c()) == std::vector<std::string>{"l", "other"}));
  BOOST_TEST(log_table::clear(c(), "l") == 3u);
  BOOST_TEST(log_table::count(c(), "l") == 0u);
  BOOST_TEST(log_table::count(c(), "other") == 1u);
}

BOOST_AUTO_TEST_CASE(a_timestamp_that_is_taken_is_raised_by_the_smallest_steps) {
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(append("1", 10) == raised(10, i));
  append("2", raised(10, 4));
  BOOST_TEST(append("3", 10) == raised(10, 3));
  BOOST_TEST(append("4", 10) == raised(10, 5));
  BOOST_TEST(append("5", 9) == 9);
}

BOOST_AUTO_TEST_CASE(a_step_over_zero_has_no_sign) {
  BOOST_TEST(!std::signbit(append("1", -0.0)));
  BOOST_TEST(append("2", 0.0) == raised(0));
  log_table::clear(c(), "l");
  const double below = -std::numeric_limits<double>::denorm_min();
  append("1", below);
  const double zero = append("2", below);
  BOOST_TEST(zero == 0);
  BOOST_TEST(!std::signbit(zero));
  BOOST_TEST(append("3", below) == raised(0));
}

BOOST_AUTO_TEST_CASE(beyond_the_largest_number_no_timestamp_is_free) {
  BOOST_TEST(append("1", most) == most);
  const auto refused = outcome_of([&] { append("2", most); });
  BOOST_TEST(refused.is(errc::invalid_argument));
  BOOST_TEST(refused.says("log 'l' has no free timestamp"));
  BOOST_TEST(
    outcome_of([&] { append("2", {}, most); }).is(errc::invalid_argument)); // right behind it
  BOOST_TEST(log_table::count(c(), "l") == 1u);
  BOOST_TEST((all({.after = most}).empty()));
  BOOST_TEST((all({.order = sort_order::desc, .after = -most}).empty()));
}

BOOST_AUTO_TEST_CASE(automatic_timestamps_are_the_time_and_keep_the_order_of_appends) {
  BOOST_TEST(append("1", {}, 1'000) == 1'000);
  BOOST_TEST(append("2", {}, 1'000) == raised(1'000));    // a clock that stands still
  BOOST_TEST(append("3", {}, 999.5) == raised(1'000, 2)); // or is set back a little
  BOOST_TEST(append("4", {}, 1'000.25) == 1'000.25);
  BOOST_TEST(append("5", {}, 999.25) == 999.25); // a whole second: a time that has been before
  BOOST_TEST(joined() == "51234");
}

BOOST_AUTO_TEST_CASE(an_entry_of_the_future_does_not_draw_the_present_to_it) {
  append("9", 5'000);
  BOOST_TEST(append("1", {}, 1'000) == 1'000);
  BOOST_TEST(append("2", {}, 1'000) == raised(1'000));
  BOOST_TEST(append("3", {}, 1'000) == raised(1'000, 2));
  BOOST_TEST(joined() == "1239");
}

BOOST_AUTO_TEST_CASE(many_entries_are_appended_as_one_after_the_other) {
  const std::vector<log_new_entry> entries{
    {json_text{"1"}, {}}, {json_text{"2"}, {}},   {json_text{"3"}, 5.0},     {json_text{"4"}, 5.0},
    {json_text{"5"}, {}}, {json_text{"6"}, 5.0},  {json_text{"7"}, 4.0},     {json_text{"8"}, 5.0},
    {json_text{"9"}, {}}, {json_text{"0"}, -1.0}, {json_text{"a"}, 1'000.5}, {json_text{"b"}, {}}};
  write([&] {
    log_table::append_many(c(), "l", {}, 1'000);
    log_table::append_many(c(), "l", entries, 1'000);
  });
  BOOST_TEST((all()
              == timed_texts{{-1, "0"},
                             {4, "7"},
                             {5, "3"},
                             {raised(5), "4"},
                             {raised(5, 2), "6"},
                             {raised(5, 3), "8"},
                             {1'000, "1"},
                             {raised(1'000), "2"},
                             {raised(1'000, 2), "5"},
                             {raised(1'000, 3), "9"},
                             {1'000.5, "a"},
                             {raised(1'000.5), "b"}}));
}

BOOST_AUTO_TEST_CASE(a_crowd_at_one_timestamp_is_appended_in_linear_time) {
  constexpr int crowd = 20'000; // the square of it would take minutes
  const std::vector<log_new_entry> entries(crowd, {json_text{"1"}, 7.0});
  write([&] { log_table::append_many(c(), "l", entries, 0); });
  BOOST_TEST(log_table::count(c(), "l", 7, raised(7, crowd - 1)) == std::uint64_t{crowd});
}

BOOST_AUTO_TEST_CASE(both_ends_of_a_range_are_included) {
  fill();
  BOOST_TEST(joined({.start = 2, .end = 4}) == "234");
  BOOST_TEST(joined({.start = 2.5}) == "345");
  BOOST_TEST(joined({.end = 2}) == "12");
  BOOST_TEST(joined({.start = 4, .end = 2}).empty());
  BOOST_TEST(log_table::count(c(), "l", 2, 4) == 3u);
  BOOST_TEST(log_table::count(c(), "l", 2.5) == 3u);
  BOOST_TEST(log_table::count(c(), "l", {}, 2) == 2u);
  BOOST_TEST(log_table::count(c(), "l", 4, 2) == 0u);
}

BOOST_AUTO_TEST_CASE(order_limit_offset_and_after_apply_together) {
  fill();
  const auto desc = sort_order::desc;
  BOOST_TEST(joined({.order = sort_order::asc}) == "12345");
  BOOST_TEST(joined({.order = desc}) == "54321");
  BOOST_TEST(joined({.order = desc, .limit = 2}) == "54");
  BOOST_TEST(joined({.order = desc, .limit = 2, .offset = 1}) == "43");
  BOOST_TEST(joined({.start = 2, .offset = 1}) == "345");
  BOOST_TEST(joined({.limit = 2, .after = 2}) == "34");
  BOOST_TEST(joined({.order = desc, .limit = 2, .after = 4}) == "32");
  BOOST_TEST(joined({.start = 4, .after = 2}) == "45");
  BOOST_TEST(joined({.end = 4, .order = desc, .after = 5}) == "4321");
  BOOST_TEST(joined({.limit = 0}).empty());
  BOOST_TEST(joined({.offset = 9}).empty());
  BOOST_TEST(joined({.limit = ~std::uint64_t{0}, .offset = ~std::uint64_t{0}}).empty());
}

BOOST_AUTO_TEST_CASE(a_page_ends_with_the_entry_that_fills_it) {
  for (int i = 0; i < 4; ++i)
    append("\"" + std::string(90, 'x') + "\"", i); // 100 bytes with its timestamp
  const auto entries_in = [&](std::uint64_t bytes) { return all({.max_bytes = bytes}).size(); };
  BOOST_TEST(entries_in(0) == 1u);
  BOOST_TEST(entries_in(100) == 1u);
  BOOST_TEST(entries_in(101) == 2u);
  BOOST_TEST(entries_in(1'000) == 4u);
}

BOOST_AUTO_TEST_CASE(a_tail_is_the_newest_entries_oldest_first) {
  fill();
  BOOST_TEST((texts_of(log_table::tail(c(), "l", 2)) == timed_texts{{4, "4"}, {5, "5"}}));
  BOOST_TEST(log_table::tail(c(), "l", 9).size() == 5u);
  BOOST_TEST(log_table::tail(c(), "l", 0).empty());
  BOOST_TEST(log_table::tail(c(), "none", 2).empty());
}

BOOST_AUTO_TEST_CASE(old_entries_are_erased_by_time_and_by_number) {
  fill();
  BOOST_TEST(log_table::erase(c(), "l", 2, {}) == 1u);
  BOOST_TEST(joined() == "2345");
  BOOST_TEST(log_table::erase(c(), "l", {}, 9) == 0u);
  BOOST_TEST(log_table::erase(c(), "l", {}, ~std::uint64_t{0}) == 0u);
  BOOST_TEST(log_table::erase(c(), "l", {}, 3) == 1u);
  BOOST_TEST(joined() == "345");
  BOOST_TEST(log_table::erase(c(), "l", 4, 3) == 1u);
  BOOST_TEST(log_table::erase(c(), "l", 1, 1) == 1u);
  BOOST_TEST(joined() == "5");
  BOOST_TEST(log_table::erase(c(), "l", {}, 0) == 1u);
  BOOST_TEST(log_table::erase(c(), "l", {}, 0) == 0u);
  BOOST_TEST(log_table::names(c()).empty());
}

BOOST_AUTO_TEST_CASE(info_tells_size_and_span) {
  const auto none = log_table::info(c(), "l");
  BOOST_TEST(none.entries == 0u);
  BOOST_TEST(none.bytes == 0u);
  BOOST_TEST((!none.first && !none.last));
  append("\"é\"", 2);
  append("12", -1);
  const auto some = log_table::info(c(), "l");
  BOOST_TEST(some.entries == 2u);
  BOOST_TEST(some.bytes == 6u);
  BOOST_TEST((some.first == -1.0));
  BOOST_TEST((some.last == 2.0));
}

BOOST_AUTO_TEST_CASE(timestamps_that_are_no_finite_numbers_are_out_of_reach) {
  append("1", 1);
  c().execute("INSERT INTO __beaver_logs__ VALUES('l', 9e999, '2'), ('l', -9e999, '3'), "
              "('l', 'noon', '4'), ('l', x'00', '5')");
  BOOST_TEST(joined() == "1");
  BOOST_TEST(joined({.order = sort_order::desc}) == "1");
  BOOST_TEST(log_table::count(c(), "l") == 1u);
  BOOST_TEST((log_table::info(c(), "l").last == 1.0));
  BOOST_TEST(append("6", {}, 1) == raised(1));
  BOOST_TEST(log_table::erase(c(), "l", most, 0) == 2u);
  BOOST_TEST(log_table::clear(c(), "l") == 4u);
}

BOOST_AUTO_TEST_CASE(every_statement_searches_the_primary_key_and_none_sorts) {
  append("1", {});
  append("1", 1'000);
  append("1", {}, 10);
  for (const auto order : {sort_order::asc, sort_order::desc})
    all({.order = order});
  std::ignore = log_table::count(c(), "l");
  std::ignore = log_table::info(c(), "l");
  std::ignore = log_table::names(c());
  log_table::erase(c(), "l", 1, 1);
  log_table::clear(c(), "l");
  int searches = 0;
  for (const auto& plan : plans("__beaver_logs__")) {
    BOOST_TEST(plan.find("SCAN __beaver") == std::string::npos, plan);
    BOOST_TEST(plan.find("TEMP B-TREE") == std::string::npos, plan);
    if (plan.find("?2") != std::string::npos && plan.find("INSERT") == std::string::npos) {
      ++searches;
      BOOST_TEST(plan.find("sqlite_autoindex___beaver_logs___1 (log_name=? AND timestamp>? AND "
                           "timestamp<?)")
                   != std::string::npos,
                 plan);
    }
  }
  BOOST_TEST(searches == 8);
}

BOOST_AUTO_TEST_SUITE_END()
