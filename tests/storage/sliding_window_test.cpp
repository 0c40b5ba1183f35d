#include "beaver/storage/sliding_window.hpp"

#include "beaver/storage/error.hpp"
#include "support/failure.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <utility>

using namespace beaver;
using namespace beaver::test;

namespace {

using function = aggregate_function;

struct event {
  unix_seconds time;
  std::string json;
};

const std::vector<function> everything{
  function::count,  function::sum, function::min, function::max, function::avg,
  function::stddev, function::p50, function::p90, function::p99, function::distinct};

aggregation all_of(const char* field, const char* group = nullptr) {
  aggregation what;
  what.field = field;
  what.functions = everything;
  if (group)
    what.group_by = group;
  return what;
}

/// By definition: whatever lies in the window, computed anew.
std::vector<aggregate_row> by_hand(const std::vector<event>& events, const aggregation& what,
                                   double length, unix_seconds now) {
  aggregator all{what};
  for (const auto& e : events)
    if (now - length < e.time && e.time <= now)
      all.add(e.json, e.time);
  return all.rows();
}

bool near(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b)
    return a.has_value() == b.has_value();
  return std::abs(*a - *b) <= 1e-9 * std::max(1.0, std::abs(*a));
}

bool same(const aggregate_row& a, const aggregate_row& b) {
  return a.group == b.group && a.count == b.count && a.sum == b.sum && a.min == b.min
         && a.max == b.max && a.avg == b.avg && near(a.stddev, b.stddev) && a.p50 == b.p50
         && a.p90 == b.p90 && a.p99 == b.p99 && a.distinct == b.distinct;
}

std::string random_event(std::mt19937_64& dice) {
  std::string json = "{\"g\": " + std::to_string(dice() % 3);
  switch (dice() % 8) {
  case 0:
    break; // no value
  case 1:
    json += ", \"v\": null";
    break;
  case 2:
    json += ", \"v\": \"text " + std::to_string(dice() % 4) + "\"";
    break;
  default: // quarters, whose sums are exact
    json += ", \"v\": " + std::to_string(static_cast<int>(dice() % 2'000) - 1'000)
            + (dice() % 2 ? ".25" : "");
  }
  return json + "}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(sliding_windows)

BOOST_AUTO_TEST_CASE(a_window_holds_what_is_younger_than_its_length) {
  sliding_window w{all_of("v"), 10};
  w.add("{\"v\": 1}", 100);
  w.add("{\"v\": 2}", 105);
  w.add("{\"v\": 4}", 110);
  w.advance(109.999);
  BOOST_TEST(*w.rows().at(0).sum == 7);
  w.advance(110); // the first is just as old as the window is long
  BOOST_TEST(*w.rows().at(0).sum == 6);
  BOOST_TEST(*w.rows().at(0).min == 2);
  w.advance(200);
  BOOST_TEST(w.size() == 0u);
  BOOST_TEST(w.rows().at(0).count == 0u);
  BOOST_TEST(!w.rows().at(0).sum);
  BOOST_TEST(w.rows().at(0).distinct.value() == 0u);
}

BOOST_AUTO_TEST_CASE(groups_without_rows_go) {
  sliding_window w{all_of("v", "g"), 10};
  w.add("{\"g\": \"b\", \"v\": 1}", 1);
  w.add("{\"g\": \"a\", \"v\": 2}", 5);
  BOOST_REQUIRE(w.rows().size() == 2u);
  BOOST_TEST(w.rows()[0].group->text() == "\"a\"");
  w.advance(11);
  BOOST_REQUIRE(w.rows().size() == 1u);
  w.advance(20);
  BOOST_TEST(w.rows().empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_window_is_refused) {
  BOOST_TEST(outcome_of([] { sliding_window{all_of("v"), 0}; }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([] { sliding_window{all_of("a..b"), 1}; }).is(errc::invalid_argument));
  auto with_buckets = all_of("v");
  with_buckets.bucket = 1;
  BOOST_TEST(outcome_of([&] { sliding_window{with_buckets, 1}; }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(large_values_that_left_leave_no_trace) {
  sliding_window w{all_of("v"), 10};
  w.add("{\"v\": 1e300}", 1);
  w.add("{\"v\": 0.25}", 2);
  w.advance(11);
  BOOST_TEST(*w.rows().at(0).sum == 0.25);
}

BOOST_AUTO_TEST_CASE(windows_are_as_if_computed_anew_over_random_streams) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 dice{seed};
    for (int stream = 0; stream < 10'000; ++stream) {
      const auto what = dice() % 2 ? all_of("v") : all_of("v", "g");
      const double length = 1.0 + static_cast<double>(dice() % 40) / 4;
      sliding_window w{what, length};
      std::vector<event> events;
      unix_seconds added = 0;
      unix_seconds now = 0;
      for (int step = 0; step < 12; ++step) {
        now += static_cast<double>(dice() % 24) / 4; // often right at an edge
        for (auto n = dice() % 6; n > 0; --n) {
          added = std::min(now, added + static_cast<double>(dice() % 8) / 4);
          events.push_back({added, random_event(dice)});
          w.add(events.back().json, added);
        }
        w.advance(now);
        const auto expected = by_hand(events, what, length, now);
        const auto got = w.rows();
        BOOST_REQUIRE_EQUAL(got.size(), expected.size());
        for (std::size_t i = 0; i < got.size(); ++i)
          BOOST_REQUIRE(same(got[i], expected[i]));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
