#include "beaver/api/awaitable.hpp"
#include "support/coroutines.hpp"
#include "support/open_database.hpp"
#include "support/worker.hpp"

#include <boost/test/unit_test.hpp>
#include <future>
#include <numeric>
#include <random>
#include <vector>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

using ints = std::vector<int>;

struct streams_fixture : open_database {
  channel<int> news = db.channel<int>("news");
  worker mine;

  /// The next `n` items.
  static future<ints> taken(executor where, channel_subscription<int>& from, int n) {
    ints all;
    while (static_cast<int>(all.size()) < n) {
      const auto m = co_await via(where, from);
      all.push_back(m->payload);
    }
    co_return all;
  }

  /// How the next item fails to come.
  static future<std::string> end_of(executor where, channel_subscription<int>& from,
                                    std::stop_token stop = {}) {
    try {
      const auto m = co_await via(where, from, stop);
      co_return m ? "an item" : "nothing";
    } catch (const error& e) {
      co_return std::string{to_string(e.code())};
    }
  }

  static ints first_numbers(int n) {
    ints all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 1);
    return all;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(awaited_streams, streams_fixture)

BOOST_AUTO_TEST_CASE(items_are_awaited_one_after_the_other) {
  auto items = news.subscribe();
  auto all = taken(mine.as_executor(), items, 300);
  BOOST_TEST(!all.ready());
  for (int i = 1; i <= 300; ++i)
    news.publish(i);
  BOOST_TEST(all.get().value() == first_numbers(300), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_coroutine_goes_on_where_its_caller_says_for_each_item) {
  auto items = news.subscribe();
  news.publish_many(first_numbers(100));
  const auto body = [&](executor where) -> future<int> {
    int here = 0;
    for (int i = 0; i < 100; ++i) {
      co_await via(where, items);
      here += std::this_thread::get_id() == mine.id();
    }
    co_return here;
  };
  BOOST_TEST(body(mine.as_executor()).get().value() == 100);
}

BOOST_AUTO_TEST_CASE(the_end_is_thrown_as_by_next) {
  auto items = news.subscribe();
  auto waiting = end_of(mine.as_executor(), items);
  items.close();
  BOOST_TEST(waiting.get().value() == "closed");
  BOOST_TEST(end_of(mine.as_executor(), items).get().value() == "closed");

  auto slow = news.subscribe({.capacity = 2, .overflow = overflow_policy::disconnect});
  auto other = news.subscribe();
  news.publish_many(first_numbers(50));
  while (other.next()->payload != 50) {}
  auto code = std::string{"an item"}; // what fitted comes first
  while (code == "an item")
    code = end_of(mine.as_executor(), slow).get().value();
  BOOST_TEST(code == "busy");

  auto at_close = news.subscribe();
  auto last = end_of(mine.as_executor(), at_close);
  db.close();
  BOOST_TEST(last.get().value() == "closed");
}

BOOST_AUTO_TEST_CASE(an_item_that_does_not_fit_is_thrown_and_passed_over) {
  auto items = news.subscribe();
  db.channel<std::string>("news").publish("text");
  news.publish(2);
  BOOST_TEST(end_of(mine.as_executor(), items).get().value() == "type_mismatch");
  BOOST_TEST(taken(mine.as_executor(), items, 1).get().value() == ints{2});
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_await_with_nothing_and_leaves_the_subscription) {
  auto items = news.subscribe();
  for (const auto& where : {mine.as_executor(), at_once}) {
    std::stop_source stop;
    auto waiting = end_of(where, items, stop.get_token());
    BOOST_TEST(!waiting.ready());
    stop.request_stop();
    BOOST_TEST(waiting.get().value() == "nothing");
    BOOST_TEST(end_of(where, items, stop.get_token()).get().value() == "nothing"); // from the first
  }
  news.publish(1);
  BOOST_TEST(taken(mine.as_executor(), items, 1).get().value() == ints{1});
}

BOOST_AUTO_TEST_CASE(a_stop_and_an_item_at_one_time_resume_once) {
  auto items = news.subscribe();
  int given = 0;
  for (int i = 0; i < 300; ++i) {
    std::stop_source stop;
    auto waiting = end_of(mine.as_executor(), items, stop.get_token());
    std::thread stopper{[&] { stop.request_stop(); }};
    news.publish(i);
    stopper.join();
    given += waiting.get().value() == "an item";
  }
  BOOST_TEST(static_cast<int>(taken(mine.as_executor(), items, 300 - given).get()->size())
             == 300 - given);
  BOOST_TEST(!items.next(0s));
}

BOOST_AUTO_TEST_CASE(ten_thousand_items_in_a_row_come_by_an_executor_that_runs_at_once) {
  auto items = news.subscribe();
  auto all = taken(at_once, items, 10'000);
  news.publish_many(first_numbers(10'000));
  BOOST_TEST((all.get().value() == first_numbers(10'000)));
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_is_destroyed_while_it_waits_takes_its_subscription_along) {
  int reached = 0;
  const auto body = [&](executor where, channel_subscription<int> own) -> owned_coroutine {
    ++reached;
    co_await via(where, own);
    ++reached;
  };
  {
    const auto one = body(at_once, news.subscribe());
    BOOST_TEST(!one.done());
  }
  news.publish(1);
  auto items = news.subscribe({.from_beginning = true});
  std::function<void()> late;
  by_hand queue;
  {
    const auto one = body(queue.as_executor(), std::move(items));
    late = queue.next(); // the item is there
  }
  late();
  BOOST_TEST(reached == 2);
}

BOOST_AUTO_TEST_CASE(other_event_loops_are_told_once_when_there_is_something) {
  auto items = news.subscribe();
  std::promise<void> told;
  items.when_ready([&] { told.set_value(); });
  news.publish_many(first_numbers(3));
  told.get_future().wait();
  BOOST_TEST(items.next(0s)->payload == 1);
  int at_once_again = 0; // of what was taken along with the first, or is still in the buffer
  while (at_once_again < 2) {
    std::promise<void> again;
    items.when_ready([&] { again.set_value(); });
    again.get_future().wait();
    BOOST_TEST(items.next(0s)->payload == ++at_once_again + 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
