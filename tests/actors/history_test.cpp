#include "history_subjects.hpp"
#include "support/linearizability.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace beaver::test;

namespace {

using queue = queue_model;
using lock = lock_model;
using list = list_model;

event at(int client, std::int64_t called, std::int64_t returned, call what, values result) {
  return {client, std::move(what), std::move(result), called, returned};
}

event lost(int client, std::int64_t called, call what) {
  return {client, std::move(what), std::nullopt, called, 0};
}

template <class M>
void holds(const history& events) {
  const auto found = check<M>(events);
  BOOST_TEST(found.holds(), found.account);
}

template <class M>
void is_violated(const history& events) {
  const auto found = check<M>(events);
  BOOST_TEST((found.what == verdict::kind::violated), "not found: " << found.account);
}

} // namespace

BOOST_AUTO_TEST_SUITE(history_violations)

BOOST_AUTO_TEST_CASE(an_item_that_is_lost_is_found) {
  is_violated<queue>({at(1, 0, 1, queue::put("q", 7, 1), {}), at(2, 2, 3, queue::get("q"), {})});
  is_violated<queue>({at(1, 0, 1, queue::put("q", 7, 1), {}),
                      at(1, 2, 3, queue::put("q", 8, 1), {}), at(2, 4, 5, queue::get("q"), {8, 1}),
                      at(2, 6, 7, queue::get("q"), {})});
  is_violated<queue>({at(1, 0, 1, queue::put("q", 7, 1), {}), at(2, 2, 3, queue::count("q"), {0})});
}

BOOST_AUTO_TEST_CASE(an_empty_answer_is_right_while_the_put_is_under_way) {
  holds<queue>({at(1, 0, 10, queue::put("q", 7, 1), {}), at(2, 1, 2, queue::get("q"), {}),
                at(2, 3, 4, queue::get("q"), {7, 1}), at(2, 5, 6, queue::get("q"), {})});
  is_violated<queue>({at(1, 0, 10, queue::put("q", 7, 1), {}),
                      at(2, 1, 2, queue::peek("q"), {7, 1}), at(2, 3, 4, queue::get("q"), {})});
}

BOOST_AUTO_TEST_CASE(an_item_delivered_twice_is_found) {
  is_violated<queue>({at(1, 0, 1, queue::put("q", 7, 1), {}), at(2, 2, 5, queue::get("q"), {7, 1}),
                      at(3, 3, 4, queue::get("q"), {7, 1})});
  is_violated<queue>({at(1, 0, 1, queue::put("q", 7, 1), {}),
                      at(2, 2, 3, queue::take("q", 100), {7, 1}),
                      at(3, 4, 5, queue::get("q"), {7, 1})});
}

BOOST_AUTO_TEST_CASE(an_item_that_nobody_put_is_found) {
  is_violated<queue>(
    {at(1, 0, 1, queue::put("q", 7, 1), {}), at(2, 0, 2, queue::get("q"), {8, 1})});
  is_violated<queue>(
    {at(1, 5, 6, queue::put("q", 7, 1), {}), at(2, 0, 4, queue::get("q"), {7, 1})});
}

BOOST_AUTO_TEST_CASE(an_item_of_the_wrong_priority_or_turn_is_found) {
  const auto first = at(1, 0, 1, queue::put("q", 7, 2), {});
  const auto second = at(1, 2, 3, queue::put("q", 8, 1), {});
  const auto third = at(1, 4, 5, queue::put("q", 9, 1), {});
  const auto got = [](std::int64_t time, std::int64_t item, std::int64_t priority) {
    return at(2, time, time + 1, queue::get("q"), {item, priority});
  };
  holds<queue>({first, second, third, got(6, 8, 1), got(8, 9, 1), got(10, 7, 2)});
  is_violated<queue>({first, second, third, got(6, 8, 1), got(8, 7, 2), got(10, 9, 1)});
  is_violated<queue>({first, second, third, got(6, 9, 1), got(8, 8, 1), got(10, 7, 2)});
  is_violated<queue>({first, got(6, 7, 1)});
}

