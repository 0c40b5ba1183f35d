#include "beaver/api/awaitable.hpp"

#include "support/coroutines.hpp"
#include "support/open_database.hpp"
#include "support/worker.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <future>
#include <map>
#include <random>
#include <string>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// What no value fits, and it does not say so with an `error`.
struct misfit {};

/// Where the stack is.
[[gnu::noinline]] std::uintptr_t stack_here() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

struct awaiting_fixture : open_database {
  dict<int> d = db.dict<int>("d");
  dict<int, beaver::async> calls = db.async().dict<int>("d");
  queue<int, beaver::async> jobs = db.async().queue<int>("jobs");
};

} // namespace

template <>
struct beaver::model<misfit> {
  static json_text encode(const misfit&) { return json_text{"null"}; }
  static misfit decode(const json_text&) { throw std::range_error{"no misfit"}; }
};

BOOST_FIXTURE_TEST_SUITE(awaitables, awaiting_fixture)

BOOST_AUTO_TEST_CASE(a_coroutine_gets_values_and_goes_on_where_its_caller_says) {
  worker mine;
  std::vector<std::thread::id> threads;
  const auto body = [&](executor where) -> future<int> {
    threads.push_back(std::this_thread::get_id());
    co_await via(where, calls.set("k", 1));
    threads.push_back(std::this_thread::get_id());
    auto ready = calls.increment("k", 2);
    ready.wait();
    const int sum = co_await via(where, std::move(ready));
    threads.push_back(std::this_thread::get_id());
    const std::optional<int> none = co_await via(where, calls.find("absent"));
    co_return none ? -1 : sum + d.get("k"); // blocking calls are allowed there
  };
  BOOST_TEST(body(mine.as_executor()).get().value() == 6);
  BOOST_REQUIRE(threads.size() == 3u);
  BOOST_CHECK(threads[0] == std::this_thread::get_id());
  BOOST_CHECK(threads[1] == mine.id());
  BOOST_CHECK(threads[2] == mine.id());
}

BOOST_AUTO_TEST_CASE(without_an_executor_it_goes_on_where_callbacks_run) {
  std::promise<std::thread::id> callbacks;
  calls.count().then([&](const auto&) { callbacks.set_value(std::this_thread::get_id()); });
  const auto body = [&]() -> future<std::thread::id> {
    co_await calls.set("k", 1);
    co_return std::this_thread::get_id();
  };
  BOOST_CHECK(body().get().value() == callbacks.get_future().get());
}

BOOST_AUTO_TEST_CASE(failures_are_thrown_or_given_as_results) {
  worker mine;
  const auto strict = [&](executor where) -> future<int> {
    co_return co_await via(where, calls.get("absent"));
  };
  const auto failed = strict(mine.as_executor()).get();
  BOOST_REQUIRE(failed.has_error());
  BOOST_CHECK(failed.error().code == errc::not_found);
  BOOST_TEST(failed.error().text == "dict 'd' has no key 'absent'");
  const auto caught = [&](executor where) -> future<std::string> {
    try {
      co_await via(where, calls.set("", 1));
      co_return "nothing";
    } catch (const error& e) {
      co_return std::string{to_string(e.code())};
    }
  };
  BOOST_TEST(caught(mine.as_executor()).get().value() == "invalid_argument");
  const auto looked_at = [&](executor where) -> future<errc> {
    const result<int> r = co_await result_via(where, calls.get("absent"));
    const result<void> done = co_await result_via(where, calls.set("k", 1));
    co_return done ? r.error().code : errc::internal;
  };
  BOOST_CHECK(looked_at(mine.as_executor()).get().value() == errc::not_found);
  BOOST_TEST(d.get("k") == 1);
}

BOOST_AUTO_TEST_CASE(what_a_model_or_a_coroutine_throws_arrives_where_it_is_awaited) {
  worker mine;
  db.dict("misfits").set("k", json_text{"1"});
  auto misfits = db.async().dict<misfit>("misfits");
  const auto body = [&](executor where) -> future<std::string> {
    try {
      co_await via(where, misfits.get("k"));
    } catch (const std::range_error& e) {
      co_return std::string{"caught: "} + e.what();
    }
    co_return "nothing";
  };
  BOOST_TEST(body(mine.as_executor()).get().value() == "caught: no misfit");
  const auto inner = [&](executor where) -> future<void> {
    co_await via(where, calls.set("k", 1));
    throw std::range_error{"from a coroutine"};
  };
  const auto outer = [&](executor where) -> future<int> {
    co_await inner(where);
    co_return 1;
  };
  BOOST_CHECK_EXCEPTION(static_cast<void>(outer(mine.as_executor()).get()), std::range_error,
                        [](const auto& e) { return std::string{e.what()} == "from a coroutine"; });
  const auto at_its_begin = []() -> future<int> {
    throw error(errc::busy, "too early");
    co_return 1;
  };
  BOOST_CHECK(at_its_begin().get().error().code == errc::busy);
}

BOOST_AUTO_TEST_CASE(results_need_only_be_movable) {
  worker mine;
  const auto inner = [&](executor where) -> future<std::unique_ptr<int>> {
    co_return std::make_unique<int>(co_await via(where, calls.increment("n")));
  };
  const auto outer = [&](executor where) -> future<std::unique_ptr<int>> {
    auto first = co_await inner(where);
    const auto second = co_await via(where, inner(where));
    *first += *second;
    co_return first;
  };
  BOOST_TEST(*outer(mine.as_executor()).get().value() == 3);
}

