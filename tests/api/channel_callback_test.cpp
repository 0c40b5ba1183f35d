#include "channel_fixture.hpp"
#include "support/failure.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(channel_callbacks, channel_fixture)

BOOST_AUTO_TEST_CASE(callbacks_get_messages_in_order) {
  std::promise<ints> done;
  ints got;
  const auto l = c.subscribe([&](const channel_message_of<int>& m) {
    got.push_back(m.payload);
    if (got.size() == 200)
      done.set_value(got);
  });
  publish(1, 200);
  const auto all = done.get_future().get();
  for (int i = 0; i < 200; ++i)
    BOOST_REQUIRE_EQUAL(all[i], i + 1);
  BOOST_TEST(!l.ended());
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_ends_its_own_subscription_and_says_so) {
  std::promise<failure> why;
  std::promise<void> enough;
  int good = 0;
  const auto bad =
    c.subscribe([](const channel_message_of<int>&) { throw std::runtime_error("oh"); }, {},
                [&](const failure& f) { why.set_value(f); });
  const auto fine = c.subscribe([&](const channel_message_of<int>&) {
    if (++good == 3)
      enough.set_value();
  });
  publish(1, 3);
  enough.get_future().get();
  const auto told = why.get_future().get();
  BOOST_TEST((told.code == errc::internal));
  BOOST_TEST(told.text.find("oh") != std::string::npos);
  BOOST_REQUIRE(bad.ended().has_value());
  BOOST_TEST(bad.ended()->text == told.text);
}

BOOST_AUTO_TEST_CASE(a_callback_may_use_the_database_and_stop_its_own_subscription) {
  std::promise<void> done;
  std::optional<listener> self;
  std::promise<void> ready;
  auto is_ready = ready.get_future().share();
  self = c.subscribe([&, is_ready](const channel_message_of<int>& m) {
    is_ready.wait();
    db.dict<int>("seen").set("last", m.payload);
    self->stop();
    done.set_value();
  });
  ready.set_value();
  publish(1, 2);
  done.get_future().get();
  BOOST_TEST(db.dict<int>("seen").get("last") == 1);
}

BOOST_AUTO_TEST_CASE(after_stop_no_callback_runs) {
  std::atomic<int> runs{0};
  auto l = c.subscribe([&](const channel_message_of<int>&) { ++runs; });
  publish(1, 50);
  l.stop();
  const int at_stop = runs;
  publish(51, 60);
  auto after = c.subscribe({.from_beginning = true});
  static_cast<void>(next_of(after, 60));
  BOOST_TEST(runs == at_stop);
}

BOOST_AUTO_TEST_SUITE_END()
