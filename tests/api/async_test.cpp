#include "beaver/api/async.hpp"

#include "support/open_database.hpp"
#include "support/worker.hpp"

#include <boost/test/unit_test.hpp>
#include <future>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(async, open_database)

BOOST_AUTO_TEST_CASE(calls_return_futures_of_their_results) {
  auto d = db.async().dict<int>("d");
  BOOST_TEST(!d.set("k", 1).get().has_error());
  BOOST_TEST(d.get("k").get().value() == 1);
  BOOST_TEST((d.find("k").get().value() == 1));
  BOOST_TEST(!d.find("other").get().value());
  BOOST_TEST(d.increment("k", 2).get().value() == 3);
  BOOST_TEST(d.contains("k").get().value());
  BOOST_TEST(d.count().get().value() == 1u);
  BOOST_TEST(d.items().get().value().at(0).second == 3);
  BOOST_TEST((d.pop("k").get().value() == 3));
  auto b = db.async().blob("b");
  BOOST_TEST(!b.put("k", "x").get().has_error());
  BOOST_TEST(b.get("k").get().value().text() == "x");
  BOOST_TEST(db.blob("b").count() == 1u);
}

BOOST_AUTO_TEST_CASE(failures_arrive_in_the_result) {
  db.dict<std::string>("d").set("text", "x");
  auto d = db.async().dict<int>("d");
  const auto code = [](const auto& result) { return result.error().code; };
  BOOST_CHECK(code(d.get("absent").get()) == errc::not_found);
  BOOST_CHECK(code(d.get("text").get()) == errc::type_mismatch);
  BOOST_CHECK(code(d.increment("text").get()) == errc::type_mismatch);
  BOOST_CHECK(code(d.set("", 1).get()) == errc::invalid_argument);
  BOOST_CHECK(code(d.find("").get()) == errc::invalid_argument); // refused before it was sent
  BOOST_CHECK(code(db.async().dict<int>("").set("k", 1).get()) == errc::invalid_argument);
  BOOST_CHECK_EXCEPTION(d.get("absent").get().value(), error, [](const error& e) {
    return e.code() == errc::not_found && std::string{e.what()} == "dict 'd' has no key 'absent'";
  });
}

BOOST_AUTO_TEST_CASE(writes_of_one_thread_on_one_dict_keep_their_order, *in_this_process()) {
  auto d = db.async().dict<int>("d");
  std::vector<future<void>> all;
  for (int i = 0; i < 500; ++i)
    all.push_back(d.set("k", i));
  for (auto& f : all)
    BOOST_REQUIRE(!f.get().has_error());
  BOOST_TEST(db.dict<int>("d").get("k") == 499);
  BOOST_TEST(db.info().largest_group > 1u);
}

BOOST_AUTO_TEST_CASE(a_dropped_future_does_not_cancel_its_call) {
  auto d = db.async().dict<int>("d");
  for (int i = 0; i < 100; ++i)
    static_cast<void>(d.increment("n"));
  db.close();
  database again{home.path(), quick()};
  BOOST_TEST(again.dict<int>("d").get("n") == 100);
}

BOOST_AUTO_TEST_CASE(callbacks_run_in_order_on_one_thread_and_may_call_the_database,
                     *in_this_process()) {
  auto d = db.dict<int>("d");
  auto calls = db.async().dict<int>("d");
  std::promise<void> done;
  std::vector<std::thread::id> threads; // touched by callbacks only, until done
  std::vector<outcome> ends;
  constexpr int n = 50;
  for (int i = 0; i < n; ++i)
    calls.set(std::to_string(i), i).then([&, i](result<void> r) {
      ends.push_back(outcome_of([&] {
        r.value();
        if (d.get(std::to_string(i)) != i)
          throw error(errc::internal, "not there");
        d.increment("sum", i);
        db.transaction([](transaction& tx) { tx.dict<int>("d").increment("transactions"); });
        calls.increment("async").get().value();
      }));
      threads.push_back(std::this_thread::get_id());
      if (threads.size() == n)
        done.set_value();
    });
  done.get_future().wait();
  for (const auto& end : ends)
    BOOST_TEST(!end.failed, end.text);
  BOOST_CHECK(std::all_of(threads.begin(), threads.end(), [&](auto id) {
    return id == threads[0] && id != std::this_thread::get_id();
  }));
  BOOST_TEST(d.get("sum") == n * (n - 1) / 2);
  BOOST_TEST(d.get("transactions") == n);
  BOOST_TEST(d.get("async") == n);
}

BOOST_AUTO_TEST_CASE(a_callback_may_close_the_database) {
  std::promise<outcome> later;
  db.async().dict<int>("d").set("k", 1).then([&](result<void>) {
    db.close();
    later.set_value(outcome_of([&] { (void)db.dict<int>("d").find("k"); }));
  });
  BOOST_TEST(later.get_future().get().is(errc::closed));
}