BOOST_AUTO_TEST_CASE(a_lease_keeps_its_item_until_it_ends) {
  const auto put = at(1, 0, 1, queue::put("q", 7, 1), {});
  const auto take = at(1, 2, 3, queue::take("q", 100), {7, 1});
  const auto end = lost(1, 20, queue::lease_end("q", 100));
  const auto got = [](std::int64_t time) { return at(2, time, time + 1, queue::get("q"), {7, 1}); };
  const auto acked = [](std::int64_t time, bool done) {
    return at(1, time, time + 1, queue::ack("q", 100), {done});
  };
  holds<queue>({put, take, acked(4, true), at(2, 6, 7, queue::get("q"), {})});
  is_violated<queue>({put, take, acked(4, true), got(6)});
  is_violated<queue>({put, take, acked(4, true), acked(6, true)});
  is_violated<queue>({put, take, acked(4, false)});
  holds<queue>({put, take, at(1, 4, 5, queue::nack("q", 100), {1}), got(6)});
  holds<queue>({put, take, end, got(21), acked(23, false)});
  holds<queue>({put, take, end, at(2, 21, 22, queue::get("q"), {}), acked(23, true)});
  is_violated<queue>({put, take, end, got(15)});
  is_violated<queue>({put, take, end, got(21), acked(23, true)});
  // Another lease of the same item is no excuse for the first.
  const auto again = at(2, 21, 22, queue::take("q", 200), {7, 1});
  is_violated<queue>({put, take, end, again, acked(23, true)});
  holds<queue>({put, take, end, again, acked(23, false), at(2, 25, 26, queue::ack("q", 200), {1})});
}

BOOST_AUTO_TEST_CASE(an_item_that_comes_back_has_its_old_turn) {
  const history before{
    at(1, 0, 1, queue::put("q", 7, 1), {}), at(1, 2, 3, queue::put("q", 8, 1), {}),
    at(2, 4, 5, queue::take("q", 100), {7, 1}), at(2, 6, 7, queue::nack("q", 100), {1})};
  auto events = before;
  events.push_back(at(2, 8, 9, queue::get("q"), {7, 1}));
  holds<queue>(events);
  events.back().result = {8, 1};
  is_violated<queue>(events);
}

BOOST_AUTO_TEST_CASE(an_item_that_is_put_with_a_delay_has_its_turn_later) {
  const history before{at(1, 0, 1, queue::put("q", 7, 1, 100), {}),
                       lost(1, 20, queue::lease_end("q", 100)),
                       at(1, 2, 3, queue::put("q", 8, 1), {})};
  const auto got = [&](std::int64_t time, values result) {
    auto events = before;
    events.push_back(at(2, time, time + 1, queue::get("q"), std::move(result)));
    return events;
  };
  holds<queue>(got(4, {8, 1}));
  is_violated<queue>(got(4, {7, 1}));
  holds<queue>(got(30, {7, 1}));
  holds<queue>(got(30, {8, 1}));
  is_violated<queue>(got(30, {}));
}

BOOST_AUTO_TEST_CASE(two_holders_at_once_are_found) {
  is_violated<lock>({at(1, 0, 1, lock::acquire("l", 100), {1}),
                     at(2, 2, 3, lock::acquire("l", 200), {2}),
                     at(1, 4, 5, lock::release("l", 100), {1})});
  is_violated<lock>(
    {at(1, 0, 3, lock::acquire("l", 100), {1}), at(2, 0, 3, lock::acquire("l", 200), {2})});
  holds<lock>({at(1, 0, 1, lock::acquire("l", 100), {1}), at(2, 2, 5, lock::acquire("l", 200), {2}),
               at(1, 3, 4, lock::release("l", 100), {1})});
}

