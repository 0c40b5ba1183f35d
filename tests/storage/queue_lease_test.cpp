#include "beaver/storage/queue_lease.hpp"

#include "queue_fixture.hpp"
#include "support/failure.hpp"

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(queue_lease_suite, queue_fixture)

BOOST_AUTO_TEST_CASE(a_later_put_stays_behind_an_item_that_is_away_and_comes_back) {
  put(1, "1");
  take("r");
  put(1, "2");
  put(1, "3", now + 5);
  put(1, "4", {}, now - 1);
  BOOST_TEST(queue_table::nack(c(), "q", "r", {}, now)->ready == 1u);
  BOOST_TEST((rest(now + 5) == texts{"1", "2", "3", "4"}));
}

BOOST_AUTO_TEST_CASE(a_taken_item_is_nobody_elses_until_its_lease_ends) {
  put(1, "1");
  const auto taken = take("r", now + 30);
  BOOST_TEST((taken.data.text() == "1" && taken.receipt == "r"));
  BOOST_TEST((taken.attempts == 1u && taken.leased_until == now + 30));
  BOOST_TEST((taken.priority == 1 && taken.timestamp == now));
  BOOST_TEST(get(now + 29) == "none");
  BOOST_TEST(get_like_python() == "none");
  BOOST_TEST(queue_table::take(c(), "q", std::vector<std::string>{"s"}, {}, now + 29).empty());
  BOOST_TEST(counts(now + 29) == "0 ready, 0 delayed, 1 leased, 0 dead");
  BOOST_TEST(counts(now + 30) == "1 ready, 0 delayed, 0 leased, 0 dead");
  BOOST_TEST(take("s", now + 60, now + 30).attempts == 2u);
}

BOOST_AUTO_TEST_CASE(an_acknowledged_item_is_gone) {
  put(1, "1");
  take("r");
  BOOST_TEST(!queue_table::ack(c(), "q", "s", now));
  BOOST_TEST(!queue_table::ack(c(), "other", "r", now));
  BOOST_TEST(queue_table::ack(c(), "q", "r", now + 29));
  BOOST_TEST(!queue_table::ack(c(), "q", "r", now + 29));
  BOOST_TEST(counts(now + 100) == "0 ready, 0 delayed, 0 leased, 0 dead");
}

BOOST_AUTO_TEST_CASE(a_lease_that_is_over_is_over_even_if_nobody_has_settled) {
  put(1, "1");
  take("r", now + 1);
  BOOST_TEST(!queue_table::ack(c(), "q", "r", now + 1));
  BOOST_TEST(!queue_table::extend(c(), "q", "r", now + 9, now + 1));
  BOOST_TEST(!queue_table::nack(c(), "q", "r", {}, now + 1));
  BOOST_TEST(get(now + 1) == "1");
}

BOOST_AUTO_TEST_CASE(an_item_given_back_takes_its_old_place_and_its_attempts_are_remembered) {
  put(1, "1");
  put(1, "2");
  take("r");
  const auto back = queue_table::nack(c(), "q", "r", {}, now);
  BOOST_REQUIRE(back);
  BOOST_TEST((back->ready == 1u && back->dead == 0u && back->dead_letter.empty()));
  const auto entries = queue_table::list(c(), "q", queue_view::ready, {}, 10, now);
  BOOST_REQUIRE(entries.size() == 2u);
  BOOST_TEST((entries[0].attempts == 1u && entries[1].attempts == 0u));
  const auto again = take("s");
  BOOST_TEST((again.data.text() == "1" && again.attempts == 2u));
  BOOST_TEST(notes() == 0);
  BOOST_TEST(take("t").attempts == 1u);
}

BOOST_AUTO_TEST_CASE(an_item_given_back_with_a_delay_waits_for_it) {
  put(1, "1");
  take("r");
  const auto back = queue_table::nack(c(), "q", "r", now + 5, now);
  BOOST_REQUIRE(back);
  BOOST_TEST((back->ready == 0u && back->dead == 0u));
  BOOST_TEST(counts() == "0 ready, 1 delayed, 0 leased, 0 dead");
  BOOST_TEST(!queue_table::ack(c(), "q", "r", now));
  BOOST_TEST(take("s", now + 9, now + 5).attempts == 2u);
}

