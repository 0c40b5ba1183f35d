#include "beaver/actors/stream_buffer.hpp"

#include "beaver/storage/error.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>

using namespace beaver;
using namespace std::chrono_literals;

namespace {

using pointer = stream_buffer::pointer;

std::vector<pointer> numbers(int first, int last) {
  std::vector<pointer> all;
  for (int i = first; i <= last; ++i)
    all.push_back(std::make_shared<const int>(i));
  return all;
}

/// "1 2 (3 missed) 4": what a buffer gives until it has nothing more.
std::string rest_of(stream_buffer& b) {
  std::string text;
  for (;;) {
    const auto slice = b.take(2);
    if (slice.missed > 0)
      text += "(" + std::to_string(slice.missed) + " missed) ";
    for (const auto& item : slice.items)
      text += std::to_string(*static_cast<const int*>(item.get())) + " ";
    if (slice.items.empty())
      return text + (slice.ended ? "end" : "");
  }
}

struct recorded_owner final : stream_buffer::owner {
  void wants_more(std::uint64_t id) noexcept override { wanted.push_back(id); }
  void left(std::uint64_t id) noexcept override { gone.push_back(id); }
  std::vector<std::uint64_t> wanted;
  std::vector<std::uint64_t> gone;
};

stream_limits limits(std::uint64_t capacity, overflow_policy policy) { return {capacity, policy}; }

} // namespace

BOOST_AUTO_TEST_SUITE(stream_buffers)

BOOST_AUTO_TEST_CASE(items_come_in_order) {
  stream_buffer b{{}};
  BOOST_TEST(b.offer(numbers(1, 3)) == 3u);
  BOOST_TEST(b.offer(numbers(4, 4)) == 1u);
  BOOST_TEST(rest_of(b) == "1 2 3 4 ");
}

BOOST_AUTO_TEST_CASE(catch_up_takes_what_has_room_and_says_when_there_is_more) {
  stream_buffer b{limits(4, overflow_policy::catch_up)};
  const auto owner = std::make_shared<recorded_owner>();
  b.attach(owner, 7);
  BOOST_TEST(b.offer(numbers(1, 9)) == 4u);
  BOOST_TEST(b.ask_for_room() == 0u);
  BOOST_TEST(b.take(1).items.size() == 1u);
  BOOST_TEST(owner->wanted.empty());
  BOOST_TEST(b.take(1).items.size() == 1u);
  BOOST_TEST(owner->wanted == std::vector<std::uint64_t>{7}, boost::test_tools::per_element());
  BOOST_TEST(b.ask_for_room() == 2u);
  BOOST_TEST(rest_of(b) == "3 4 ");
  BOOST_TEST(owner->wanted.size() == 1u); // once for each time that it was asked
}

BOOST_AUTO_TEST_CASE(drop_oldest_counts_the_gap_before_what_is_left) {
  stream_buffer b{limits(3, overflow_policy::drop_oldest)};
  BOOST_TEST(b.offer(numbers(1, 5)) == 5u);
  BOOST_TEST(rest_of(b) == "(2 missed) 3 4 5 ");
  BOOST_TEST(b.offer(numbers(6, 12)) == 7u);
  BOOST_TEST(b.offer(numbers(13, 13)) == 1u);
  BOOST_TEST(rest_of(b) == "(5 missed) 11 12 13 ");
}

BOOST_AUTO_TEST_CASE(drop_newest_counts_the_gap_where_it_is) {
  stream_buffer b{limits(3, overflow_policy::drop_newest)};
  BOOST_TEST(b.offer(numbers(1, 5)) == 5u);
  BOOST_TEST(b.take(1).items.size() == 1u);
  b.offer(numbers(6, 7));
  BOOST_TEST(rest_of(b) == "2 3 (2 missed) 6 ");
  b.offer(numbers(8, 8));
  BOOST_TEST(rest_of(b) == "(1 missed) 8 ");
}

BOOST_AUTO_TEST_CASE(drop_oldest_of_one_keeps_the_newest) {
  stream_buffer b{limits(1, overflow_policy::drop_oldest)};
  b.offer(numbers(1, 3));
  BOOST_TEST(rest_of(b) == "(2 missed) 3 ");
}

