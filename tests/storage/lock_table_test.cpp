#include "beaver/storage/lock_table.hpp"

#include "lock_fixture.hpp"
#include "python_lock.hpp"

#include <tuple>

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(lock_table_suite, lock_fixture)

BOOST_AUTO_TEST_CASE(a_free_lock_is_taken_at_once_and_by_one_only) {
  const auto grant = try_lock("a");
  BOOST_REQUIRE(grant);
  BOOST_TEST(grant->expires_at == now + ttl);
  BOOST_TEST(!try_lock("b"));
  BOOST_TEST(lock_table::try_lock(c(), "other", "b", now, ttl).has_value());
  BOOST_TEST(leave("a"));
  BOOST_TEST(!leave("a"));
  BOOST_TEST(try_lock("b").has_value());
}

BOOST_AUTO_TEST_CASE(an_attempt_that_fails_writes_nothing) {
  try_lock("a");
  const auto before = sqlite3_total_changes(c().handle());
  BOOST_TEST(!try_lock("b"));
  BOOST_TEST(sqlite3_total_changes(c().handle()) == before);
  BOOST_TEST((queue() == names{"a"}));
  request("b");
  leave("a");
  BOOST_TEST(!try_lock("c")); // it is the turn of b, who has not looked yet
  BOOST_TEST((queue() == names{"b"}));
  BOOST_TEST(try_lock("b").has_value());
}

BOOST_AUTO_TEST_CASE(taking_a_lock_again_changes_neither_its_token_nor_its_time) {
  const auto first = try_lock("a");
  const auto again = try_lock("a", now + 1);
  const auto polled = poll("a", now + 2);
  BOOST_TEST(again->token == first->token);
  BOOST_TEST(again->expires_at == first->expires_at);
  BOOST_TEST(polled->grant->token == first->token);
  BOOST_TEST(polled->next_change == first->expires_at);
  request("a", now + 3);
  BOOST_TEST(keep_waiting("a", now + 3));
  BOOST_TEST(place("a")->grant->expires_at == now + ttl);
  BOOST_TEST(rows() == 1);
}

BOOST_AUTO_TEST_CASE(waiters_take_turns_in_the_order_of_their_requests) {
  for (const char* waiter : {"c", "a", "b"})
    request(waiter); // all in one instant
  BOOST_TEST((queue() == names{"c", "a", "b"}));
  BOOST_TEST(poll("b")->ahead == 2u);
  BOOST_TEST(!poll("a")->grant);
  BOOST_TEST(poll("c")->grant.has_value());
  BOOST_TEST(poll("b")->ahead == 2u); // the holder counts
  leave("c");
  BOOST_TEST(poll("b")->ahead == 1u);
  BOOST_TEST(poll("a")->grant.has_value());
  leave("a");
  BOOST_TEST(poll("b")->grant.has_value());
}

BOOST_AUTO_TEST_CASE(only_a_poll_takes_what_a_look_finds_free) {
  request("a");
  BOOST_TEST(place("a")->ahead == 0u);
  BOOST_TEST(!place("a")->grant);
  BOOST_TEST(poll("a")->grant.has_value());
  BOOST_TEST(place("a")->grant.has_value());
  BOOST_TEST(!place("b"));
  BOOST_TEST(!poll("b"));
}

BOOST_AUTO_TEST_CASE(a_clock_that_steps_back_lets_nobody_push_in) {
  request("a", now);
  request("b", now - 500);
  poll("a", now - 500);
  request("c", now - 700);
  BOOST_TEST((queue(now - 700) == names{"a", "b", "c"}));
  request("d", now - 699);
  BOOST_TEST((queue(now - 699) == names{"a", "b", "c", "d"}));
  leave("a");
  BOOST_TEST(!poll("d", now - 699)->grant);
  BOOST_TEST(poll("b", now - 699)->grant.has_value());
}

