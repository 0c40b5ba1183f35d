#include "channel_fixture.hpp"
#include "support/failure.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <future>
#include <thread>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(channels, channel_fixture)

BOOST_AUTO_TEST_CASE(a_subscriber_gets_what_is_published_after_it) {
  c.publish(1);
  auto s = c.subscribe();
  const auto receipt = c.publish(2);
  c.publish(3);
  const auto m = s.next();
  BOOST_REQUIRE(m);
  BOOST_TEST(m->channel == "c");
  BOOST_TEST(m->payload == 2);
  BOOST_TEST(m->sequence == receipt.sequence);
  BOOST_TEST(m->timestamp == receipt.timestamp);
  BOOST_TEST(m->missed == 0u);
  BOOST_TEST(s.next()->payload == 3);
  BOOST_TEST(!s.next(0s));
}

BOOST_AUTO_TEST_CASE(a_subscriber_waits_for_the_next_message) {
  auto s = c.subscribe();
  std::jthread other{[&] { c.publish(1); }};
  BOOST_TEST(s.next()->payload == 1);
}

BOOST_AUTO_TEST_CASE(a_subscription_begins_where_it_is_told_to) {
  const auto first = c.publish(1);
  clock.advance(100);
  publish(2, 3);
  auto all = c.subscribe({.from_beginning = true});
  auto behind = c.subscribe({.after = first.sequence});
  auto later = c.subscribe({.since = start_of_clock + 50});
  auto far = c.subscribe({.since = start_of_clock + 200});
  publish(4, 4);
  BOOST_TEST(next_of(all, 4) == (ints{1, 2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(next_of(behind, 3) == (ints{2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(next_of(later, 3) == (ints{2, 3, 4}), boost::test_tools::per_element());
  clock.advance(200);
  publish(5, 5);
  BOOST_TEST(next_of(far, 1) == ints{5}, boost::test_tools::per_element());
  const auto refused = [&](const subscribe_options& how) {
    return outcome_of([&] { static_cast<void>(c.subscribe(how)); });
  };
  const auto two_starts = refused({.from_beginning = true, .since = 1.0});
  BOOST_TEST(two_starts.is(errc::invalid_argument));
  BOOST_TEST(two_starts.says("only one of"));
  BOOST_TEST(refused({.capacity = 0u}).says("capacity"));
  BOOST_TEST(refused({.since = std::nan("")}).says("since"));
}

BOOST_AUTO_TEST_CASE(many_messages_of_before_come_without_a_gap_into_a_small_buffer) {
  std::vector<int> many(5'000);
  for (int i = 0; i < 5'000; ++i)
    many[i] = i;
  c.publish_many(many);
  auto s = c.subscribe({.from_beginning = true, .capacity = 8});
  std::jthread other{[&] { publish(5'000, 5'199); }};
  for (int i = 0; i < 5'200; ++i) {
    const auto m = s.next();
    BOOST_REQUIRE(m);
    BOOST_REQUIRE_EQUAL(m->payload, i);
    BOOST_REQUIRE_EQUAL(m->missed, 0u);
  }
}

BOOST_AUTO_TEST_CASE(who_falls_behind_reads_the_rest_from_the_file) {
  auto s = c.subscribe({.capacity = 4});
  publish(1, 1'000);
  const auto got = next_of(s, 1'000);
  for (int i = 0; i < 1'000; ++i)
    BOOST_REQUIRE_EQUAL(got[i], i + 1);
  publish(1'001, 1'001);
  BOOST_TEST(s.next()->payload == 1'001);
}

// Over a network a client has a buffer of its own, and takes when it comes to it.
BOOST_AUTO_TEST_CASE(policies_drop_and_count_or_disconnect, *in_this_process()) {
  auto oldest = c.subscribe({.capacity = 2, .overflow = overflow_policy::drop_oldest});
  auto newest = c.subscribe({.capacity = 2, .overflow = overflow_policy::drop_newest});
  auto strict = c.subscribe({.capacity = 2, .overflow = overflow_policy::disconnect});
  auto complete = c.subscribe({.capacity = 2});
  auto roomy = c.subscribe(); // which is served last
  publish(1, 5);
  BOOST_TEST(next_of(roomy, 5) == (ints{1, 2, 3, 4, 5}), boost::test_tools::per_element());
  BOOST_TEST(next_of(complete, 5) == (ints{1, 2, 3, 4, 5}), boost::test_tools::per_element());
  const auto m = oldest.next();
  BOOST_TEST(m->payload == 4);
  BOOST_TEST(m->missed == 3u);
  BOOST_TEST(next_of(newest, 2) == (ints{1, 2}), boost::test_tools::per_element());
  publish(6, 6);
  const auto after_gap = newest.next();
  BOOST_TEST(after_gap->payload == 6);
  BOOST_TEST(after_gap->missed == 3u);
  BOOST_TEST(next_of(strict, 2) == (ints{1, 2}), boost::test_tools::per_element());
  const auto end = outcome_of([&] { strict.next(); });
  BOOST_TEST(end.is(errc::busy));
  BOOST_TEST(end.says("2 items behind"));
}

BOOST_AUTO_TEST_CASE(a_range_loop_ends_when_the_subscription_is_closed) {
  auto s = c.subscribe({.from_beginning = true});
  publish(1, 3);
  ints got;
  for (const auto& m : s) {
    got.push_back(m.payload);
    if (m.payload == 3)
      s.close();
  }
  BOOST_TEST(got == (ints{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(outcome_of([&] { s.next(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(closing_the_database_ends_all_who_wait) {
  auto waiting = std::async(
    std::launch::async, [s = c.subscribe()]() mutable { return outcome_of([&] { s.next(); }); });
  auto looping =
    std::async(std::launch::async,
               [s = c.subscribe({.from_beginning = true})]() mutable { return payloads_of(s); });
  auto left = c.subscribe();
  db.close();
  BOOST_TEST(waiting.get().is(errc::closed));
  BOOST_TEST(looping.get().empty());
  BOOST_TEST(outcome_of([&] { left.next(); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { static_cast<void>(c.subscribe()); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(a_subscription_may_outlive_its_database) {
  std::optional<subscription<channel_message_of<int>>> s;
  std::optional<listener> l;
  std::promise<failure> why;
  {
    open_database other;
    auto published = other.db.channel<int>("c");
    s.emplace(published.subscribe());
    l.emplace(published.subscribe([](const channel_message_of<int>&) {}, {},
                                  [&](const failure& f) { why.set_value(f); }));
    published.publish(1);
    BOOST_TEST(s->next()->payload == 1);
  }
  BOOST_TEST((why.get_future().get().code == errc::closed));
  BOOST_TEST(outcome_of([&] { static_cast<void>(s->next()); }).is(errc::closed));
  s.reset(); // the file and its folder have gone
  l->stop();
}

BOOST_AUTO_TEST_CASE(a_stop_request_ends_a_wait) {
  auto s = c.subscribe();
  std::stop_source stop;
  std::jthread other{[&] { stop.request_stop(); }};
  BOOST_TEST(!s.next(for_ever, stop.get_token()));
  c.publish(1);
  BOOST_TEST(s.next()->payload == 1);
}

BOOST_AUTO_TEST_CASE(several_come_at_once) {
  auto s = c.subscribe();
  publish(1, 3);
  ints got;
  while (got.size() < 3)
    for (const auto& m : s.next_many(10))
      got.push_back(m.payload);
  BOOST_TEST(got == (ints{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(s.next_many(10, 0s).empty());
}

BOOST_AUTO_TEST_CASE(a_cursor_goes_on_where_it_was_committed) {
  publish(1, 2);
  {
    auto s = c.subscribe({.from_beginning = true, .cursor = "worker"});
    auto m = s.next();
    BOOST_TEST(m->payload == 1);
    s.commit(*m);
    BOOST_TEST(s.next()->payload == 2); // not committed
  }
  {
    auto s = c.subscribe({.from_beginning = true, .cursor = "worker"});
    BOOST_TEST(s.next()->payload == 2);
  }
  BOOST_TEST(*c.cursor("worker") == 1u);
  {
    auto fresh = c.subscribe({.cursor = "fresh"}); // from here on, also after a restart
  }
  publish(3, 3);
  BOOST_TEST(c.subscribe({.cursor = "fresh"}).next()->payload == 3);
  BOOST_TEST(c.cursors().size() == 2u);
  BOOST_TEST(c.erase_cursor("fresh"));
  BOOST_TEST(!c.cursor("fresh"));
  auto none = c.subscribe();
  BOOST_TEST(outcome_of([&] { none.commit({"c", 1, 1.0, 1}); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_commit_within_a_transaction_moves_with_its_writes, *in_this_process()) {
  publish(1, 2);
  auto s = c.subscribe({.from_beginning = true, .cursor = "sum"});
  const auto work = [&](bool fail) {
    const auto m = *s.next();
    db.transaction([&](transaction& tx) {
      tx.dict<int>("state").increment("sum", m.payload);
      tx.channel<int>("c").set_cursor("sum", m);
      if (fail)
        throw std::runtime_error("no");
    });
  };
  work(false);
  BOOST_CHECK_THROW(work(true), std::runtime_error);
  BOOST_TEST(db.dict<int>("state").get("sum") == 1);
  BOOST_TEST(*c.cursor("sum") == 1u);
}

BOOST_AUTO_TEST_CASE(patterns_follow_many_channels_in_the_order_of_their_commits) {
  auto s = db.channel_pattern<int>("news.*").subscribe();
  auto everything = db.channel_pattern<int>("*").subscribe({.from_beginning = true});
  db.channel<int>("news.a").publish(1);
  c.publish(2);
  db.channel<int>("news.b").publish(3);
  BOOST_TEST(s.next()->channel == "news.a");
  BOOST_TEST(s.next()->channel == "news.b");
  BOOST_TEST(next_of(everything, 3) == (ints{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(db.channel_pattern("*").subscribe({.cursor = "x"}));
             }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(ephemeral_messages_are_not_stored) {
  auto s = c.subscribe();
  auto by_pattern = db.channel_pattern<int>("?").subscribe();
  auto other = db.channel_pattern<int>("other.*").subscribe();
  c.publish_ephemeral(7);
  const auto m = s.next();
  BOOST_TEST(m->payload == 7);
  BOOST_TEST(m->sequence == 0u);
  BOOST_TEST(by_pattern.next()->payload == 7);
  BOOST_TEST(!other.next(0s));
  BOOST_TEST(c.count() == 0u);
  BOOST_TEST(outcome_of([&] {
               db.transaction([](transaction& tx) { tx.channel<int>("c").publish_ephemeral(1); });
             }).is(errc::not_supported));
}

BOOST_AUTO_TEST_CASE(an_ephemeral_message_without_room_is_counted, *in_this_process()) {
  auto s = c.subscribe({.capacity = 1});
  c.publish_ephemeral(1);
  c.publish_ephemeral(2);
  BOOST_TEST(s.next()->payload == 1);
  c.publish(3);
  const auto m = s.next();
  BOOST_TEST(m->payload == 3);
  BOOST_TEST(m->missed == 1u);
}

BOOST_AUTO_TEST_CASE(a_message_of_another_type_is_passed_over) {
  auto s = c.subscribe();
  db.channel<std::string>("c").publish("word");
  c.publish(2);
  BOOST_TEST(outcome_of([&] { s.next(); }).is(errc::type_mismatch));
  BOOST_TEST(s.next()->payload == 2);
}

BOOST_AUTO_TEST_CASE(messages_of_other_programs_arrive) {
  auto s = c.subscribe();
  raw_file other{opened.folder.file()};
  other.execute("INSERT INTO __beaver_pubsub_log__ VALUES (1000000.5, 'c', '42')");
  const auto m = s.next();
  BOOST_TEST(m->payload == 42);
  BOOST_TEST(m->timestamp == 1000000.5);
  other.execute("DELETE FROM __beaver_pubsub_log__");
  c.publish(43);
  BOOST_TEST(s.next()->payload == 43);
}

BOOST_AUTO_TEST_CASE(batches_and_transactions_publish_with_their_commit, *in_this_process()) {
  auto s = c.subscribe();
  db.transaction([&](transaction& tx) {
    tx.channel<int>("c").publish(1);
    tx.channel<int>("c").publish(2);
    BOOST_TEST(!s.next(0s));
  });
  BOOST_CHECK_THROW(db.transaction([&](transaction& tx) {
    tx.channel<int>("c").publish(99);
    throw std::runtime_error("no");
  }),
                    std::runtime_error);
  auto b = db.batched();
  b.channel<int>("c").publish(3);
  b.channel<int>("c").publish(4);
  b.commit();
  auto own = c.batched();
  own.publish(5);
  own.commit();
  BOOST_TEST(next_of(s, 5) == (ints{1, 2, 3, 4, 5}), boost::test_tools::per_element());
  BOOST_TEST(outcome_of([&] {
               db.transaction(
                 [](transaction& tx) { static_cast<void>(tx.channel("c").subscribe()); });
             }).is(errc::not_supported));
}

BOOST_AUTO_TEST_CASE(what_is_kept_can_be_listed_counted_and_cleared) {
  for (int i = 1; i <= 5; ++i) {
    c.publish(i);
    clock.advance(1);
  }
  BOOST_TEST(payloads_of(c.history(2)) == (ints{4, 5}), boost::test_tools::per_element());
  BOOST_TEST(payloads_of(c.history(10, start_of_clock + 3)) == (ints{4, 5}),
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(c.messages()) == (ints{1, 2, 3, 4, 5}), boost::test_tools::per_element());
  BOOST_TEST(payloads_of(c.messages({.after = 2, .limit = 2})) == (ints{3, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(c.count() == 5u);
  BOOST_TEST(db.channels() == std::vector<std::string>{"c"}, boost::test_tools::per_element());
  BOOST_TEST(c.info().messages == 5u);
  c.clear();
  BOOST_TEST(c.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_sweep_removes_what_no_rule_keeps) {
  publish(1, 10);
  c.retain({.max_count = 4});
  BOOST_TEST(*c.retention().max_count == 4u);
  BOOST_TEST(db.sweep().channel_messages == 6u);
  clock.advance(60);
  publish(11, 11);
  c.retain({.max_age_seconds = 30});
  BOOST_TEST(db.sweep().channel_messages == 4u);
  BOOST_TEST(payloads_of(c.messages()) == ints{11}, boost::test_tools::per_element());
  BOOST_TEST(outcome_of([&] { c.retain({.max_age_seconds = -1}); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused) {
  BOOST_TEST(
    outcome_of([&] { db.channel("").publish(json_text{"1"}); }).is(errc::invalid_argument));
  BOOST_TEST(
    outcome_of([&] { db.channel("c").publish(json_text{"{"}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { c.publish_many(ints{}); }).is(errc::invalid_argument));
  BOOST_TEST(
    outcome_of([&] { static_cast<void>(db.channel("").subscribe()); }).is(errc::invalid_argument));
  BOOST_TEST(c.count() == 0u);
}

BOOST_AUTO_TEST_CASE(subscribers_of_a_database_in_memory_are_served_as_well) {
  database memory{":memory:"};
  auto here = memory.channel<int>("c");
  auto s = here.subscribe();
  here.publish(1);
  BOOST_TEST(s.next()->payload == 1);
}

BOOST_AUTO_TEST_SUITE_END()
