#include "support/child.hpp"
#include "support/history_models.hpp"
#include "support/linearizability.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

using dice = std::mt19937_64;

constexpr double short_ttl = 0.02;

/// The clock of the recorded times.
options on_record() {
  auto how = quick();
  how.clock = [] { return static_cast<double>(monotonic_now()) * 1e-9; };
  return how;
}

/// Random calls of one client, some of whom forget what they hold.
void use_lock(backend& to, client_record& record, int client, int calls, dice& random) {
  auto holding = client * std::int64_t{1'000'000};
  bool holds = false;
  const auto waiter = [&] { return "w" + std::to_string(holding); };
  const auto tokens = [&](const std::optional<lock_grant>& got) {
    holds = got.has_value();
    return got ? values{static_cast<std::int64_t>(got->token)} : values{};
  };
  const auto released = [&] { return beaver::call(to, lock_release{"l", waiter()}); };
  for (int i = 0; i < calls; ++i) {
    if (holds && random() % 4 == 0) {
      record.record(lock_model::renew("l", holding), [&] {
        holds = beaver::call(to, lock_renew{"l", waiter(), 60});
        return values{holds};
      });
      continue;
    }
    if (holds) {
      holds = false;
      record.record(lock_model::release("l", holding), [&] { return values{released()}; });
      continue;
    }
    ++holding;
    const bool forgetful = random() % 8 == 0;
    const double ttl = forgetful ? short_ttl : 60;
    const auto from = monotonic_now() + static_cast<std::int64_t>(ttl * 1e9);
    switch (random() % 3) {
    case 0: // refused also while somebody waits, which the model does not know
      record.record(lock_model::acquire("l", holding), [&] {
        return tokens(beaver::call(to, lock_try{"l", waiter(), ttl}));
      });
      break;
    case 1:
      record.record(lock_model::acquire("l", holding), [&] {
        return tokens(beaver::call(to, lock_acquire{{true, 0.002}, "l", waiter(), ttl}));
      });
      break;
    default:
      record.record(lock_model::acquire("l", holding), [&] {
        return tokens(beaver::call(to, lock_acquire{{}, "l", waiter(), ttl}));
      });
    }
    if (forgetful && holds) {
      record.may_happen(lock_model::expire("l", holding), from);
      holds = false;
    }
  }
  if (holds)
    record.record(lock_model::release("l", holding), [&] { return values{released()}; });
}

void use_lock_by_threads(const std::string& path, recorder& record, int first, int clients,
                         int calls, std::uint64_t seed) {
  database db{path, on_record()};
  if (failures_of_threads(clients,
                          [&](int i) {
                            const int client = first + i;
                            dice random{seed + static_cast<std::uint64_t>(client)};
                            use_lock(*db.style().to, record.client(client), client, calls, random);
                          })
      != 0)
    throw std::logic_error("a call failed");
}

} // namespace

// Children are forked, and that must be done while no database is open in the parent.
BOOST_AUTO_TEST_SUITE(lock_processes)

BOOST_AUTO_TEST_CASE(what_threads_see_of_a_lock_has_an_order) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  for (std::uint64_t round = 0; round < 10; ++round) {
    temp_folder folder;
    recorder record;
    use_lock_by_threads(folder.file(), record, 1, 4, 25, seed + 100 * round);
    const auto found = check<lock_model>(record.events());
    BOOST_TEST_INFO("seed " << seed << ", round " << round);
    BOOST_REQUIRE_MESSAGE(found.holds(), found.account);
    BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
  }
}

BOOST_AUTO_TEST_CASE(what_processes_see_of_a_lock_has_an_order) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  for (std::uint64_t round = 0; round < 4; ++round) {
    temp_folder folder;
    temp_folder records;
    { database{folder.file()}; }
    await_single_thread();
    BOOST_TEST_INFO("seed " << seed << ", round " << round);
    BOOST_REQUIRE(failures_of_processes(2,
                                        [&](int process) {
                                          recorder record{records.path()};
                                          use_lock_by_threads(folder.file(), record,
                                                              1 + 10 * process, 2, 25,
                                                              seed + 100 * round);
                                          return 0;
                                        })
                  == 0);
    const auto found = check<lock_model>(read_histories(records.path()));
    BOOST_TEST_INFO("seed " << seed << ", round " << round);
    BOOST_REQUIRE_MESSAGE(found.holds(), found.account);
  }
}