BOOST_AUTO_TEST_CASE(the_time_to_live_counts_from_the_acquisition) {
  try_lock("a");
  request("b", now + 1);
  for (double t = 2; t < 59; t += 2)
    BOOST_TEST(keep_waiting("b", now + t));
  BOOST_TEST(poll("b", now + 59)->next_change == now + ttl);
  const auto taken = poll("b", now + ttl); // nobody has renewed a
  BOOST_REQUIRE(taken->grant);
  BOOST_TEST(taken->grant->expires_at == now + ttl + ttl);
  BOOST_TEST(place("b", now + ttl + lease)->grant->expires_at == now + ttl + ttl);
}

BOOST_AUTO_TEST_CASE(a_waiter_that_stops_renewing_its_lease_loses_its_place) {
  try_lock("a");
  request("b");
  request("c");
  BOOST_TEST(keep_waiting("c", now + 4));
  BOOST_TEST(poll("c", now + 4)->ahead == 2u);
  BOOST_TEST(poll("c", now + lease)->ahead == 1u);
  BOOST_TEST(!poll("b", now + lease));
  BOOST_TEST(!keep_waiting("b", now + lease));
  BOOST_TEST(!leave("b", now + lease));
  request("b", now + lease);
  BOOST_TEST((queue(now + lease) == names{"a", "c", "b"}));
}

BOOST_AUTO_TEST_CASE(asking_again_keeps_the_place_and_renews_the_lease) {
  request("a");
  request("b");
  request("a", now + 4);
  BOOST_TEST((queue(now + 4) == names{"a", "b"}));
  BOOST_TEST((queue(now + 8) == names{"a"}));
  BOOST_TEST(rows() == 2);
}

BOOST_AUTO_TEST_CASE(a_holder_is_renewed_until_its_time_is_over) {
  const auto a = try_lock("a");
  BOOST_TEST(renew("a", now + 50));
  BOOST_TEST(place("a")->grant->expires_at == now + 50 + ttl);
  BOOST_TEST(renew("a", now + 109));
  BOOST_TEST(place("a")->grant->token == a->token);
  BOOST_TEST(!renew("a", now + 169));
  BOOST_TEST(!place("a", now + 169));
  BOOST_TEST(!leave("a", now + 169));
}

BOOST_AUTO_TEST_CASE(only_a_holder_is_renewed) {
  request("a");
  request("b");
  BOOST_TEST(!renew("a", now)); // first, but has not taken it
  BOOST_TEST(!renew("b", now));
  BOOST_TEST(!renew("c", now));
  BOOST_TEST(queue(now + lease).empty());
}

BOOST_AUTO_TEST_CASE(whoever_is_late_does_not_find_a_lock_that_was_taken_over) {
  const auto a = try_lock("a");
  const auto b = try_lock("b", now + ttl);
  BOOST_REQUIRE(b);
  // The same calls with a time from before, as after waiting for the write lock.
  BOOST_TEST(!renew("a", now + 1));
  BOOST_TEST(!place("a", now + 1));
  BOOST_TEST(refusal(a->token, now + 1).find("the turn of 'b'") != std::string::npos);
  BOOST_TEST(!leave("a", now + 1));
  BOOST_TEST(holds(b->token, now + 1));
}

BOOST_AUTO_TEST_CASE(a_fence_holds_for_the_grant_that_made_it_and_while_that_lasts) {
  const auto a = try_lock("a");
  BOOST_TEST(holds(a->token));
  BOOST_TEST(!holds(a->token + 1));
  BOOST_TEST(!holds(0));
  BOOST_TEST(
    outcome_of([&] { lock_table::check_fence(c(), "other", a->token, now); }).is(errc::lost_lock));
  BOOST_TEST(holds(a->token, now + ttl - 1));
  BOOST_TEST(!holds(a->token, now + ttl));
  leave("a");
  BOOST_TEST(refusal(a->token).find("lock 'l' is not held with fencing token 1")
             != std::string::npos);
  const auto b = try_lock("b");
  BOOST_TEST(!holds(a->token));
  BOOST_TEST(holds(b->token));
}