BOOST_AUTO_TEST_CASE(a_lease_can_be_made_longer_and_shorter) {
  put(1, "1");
  take("r", now + 10);
  BOOST_TEST(queue_table::extend(c(), "q", "r", now + 100, now + 9));
  BOOST_TEST(get(now + 99) == "none");
  BOOST_TEST(queue_table::extend(c(), "q", "r", now + 20, now + 10));
  BOOST_TEST(!queue_table::extend(c(), "q", "s", now + 20, now + 10));
  const auto wrong = outcome_of([&] { queue_table::extend(c(), "q", "r", now, now); });
  BOOST_TEST(wrong.is(errc::invalid_argument));
  BOOST_TEST(get(now + 20) == "1");
}

BOOST_AUTO_TEST_CASE(a_receipt_in_use_and_a_lease_without_length_are_refused) {
  for (const char* data : {"1", "2", "3"})
    put(1, data);
  write([&] { take("r"); });
  const auto taking = [&](texts receipts, unix_seconds until) {
    return outcome_of([&] { write([&] { queue_table::take(c(), "q", receipts, until, now); }); });
  };
  BOOST_TEST(taking({"r"}, now + 1).is(errc::already_exists));
  BOOST_TEST(taking({"s", "s"}, now + 1).says("receipt 's'"));
  BOOST_TEST(taking({"t"}, now).is(errc::invalid_argument));
  BOOST_TEST(taking({"t"}, std::numeric_limits<double>::quiet_NaN()).is(errc::invalid_argument));
  BOOST_TEST(counts() == "2 ready, 0 delayed, 1 leased, 0 dead");
}

BOOST_AUTO_TEST_CASE(as_many_items_are_taken_as_there_are_receipts_or_fewer) {
  for (const char* data : {"1", "2", "3"})
    put(1, data);
  const auto two = queue_table::take(c(), "q", texts{"a", "b"}, now + 9, now);
  BOOST_REQUIRE(two.size() == 2u);
  BOOST_TEST((two[0].data.text() == "1" && two[1].data.text() == "2" && two[1].receipt == "b"));
  BOOST_TEST(queue_table::take(c(), "q", texts{}, now + 9, now).empty());
  BOOST_TEST(queue_table::take(c(), "q", texts{"c", "d"}, now + 9, now).size() == 1u);
  BOOST_TEST((rest(now + 9) == texts{"1", "2", "3"}));
}

BOOST_AUTO_TEST_CASE(an_item_taken_too_often_goes_to_the_dead_letter_queue) {
  queue_table::set_options(c(), "q", {.max_attempts = 2});
  put(1, "1");
  take("r", now + 10);
  take("s", now + 20, now + 10);
  BOOST_TEST(counts(now + 20) == "0 ready, 0 delayed, 0 leased, 1 dead");
  BOOST_TEST(listed(queue_view::ready, now + 20).empty());
  BOOST_TEST(!queue_table::peek(c(), "q", now + 20));
  const auto all = queue_table::list(c(), "q", queue_view::all, {}, 10, now + 20);
  BOOST_REQUIRE(all.size() == 1u);
  BOOST_TEST((all[0].state == queue_state::dead && all[0].attempts == 2u && !all[0].due));
  const auto done = queue_table::settle(c(), "q", now + 20);
  BOOST_TEST((done.dead == 1u && done.ready == 0u && done.dead_letter == "q.dead"));
  BOOST_TEST(counts(now + 20) == "0 ready, 0 delayed, 0 leased, 1 dead");
  const auto letters = queue_table::list(c(), "q.dead", queue_view::ready, {}, 10, now + 20);
  BOOST_REQUIRE(letters.size() == 1u);
  BOOST_TEST((letters[0].source.value() == "q" && letters[0].attempts == 0u));
  BOOST_TEST(letters[0].position.timestamp == now + 20);
}

