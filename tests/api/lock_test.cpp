#include "beaver/api/lock.hpp"

#include "lock_support.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <unistd.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(locks, lock_fixture)

BOOST_AUTO_TEST_CASE(one_holds_it_until_it_is_released) {
  auto held = l.acquire();
  BOOST_TEST(!l.try_lock());
  BOOST_TEST(!l.acquire(1ms));
  BOOST_TEST(held.name() == "l");
  BOOST_TEST(!held.lost());
  BOOST_TEST((held.expires_at() > std::chrono::steady_clock::now()));
  BOOST_TEST(held.release());
  BOOST_TEST(!held.release());
  BOOST_TEST(!held.lost()); // it was given back
  auto next = l.try_lock();
  BOOST_REQUIRE(next);
  BOOST_TEST(next->token() > held.token());
  BOOST_TEST(db.lock("other").try_lock().has_value());
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_scope_and_moves) {
  try {
    auto first = l.acquire();
    auto second = std::move(first);
    BOOST_TEST(!l.try_lock());
    throw std::out_of_range("not so");
  } catch (const std::out_of_range&) {}
  BOOST_TEST(rows() == 0);
  auto held = l.acquire();
  held = db.lock("other").acquire(); // releases the first
  BOOST_TEST(l.try_lock().has_value());
  BOOST_TEST(db.locks() == names{"other"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_tells_who_holds_it_and_who_waits) {
  BOOST_TEST(!l.holder());
  BOOST_TEST(l.waiters().empty());
  std::vector<int> order;
  auto held = l.acquire();
  asker other{*this, 1, order};
  await_waiters(2);
  const auto all = l.waiters();
  BOOST_TEST(all[0].waiter == held.waiter());
  BOOST_TEST((all[0].token == held.token()));
  BOOST_TEST(all[1].waiter != held.waiter());
  BOOST_TEST(all[1].waiter.starts_with("pid:" + std::to_string(::getpid()) + ":id:"));
  BOOST_TEST(!all[1].token);
  BOOST_TEST((l.holder()->waiter == held.waiter()));
  auto& to = *db.style().to;
  BOOST_TEST(call(to, lock_count{"l"}) == 2u);
  BOOST_TEST(call(to, lock_info{"l"}).holder->waiter == held.waiter());
  BOOST_TEST(call(to, lock_info{"none"}).waiters == 0u);
  BOOST_TEST(db.info().managers.at(0).type == "lock");
  BOOST_TEST(db.info().managers.at(0).count == 2u);
  held.release();
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused_by_name) {
  const auto refused = [](auto&& f) {
    const auto end = outcome_of(f);
    BOOST_TEST(end.is(errc::invalid_argument), end.text);
    return end;
  };
  refused([&] { (void)db.lock("").try_lock(); });
  BOOST_TEST(refused([&] {
               (void)db.lock("__internal_lock__dict__d").try_lock();
             }).says("__internal_lock__"));
  for (const double ttl : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()})
    BOOST_TEST(refused([&] {
                 (void)db.lock("l", {std::chrono::duration<double>{ttl}}).acquire();
               }).says("ttl_seconds"));
  refused([&] { (void)l.acquire(-1s); });
  refused([&] { (void)call(*db.style().to, lock_try{"l", "", {}}); });
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_CASE(closing_releases_what_is_held_and_answers_who_waits) {
  std::vector<int> order;
  auto held = l.acquire();
  auto second = db.lock("m").acquire();
  bool told = false;
  held.on_loss([&] { told = true; });
  asker a{*this, 1, order};
  asker b{*this, 2, order};
  await_waiters(3);
  db.close();
  a.join();
  b.join();
  BOOST_TEST(a.end.is(errc::closed), a.end.text);
  BOOST_TEST(b.end.is(errc::closed), b.end.text);
  BOOST_TEST(order.empty());
  BOOST_TEST(held.lost());
  BOOST_TEST(!told);
  while (!test_road().empty() && rows() > 0) // a server hears of it behind the answers
    std::this_thread::yield();
  BOOST_TEST(rows() == 0);
  BOOST_TEST(outcome_of([&] { (void)l.try_lock(); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { (void)held.release(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(held_locks_may_outlive_their_database) {
  std::optional<held_lock> held;
  std::optional<beaver::lock> handle;
  {
    temp_folder other_folder;
    database other{other_folder.file(), quick()};
    handle = other.lock("l");
    held = handle->acquire();
  }
  BOOST_TEST(held->lost());
  held.reset();
  BOOST_TEST(outcome_of([&] { (void)handle->acquire(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(every_manager_has_a_lock_that_python_programs_know) {
  auto held = db.lock_of(db.dict<int>("users")).acquire();
  auto other = db.lock_of(db.list("users")).acquire();
  auto third = db.lock_of(db.blob("users")).acquire();
  BOOST_TEST(db.locks()
               == (names{"__lock__blob__users", "__lock__dict__users", "__lock__list__users"}),
             boost::test_tools::per_element());
  db.dict<int>("users").set("k", 1); // who does not ask is not kept out
  insert_row("p", 1, 1e12, "__lock__list__tasks");
  BOOST_TEST(!db.lock_of(db.list("tasks")).try_lock());
}

BOOST_AUTO_TEST_CASE(a_database_in_memory_has_locks) {
  database memory{":memory:", quick()};
  auto m = memory.lock("l");
  int counter = 0;
  BOOST_TEST(failures_of_threads(4,
                                 [&](int) {
                                   for (int i = 0; i < 20; ++i) {
                                     const auto held = beaver::lock{m}.acquire();
                                     ++counter;
                                   }
                                 })
             == 0);
  BOOST_TEST(counter == 80);
}

BOOST_AUTO_TEST_SUITE_END()
