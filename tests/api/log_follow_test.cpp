#include "support/failure.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

struct reading {
  std::string sensor;
  double value;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, value))

using ints = std::vector<int>;
constexpr double start_of_clock = 1e9;

struct follow_fixture {
  test_clock clock;
  open_database opened{with_clock(clock)};
  database& db = opened.db;
  beaver::log<int> l = db.log<int>("l");
  beaver::log<reading> sensors = db.log<reading>("sensors");

  [[nodiscard]] static ints next_of(subscription<followed_entry<int>>& s, std::size_t n) {
    ints result;
    while (result.size() < n)
      result.push_back(s.next()->data);
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(following_logs, follow_fixture)

BOOST_AUTO_TEST_CASE(a_follower_gets_what_is_appended_after_it) {
  l.append(1);
  auto s = l.follow();
  const auto time = l.append(2);
  l.append(3);
  const auto e = s.next();
  BOOST_TEST(e->data == 2);
  BOOST_TEST(e->timestamp == time);
  BOOST_TEST(s.next()->data == 3);
  BOOST_TEST(!s.next(0s));
}

BOOST_AUTO_TEST_CASE(a_follower_begins_where_it_is_told_to) {
  for (int i = 1; i <= 5; ++i)
    l.append(i, i);
  auto all = l.follow({.from_beginning = true});
  auto after = l.follow({.after = 3.0});
  auto since = l.follow({.since = 3.0});
  auto negative = l.follow({.since = -3.5});
  l.append(6, 6);
  BOOST_TEST(next_of(all, 6) == (ints{1, 2, 3, 4, 5, 6}), boost::test_tools::per_element());
  BOOST_TEST(next_of(after, 3) == (ints{4, 5, 6}), boost::test_tools::per_element());
  BOOST_TEST(next_of(since, 4) == (ints{3, 4, 5, 6}), boost::test_tools::per_element());
  BOOST_TEST(next_of(negative, 6).front() == 1);
  const auto refused = [&](const follow_options& how) {
    return outcome_of([&] { static_cast<void>(l.follow(how)); });
  };
  BOOST_TEST(refused({.from_beginning = true, .after = 1.0}).is(errc::invalid_argument));
  BOOST_TEST(refused({.where = json_text{"[{\"path\": 1}]"}}).is(errc::invalid_argument));
  BOOST_TEST(refused({.capacity = 0u}).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_filter_lets_through_what_satisfies_it) {
  auto s = sensors.follow({.from_beginning = true, .where = field("value") > 10});
  sensors.append({"a", 5});
  sensors.append({"b", 50});
  sensors.append({"c", 7});
  sensors.append({"d", 70});
  BOOST_TEST(s.next()->data.sensor == "b");
  BOOST_TEST(s.next()->data.sensor == "d");
  BOOST_TEST(!s.next(0s));
}

BOOST_AUTO_TEST_CASE(who_is_slow_reads_the_rest_from_the_file) {
  auto s = l.follow({.capacity = 4});
  ints many(2'000);
  for (int i = 0; i < 2'000; ++i)
    many[static_cast<std::size_t>(i)] = i;
  l.append_many(many);
  const auto got = next_of(s, many.size());
  BOOST_TEST(got == many, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_dated_back_does_not_come_and_what_is_dated_ahead_comes_in_time) {
  auto s = l.follow();
  l.append(1);
  BOOST_TEST(s.next()->data == 1);
  l.append(2, start_of_clock - 10);
  l.append(3, start_of_clock + 60);
  l.append(4);
  BOOST_TEST(s.next()->data == 4);
  clock.advance(50);
  l.append(5);
  BOOST_TEST(s.next()->data == 5);
  clock.advance(10);
  l.append(6, start_of_clock + 60.5); // wakes it, if nothing else has
  BOOST_TEST(next_of(s, 2) == (ints{3, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_entry_dated_ahead_comes_though_nobody_writes_any_more) {
  auto real = database{opened.folder.file("real.db")}; // by the system's clock
  auto here = real.log<int>("l");
  auto s = here.follow();
  here.append(1, real.style().to->now() + 1.05);
  BOOST_TEST(s.next(30s)->data == 1);
}

BOOST_AUTO_TEST_CASE(entries_of_other_programs_arrive) {
  auto s = l.follow();
  raw_file other{opened.folder.file()};
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 1000.5, '42'), ('m', 1000.5, '43')");
  BOOST_TEST(s.next()->data == 42);
  l.append(1);
  BOOST_TEST(s.next()->data == 1);
}

BOOST_AUTO_TEST_CASE(callbacks_get_entries_in_order) {
  std::promise<ints> done;
  ints got;
  const auto listening = l.follow([&](const followed_entry<int>& e) {
    got.push_back(e.data);
    if (got.size() == 100)
      done.set_value(got);
  });
  for (int i = 0; i < 100; ++i)
    l.append(i);
  const auto all = done.get_future().get();
  for (int i = 0; i < 100; ++i)
    BOOST_REQUIRE_EQUAL(all[static_cast<std::size_t>(i)], i);
}

BOOST_AUTO_TEST_CASE(closing_the_database_ends_a_follower) {
  auto waiting = std::async(std::launch::async,
                            [s = l.follow()]() mutable { return outcome_of([&] { s.next(); }); });
  db.close();
  BOOST_TEST(waiting.get().is(errc::closed));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(live_windows, follow_fixture)

BOOST_AUTO_TEST_CASE(a_frame_covers_the_window_that_ends_with_it) {
  sensors.append({"a", 1}, start_of_clock - 10); // just too old
  sensors.append({"a", 2}, start_of_clock - 9.75);
  sensors.append({"b", 3}, start_of_clock);
  auto live = sensors.live({.window = 10s, .period = 2s, .field = "value"});
  auto frame = *live.next();
  BOOST_TEST(frame.time == start_of_clock);
  BOOST_REQUIRE(frame.rows.size() == 1u);
  BOOST_TEST(frame.rows[0].count == 2u);
  BOOST_TEST(*frame.rows[0].sum == 5);
  clock.advance(2);
  sensors.append({"b", 4});
  sensors.append({"b", 100}, start_of_clock + 2.5); // not yet
  frame = *live.next();
  BOOST_TEST(frame.time == start_of_clock + 2);
  BOOST_TEST(*frame.rows[0].sum == 7);
  BOOST_TEST(*frame.rows[0].max == 4);
  clock.advance(7); // periods that nobody saw are left out
  frame = *live.next();
  BOOST_TEST(frame.time == start_of_clock + 8);
  BOOST_TEST(*frame.rows[0].sum == 107);
  clock.advance(100);
  BOOST_TEST(live.next()->rows.at(0).count == 0u);
}

BOOST_AUTO_TEST_CASE(groups_functions_and_filters_are_those_of_aggregation) {
  auto live = sensors.live({.window = 10s,
                            .period = 1s,
                            .field = "value",
                            .functions = {aggregate_function::p50, aggregate_function::distinct},
                            .group_by = "sensor",
                            .where = field("value") < 50});
  sensors.append_many(std::vector<reading>{{"b", 1}, {"a", 2}, {"a", 2}, {"a", 4}, {"a", 99}});
  const auto frame = *live.next();
  BOOST_TEST(frame.rows.size() == 1u); // the others are a hair later than the clock
  clock.advance(1);
  const auto next = *live.next();
  BOOST_REQUIRE(next.rows.size() == 2u);
  BOOST_TEST(next.rows[0].group->text() == "\"a\"");
  BOOST_TEST(next.rows[0].count == 3u);
  BOOST_TEST(*next.rows[0].p50 == 2);
  BOOST_TEST(*next.rows[0].distinct == 2u);
  BOOST_TEST(!next.rows[0].sum);
}

BOOST_AUTO_TEST_CASE(a_function_of_the_users_gets_the_entries) {
  auto live = l.live(10s, 1s, [](std::span<const log_entry_of<int>> entries) {
    int sum = 0;
    for (const auto& e : entries)
      sum += e.data;
    return sum;
  });
  std::mt19937_64 dice{fresh_seed()};
  std::vector<std::pair<double, int>> all;
  double time = clock.now();
  BOOST_TEST(*live.next() == 0);
  for (int step = 0; step < 200; ++step) {
    clock.advance(1);
    while (time + 0.25 <= clock.now()) {
      time += 0.25;
      if (dice() % 3 > 0) {
        all.emplace_back(time, static_cast<int>(dice() % 100));
        l.append(all.back().second, time);
      }
    }
    int expected = 0;
    for (const auto& [when, value] : all)
      expected += clock.now() - 10 < when && when <= clock.now() ? value : 0;
    BOOST_REQUIRE_EQUAL(*live.next(), expected);
  }
}

BOOST_AUTO_TEST_CASE(what_the_users_function_throws_arrives) {
  auto live = l.live(
    10s, 1s, [](std::span<const log_entry_of<int>>) -> int { throw std::runtime_error("no"); });
  BOOST_CHECK_THROW(live.next(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(bad_windows_are_refused_and_a_stop_ends_the_wait) {
  BOOST_TEST(
    outcome_of([&] { static_cast<void>(l.live({.window = 0s})); }).is(errc::invalid_argument));
  BOOST_TEST(
    outcome_of([&] { static_cast<void>(l.live({.period = -1s})); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(l.live({.functions = {aggregate_function::sum}}));
             }).is(errc::invalid_argument));
  auto live = l.live();
  BOOST_TEST(live.next().has_value());
  std::stop_source stop;
  std::jthread other{[&] { stop.request_stop(); }};
  BOOST_TEST(!live.next(stop.get_token()));
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct frames_fixture : follow_fixture {
  // The clock stands still until a test moves it; the server of frames looks at it so often. Sums
  // of it are exact.
  static constexpr std::chrono::duration<double> period{1.0 / 64};

  [[nodiscard]] live_options windows() const {
    return {.window = 10s, .period = period, .field = "value", .group_by = "sensor"};
  }
};

std::string as_json(const live_frame& frame) {
  std::string text;
  codec::encode(text, frame);
  return text;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(live_frames, frames_fixture)

BOOST_AUTO_TEST_CASE(frames_are_those_of_a_window_that_is_looked_at_here) {
  std::mt19937_64 dice{fresh_seed()};
  for (int i = 0; i < 50; ++i)
    sensors.append({"a", double(dice() % 100)}, start_of_clock - 0.5 * i);
  auto how = windows();
  how.where = field("value") > 20;
  how.functions = {aggregate_function::sum, aggregate_function::p90, aggregate_function::distinct};
  auto frames = sensors.frames(how);
  auto live = sensors.live(how);
  for (int round = 0; round < 60; ++round) {
    const auto frame = frames.next();
    BOOST_TEST(as_json(*frame) == as_json(*live.next()));
    BOOST_TEST(frame->time == clock.now());
    const double step = period.count() * (1 + dice() % 100);
    for (auto n = dice() % 20; n > 0; --n)
      sensors.append({std::string(1, char('a' + dice() % 3)), double(dice() % 100)},
                     clock.now() + step * (dice() % 1000) / 1000);
    clock.advance(step);
  }
}

BOOST_AUTO_TEST_CASE(a_frame_that_nobody_takes_stays_and_periods_behind_it_are_left_out) {
  sensors.append({"a", 1}, start_of_clock);
  auto frames = sensors.frames(windows());
  BOOST_TEST(frames.next()->rows.at(0).count == 1u);
  clock.advance(period.count());
  std::promise<void> there;
  frames.when_ready([&] { there.set_value(); });
  there.get_future().get();
  sensors.append({"a", 3}, start_of_clock + 1);
  clock.advance(5);
  const auto stale = *frames.next();
  BOOST_TEST(stale.time == start_of_clock + period.count());
  BOOST_TEST(*stale.rows.at(0).sum == 1);
  // Over a network another one may have been on its way.
  auto newest = *frames.next();
  if (newest.time < start_of_clock + 5)
    newest = *frames.next();
  BOOST_TEST(newest.time == start_of_clock + 5 + period.count());
  BOOST_TEST(*newest.rows.at(0).sum == 4);
}

BOOST_AUTO_TEST_CASE(without_a_field_entries_are_counted_and_callbacks_get_frames) {
  sensors.append({"a", 1}, start_of_clock);
  std::promise<live_frame> first;
  int frames = 0;
  const auto listening = sensors.frames([&](const live_frame& frame) {
    if (++frames == 1)
      first.set_value(frame);
  });
  const auto frame = first.get_future().get();
  BOOST_TEST(frame.rows.size() == 1u);
  BOOST_TEST(frame.rows.at(0).count == 1u);
  BOOST_TEST(!frame.rows.at(0).sum);
}

BOOST_AUTO_TEST_CASE(what_makes_no_window_is_refused) {
  const auto refused = [&](const live_options& how) {
    return outcome_of([&] { static_cast<void>(sensors.frames(how)); });
  };
  BOOST_TEST(refused({.window = 0s}).is(errc::invalid_argument));
  BOOST_TEST(refused({.period = -1s}).is(errc::invalid_argument));
  BOOST_TEST(refused({.field = "a..b"}).is(errc::invalid_argument));
  BOOST_TEST(refused({.functions = {aggregate_function::sum}}).is(errc::invalid_argument));
  BOOST_TEST(refused({.where = json_text{"[{\"path\": 1}]"}}).is(errc::invalid_argument));
  BOOST_TEST(sensors.frames().next()->rows.at(0).count == 0u);
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_no_json_ends_the_frames_and_says_so) {
  auto frames = sensors.frames(windows());
  BOOST_TEST(frames.next()->rows.empty());
  raw_file other{opened.folder.file()};
  other.execute("INSERT INTO __beaver_logs__ VALUES ('sensors', 1e9, '{no')");
  auto again = outcome_of([&] { static_cast<void>(sensors.frames(windows())); });
  BOOST_TEST(again.is(errc::corrupt));
  BOOST_TEST(again.says("log 'sensors': the entry of 1000000000"), again.text);
}

BOOST_AUTO_TEST_CASE(who_leaves_and_who_closes_end_them) {
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(sensors.frames(windows()).next().has_value());
  auto frames = sensors.frames(windows());
  BOOST_TEST(frames.next().has_value());
  BOOST_TEST(!frames.next(0s));
  auto waiting = std::async(std::launch::async, [s = std::move(frames)]() mutable {
    return outcome_of([&] { s.next(); });
  });
  db.close();
  BOOST_TEST(waiting.get().is(errc::closed));
}

BOOST_AUTO_TEST_SUITE_END()