BOOST_AUTO_TEST_CASE(giving_the_last_attempt_back_makes_it_dead_whatever_the_delay) {
  queue_table::set_options(c(), "q", {.max_attempts = 1, .dead_letter = "bin"});
  put(1, "1");
  put(1, "2");
  queue_table::take(c(), "q", texts{"a", "b"}, now + 9, now);
  BOOST_TEST(queue_table::nack(c(), "q", "a", {}, now)->dead == 1u);
  BOOST_TEST(queue_table::nack(c(), "q", "b", now + 5, now)->dead_letter == "bin");
  BOOST_TEST((listed(queue_view::ready, now, "bin") == texts{"1", "2"}));
  BOOST_TEST(counts() == "0 ready, 0 delayed, 0 leased, 2 dead");
}

BOOST_AUTO_TEST_CASE(dead_letters_are_sent_back_in_order_and_start_anew) {
  queue_table::set_options(c(), "q", {.max_attempts = 1});
  for (const char* data : {"1", "2", "3"})
    put(1, data);
  queue_table::take(c(), "q", texts{"a", "b", "c"}, now + 1, now);
  put(1, "4");
  BOOST_TEST(queue_table::redrive(c(), "q", 2, now + 1) == 2u); // settles before
  BOOST_TEST((listed(queue_view::ready, now + 1) == texts{"4", "1", "2"}));
  BOOST_TEST(queue_table::redrive(c(), "q", 0, now + 1) == 0u);
  BOOST_TEST(queue_table::redrive(c(), "q", ~std::uint64_t{0}, now + 1) == 1u);
  BOOST_TEST((listed(queue_view::ready, now + 1) == texts{"4", "1", "2", "3"}));
  BOOST_TEST(notes() == 0);
  const auto taken = queue_table::take(c(), "q", texts{"d", "e"}, now + 9, now + 1);
  BOOST_TEST(taken.at(1).attempts == 1u);
}

BOOST_AUTO_TEST_CASE(only_letters_of_this_queue_are_sent_back_from_a_shared_one) {
  const auto die_in = [&](std::string_view name, std::string_view data) {
    queue_table::set_options(c(), name, {.max_attempts = 1, .dead_letter = "bin"});
    queue_table::put(c(), name, {1, json_text{data}, {}}, now);
    take("r", now + 9, now, name);
    queue_table::nack(c(), name, "r", {}, now);
  };
  die_in("q", "1");
  die_in("p", "2");
  put_like_python(1, now, "3", "bin");
  die_in("q", "4");
  BOOST_TEST(queue_table::redrive(c(), "q", 100, now) == 2u);
  BOOST_TEST((listed() == texts{"1", "4"}));
  BOOST_TEST((listed(queue_view::ready, now, "bin") == texts{"3", "2"}));
  // In the queue that is named after it, a letter of unknown source is its own.
  queue_table::set_options(c(), "q", {});
  put_like_python(1, now, "5", "q.dead");
  BOOST_TEST(queue_table::redrive(c(), "q", 100, now) == 1u);
  BOOST_TEST((listed() == texts{"1", "4", "5"}));
}

BOOST_AUTO_TEST_CASE(a_dead_letter_remembers_its_queue_while_somebody_works_on_it) {
  queue_table::set_options(c(), "q", {.max_attempts = 1, .dead_letter = "bin"});
  put(1, "1");
  take("r");
  queue_table::nack(c(), "q", "r", {}, now);
  BOOST_TEST(take("s", now + 5, now, "bin").attempts == 1u);
  BOOST_TEST(queue_table::redrive(c(), "q", 9, now + 4) == 0u); // leased
  const auto held = queue_table::list(c(), "bin", queue_view::held, {}, 9, now);
  BOOST_TEST((held.at(0).source.value() == "q" && held.at(0).due.value() == now + 5));
  BOOST_TEST(queue_table::redrive(c(), "q", 9, now + 5) == 1u);
  BOOST_TEST((listed() == texts{"1"}));
}

