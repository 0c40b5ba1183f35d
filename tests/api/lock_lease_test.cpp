#include "beaver/api/lock.hpp"

#include "lock_support.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <optional>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(lock_leases, lock_fixture)

BOOST_AUTO_TEST_CASE(a_lock_is_kept_for_longer_than_its_time) {
  auto held = db.lock("l", {1s}).acquire();
  const auto before = held.expires_at();
  BOOST_TEST(!l.acquire(2500ms));
  BOOST_TEST(!held.lost());
  BOOST_TEST((held.expires_at() > before));
  BOOST_TEST(held.release());
}

BOOST_AUTO_TEST_CASE(whoever_loses_it_is_told_and_fenced_off) {
  auto held = db.lock("l", {300ms}).acquire();
  std::atomic<int> told{0};
  held.on_loss([&] {
    ++told;
    told.notify_all();
    static_cast<void>(l.holder()); // may call the database
  });
  BOOST_TEST(l.clear() == 1u);
  auto next = l.acquire();
  BOOST_TEST(outcome_of([&] { db.batched(held.fence()).commit(); }).is(errc::lost_lock));
  told.wait(0);
  BOOST_TEST(held.lost());
  BOOST_TEST(!held.release());
  held.on_loss([&] {
    told = 7;
    told.notify_all();
  });
  for (int n = told; n != 7; n = told)
    told.wait(n);
  BOOST_TEST(next.release());
}

BOOST_AUTO_TEST_CASE(a_holder_that_cannot_write_has_lost_it_when_its_time_is_over,
                     *in_this_process()) {
  auto held = db.lock("l", {200ms}).acquire();
  std::atomic<bool> told{false};
  held.on_loss([&] {
    told = true;
    told.notify_all();
  });
  db.transaction([&](beaver::transaction&) { told.wait(false); });
  BOOST_TEST(held.lost());
}

BOOST_AUTO_TEST_CASE(fenced_writes_happen_under_the_lock_or_not_at_all, *in_this_process()) {
  auto d = db.dict<int>("d");
  auto held = l.acquire();
  BOOST_TEST(db.transaction(held.fence(), [](beaver::transaction& tx) {
    tx.dict<int>("d").set("n", 1);
    return 5;
  }) == 5);
  auto batch = db.batched(held.fence());
  BOOST_TEST(batch.size() == 0u);
  batch.dict<int>("d").set("n", 2);
  BOOST_TEST(batch.size() == 1u);
  batch.commit();
  BOOST_TEST(d.get("n") == 2);

  l.clear();
  auto next = l.acquire();
  bool ran = false;
  const auto end =
    outcome_of([&] { db.transaction(held.fence(), [&](beaver::transaction&) { ran = true; }); });
  BOOST_TEST(end.is(errc::lost_lock));
  BOOST_TEST(end.says("lock 'l'"));
  BOOST_TEST(!ran);
  batch.dict<int>("d").set("n", 3); // of the same batch: its fence stays
  BOOST_TEST(outcome_of([&] { batch.commit(); }).is(errc::lost_lock));
  BOOST_TEST(d.get("n") == 2);
  db.transaction(next.fence(), [](beaver::transaction& tx) { tx.dict<int>("d").set("n", 4); });
  BOOST_TEST(d.get("n") == 4);
}

BOOST_FIXTURE_TEST_CASE(a_lock_that_ends_inside_a_transaction_undoes_it, clocked_fixture,
                        *in_this_process()) {
  auto held = l.acquire();
  const auto end = outcome_of([&] {
    db.transaction(held.fence(), [&](beaver::transaction& tx) {
      tx.dict<int>("d").set("n", 1);
      clock.advance(61);
    });
  });
  BOOST_TEST(end.is(errc::lost_lock));
  BOOST_TEST(db.dict<int>("d").count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_transaction_releases_and_never_waits, *in_this_process()) {
  std::vector<int> order;
  std::optional<held_lock> held = l.acquire();
  asker other{*this, 1, order};
  await_waiters(2);
  db.transaction([&](beaver::transaction& tx) {
    BOOST_TEST(outcome_of([&] { (void)held->release(); }).is(errc::would_deadlock));
    BOOST_TEST(outcome_of([&] { db.close(); }).is(errc::would_deadlock));
    auto& to = *tx.style().to;
    BOOST_TEST(outcome_of([&] {
                 (void)call(to, lock_acquire{{}, "l", "w", {}});
               }).is(errc::not_supported));
    BOOST_TEST(!call(to, lock_acquire{{.block = false, .timeout = {}}, "l", "w", {}}));
    BOOST_TEST(call(to, lock_try{"in transaction", "w", {}}).has_value());
    BOOST_TEST(!held->lost());
    held.reset(); // happens when this is over
  });
  other.join();
  BOOST_TEST(other.end.text == "");
  auto batch = db.batched();
  batch.style()(lock_release{"in transaction", "w"});
  batch.commit();
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
