#include "beaver/actors/lock.hpp"

#include "beaver/api/actors.hpp"
#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

struct lock_actor_fixture {
  template <class M>
  caf::expected<typename M::reply> ask(M m) {
    caf::expected<typename M::reply> end{caf::error{}};
    self->request(l, caf::infinite, std::move(m))
      .receive([&](typename M::reply& reply) { end = std::move(reply); },
               [&](caf::error& why) { end = std::move(why); });
    return end;
  }

  void await_waiters(std::uint64_t n) {
    while (*ask(lock_count{}) != n)
      std::this_thread::yield();
  }

  temp_folder folder;
  caf::actor_system_config config;
  caf::actor_system system{config};
  actor_database db{system, folder.file(), quick()};
  lock_actor l = db.lock("l");
  caf::scoped_actor self{system};
};

/// Asks for the lock and waits until it has it or dies.
caf::behavior waiting_actor(caf::event_based_actor* self, const lock_actor& l, std::string name) {
  self->request(l, caf::infinite, lock_acquire{{}, {}, std::move(name), {}})
    .then([](std::optional<lock_grant>&) {});
  return {[](int) {}};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(lock_actors, lock_actor_fixture)

BOOST_AUTO_TEST_CASE(messages_take_renew_and_release_it) {
  const auto grant = ask(lock_try{{}, "a", 30});
  BOOST_REQUIRE((grant && *grant));
  BOOST_TEST(!*ask(lock_try{{}, "b", {}}));
  BOOST_TEST(*ask(lock_renew{{}, "a", 60}));
  BOOST_TEST(!*ask(lock_renew{{}, "b", {}}));
  const auto head = ask(lock_holder{});
  BOOST_REQUIRE((head && *head));
  BOOST_TEST((*head)->waiter == "a");
  BOOST_TEST(((*head)->token == (*grant)->token));
  BOOST_TEST((*head)->expires_at > (*grant)->expires_at);
  BOOST_TEST(*ask(lock_release{{}, "a"}));
  BOOST_TEST(!*ask(lock_release{{}, "a"}));
  BOOST_TEST(*ask(lock_clear{}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_call_that_does_not_wait_leaves_no_row) {
  BOOST_TEST(ask(lock_try{{}, "a", {}})->has_value());
  BOOST_TEST(!*ask(lock_acquire{{.block = false, .timeout = {}}, {}, "b", {}}));
  BOOST_TEST(!*ask(lock_acquire{{.block = {}, .timeout = 0.0}, {}, "b", {}}));
  BOOST_TEST(*ask(lock_count{}) == 1u);
  BOOST_TEST(ask(lock_acquire{{.block = false, .timeout = {}}, {}, "a", {}})->has_value());
}

BOOST_AUTO_TEST_CASE(an_actor_that_dies_while_it_waits_leaves_the_queue) {
  BOOST_TEST(ask(lock_try{{}, "a", {}})->has_value());
  const auto first = system.spawn(waiting_actor, l, "first");
  await_waiters(2);
  const auto second = system.spawn(waiting_actor, l, "second");
  await_waiters(3);
  caf::anon_send_exit(first, caf::exit_reason::kill);
  await_waiters(2);
  BOOST_TEST(*ask(lock_release{{}, "a"}));
  while ((*ask(lock_holder{}))->waiter != "second" || !(*ask(lock_holder{}))->token)
    std::this_thread::yield();
  caf::anon_send_exit(second, caf::exit_reason::kill);
}

BOOST_AUTO_TEST_CASE(who_is_killed_before_its_turn_does_not_stop_the_next) {
  for (int round = 0; round < 50; ++round) {
    l = db.lock(std::to_string(round));
    BOOST_TEST(ask(lock_try{{}, "a", {}})->has_value());
    const auto first = system.spawn(waiting_actor, l, "first");
    await_waiters(2);
    const auto second = system.spawn(waiting_actor, l, "second");
    await_waiters(3);
    caf::anon_send_exit(first, caf::exit_reason::kill); // may get it all the same
    BOOST_TEST(*ask(lock_release{{}, "a"}));
    for (auto head = *ask(lock_holder{}); !head || !head->token; head = *ask(lock_holder{}))
      std::this_thread::yield();
    caf::anon_send_exit(second, caf::exit_reason::kill);
  }
}

BOOST_AUTO_TEST_CASE(closing_answers_who_waits) {
  BOOST_TEST(ask(lock_try{{}, "a", {}})->has_value());
  caf::error end;
  std::thread other{[&] {
    caf::scoped_actor waiting{system};
    waiting->request(l, caf::infinite, lock_acquire{{}, {}, "b", {}})
      .receive([](std::optional<lock_grant>&) {}, [&](caf::error& why) { end = std::move(why); });
  }};
  await_waiters(2);
  db.close();
  other.join();
  BOOST_TEST((end == errc::closed));
}

BOOST_AUTO_TEST_SUITE_END()
