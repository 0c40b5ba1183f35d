#include "beaver/api/queue.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

struct waiting : open_database {
  using int_queue = queue<int>;
  using got_later = future<std::optional<int_queue::item>>;

  explicit waiting(options how = quick()) : open_database(std::move(how)) {}

  /// A call that waits. Those of one thread stand in line in the order of their start.
  [[nodiscard]] got_later start_get(int_queue::duration timeout = for_ever,
                                    std::stop_token stop = {}) {
    return db.async().queue<int>("q").get(timeout, std::move(stop));
  }

  static int value_of(got_later& g) { return g.get().value()->value; }

  int_queue q = db.queue<int>("q");
};

template <class F>
errc code_of(future<F>& f) {
  const auto end = f.get();
  return end.has_value() ? errc{} : end.error().code;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(waiting_for_items, waiting)

BOOST_AUTO_TEST_CASE(a_get_that_waits_is_given_the_next_item) {
  std::optional<int_queue::item> got;
  std::thread consumer([&] { got = q.get(for_ever); });
  q.put(7, 2);
  consumer.join();
  BOOST_REQUIRE(got);
  BOOST_TEST(got->value == 7);
  BOOST_TEST(got->priority == 2);
  BOOST_TEST(q.count() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_there_is_given_at_once) {
  q.put(1);
  BOOST_TEST(q.get(for_ever)->value == 1);
  BOOST_TEST(q.get(0s).has_value() == false);
  BOOST_TEST(q.get(1ms).has_value() == false);
}

BOOST_AUTO_TEST_CASE(who_waits_longest_is_served_first, *in_order_of_start()) {
  std::vector<got_later> calls;
  for (int i = 0; i < 20; ++i)
    calls.push_back(start_get());
  for (int i = 0; i < 10; ++i)
    q.put(i);
  auto batch = q.batched();
  for (int i = 10; i < 20; ++i)
    batch.put(i);
  batch.commit();
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(value_of(calls[static_cast<std::size_t>(i)]) == i);
}

BOOST_AUTO_TEST_CASE(every_kind_of_write_wakes_who_waits, *in_this_process()) {
  auto by_batch = start_get();
  auto all = db.batched();
  all.queue<int>("q").put(1);
  all.commit();
  BOOST_TEST(value_of(by_batch) == 1);

  auto by_transaction = start_get();
  db.transaction([](transaction& tx) { tx.queue<int>("q").put(2); });
  BOOST_TEST(value_of(by_transaction) == 2);

  auto by_another_opening = start_get();
  database other(folder.file(), quick());
  other.queue<int>("q").put(3);
  BOOST_TEST(value_of(by_another_opening) == 3);

  auto by_a_stranger = start_get(); // who knows nothing of bells
  raw_file raw(folder.file());
  raw.execute("INSERT INTO __beaver_priority_queues__ (queue_name, priority, timestamp, data) "
              "VALUES ('q', 1.0, 2.0, '4')");
  BOOST_TEST(value_of(by_a_stranger) == 4);

  auto by_its_time = start_get();
  q.put(5, 0, 20ms);
  BOOST_TEST(value_of(by_its_time) == 5);

  q.put(6);
  const auto taken = q.take(30ms);
  auto by_the_end_of_a_lease = start_get();
  BOOST_TEST(value_of(by_the_end_of_a_lease) == 6);

  q.put(7);
  const auto kept = q.take();
  auto by_giving_back = start_get();
  BOOST_TEST(q.nack(*kept));
  BOOST_TEST(value_of(by_giving_back) == 7);
}

BOOST_AUTO_TEST_CASE(a_dead_letter_wakes_who_waits_for_dead_letters) {
  q.configure({.max_attempts = 1});
  auto letter = db.async().queue<int>("q.dead").get(for_ever);
  q.put(1);
  BOOST_TEST(q.nack(*q.take()));
  BOOST_TEST(letter.get().value()->value == 1);
}

BOOST_AUTO_TEST_CASE(calls_of_several_kinds_wait_in_one_line, *in_order_of_start()) {
  const auto a = db.async().queue<int>("q");
  auto h = db.async().queue<int>("q");
  auto take = h.take(1min, for_ever);
  auto many = h.get_many(3, for_ever);
  auto get = h.get(for_ever);
  q.put(1);
  q.put_many(std::vector{2, 3, 4, 5, 6});
  const auto taken = take.get().value();
  BOOST_REQUIRE(taken);
  BOOST_TEST(taken->value == 1);
  BOOST_TEST(taken->attempts == 1u);
  const auto three = many.get().value();
  BOOST_REQUIRE(three.size() == 3u);
  BOOST_TEST(three.front().value == 2);
  BOOST_TEST(get.get().value()->value == 5);
  BOOST_TEST(q.ack(*taken));
  BOOST_TEST(q.count() == 1u);
}

BOOST_AUTO_TEST_CASE(when_the_time_is_over_nothing_is_given_and_nothing_is_lost) {
  BOOST_TEST(!q.get(5ms));
  BOOST_TEST(!q.take({}, 5ms));
  BOOST_TEST(q.get_many(3, 5ms).empty());
  q.put(1);
  BOOST_TEST(q.count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_call_does_not_end_with_nothing_before_somebody_has_looked,
                     *in_this_process()) {
  q.put(1);
  auto other = db.async().queue<int>("other").get(20ms);
  BOOST_TEST(!db.queue<int>("other").get()); // somebody has looked for the other one
  std::optional<got_later> short_one;
  db.transaction([&](transaction& tx) { // nobody looks meanwhile
    short_one = start_get(1ms);
    other.wait();
    BOOST_TEST(!short_one->ready());
    tx.queue<int>("q").put(2, -1);
  });
  BOOST_TEST(value_of(*short_one) == 2);
  BOOST_TEST(q.count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_call_that_is_withdrawn_gets_nothing_and_swallows_nothing) {
  std::stop_source stop;
  auto first = start_get(for_ever, stop.get_token());
  auto second = start_get();
  stop.request_stop();
  BOOST_TEST((code_of(first) == errc::cancelled));
  q.put(1);
  BOOST_TEST(value_of(second) == 1);

  std::thread canceller([&] { stop.request_stop(); });
  const auto end = outcome_of([&] { static_cast<void>(q.get(for_ever, stop.get_token())); });
  canceller.join();
  BOOST_TEST(end.is(errc::cancelled));
  auto late = start_get(for_ever, stop.get_token()); // withdrawn before it began
  BOOST_TEST((code_of(late) == errc::cancelled));
  q.put(2);
  BOOST_TEST(q.count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_bad_call_is_refused_and_does_not_wait) {
  BOOST_TEST(outcome_of([&] { static_cast<void>(q.get(-1s)); }).is(errc::invalid_argument));
  BOOST_TEST(
    outcome_of([&] { static_cast<void>(q.take(-1s, for_ever)); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(nobody_waits_inside_a_transaction, *in_this_process()) {
  db.transaction([](transaction& tx) {
    auto inside = tx.queue<int>("q");
    BOOST_TEST(!inside.get());
    BOOST_TEST(outcome_of([&] { static_cast<void>(inside.get(1s)); }).is(errc::not_supported));
    inside.put(1);
    BOOST_TEST(inside.get()->value == 1);
  });
}

BOOST_AUTO_TEST_CASE(closing_answers_everybody_who_waits) {
  std::vector<got_later> calls;
  for (int i = 0; i < 50; ++i)
    calls.push_back(start_get(i % 2 ? for_ever : int_queue::duration{3600}));
  outcome blocked;
  std::thread consumer([&] { blocked = outcome_of([&] { static_cast<void>(q.get(for_ever)); }); });
  db.close();
  consumer.join();
  BOOST_TEST(blocked.is(errc::closed));
  for (auto& call : calls)
    BOOST_TEST((code_of(call) == errc::closed));
}

BOOST_AUTO_TEST_CASE(a_queue_that_somebody_waits_for_survives_many_others) {
  auto call = start_get();
  for (int i = 0; i < 3'000; ++i) // managers that nobody uses are dropped
    db.queue<int>("other" + std::to_string(i)).put(i);
  q.put(1);
  BOOST_TEST(value_of(call) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct few_in_flight : waiting {
  few_in_flight()
    : waiting([] {
        auto how = quick();
        how.max_in_flight = 4;
        return how;
      }()) {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(many_who_wait, few_in_flight)

BOOST_AUTO_TEST_CASE(those_who_wait_do_not_count_as_calls_in_flight) {
  std::vector<got_later> calls;
  for (int i = 0; i < 100; ++i)
    calls.push_back(start_get());
  for (int i = 0; i < 100; ++i)
    q.put(i);
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(value_of(calls[static_cast<std::size_t>(i)]) == i);
}

BOOST_AUTO_TEST_CASE(ten_thousand_with_mixed_times_all_end) {
  constexpr int callers = 10'000;
  constexpr int items = 1'000;
  std::vector<got_later> calls;
  for (int i = 0; i < callers; ++i)
    calls.push_back(start_get(std::chrono::milliseconds{100 + i % 400}));
  auto batch = q.batched();
  for (int i = 0; i < items; ++i)
    batch.put(i);
  batch.commit();
  int given = 0;
  std::vector<bool> seen(items);
  for (auto& call : calls)
    if (const auto item = call.get().value()) {
      ++given;
      seen[static_cast<std::size_t>(item->value)] = true;
    }
  BOOST_TEST(given + static_cast<int>(q.count()) == items);
  BOOST_TEST(std::count(seen.begin(), seen.end(), true) == given);
}

BOOST_AUTO_TEST_SUITE_END()