BOOST_AUTO_TEST_CASE(a_waiter_that_comes_back_gets_another_token) {
  const auto lost = try_lock("a");
  BOOST_TEST(lock_table::clear(c(), "l") == 1u);
  BOOST_TEST(!holds(lost->token));
  request("a");
  BOOST_TEST(!holds(lost->token)); // first, but not with this token
  const auto found = poll("a")->grant;
  BOOST_TEST(found->token > lost->token);
  BOOST_TEST(!holds(lost->token));
  BOOST_TEST(holds(found->token));
  const auto expired = try_lock("a", now + ttl); // nobody else was there
  BOOST_TEST(expired->token > found->token);
  BOOST_TEST(!holds(found->token, now + ttl));
}

BOOST_AUTO_TEST_CASE(tokens_grow_over_all_locks_and_are_never_given_twice) {
  std::uint64_t last = 0;
  const auto next = [&](std::string_view name) {
    const auto grant = write([&] { return lock_table::try_lock(c(), name, "a", now, ttl); });
    BOOST_REQUIRE(grant);
    BOOST_TEST(grant->token > last);
    last = grant->token;
  };
  next("l");
  next("other");
  lock_table::clear(c(), "l");
  next("l");
  lock_table::clear(c(), "l");
  lock_table::clear(c(), "other");
  reopen();
  next("l");
  c().execute("DELETE FROM __beaver_lock_waiters__"); // as with the sqlite3 shell
  next("l");
}

BOOST_AUTO_TEST_CASE(a_job_that_was_rolled_back_runs_again_with_the_same_result) {
  const auto lock = [&] { return lock_table::try_lock(c(), "l", "a", now, ttl); };
  std::uint64_t undone = 0;
  {
    transaction_scope scope{c()};
    undone = lock()->token;
  }
  BOOST_TEST(rows() == 0);
  BOOST_TEST(!holds(undone));
  BOOST_TEST(write(lock)->token == undone);
}

BOOST_AUTO_TEST_CASE(a_clear_frees_the_lock_from_whoever_is_there) {
  const auto a = try_lock("a");
  request("b");
  BOOST_TEST(lock_table::clear(c(), "l") == 2u);
  BOOST_TEST(lock_table::clear(c(), "l") == 0u);
  BOOST_TEST(!poll("b"));
  BOOST_TEST(!holds(a->token));
  BOOST_TEST(!leave("a"));
}

BOOST_AUTO_TEST_CASE(listings_show_who_is_alive_in_order) {
  BOOST_TEST(!lock_table::holder(c(), "l", now));
  try_lock("a");
  request("b", now + 1);
  request("c", now + 2);
  const auto holder = lock_table::holder(c(), "l", now + 2);
  BOOST_TEST(holder->waiter == "a");
  BOOST_TEST(*holder->token == 1u);
  BOOST_TEST(!holder->requested_at);
  const auto all = lock_table::waiters(c(), "l", now + 2);
  BOOST_REQUIRE(all.size() == 3u);
  BOOST_TEST(all[1].waiter == "b");
  BOOST_TEST(*all[1].requested_at == now + 1);
  BOOST_TEST(all[1].expires_at == now + 1 + lease);
  BOOST_TEST(!all[1].token);
  BOOST_TEST((queue(now + 6) == names{"a", "c"}));
  BOOST_TEST(lock_table::waiters(c(), "other", now).empty());
}

BOOST_AUTO_TEST_CASE(names_are_of_locks_in_use_except_those_inside_2_3) {
  BOOST_TEST(lock_table::manager_lock("dict", "a__b") == "__lock__dict__a__b");
  const auto users = lock_table::manager_lock("dict", "users");
  for (const auto& name : {std::string{"z"}, users, std::string{"gone"}, std::string{"é"}})
    lock_table::request(c(), name, "w", now, name == "gone" ? 0 : lease);
  python_lock{c(), "__internal_lock__dict__users", "p"}.request(now, 5);
  BOOST_TEST((lock_table::names(c(), now) == names{users, "z", "é"}));
  BOOST_TEST(lock_table::names(c(), now + lease).empty());
}

