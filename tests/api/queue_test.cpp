#include "beaver/api/queue.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <set>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

using ints = std::vector<int>;
constexpr double infinite = std::numeric_limits<double>::infinity();

struct queue_fixture {
  /// All values in order, which stay.
  [[nodiscard]] ints all(queue_view view = queue_view::ready) const {
    ints values;
    for (const auto& each : q.items(view))
      values.push_back(each.value);
    return values;
  }
  [[nodiscard]] std::int64_t rows_of_python() const {
    return raw_file{folder.file()}.integer("SELECT count(*) FROM __beaver_priority_queues__");
  }

  test_clock clock;
  options how = with_clock(clock);
  open_database opened{how};
  temp_folder& folder = opened.folder;
  database& db = opened.db;
  queue<int> q = db.queue<int>("q");
};

template <class Items>
ints values_of(const Items& items) {
  ints values;
  for (const auto& each : items)
    values.push_back(each.value);
  return values;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(queues, queue_fixture)

BOOST_AUTO_TEST_CASE(items_come_out_by_priority_and_then_in_the_order_of_their_puts) {
  q.put(3, 5);
  q.put(1, -1.5);
  q.put(4, 5);
  q.put_many(ints{2, 20});
  auto here = opened.home.queue<int>("q"); // JSON has no such numbers
  here.put(0, -infinite);
  here.put(9, infinite);
  BOOST_TEST((all() == ints{0, 1, 2, 20, 3, 4, 9}));
  BOOST_TEST(q.peek()->value == 0);
  BOOST_TEST(q.count() == 7u);
  const auto first = q.get();
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->value == 0);
  BOOST_TEST(first->priority == -infinite);
  BOOST_TEST(first->timestamp >= clock.now());
  BOOST_TEST((values_of(q.get_many(4)) == ints{1, 2, 20, 3}));
  BOOST_TEST((values_of(q.get_many(100)) == ints{4, 9}));
  BOOST_TEST(!q.get());
  BOOST_TEST(!q.peek());
  BOOST_TEST(q.get_many(1).empty());
  BOOST_TEST(db.queues().empty());
}

BOOST_AUTO_TEST_CASE(a_delayed_item_comes_when_it_is_due_and_to_its_place) {
  q.put(1, 0, 10s);
  q.put(2);
  BOOST_TEST(q.counts().delayed == 1u);
  BOOST_TEST((all(queue_view::held) == ints{1}));
  BOOST_TEST(q.peek()->value == 2);
  BOOST_TEST(rows_of_python() == 1);
  clock.advance(10);
  BOOST_TEST((all() == ints{1, 2}));
  BOOST_TEST(q.count() == 2u);
  BOOST_TEST(q.get()->value == 1);
}

BOOST_AUTO_TEST_CASE(what_is_taken_is_away_until_it_is_acknowledged) {
  q.put_many(ints{1, 2});
  const auto one = q.take(60s);
  BOOST_REQUIRE(one.has_value());
  BOOST_TEST(one->value == 1);
  BOOST_TEST(one->attempts == 1u);
  BOOST_TEST(one->leased_until == clock.now() + 60);
  BOOST_TEST(one->receipt.size() == 32u);
  BOOST_TEST((all() == ints{2}));
  BOOST_TEST(rows_of_python() == 1);
  BOOST_TEST(!db.queue("other").ack(one->receipt)); // of another queue
  BOOST_TEST(q.ack(*one));
  BOOST_TEST(!q.ack(*one));
  BOOST_TEST((all(queue_view::all) == ints{2}));
}

BOOST_AUTO_TEST_CASE(what_is_not_acknowledged_comes_back_to_its_place) {
  q.put_many(ints{1, 2, 3});
  const auto one = q.take();
  const auto two = q.take(10s);
  BOOST_TEST(one->leased_until == clock.now() + 30); // the default
  BOOST_TEST(q.nack(*one));
  BOOST_TEST(!q.nack(*one));
  BOOST_TEST((all() == ints{1, 3}));
  clock.advance(10);
  BOOST_TEST((all() == ints{1, 2, 3}));
  BOOST_TEST(!q.ack(two->receipt));
  const auto again = q.take_many(2, 5s);
  BOOST_TEST((values_of(again) == ints{1, 2}));
  BOOST_TEST(again[0].attempts == 2u);
  BOOST_TEST(again[0].receipt != again[1].receipt);
  BOOST_TEST(q.extend(again[0], 100s));
  BOOST_TEST(q.nack(again[1], 20s));
  clock.advance(19);
  BOOST_TEST((all() == ints{3}));
  clock.advance(1);
  BOOST_TEST((all() == ints{2, 3}));
  BOOST_TEST(q.ack(again[0]));
}