BOOST_AUTO_TEST_CASE(a_token_that_does_not_grow_is_found) {
  const history before{at(1, 0, 1, lock::acquire("l", 100), {5}),
                       at(1, 2, 3, lock::release("l", 100), {1})};
  for (const std::int64_t token : {4, 5, 6}) {
    auto events = before;
    events.push_back(at(2, 4, 5, lock::acquire("l", 200), {token}));
    token > 5 ? holds<lock>(events) : is_violated<lock>(events);
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_of_a_free_lock_is_found) {
  const auto refused = at(2, 4, 5, lock::try_acquire("l", 200), {});
  is_violated<lock>({refused});
  holds<lock>({at(2, 4, 5, lock::acquire("l", 200), {})}); // gave up: at any time
  holds<lock>({at(1, 0, 1, lock::acquire("l", 100), {1}), refused});
  holds<lock>({at(1, 0, 9, lock::acquire("l", 100), {1}), refused});
  is_violated<lock>({at(1, 0, 1, lock::acquire("l", 100), {1}),
                     at(1, 2, 3, lock::release("l", 100), {1}), refused});
}

BOOST_AUTO_TEST_CASE(a_lock_is_lost_only_when_its_time_is_up) {
  const auto first = at(1, 0, 1, lock::acquire("l", 100), {1});
  const auto expiry = lost(1, 20, lock::expire("l", 100));
  const auto second = [](std::int64_t time) {
    return at(2, time, time + 1, lock::acquire("l", 200), {2});
  };
  holds<lock>({first, expiry, second(30), at(1, 40, 41, lock::renew("l", 100), {0}),
               at(1, 42, 43, lock::release("l", 100), {0})});
  is_violated<lock>({first, expiry, second(10)});
  is_violated<lock>({first, expiry, second(30), at(1, 40, 41, lock::renew("l", 100), {1})});
  is_violated<lock>({first, expiry, second(30), at(1, 40, 41, lock::release("l", 100), {1})});
  // The end of the first holding cannot end the second.
  is_violated<lock>({first, expiry, second(30), at(3, 40, 41, lock::acquire("l", 300), {3})});
}

BOOST_AUTO_TEST_CASE(a_stale_read_of_a_list_is_found) {
  const history before{at(1, 0, 1, list::push("l", 1), {}), at(1, 2, 3, list::push("l", 2), {})};
  const auto with = [&](call what, values result) {
    auto events = before;
    events.push_back(at(2, 4, 5, std::move(what), std::move(result)));
    return events;
  };
  holds<list>(with(list::count("l"), {2}));
  is_violated<list>(with(list::count("l"), {1}));
  holds<list>(with(list::at("l", -1), {2}));
  is_violated<list>(with(list::at("l", -1), {1}));
  is_violated<list>(with(list::at("l", 1), {}));
  holds<list>(with(list::at("l", 2), {}));
  holds<list>(with(list::items("l"), {1, 2}));
  is_violated<list>(with(list::items("l"), {1}));
  is_violated<list>(with(list::items("l"), {2, 1}));
  is_violated<list>(with(list::pop_front("l"), {}));
  is_violated<list>(with(list::erase("l", 1), {0}));
  is_violated<list>(with(list::set("l", 2, 9), {1}));
}

BOOST_AUTO_TEST_CASE(pops_in_the_wrong_order_are_found) {
  const auto one = at(1, 0, 1, list::push("l", 1), {});
  const auto two = at(1, 2, 3, list::push("l", 2), {});
  const auto popped = [](std::int64_t time, std::int64_t value) {
    return at(2, time, time + 1, list::pop_front("l"), {value});
  };
  holds<list>({one, two, popped(4, 1), popped(6, 2)});
  is_violated<list>({one, two, popped(4, 2), popped(6, 1)});
  is_violated<list>({one, two, popped(4, 1), popped(6, 1)});
  // Pushes at the same time may go in either order, but for everybody in the same.
  const auto also = at(3, 0, 9, list::push("l", 3), {});
  holds<list>({one, two, also, at(2, 10, 11, list::items("l"), {1, 3, 2})});
  holds<list>({one, two, also, popped(10, 3), popped(12, 1), popped(14, 2)});
  is_violated<list>({one, also, at(2, 10, 11, list::items("l"), {1, 3}), popped(12, 3)});
}

BOOST_AUTO_TEST_CASE(positions_of_a_list_are_checked) {
  const auto one = at(1, 0, 1, list::push("l", 1), {});
  const auto then = [&](call what, values items) {
    return history{one, at(1, 2, 3, list::prepend("l", 2), {}), at(1, 4, 5, std::move(what), {}),
                   at(1, 6, 7, list::items("l"), std::move(items))};
  };
  holds<list>(then(list::insert("l", 1, 3), {2, 3, 1}));
  holds<list>(then(list::insert("l", 9, 3), {2, 1, 3}));
  holds<list>(then(list::insert("l", -1, 3), {2, 3, 1}));
  holds<list>(then(list::insert("l", -9, 3), {3, 2, 1}));
  is_violated<list>(then(list::insert("l", 1, 3), {2, 1, 3}));
  holds<list>({one, at(1, 2, 3, list::set("l", -1, 5), {1}), at(1, 4, 5, list::at("l", 0), {5})});
  is_violated<list>(
    {one, at(1, 2, 3, list::erase("l", 0), {1}), at(1, 4, 5, list::at("l", 0), {1})});
}

BOOST_AUTO_TEST_CASE(a_put_of_unknown_result_may_be_seen_or_not) {
  const auto put = lost(1, 5, queue::put("q", 7, 1));
  holds<queue>({put});
  holds<queue>({put, at(2, 10, 11, queue::get("q"), {})});
  holds<queue>({put, at(2, 10, 11, queue::get("q"), {7, 1})});
  holds<queue>({put, at(2, 10, 11, queue::get("q"), {}), at(2, 12, 13, queue::get("q"), {7, 1})});
  is_violated<queue>(
    {put, at(2, 10, 11, queue::get("q"), {7, 1}), at(2, 12, 13, queue::get("q"), {7, 1})});
  is_violated<queue>(
    {put, at(2, 10, 11, queue::peek("q"), {7, 1}), at(2, 12, 13, queue::get("q"), {})});
  is_violated<queue>({put, at(2, 3, 4, queue::get("q"), {7, 1})}); // before it was called
}

BOOST_AUTO_TEST_CASE(a_get_of_unknown_result_may_have_taken_an_item) {
  const history before{at(1, 0, 1, queue::put("q", 7, 1), {}),
                       at(1, 2, 3, queue::put("q", 8, 1), {}), lost(3, 4, queue::get("q"))};
  const auto then = [&](std::vector<values> results) {
    auto events = before;
    for (auto& result : results) {
      const auto time = static_cast<std::int64_t>(2 * events.size());
      events.push_back(at(2, time, time + 1, queue::get("q"), std::move(result)));
    }
    return events;
  };
  holds<queue>(then({{7, 1}, {8, 1}, {}}));
  holds<queue>(then({{8, 1}, {}}));
  holds<queue>(then({{7, 1}, {}}));
  is_violated<queue>(then({{}}));
  is_violated<queue>(then({{8, 1}, {7, 1}}));
}

BOOST_AUTO_TEST_CASE(a_lock_whose_holder_died_is_free_again_after_its_time) {
  const auto died = lost(1, 5, lock::acquire("l", 100));
  const auto expiry = lost(1, 20, lock::expire("l", 100));
  const auto next = [](std::int64_t time, std::int64_t token) {
    return at(2, time, time + 1, lock::acquire("l", 200), {token});
  };
  const auto refused = at(2, 10, 11, lock::try_acquire("l", 150), {});
  holds<lock>({died, expiry, next(10, 1)}); // it never got the lock
  holds<lock>({died, expiry, refused, next(20, 2)});
  is_violated<lock>({died, expiry, refused, next(20, 1)}); // its token went to the dead
  is_violated<lock>({died, expiry, refused, next(12, 2)});
}

BOOST_AUTO_TEST_CASE(a_damaged_answer_in_a_long_history_is_found) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  dice random{seed};
  std::size_t damaged = 0;
  for (auto& events : recorded<safe_queue>(50, 4, 20, seed)) {
    std::vector<event*> got;
    for (auto& e : events)
      if (e.what.operation == "get" && !e.result->empty())
        got.push_back(&e);
    if (got.size() < 2)
      continue;
    BOOST_TEST_INFO("seed " << seed << ", history " << damaged);
    std::shuffle(got.begin(), got.end(), random);
    const auto whole = events;
    if (++damaged % 2)
      got[0]->result = got[1]->result;
    else
      std::erase_if(events, [item = got[0]->result->front()](const event& e) {
        return e.what.operation == "put" && e.what.arguments.front() == item;
      });
    holds<queue>(whole);
    is_violated<queue>(events);
  }
  BOOST_TEST(damaged > 20u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(history_checks)

BOOST_AUTO_TEST_CASE(names_are_checked_apart) {
  const auto in = [](std::string name, std::int64_t item, bool lost_it) {
    return history{at(1, 0, 1, queue::put(name, item, 1), {}),
                   at(2, 2, 3, queue::get(name), lost_it ? values{} : values{item, 1})};
  };
  auto events = in("good", 7, false);
  for (auto& e : in("also good", 8, false))
    events.push_back(e);
  holds<queue>(events);
  for (auto& e : in("bad", 9, true))
    events.push_back(e);
  const auto found = check<queue>(events);
  BOOST_TEST((found.what == verdict::kind::violated));
  BOOST_TEST(found.account.starts_with("'bad': "), found.account);
  BOOST_TEST(found.account.find("put(8, 1)") == std::string::npos, found.account);
}

BOOST_AUTO_TEST_CASE(an_account_says_how_far_it_went_and_what_stops_it) {
  const auto found = check<queue>(
    {at(1, 1'000, 2'000, queue::put("q", 7, 1), {}), at(1, 3'000, 4'000, queue::put("q", 8, 2), {}),
     at(2, 5'000, 6'500, queue::get("q"), {7, 1}), at(2, 7'000, 9'000, queue::get("q"), {}),
     at(3, 8'000, 9'500, queue::get("q"), {7, 1}), lost(4, 100, queue::put("q", 5, 5))});
  BOOST_TEST(found.account
             == "'q': no order explains all 5 results; the longest explains 3:\n"
                "  client 1: put(7, 1) -> ()  [0.900..1.900 us]\n"
                "  client 1: put(8, 2) -> ()  [2.900..3.900 us]\n"
                "  client 2: get() -> (7, 1)  [4.900..6.400 us]\n"
                "after which the state is [8 priority 2], and one of these has to be next:\n"
                "  client 2: get() -> ()  [6.900..8.900 us]\n"
                "  client 3: get() -> (7, 1)  [7.900..9.400 us]\n"
                "where these, whose results are unknown, do not help:\n"
                "  client 4: put(5, 5) -> ?  [0.000 us..]\n");
}

BOOST_AUTO_TEST_CASE(a_search_that_gives_up_does_not_say_that_all_is_well) {
  const history events{at(1, 0, 1, queue::put("q", 7, 1), {}), at(2, 2, 3, queue::get("q"), {7, 1}),
                       at(2, 4, 5, queue::get("q"), {})};
  const auto found = check<queue>(events, 1);
  BOOST_TEST((found.what == verdict::kind::undecided));
  BOOST_TEST(!found.holds());
  BOOST_TEST(!found.account.empty());
}

BOOST_AUTO_TEST_CASE(mistakes_of_a_test_are_no_violations) {
  BOOST_CHECK_THROW(holds<queue>({at(1, 0, 1, list::push("l", 1), {})}), std::logic_error);
  BOOST_CHECK_THROW(holds<list>({at(1, 0, 1, queue::get("l"), {})}), std::logic_error);
  BOOST_CHECK_THROW(holds<lock>({at(1, 0, 1, {"l", "acquire", {}}, {1})}), std::logic_error);
  BOOST_CHECK_THROW(holds<queue>({at(1, 1, 0, queue::get("q"), {})}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(histories_of_containers_under_a_mutex_hold) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  const auto run = [&]<class Subject>(Subject*, const char* name) {
    const auto histories = recorded<Subject>(1'000, 4, 20, seed);
    const auto began = std::chrono::steady_clock::now();
    std::size_t configurations = 0;
    for (const auto& events : histories) {
      const auto found = check<typename Subject::model>(events);
      configurations += found.configurations;
      BOOST_TEST_INFO("seed " << seed);
      BOOST_REQUIRE_MESSAGE(found.holds(), found.account);
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    BOOST_TEST_MESSAGE(name << ": 1,000 histories of 4 x 20 in " << took.count() << " ms, "
                            << configurations << " configurations");
  };
  run(static_cast<safe_queue*>(nullptr), "queue");
  run(static_cast<safe_lock*>(nullptr), "lock");
  run(static_cast<safe_list*>(nullptr), "list");
}

BOOST_AUTO_TEST_SUITE_END()