BOOST_AUTO_TEST_CASE(disconnect_ends_behind_what_had_room) {
  stream_buffer b{limits(2, overflow_policy::disconnect)};
  BOOST_TEST(b.offer(numbers(1, 5)) == 5u);
  BOOST_TEST(b.take(2).items.size() == 2u);
  const auto last = b.take(2);
  BOOST_TEST(last.ended);
  BOOST_REQUIRE(last.why.has_value());
  BOOST_TEST((last.why->code == errc::busy));
}

BOOST_AUTO_TEST_CASE(items_lost_elsewhere_are_counted) {
  stream_buffer b{{}};
  b.offer(numbers(1, 1));
  b.count_missed(2);
  b.offer(numbers(2, 2));
  b.count_missed(3);
  BOOST_TEST(rest_of(b) == "1 (2 missed) 2 ");
  b.end(failure{errc::closed, "over"});
  BOOST_TEST(rest_of(b) == "(3 missed) end");
}

BOOST_AUTO_TEST_CASE(the_end_comes_behind_the_items) {
  stream_buffer b{{}};
  b.offer(numbers(1, 1));
  b.end(failure{errc::io, "broken"});
  b.end(failure{errc::closed, "later"});
  b.offer(numbers(2, 2));
  BOOST_TEST(rest_of(b) == "1 end");
  BOOST_TEST(b.take(1).why->text == "broken");
}

BOOST_AUTO_TEST_CASE(who_closes_gets_nothing_more_and_the_owner_knows) {
  stream_buffer b{{}};
  const auto owner = std::make_shared<recorded_owner>();
  b.attach(owner, 3);
  b.offer(numbers(1, 2));
  b.close();
  b.close();
  BOOST_TEST(rest_of(b) == "end");
  BOOST_TEST(owner->gone == std::vector<std::uint64_t>{3}, boost::test_tools::per_element());
  BOOST_TEST(b.ask_for_room() == 0u);
}

BOOST_AUTO_TEST_CASE(a_notice_comes_once) {
  stream_buffer b{{}};
  int notices = 0;
  b.when_ready([&] { ++notices; });
  BOOST_TEST(notices == 0);
  b.offer(numbers(1, 1));
  b.offer(numbers(2, 2));
  BOOST_TEST(notices == 1);
  b.when_ready([&] { ++notices; }); // something is there
  BOOST_TEST(notices == 2);
  BOOST_TEST(rest_of(b) == "1 2 ");
  b.when_ready([&] { ++notices; });
  b.end({});
  BOOST_TEST(notices == 3);
}

BOOST_AUTO_TEST_CASE(waiting_ends_with_an_item_a_deadline_a_stop_or_a_close) {
  stream_buffer b{{}};
  const auto soon = [] { return stream_buffer::steady::now() + 1ms; };
  BOOST_TEST(!b.wait(soon(), {}));
  b.offer(numbers(1, 1));
  BOOST_TEST(b.wait({}, {}));
  BOOST_TEST(rest_of(b) == "1 ");
  {
    std::stop_source stop;
    std::jthread other{[&] { stop.request_stop(); }};
    BOOST_TEST(!b.wait({}, stop.get_token()));
  }
  {
    std::jthread other{[&] { b.offer(numbers(2, 2)); }};
    BOOST_TEST(b.wait({}, {}));
  }
  BOOST_TEST(rest_of(b) == "2 ");
  std::jthread other{[&] { b.close(); }};
  BOOST_TEST(b.wait({}, {}));
}

BOOST_AUTO_TEST_CASE(a_deadline_does_not_count_while_more_is_on_its_way) {
  stream_buffer b{{}};
  b.set_behind(true);
  {
    std::jthread other{[&] { b.offer(numbers(1, 1)); }};
    BOOST_TEST(b.wait(stream_buffer::steady::now(), {}));
  }
  BOOST_TEST(rest_of(b) == "1 ");
  std::jthread other{[&] { b.set_behind(false); }};
  BOOST_TEST(!b.wait(stream_buffer::steady::now(), {}));
}

BOOST_AUTO_TEST_SUITE_END()