BOOST_AUTO_TEST_CASE(a_sweep_removes_the_dead_of_every_lock_but_those_inside_2_3) {
  for (const auto& name : trap_keys())
    lock_table::request(c(), name, "w", now, lease);
  lock_table::request(c(), "l", "alive", now + 1, lease);
  python_lock{c(), "__internal_lock__dict__users", "p"}.request(now, 5);
  BOOST_TEST(lock_table::sweep(c(), now + lease - 1) == 0u);
  BOOST_TEST(lock_table::sweep(c(), now + lease) == trap_keys().size());
  BOOST_TEST(rows() == 2);
}

BOOST_AUTO_TEST_CASE(a_broken_counter_of_tokens_is_an_error_and_nothing_is_taken) {
  for (const char* value : {"'x'", "-1", "NULL", "1.5", "9223372036854775807"}) {
    c().execute(
      (std::string{"INSERT OR REPLACE INTO __beaver_meta__ VALUES('lock_token', "} + value + ")")
        .c_str());
    const outcome end = outcome_of([&] { try_lock("a"); });
    BOOST_TEST(end.is(errc::corrupt), value);
    BOOST_TEST(end.says("lock_token"));
    BOOST_TEST(rows() == 0);
  }
  c().execute("UPDATE __beaver_meta__ SET value = 41 WHERE key = 'lock_token'");
  BOOST_TEST(try_lock("a")->token == 42u);
}

BOOST_AUTO_TEST_CASE(what_the_shell_puts_first_holds_the_lock) {
  const auto a = try_lock("a");
  python_lock{c(), "l", "shell"}.request(-1e300, 2e300);
  BOOST_TEST(!holds(a->token));
  BOOST_TEST(!renew("a", now));
  BOOST_TEST(poll("a")->ahead == 1u);
  BOOST_TEST(!lock_table::holder(c(), "l", now)->token);
}

BOOST_AUTO_TEST_CASE(a_clock_from_before_the_epoch_makes_no_grant) {
  request("a", -50);
  BOOST_TEST(!place("a", -50)->grant);
  request("b", -50);
  BOOST_TEST((queue(-50) == names{"a", "b"}));
  BOOST_TEST(holds(poll("a", -50)->grant->token, -50));
}

BOOST_AUTO_TEST_CASE(every_statement_searches_an_index_and_none_sorts) {
  request("a");
  request("b");
  poll("b");
  poll("a");
  renew("a", now);
  keep_waiting("b", now);
  try_lock("b");
  std::ignore = lock_table::waiters(c(), "l", now);
  std::ignore = lock_table::names(c(), now);
  leave("a");
  lock_table::clear(c(), "l");
  try_lock("a");
  int queues = 0;
  int finds = 0;
  for (const auto& plan : plans("__beaver_lock_waiters__")) {
    BOOST_TEST(plan.find("SCAN __beaver") == std::string::npos, plan);
    BOOST_TEST(plan.find("TEMP B-TREE") == std::string::npos, plan);
    if (plan.find("+expires_at > ?2") != std::string::npos) {
      ++queues;
      BOOST_TEST(plan.find("sqlite_autoindex___beaver_lock_waiters___1 (lock_name=?")
                   != std::string::npos,
                 plan);
    }
    if (plan.find("waiter_id = ?2 AND") != std::string::npos)
      finds += plan.find("idx_lock_waiter_id (lock_name=? AND waiter_id=?)") != std::string::npos;
  }
  BOOST_TEST(queues == 3);
  BOOST_TEST(finds == 1);
}

BOOST_AUTO_TEST_SUITE_END()