BOOST_AUTO_TEST_CASE(options_are_kept_replaced_and_checked) {
  const auto none = queue_table::options(c(), "q");
  BOOST_TEST((!none.max_attempts && !none.visibility_seconds && !none.dead_letter));
  BOOST_TEST(queue_table::dead_letter_of("q", none) == "q.dead");
  queue_table::set_options(c(), "q", {3, 2.5, "bin"});
  reopen();
  const auto some = queue_table::options(c(), "q");
  BOOST_TEST((some.max_attempts == 3u && some.visibility_seconds == 2.5));
  BOOST_TEST(queue_table::dead_letter_of("q", some) == "bin");
  put(1, "1");
  BOOST_TEST(queue_table::take(c(), "q", texts{"r"}, {}, now).at(0).leased_until == now + 2.5);
  queue_table::set_options(c(), "q", {});
  BOOST_TEST(queue_table::take(c(), "q", texts{"s"}, {}, now + 5).at(0).leased_until
             == now + 5 + queue_table::default_visibility_seconds);

  const auto refused = [&](const queue_options& wrong, const std::string& name = "q") {
    const auto end = outcome_of([&] { queue_table::set_options(c(), name, wrong); });
    return end.is(errc::invalid_argument) && end.says(name);
  };
  const std::string long_name(1020, 'n');
  BOOST_TEST(refused({.max_attempts = 0}));
  BOOST_TEST(refused({.max_attempts = ~std::uint64_t{0}}));
  BOOST_TEST(refused({.visibility_seconds = 0}));
  BOOST_TEST(refused({.visibility_seconds = infinity}));
  BOOST_TEST(refused({.visibility_seconds = std::numeric_limits<double>::quiet_NaN()}));
  BOOST_TEST(refused({.dead_letter = ""}));
  BOOST_TEST(refused({.dead_letter = "q"}));
  BOOST_TEST(refused({.max_attempts = 1}, long_name));
  BOOST_TEST(!refused({.max_attempts = 1, .dead_letter = "bin"}, long_name));
}

BOOST_AUTO_TEST_CASE(attempts_belong_to_the_item_and_not_to_its_place) {
  put_like_python(1, now, "\"a\"");
  put_like_python(1, now, "\"b\"");
  put_like_python(1, now, "\"b\"");
  take("r");
  take("s");
  queue_table::nack(c(), "q", "r", {}, now); // behind its equals
  queue_table::nack(c(), "q", "s", {}, now);
  BOOST_TEST(notes() == 2);
  const auto all = queue_table::take(c(), "q", texts{"t", "u", "v"}, now + 9, now);
  BOOST_REQUIRE(all.size() == 3u);
  // The two "b" cannot be told apart, so the first one has the count.
  BOOST_TEST((all[0].data.text() == "\"b\"" && all[0].attempts == 2u));
  BOOST_TEST((all[1].data.text() == "\"a\"" && all[1].attempts == 2u));
  BOOST_TEST((all[2].data.text() == "\"b\"" && all[2].attempts == 1u));
  BOOST_TEST(notes() == 0);
}

BOOST_AUTO_TEST_CASE(a_sweep_settles_all_queues_and_drops_notes_about_what_python_took) {
  put(1, "1");
  put(1, "2");
  queue_table::take(c(), "q", texts{"a", "b"}, now + 1, now);
  queue_table::set_options(c(), "p", {.max_attempts = 1});
  queue_table::put(c(), "p", {1, json_text{"3"}, {}}, now);
  queue_table::put(c(), "p", {1, json_text{"4"}, now + 50}, now);
  take("c", now + 1, now, "p");
  const auto first = queue_table::sweep(c(), now + 1, 100);
  BOOST_TEST((first.moved.ready == 2u && first.moved.dead == 1u && first.notes == 0u));
  BOOST_TEST((first.queues == texts{"p.dead", "q"}));
  BOOST_TEST(first.next_due.value() == now + 50);
  BOOST_TEST(get_like_python() == "1");
  BOOST_TEST(get_like_python() == "2");
  BOOST_TEST(queue_table::sweep(c(), now + 1, 1).notes == 1u);
  BOOST_TEST(queue_table::sweep(c(), now + 1, 100).notes == 1u);
  BOOST_TEST(notes() == 1); // of the letter
  BOOST_TEST(queue_table::next_due(c(), std::nullopt).value() == now + 50);
  BOOST_TEST(!queue_table::next_due(c(), "q"));
}

BOOST_AUTO_TEST_CASE(a_note_about_an_item_that_is_gone_never_counts_for_a_new_one) {
  put(1, "1");
  take("r");
  queue_table::nack(c(), "q", "r", {}, now);
  BOOST_TEST(get_like_python() == "1");
  put(1, "1"); // the same text, the same reading of the clock
  BOOST_TEST(take("s").attempts == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
