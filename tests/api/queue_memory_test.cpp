#include "support/open_database.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>

#include <malloc.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// Bytes that the program holds, in all arenas.
std::ptrdiff_t held_bytes() {
  const auto now = ::mallinfo2();
  return static_cast<std::ptrdiff_t>(now.uordblks + now.hblkhd);
}

struct many_calls : open_database {
  using got_later = future<std::optional<queue<int>::item>>;
  static constexpr std::size_t number = 10'000;

  /// Of each call, since `before`.
  static std::ptrdiff_t bytes_since(std::ptrdiff_t before) {
    return (held_bytes() - before) / static_cast<std::ptrdiff_t>(number);
  }

  /// Returns when the manager has everything that this thread has started: it refuses a bad call
  /// itself, in its turn.
  void passed_on() {
    if (later.take(-1s, for_ever).get().has_value())
      throw std::logic_error("a bad visibility was accepted");
  }

  queue<int> q = db.queue<int>("q");
  decltype(db.async().queue<int>("q")) later = db.async().queue<int>("q");
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(queue_memory, many_calls)

BOOST_AUTO_TEST_CASE(ten_thousand_who_wait_cost_little_each_and_all_end) {
  BOOST_TEST(!q.get(1ms));
  std::vector<got_later> calls;
  calls.reserve(number);
  std::vector<std::chrono::steady_clock::time_point> deadlines;
  deadlines.reserve(number);
  passed_on();
  const auto before = held_bytes();
  for (std::size_t i = 0; i < number; ++i) {
    const std::chrono::milliseconds timeout{100 + 7 * i % 401};
    calls.push_back(later.get(timeout));
    deadlines.push_back(std::chrono::steady_clock::now() + timeout);
  }
  passed_on();
  const auto waiting =
    std::count_if(calls.begin(), calls.end(), [](const got_later& c) { return !c.ready(); });
  const auto each = bytes_since(before);
  BOOST_TEST_MESSAGE(each << " bytes for each call, " << waiting << " waiting");

  std::vector<std::size_t> order(number);
  for (std::size_t i = 0; i < number; ++i)
    order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return deadlines[a] < deadlines[b]; });
  auto latest = std::chrono::steady_clock::duration::min();
  std::size_t empty = 0;
  for (const auto i : order) {
    empty += !calls[i].get().value().has_value();
    latest = std::max(latest, std::chrono::steady_clock::now() - deadlines[i]);
  }
  const std::chrono::duration<double, std::milli> late = latest;
  BOOST_TEST_MESSAGE("the latest ended " << late.count() << " ms late");
  BOOST_TEST(empty == number);
  q.put(1); // to nobody
  BOOST_TEST(q.count() == 1u);
  BOOST_TEST(each <= 2'048);
}

BOOST_AUTO_TEST_CASE(ten_thousand_who_wait_for_ever_cost_little_each) {
  std::vector<got_later> calls;
  calls.reserve(number);
  passed_on();
  const auto before = held_bytes();
  for (std::size_t i = 0; i < number; ++i)
    calls.push_back(later.get(for_ever));
  passed_on();
  const auto each = bytes_since(before);
  BOOST_TEST_MESSAGE(each << " bytes for each call");
  BOOST_TEST(each <= 2'048);
  std::vector<int> items(number);
  for (std::size_t i = 0; i < number; ++i)
    items[i] = static_cast<int>(i);
  q.put_many(items);
  for (std::size_t i = 0; i < number; ++i)
    BOOST_REQUIRE(calls[i].get().value()->value == static_cast<int>(i));
  passed_on();
  calls.clear();
  BOOST_TEST_MESSAGE(bytes_since(before) << " bytes are left of each");
}

BOOST_AUTO_TEST_SUITE_END()