BOOST_AUTO_TEST_CASE(processes_get_it_in_the_order_of_their_asking) {
  temp_folder folder;
  { database{folder.file()}; }
  std::vector<std::unique_ptr<child>> children;
  constexpr std::uint64_t processes = 4;
  for (std::uint64_t i = 0; i < processes; ++i)
    children.push_back(std::make_unique<child>([&](line& parent) {
      const auto number = parent.receive().value();
      database db{folder.file(), quick()};
      const auto held = db.lock("l").acquire();
      db.list<std::uint64_t>("order").push(number);
      return 0;
    }));
  database db{folder.file(), quick()};
  auto l = db.lock("l");
  auto held = l.acquire();
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < processes; ++i) {
    children[i]->io().send(i);
    expected.push_back(i);
    while (l.waiters().size() != i + 2)
      std::this_thread::yield();
  }
  held.release();
  const auto last = l.acquire(); // behind them
  for (auto& c : children)
    BOOST_TEST(c->wait() == 0);
  BOOST_TEST(db.list<std::uint64_t>("order").range() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_killed_process_neither_holds_nor_waits_for_long) {
  temp_folder folder;
  { database{folder.file()}; }
  const test_clock clock;
  auto how = quick();
  how.clock = clock.function();
  child other{[&](line& parent) {
    database db{folder.file(), how};
    const auto held = db.lock("held").acquire();
    parent.send(1);
    static_cast<void>(parent.receive());
    static_cast<void>(db.lock("waited for").acquire());
    return 0;
  }};
  database db{folder.file(), how};
  BOOST_REQUIRE(other.io().receive().has_value());
  auto first = db.lock("held");
  auto second = db.lock("waited for");
  auto mine = second.acquire();
  other.io().send(1);
  while (second.waiters().size() != 2)
    std::this_thread::yield();
  other.kill();
  other.wait();
  mine.release();
  BOOST_TEST(!first.try_lock());
  BOOST_TEST(!second.try_lock());
  test_clock{clock}.advance(16); // beyond the lease of one who waits
  BOOST_TEST(second.try_lock().has_value());
  BOOST_TEST(!first.try_lock());
  test_clock{clock}.advance(50); // beyond the time of a holder
  BOOST_TEST(first.try_lock().has_value());
}

BOOST_AUTO_TEST_CASE(a_process_that_was_stopped_learns_that_it_has_lost_the_lock) {
  const int rounds = long_tests() ? 100 : 2;
  temp_folder folder;
  { database{folder.file()}; }
  child other{[&](line& parent) {
    database db{folder.file(), quick()};
    int unnoticed = 0;
    for (int round = 0; round < rounds; ++round) {
      auto held = db.lock("l", {500ms}).acquire();
      std::atomic<bool> told{false};
      held.on_loss([&] {
        told = true;
        told.notify_all();
      });
      parent.send(static_cast<std::uint64_t>(::getpid()));
      static_cast<void>(parent.receive()); // stopped here
      const auto end = outcome_of([&] {
        db.transaction(held.fence(),
                       [](beaver::transaction& tx) { tx.dict<int>("d").set("writer", -1); });
      });
      told.wait(false);
      if (!end.is(errc::lost_lock) || !held.lost())
        ++unnoticed;
      parent.send(1);
    }
    return unnoticed;
  }};
  database db{folder.file(), quick()};
  for (int round = 0; round < rounds; ++round) {
    const auto pid = static_cast<pid_t>(other.io().receive().value());
    BOOST_REQUIRE(::kill(pid, SIGSTOP) == 0);
    const auto held = db.lock("l").acquire();
    db.transaction(held.fence(),
                   [&](beaver::transaction& tx) { tx.dict<int>("d").set("writer", round); });
    other.io().send(1);
    BOOST_REQUIRE(::kill(pid, SIGCONT) == 0);
    BOOST_REQUIRE(other.io().receive().has_value());
    BOOST_TEST(db.dict<int>("d").get("writer") == round);
    BOOST_TEST(!held.lost());
  }
  BOOST_TEST(other.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
