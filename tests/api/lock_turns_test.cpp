#include "beaver/api/lock.hpp"

#include "lock_support.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(lock_turns, lock_fixture)

BOOST_AUTO_TEST_CASE(threads_get_it_in_the_order_of_their_asking) {
  constexpr std::size_t threads = 8;
  std::vector<int> order;
  {
    auto held = l.acquire();
    std::vector<std::unique_ptr<asker>> askers;
    for (std::size_t i = 0; i < threads; ++i) {
      askers.push_back(std::make_unique<asker>(*this, static_cast<int>(i), order));
      await_waiters(i + 2);
    }
    held.release();
  }
  BOOST_TEST(order.size() == threads);
  BOOST_TEST(std::is_sorted(order.begin(), order.end()));
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_CASE(it_excludes_threads_that_come_and_go) {
  int counter = 0; // nothing but the lock guards it
  BOOST_TEST(failures_of_threads(8,
                                 [&](int) {
                                   auto mine = l;
                                   for (int i = 0; i < 50; ++i) {
                                     auto held = mine.acquire();
                                     ++counter;
                                   }
                                 })
             == 0);
  BOOST_TEST(counter == 400);
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_CASE(who_stops_waiting_leaves_no_row) {
  auto held = l.acquire();
  BOOST_TEST(!l.acquire(20ms));
  while (rows() != 1) // leaves at once, but behind our back
    std::this_thread::yield();
  std::vector<int> order;
  asker other{*this, 1, order};
  await_waiters(2);
  other.stop.request_stop();
  other.join();
  BOOST_TEST(other.end.is(errc::cancelled));
  while (rows() != 1)
    std::this_thread::yield();
  asker third{*this, 3, order};
  await_waiters(2);
  held.release();
  third.join();
  BOOST_TEST((order == std::vector{3}));
}

BOOST_AUTO_TEST_CASE(rows_of_python_programs_have_their_turns) {
  insert_row("p1", 1);
  BOOST_TEST(!l.try_lock());
  BOOST_TEST((l.holder()->waiter == "p1"));
  std::vector<int> order;
  asker first{*this, 1, order};
  await_waiters(2);
  insert_row("p2", 2e9 + 1e8); // behind
  asker second{*this, 2, order};
  await_waiters(4);
  delete_row("p1"); // and rings no bell
  first.join();
  await_waiters(2);
  BOOST_TEST((l.holder()->waiter == "p2"));
  BOOST_TEST((order == std::vector{1}));
  delete_row("p2");
  second.join();
  BOOST_TEST((order == std::vector{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_late_request_of_a_python_program_does_not_come_before_a_holder) {
  auto held = l.acquire();
  insert_row("p", 1);
  BOOST_TEST((l.holder()->waiter == held.waiter()));
  db.batched(held.fence()).commit();
  held.release();
  BOOST_TEST((l.holder()->waiter == "p"));
}

BOOST_AUTO_TEST_CASE(one_whose_row_was_deleted_asks_again_and_keeps_nobody_from_his_turn) {
  std::vector<int> order;
  {
    auto held = l.acquire();
    asker first{*this, 1, order};
    await_waiters(2);
    const auto deleted = l.waiters()[1].waiter;
    asker second{*this, 2, order};
    await_waiters(3);
    delete_row(deleted);
    for (auto all = l.waiters(); all.size() != 3 || all[2].waiter != deleted; all = l.waiters())
      poke();
    held.release();
  }
  BOOST_TEST((order == std::vector{2, 1}));
}

BOOST_AUTO_TEST_CASE(a_holder_who_does_not_renew_is_followed_when_its_time_ends) {
  BOOST_TEST(call(*db.style().to, lock_try{"l", "dead", 0.1}).has_value());
  const auto held = l.acquire(); // nobody writes meanwhile
  BOOST_TEST(!held.lost());
}

BOOST_FIXTURE_TEST_CASE(times_are_those_of_the_database_clock, clocked_fixture) {
  BOOST_TEST(call(*db.style().to, lock_try{"l", "dead", 30}).has_value());
  insert_row("p", 2, clock.now() + 40); // a crashed Python program
  std::vector<int> order;
  asker other{*this, 1, order};
  await_waiters(3);
  clock.advance(31);
  poke();
  BOOST_TEST((l.holder()->waiter == "p"));
  BOOST_TEST(order.empty());
  clock.advance(10); // so the lease of the one who waits is over as well
  poke();
  other.join();
  BOOST_TEST((order == std::vector{1}));
}

BOOST_AUTO_TEST_SUITE_END()