BOOST_AUTO_TEST_CASE(a_callback_runs_where_its_caller_says) {
  worker mine;
  auto d = db.async().dict<int>("d");
  d.set("k", 7).get().value();
  std::promise<std::pair<std::thread::id, int>> seen;
  d.get("k").then(mine.as_executor(), [&](result<int> r) {
    seen.set_value({std::this_thread::get_id(), r.value() + db.dict<int>("d").get("k")});
  });
  const auto [thread, sum] = seen.get_future().get();
  BOOST_CHECK(thread == mine.id());
  BOOST_TEST(sum == 14);

  auto ready = d.get("absent");
  ready.wait();
  BOOST_TEST(ready.ready());
  std::promise<errc> failed;
  ready.then(mine.as_executor(), [&](result<int> r) { failed.set_value(r.error().code); });
  BOOST_CHECK(failed.get_future().get() == errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_blocking_call_from_an_executor_that_runs_at_once_would_deadlock,
                     *in_this_process()) {
  // Such an executor runs user code inside an actor: the one place where a call can wait for
  // itself.
  const executor at_once = [](std::function<void()> work) { work(); };
  auto d = db.dict<int>("d");
  int in_actors = 0;
  for (int i = 0; i < 200; ++i) {
    std::promise<std::pair<std::thread::id, outcome>> seen;
    const auto look = [&](const auto&) {
      seen.set_value({std::this_thread::get_id(), outcome_of([&] { (void)d.find("k"); })});
    };
    if (i % 2)
      db.async().dict<int>("d").set("k", i).then(at_once, look);
    else
      db.async().dict<int>("d").find("k").then(at_once, look);
    const auto [thread, end] = seen.get_future().get();
    if (thread == std::this_thread::get_id()) { // ready before `then`
      BOOST_TEST(!end.failed);
    } else {
      BOOST_TEST(end.is(errc::would_deadlock));
      ++in_actors;
    }
  }
  BOOST_TEST(in_actors > 0);
  d.set("k", 1);
  BOOST_TEST(d.get("k") == 1);
}

BOOST_AUTO_TEST_CASE(more_calls_than_allowed_are_refused_if_async_and_wait_if_blocking) {
  temp_folder other_folder;
  auto how = quick();
  how.max_in_flight = 5;
  database narrow{other_folder.file(), how};
  narrow.dict<int>("d").set("k", 1);
  std::vector<future<void>> started;
  std::atomic<bool> waiting{false};
  std::atomic<bool> served{false};
  std::atomic<bool> failed{false};
  std::thread reader;
  narrow.transaction([&](transaction&) { // holds the writer, and is a call itself
    auto d = narrow.async().dict<int>("d");
    for (int i = 0; i < 4; ++i)
      started.push_back(d.set(std::to_string(i), i));
    const auto end = outcome_of([&] { static_cast<void>(d.set("one too many", 5)); });
    BOOST_TEST(end.is(errc::busy));
    BOOST_TEST(outcome_of([&] { static_cast<void>(d.find("k")); }).is(errc::busy));
    reader = std::thread{[&] {
      waiting = true;
      failed = outcome_of([&] { (void)narrow.dict<int>("d").get("k"); }).failed;
      served = true;
    }};
    while (!waiting)
      std::this_thread::yield();
    for (int i = 0; i < 1'000; ++i) // time enough for a read that does not wait
      std::this_thread::yield();
    BOOST_TEST(!served);
  });
  reader.join();
  BOOST_TEST(!failed);
  for (auto& f : started)
    BOOST_TEST(!f.get().has_error());
  BOOST_TEST(narrow.dict<int>("d").count() == 5u);
  BOOST_TEST(!narrow.async().dict<int>("d").set("k", 2).get().has_error());

  how.max_in_flight = 1;
  narrow = database{other_folder.file(), how};
  auto d = narrow.dict<int>("d");
  BOOST_TEST(failures_of_threads(8,
                                 [&](int) {
                                   for (int i = 0; i < 200; ++i)
                                     d.increment("n");
                                 })
             == 0);
  BOOST_TEST(d.get("n") == 1'600);
  BOOST_TEST(narrow.info().largest_group == 1u);
}

BOOST_AUTO_TEST_CASE(futures_and_callbacks_outlive_the_database) {
  std::optional<future<std::int64_t>> last;
  int calls = 0;
  {
    temp_folder other_folder;
    database other{other_folder.file(), quick()};
    auto d = other.async().dict<int>("d");
    for (int i = 0; i < 100; ++i)
      d.increment("n").then([&](const auto& r) { calls += r.has_value(); });
    last = d.increment("n");
  } // waits for the calls and runs their callbacks
  BOOST_TEST(calls == 100);
  BOOST_TEST(last->get().value() == 101);
}

BOOST_AUTO_TEST_SUITE_END()