BOOST_AUTO_TEST_CASE(many_receipts_differ) {
  q.put_many(std::vector<int>(1'000));
  std::set<std::string> receipts;
  for (const auto& each : q.take_many(std::numeric_limits<std::uint64_t>::max()))
    receipts.insert(each.receipt);
  BOOST_TEST(receipts.size() == 1'000u);
  BOOST_TEST(q.counts().leased == 1'000u);
}

BOOST_AUTO_TEST_CASE(after_its_last_attempt_an_item_is_a_dead_letter_that_can_be_sent_again) {
  q.configure({.max_attempts = 2, .visibility_seconds = 5});
  q.put_many(ints{1, 2});
  for (int attempt = 0; attempt < 2; ++attempt) {
    BOOST_TEST(q.take()->value == 1);
    clock.advance(5);
  }
  BOOST_TEST((values_of(q.get_many(9)) == ints{2}));
  const auto counts = q.counts();
  BOOST_TEST(counts.ready == 0u);
  BOOST_TEST(counts.dead == 1u);
  auto dead = db.queue<int>("q.dead");
  for (const auto& letter : dead) {
    BOOST_TEST(letter.value == 1);
    BOOST_TEST((letter.source == "q"));
  }
  BOOST_TEST(db.queues() == std::vector<std::string>{"q.dead"}, boost::test_tools::per_element());
  BOOST_TEST(q.redrive(0) == 0u);
  BOOST_TEST(q.redrive() == 1u);
  BOOST_TEST(q.take()->attempts == 1u);
  BOOST_TEST(dead.count() == 0u);
}

BOOST_AUTO_TEST_CASE(options_stay_in_the_file_and_others_are_refused) {
  BOOST_TEST(!q.options().max_attempts.has_value());
  auto limited = db.queue<int>("q", {.max_attempts = 3, .dead_letter = "graveyard"});
  BOOST_TEST((limited.options().max_attempts == 3u));
  BOOST_TEST((limited.options().dead_letter == "graveyard"));
  db.close();
  database again{folder.file(), how};
  (void)again.queue("q", {.max_attempts = 3, .dead_letter = "graveyard"});
  const auto end = outcome_of([&] { (void)again.queue("q", {.max_attempts = 4}); });
  BOOST_TEST(end.is(errc::already_exists));
  BOOST_TEST(end.says(R"('q' has the options {"max_attempts": 3, "dead_letter": "graveyard"})"));
  BOOST_TEST(end.says(R"(not {"max_attempts": 4})"));
  BOOST_TEST(outcome_of([&] { (void)again.queue("q", {}); }).is(errc::already_exists));
  again.queue("q").configure({.max_attempts = 4});
  (void)again.queue("q", {.max_attempts = 4});
  BOOST_TEST(!again.queue("q").options().dead_letter.has_value());
}

BOOST_AUTO_TEST_CASE(a_loop_fetches_page_after_page_and_can_be_begun_again) {
  ints expected(1'000);
  for (int i = 0; i < 1'000; ++i)
    expected[static_cast<std::size_t>(i)] = i;
  q.put_many(expected);
  const auto reads = db.info().reads;
  const auto items = q.items();
  BOOST_TEST((values_of(items) == expected));
  BOOST_TEST((values_of(items) == expected));
  BOOST_TEST(db.info().reads - reads < 20u); // pages, not items
  for (const auto& each : q.take_many(300))
    BOOST_REQUIRE(each.value < 300);
  BOOST_TEST(all(queue_view::held).size() == 300u);
  BOOST_TEST((all(queue_view::all) == expected));
  BOOST_TEST(all().size() == 700u);
}

BOOST_AUTO_TEST_CASE(info_tells_numbers_bytes_and_age) {
  clock.advance(0.5);
  q.put(10);
  clock.advance(1);
  q.put(200, 0, 9s);
  const auto told = q.info();
  BOOST_TEST(told.items.ready == 1u);
  BOOST_TEST(told.items.delayed == 1u);
  BOOST_TEST(told.bytes == 5u);
  BOOST_TEST((told.oldest == clock.now() - 1));
  q.clear();
  BOOST_TEST(q.info().bytes == 0u);
}

BOOST_AUTO_TEST_CASE(clear_makes_receipts_void_and_leaves_options) {
  q.configure({.max_attempts = 7});
  q.put_many(ints{1, 2, 3});
  const auto one = q.take();
  q.put(4, 0, 60s);
  q.clear();
  BOOST_TEST(!q.ack(*one));
  BOOST_TEST(all(queue_view::all).empty());
  BOOST_TEST((q.options().max_attempts == 7u));
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused_by_name_and_change_nothing) {
  auto j = db.queue("j");
  const auto refused = [](const outcome& end, const std::string& text) {
    BOOST_TEST(end.is(errc::invalid_argument));
    BOOST_TEST(end.says(text), end.text);
  };
  const json_text one{"1"};
  refused(outcome_of([&] { j.put(json_text{"[1"}); }), "data is not JSON");
  refused(outcome_of([&] {
            j.put_many(std::vector{one, json_text{"nan"}});
          }),
          "items[1].data is not JSON");
  refused(outcome_of([&] { j.put(one, std::nan("")); }), "priority must be a number; NaN");
  refused(outcome_of([&] { j.put(one, 0, -1s); }), "delay must be a number >= 0");
  refused(outcome_of([&] { j.put_many(std::vector{one}, std::nan("")); }), "items[0].priority");
  refused(outcome_of([&] { j.put(one, 0, std::chrono::duration<double>{std::nan("")}); }),
          "delay must be a number");
  refused(outcome_of([&] { (void)j.get(-1s); }), "timeout must be a number >= 0");
  refused(outcome_of([&] { (void)j.take(0s); }), "visibility must be a number > 0");
  refused(outcome_of([&] { (void)j.extend("r", 0s); }), "visibility must be a number > 0");
  refused(outcome_of([&] { (void)j.nack("r", -1s); }), "delay must be a number >= 0");
  refused(outcome_of([&] { j.configure({.max_attempts = 0}); }), "max_attempts");
  refused(outcome_of([&] { j.configure({.visibility_seconds = -1}); }), "visibility_seconds");
  refused(outcome_of([&] { j.configure({.dead_letter = ""}); }), "name of the dead-letter queue");
  refused(outcome_of([&] { j.configure({.dead_letter = "j"}); }), "its own dead-letter queue");
  refused(outcome_of([&] { db.queue("").put(one); }), "name of the queue");
  BOOST_TEST(j.count() == 0u);
  BOOST_TEST(db.queues().empty());
}

BOOST_AUTO_TEST_CASE(a_value_that_does_not_fit_comes_back_if_it_was_taken) {
  db.queue<std::string>("q").put("text");
  BOOST_TEST(outcome_of([&] { (void)q.peek(); }).is(errc::type_mismatch));
  BOOST_TEST(outcome_of([&] { (void)q.take(5s); }).is(errc::type_mismatch));
  clock.advance(5);
  BOOST_TEST(db.queue<std::string>("q").get()->value == "text");
}

BOOST_AUTO_TEST_CASE(transactions_batches_snapshots_and_futures_have_queues, *in_this_process()) {
  q.put(1);
  const auto before = db.snapshot();
  db.transaction([&](beaver::transaction& tx) {
    auto inside = tx.queue<int>("q");
    const auto one = inside.take();
    inside.put(one->value + 1);
    inside.ack(*one);
    BOOST_TEST(inside.get()->value == 2);
    inside.put(3);
    BOOST_TEST(!tx.queue<int>("empty").get());
  });
  BOOST_TEST((all() == ints{3}));
  const auto undone = outcome_of([&] {
    db.transaction([&](beaver::transaction& tx) {
      BOOST_TEST(tx.queue<int>("q").get()->value == 3);
      throw error(errc::cancelled, "undone");
    });
  });
  BOOST_TEST(undone.is(errc::cancelled));
  const auto three = q.take();
  auto many = q.batched();
  many.ack(*three);
  many.put(5, 2);
  many.put_many(ints{4}, 1);
  BOOST_TEST(many.size() == 3u);
  BOOST_TEST(q.count() == 0u);
  many.commit();
  BOOST_TEST((all() == ints{4, 5}));
  BOOST_TEST((before.queue<int>("q").peek()->value == 1));
  BOOST_TEST(outcome_of([&] { (void)before.queue<int>("q").get(); }).is(errc::read_only));
  auto later = db.async().queue<int>("q");
  later.put(6, 3).get().value();
  BOOST_TEST((later.get().get().value()->value == 4));
  BOOST_TEST((values_of(later.take_many(2).get().value()) == ints{5, 6}));
}

BOOST_AUTO_TEST_CASE(a_sweep_moves_what_is_due_for_programs_that_cannot) {
  q.configure({.max_attempts = 1});
  q.put(1, 0, 10s);
  q.put(2);
  (void)q.take(10s);
  raw_file raw{folder.file()};
  raw.execute("INSERT INTO __beaver_lock_waiters__ VALUES ('l', 'w', 1, 2), "
              "('__internal_lock__queue__q__put', 'w', 1, 2)");
  BOOST_TEST(db.sweep().lock_waiters == 1u);
  BOOST_TEST(rows_of_python() == 0);
  clock.advance(10);
  const auto swept = db.sweep();
  BOOST_TEST(swept.queue_items == 2u);
  BOOST_TEST(swept.lock_waiters == 0u);
  BOOST_TEST(rows_of_python() == 2);
  BOOST_TEST(q.get()->value == 1);
  BOOST_TEST(db.queue<int>("q.dead").get()->value == 2);
}

BOOST_AUTO_TEST_CASE(a_sweep_in_the_background_moves_what_is_due) {
  db.close();
  how.sweep_period = 1ms;
  database again{folder.file(), how};
  again.queue<int>("q").put(1, 0, 10s);
  clock.advance(10);
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  while (rows_of_python() != 1 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  BOOST_TEST(rows_of_python() == 1);
}

BOOST_AUTO_TEST_CASE(many_threads_get_each_item_once_and_those_of_one_thread_in_order) {
  constexpr int threads = 4;
  constexpr int each = 300;
  std::vector<ints> got(threads);
  std::atomic<int> left{threads * each};
  BOOST_TEST(failures_of_threads(2 * threads,
                                 [&](int thread) {
                                   auto mine = q;
                                   if (thread < threads) {
                                     for (int i = 0; i < each; ++i)
                                       mine.put(thread * 1'000 + i);
                                     return;
                                   }
                                   auto& here = got[static_cast<std::size_t>(thread - threads)];
                                   while (left > 0) {
                                     if (thread % 2) {
                                       if (const auto item = mine.get())
                                         here.push_back(item->value), --left;
                                     } else if (const auto item = mine.take()) {
                                       if (!mine.ack(*item))
                                         throw std::logic_error("a lease was lost");
                                       here.push_back(item->value), --left;
                                     }
                                   }
                                 })
             == 0);
  ints seen;
  for (const auto& here : got) {
    seen.insert(seen.end(), here.begin(), here.end());
    for (int thread = 0; thread < threads; ++thread) {
      ints own;
      std::copy_if(here.begin(), here.end(), std::back_inserter(own),
                   [thread](int value) { return value / 1'000 == thread; });
      BOOST_TEST(std::is_sorted(own.begin(), own.end()));
    }
  }
  std::sort(seen.begin(), seen.end());
  BOOST_TEST(seen.size() == std::size_t{threads} * each);
  BOOST_TEST((std::adjacent_find(seen.begin(), seen.end()) == seen.end()));
}

BOOST_AUTO_TEST_SUITE_END()