BOOST_AUTO_TEST_CASE(ten_thousand_awaits_in_a_row_need_no_more_stack_than_one) {
  const auto child = [](int i) -> future<int> { co_return i; };
  const auto body = [&]() -> future<std::uintptr_t> {
    auto lowest = stack_here(), highest = lowest;
    for (int i = 0; i < 10'000; ++i) {
      co_await via(at_once, child(i));
      lowest = std::min(lowest, stack_here());
      highest = std::max(highest, stack_here());
    }
    co_return highest - lowest;
  };
  BOOST_TEST(body().get().value() < 4'096u); // all on one thread, since all is ready
  const auto calling = [&](executor where) -> future<int> {
    int last = 0;
    for (int i = 0; i < 10'000; ++i)
      last = co_await via(where, calls.contains("k")) ? -1 : i;
    co_return last;
  };
  BOOST_TEST(calling(at_once).get().value() == 9'999);
  worker mine;
  BOOST_TEST(calling(mine.as_executor()).get().value() == 9'999);
}

BOOST_AUTO_TEST_CASE(many_coroutines_share_an_executor) {
  worker mine;
  const auto body = [&](executor where) -> future<void> {
    for (int i = 0; i < 20; ++i)
      co_await via(where, calls.increment("n"));
  };
  std::vector<future<void>> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(body(mine.as_executor()));
  for (auto& each : all)
    BOOST_TEST(!each.get().has_error());
  BOOST_TEST(d.get("n") == 1'000);
}

BOOST_AUTO_TEST_CASE(a_coroutine_goes_on_when_its_future_is_dropped) {
  worker mine;
  std::promise<int> end;
  const auto body = [&](executor where) -> future<void> {
    co_await via(where, calls.set("k", 1));
    end.set_value(co_await via(where, calls.get("k")));
  };
  static_cast<void>(body(mine.as_executor()));
  BOOST_TEST(end.get_future().get() == 1);
}

BOOST_AUTO_TEST_CASE(locals_and_parameters_are_gone_when_a_coroutine_has_ended) {
  worker mine;
  const auto token = std::make_shared<int>(1);
  const auto body = [this](std::shared_ptr<int> held, executor where) -> future<int> {
    const auto local = held;
    co_await via(where, calls.set("k", *local));
    co_return *local;
  };
  auto all = body(token, mine.as_executor());
  BOOST_TEST(token.use_count() > 1);
  all.wait();
  BOOST_TEST(token.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_is_destroyed_is_not_resumed) {
  by_hand queue;
  int reached = 0;
  const auto body = [&](executor where) -> owned_coroutine {
    ++reached;
    co_await via(where, calls.increment("n"));
    ++reached;
  };
  {
    const auto one = body(queue.as_executor());
    queue.next()();
    BOOST_TEST(one.done());
    BOOST_TEST(reached == 2);
  }
  std::function<void()> late;
  {
    const auto one = body(queue.as_executor());
    late = queue.next();
    BOOST_TEST(!one.done());
  }
  late();
  BOOST_TEST(reached == 3);
  std::stop_source stop;
  const auto waiting = [&](executor where, std::stop_token until) -> owned_coroutine {
    ++reached;
    co_await result_via(where, jobs.get(for_ever, until));
    ++reached;
  };
  { const auto one = waiting(queue.as_executor(), stop.get_token()); } // before there is a result
  stop.request_stop();
  queue.next()();
  BOOST_TEST(reached == 4);
  BOOST_TEST(d.get("n") == 2); // the calls have gone on
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_is_withdrawn_by_its_stop_token) {
  worker mine;
  std::stop_source stop;
  const auto body = [&](executor where) -> future<errc> {
    const auto r = co_await result_via(where, jobs.get(for_ever, stop.get_token()));
    co_return r ? errc::internal : r.error().code;
  };
  auto end = body(mine.as_executor());
  BOOST_TEST(!end.ready());
  stop.request_stop();
  BOOST_CHECK(end.get().value() == errc::cancelled);
  const auto served = [&](executor where) -> future<int> {
    const auto item = co_await via(where, jobs.get(for_ever));
    co_return item ? item->value : -1;
  };
  auto got = served(mine.as_executor());
  db.queue<int>("jobs").put(7);
  BOOST_TEST(got.get().value() == 7);
}

BOOST_AUTO_TEST_CASE(coroutines_see_what_a_map_would_have_wherever_they_go_on) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("BEAVER_TEST_SEED=" << seed);
  std::mt19937_64 random{seed};
  worker first, second;
  const std::vector<executor> executors{first.as_executor(), second.as_executor(), at_once,
                                        calls.count().home()};
  const auto any = [&](int n) { return std::uniform_int_distribution{0, n - 1}(random); };
  const auto body = [&]() -> future<int> {
    std::map<std::string, int> oracle;
    int differences = 0;
    for (int i = 0; i < 400; ++i) {
      const auto& where = executors[static_cast<std::size_t>(any(4))];
      const auto key = std::string(1, static_cast<char>('a' + any(8)));
      const auto at = oracle.find(key);
      switch (any(5)) {
      case 0:
        co_await via(where, calls.set(key, i));
        oracle[key] = i;
        break;
      case 1:
        differences += co_await via(where, calls.erase(key)) != (oracle.erase(key) == 1);
        break;
      case 2:
        differences += co_await via(where, calls.increment(key, 2)) != (oracle[key] += 2);
        break;
      case 3:
        differences += co_await via(where, calls.count()) != oracle.size();
        break;
      default: {
        const auto found = co_await result_via(where, calls.get(key));
        differences +=
          at == oracle.end() ? !found.has_error() : !found.has_value() || *found != at->second;
      }
      }
    }
    co_return differences;
  };
  BOOST_TEST(body().get().value() == 0, "seed " << seed);
}

BOOST_AUTO_TEST_SUITE_END()
