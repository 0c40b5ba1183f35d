#include "beaver/api/lock.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;

struct lock_fixture : open_database {
  lock_fixture() : lock_fixture(quick()) {}
  explicit lock_fixture(options how) : open_database(std::move(how)) {}

  beaver::lock l = db.lock("l");
  raw_file raw{folder.file()};

  [[nodiscard]] std::int64_t rows() {
    return raw.integer("SELECT count(*) FROM __beaver_lock_waiters__");
  }

  /// Returns when so many hold the lock or wait for it.
  void await_waiters(std::size_t n) const {
    while (l.waiters().size() != n)
      std::this_thread::yield();
  }

  /// As a program with beaver-db 2.3 asks for it.
  void insert_row(const std::string& waiter, double requested_at, double expires_at = 1e12,
                  const std::string& lock = "l") {
    raw.execute("INSERT INTO __beaver_lock_waiters__ VALUES('" + lock + "', '" + waiter + "', "
                + std::to_string(requested_at) + ", " + std::to_string(expires_at) + ")");
  }
  void delete_row(const std::string& waiter) {
    raw.execute("DELETE FROM __beaver_lock_waiters__ WHERE waiter_id = '" + waiter + "'");
  }

  /// Something of the lock is written, so that those who wait look.
  void poke() { static_cast<void>(call(*db.style().to, lock_release{"l", "nobody"})); }
};

struct clocked_fixture : lock_fixture {
  clocked_fixture() : clocked_fixture(test_clock{}) {}
  explicit clocked_fixture(const test_clock& c) : lock_fixture(with(c)), clock(c) {}

  static options with(const test_clock& c) {
    auto how = quick();
    how.clock = c.function();
    return how;
  }
  test_clock clock;
};

/// A thread that gets the lock, notes its number while it holds it, and releases it.
class asker {
public:
  asker(const lock_fixture& t, int number, std::vector<int>& order)
    : thread_([l = t.l, number, &order, this] {
        end = outcome_of([&] {
          auto held = beaver::lock{l}.acquire(stop.get_token());
          order.push_back(number); // nothing but the lock guards it
        });
      }) {}
  ~asker() { join(); }
  void join() {
    if (thread_.joinable())
      thread_.join();
  }

  std::stop_source stop;
  outcome end;

private:
  std::thread thread_;
};

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

BOOST_AUTO_TEST_CASE(threads_get_it_in_the_order_of_their_asking) {
  constexpr std::size_t threads = 8;
  std::vector<int> order;
  {
    auto held = l.acquire();
    std::vector<std::unique_ptr<asker>> askers;
    for (std::size_t i = 0; i < threads; ++i) {
      askers.push_back(std::make_unique<asker>(*this, static_cast<int>(i), order));
      await_waiters(i + 2);
    }
    held.release();
  }
  BOOST_TEST(order.size() == threads);
  BOOST_TEST(std::is_sorted(order.begin(), order.end()));
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_CASE(it_excludes_threads_that_come_and_go) {
  int counter = 0; // nothing but the lock guards it
  BOOST_TEST(failures_of_threads(8,
                                 [&](int) {
                                   auto mine = l;
                                   for (int i = 0; i < 50; ++i) {
                                     auto held = mine.acquire();
                                     ++counter;
                                   }
                                 })
             == 0);
  BOOST_TEST(counter == 400);
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_CASE(who_stops_waiting_leaves_no_row) {
  auto held = l.acquire();
  BOOST_TEST(!l.acquire(20ms));
  while (rows() != 1) // leaves at once, but behind our back
    std::this_thread::yield();
  std::vector<int> order;
  asker other{*this, 1, order};
  await_waiters(2);
  other.stop.request_stop();
  other.join();
  BOOST_TEST(other.end.is(errc::cancelled));
  while (rows() != 1)
    std::this_thread::yield();
  asker third{*this, 3, order};
  await_waiters(2);
  held.release();
  third.join();
  BOOST_TEST((order == std::vector{3}));
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

BOOST_AUTO_TEST_CASE(rows_of_python_programs_have_their_turns) {
  insert_row("p1", 1);
  BOOST_TEST(!l.try_lock());
  BOOST_TEST((l.holder()->waiter == "p1"));
  std::vector<int> order;
  asker first{*this, 1, order};
  await_waiters(2);
  insert_row("p2", 2e9 + 1e8); // behind
  asker second{*this, 2, order};
  await_waiters(4);
  delete_row("p1"); // and rings no bell
  first.join();
  await_waiters(2);
  BOOST_TEST((l.holder()->waiter == "p2"));
  BOOST_TEST((order == std::vector{1}));
  delete_row("p2");
  second.join();
  BOOST_TEST((order == std::vector{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_late_request_of_a_python_program_does_not_come_before_a_holder) {
  auto held = l.acquire();
  insert_row("p", 1);
  BOOST_TEST((l.holder()->waiter == held.waiter()));
  db.batched(held.fence()).commit();
  held.release();
  BOOST_TEST((l.holder()->waiter == "p"));
}

BOOST_AUTO_TEST_CASE(one_whose_row_was_deleted_asks_again_and_keeps_nobody_from_his_turn) {
  std::vector<int> order;
  {
    auto held = l.acquire();
    asker first{*this, 1, order};
    await_waiters(2);
    const auto deleted = l.waiters()[1].waiter;
    asker second{*this, 2, order};
    await_waiters(3);
    delete_row(deleted);
    for (auto all = l.waiters(); all.size() != 3 || all[2].waiter != deleted; all = l.waiters())
      poke();
    held.release();
  }
  BOOST_TEST((order == std::vector{2, 1}));
}

BOOST_AUTO_TEST_CASE(a_holder_who_does_not_renew_is_followed_when_its_time_ends) {
  BOOST_TEST(call(*db.style().to, lock_try{"l", "dead", 0.1}).has_value());
  const auto held = l.acquire(); // nobody writes meanwhile
  BOOST_TEST(!held.lost());
}

BOOST_FIXTURE_TEST_CASE(times_are_those_of_the_database_clock, clocked_fixture) {
  BOOST_TEST(call(*db.style().to, lock_try{"l", "dead", 30}).has_value());
  insert_row("p", 2, clock.now() + 40); // a crashed Python program
  std::vector<int> order;
  asker other{*this, 1, order};
  await_waiters(3);
  clock.advance(31);
  poke();
  BOOST_TEST((l.holder()->waiter == "p"));
  BOOST_TEST(order.empty());
  clock.advance(10); // so the lease of the one who waits is over as well
  poke();
  other.join();
  BOOST_TEST((order == std::vector{1}));
}

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

BOOST_AUTO_TEST_CASE(a_holder_that_cannot_write_has_lost_it_when_its_time_is_over) {
  auto held = db.lock("l", {200ms}).acquire();
  std::atomic<bool> told{false};
  held.on_loss([&] {
    told = true;
    told.notify_all();
  });
  db.transaction([&](beaver::transaction&) { told.wait(false); });
  BOOST_TEST(held.lost());
}

BOOST_AUTO_TEST_CASE(fenced_writes_happen_under_the_lock_or_not_at_all) {
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

BOOST_FIXTURE_TEST_CASE(a_lock_that_ends_inside_a_transaction_undoes_it, clocked_fixture) {
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

BOOST_AUTO_TEST_CASE(a_transaction_releases_and_never_waits) {
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
