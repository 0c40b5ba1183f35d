#include "queue_ledger.hpp"
#include "recorded_queue.hpp"
#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>
#include <semaphore>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

constexpr int producers = 2;
constexpr int consumers = 4;
constexpr auto visibility = 200ms;
constexpr auto patience = 60s; // longer than any wait that ends as it should

enum word : std::uint64_t { acknowledged, failed };

/// Puts and takes until it is killed. What was called and what was answered is in the files of a
/// folder before the next call.
int work_for_ever(const std::string& file, const std::filesystem::path& histories, int generation,
                  line& parent) {
  database db{file, quick()}; // a killed process does not lose what the system has
  recorder all{histories};
  std::counting_semaphore<> room{16};
  return failures_of_threads(producers + consumers, [&](int thread) {
    try {
      const auto client = generation * 10 + thread;
      recorded_queue q{db.queue<std::int64_t>("q"), all.client(client), client};
      std::mt19937_64 dice{static_cast<std::uint64_t>(client)};
      while (thread < producers) {
        room.acquire();
        q.put(q.new_number(), static_cast<std::int64_t>(dice() % 3));
      }
      for (;;) {
        if (q.take(visibility, patience).empty())
          throw std::logic_error("waited in vain");
        if (dice() % 16 == 0) {
          q.nack();
        } else if (q.ack()) {
          room.release();
          parent.send(acknowledged);
        }
      }
    } catch (...) {
      parent.send(failed);
      throw;
    }
  });
}

/// Takes and removes whatever is left, and waits for what is away.
void empty(database& db, const std::filesystem::path& histories) {
  recorder all{histories};
  recorded_queue q{db.queue<std::int64_t>("q"), all.client(1), 1};
  for (;;) {
    const auto n = q.unrecorded().counts();
    if (n.ready + n.delayed + n.leased + n.dead == 0)
      return;
    if (q.take(1s, patience).empty())
      throw std::logic_error("waited in vain");
    q.ack();
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(queue_kill)

BOOST_AUTO_TEST_CASE(no_item_is_lost_or_done_twice_when_processes_are_killed) {
  const int kills = long_tests() ? 100 : 8;
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed << ", " << kills << " kills");
  std::mt19937 dice{seed};
  temp_folder folder;
  temp_folder histories;
  { database{folder.file(), quick()}; }
  int generation = 0;
  const auto start = [&] {
    ++generation;
    return std::make_unique<child>([&](line& parent) {
      return work_for_ever(folder.file(), histories.path(), generation, parent);
    });
  };
  std::array running{start(), start(), start()};
  auto newest = running.size() - 1;
  for (int kill = 0; kill < kills; ++kill) {
    BOOST_TEST_INFO("seed " << seed << ", kill " << kill);
    for (auto acks = dice() % 100; acks > 0; --acks) // 0: while it opens the file
      BOOST_REQUIRE((running[newest]->io().receive() == acknowledged));
    newest = dice() % running.size();
    running[newest]->kill();
    BOOST_TEST(running[newest]->wait() == -SIGKILL);
    running[newest] = start();
  }
  for (const auto& c : running)
    c->kill();
  for (const auto& c : running)
    BOOST_TEST(c->wait() == -SIGKILL);
  {
    database db{folder.file(), quick()};
    empty(db, histories.path());
    BOOST_TEST(db.queue("q").info().bytes == 0u);
  }
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");

  const queue_ledger ledger{read_histories(histories.path())};
  BOOST_TEST_MESSAGE(ledger.acknowledged_puts << " items, " << ledger.deliveries << " times given, "
                                              << ledger.came_back << " came back, "
                                              << ledger.unknown << " unknown");
  BOOST_TEST(ledger.faults.empty(), "seed " << seed << ": " << ledger.text());
  BOOST_TEST(ledger.acknowledged_puts > static_cast<std::size_t>(10 * kills));
  BOOST_TEST(ledger.came_back > 0u);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

using q = queue_model;

event at(std::int64_t called, std::int64_t returned, test::call what, answer result) {
  return {1, std::move(what), std::move(result), called, returned};
}

std::size_t faults(const history& events) { return queue_ledger{events}.faults.size(); }

struct one_item {
  const event put = at(0, 1, q::put("q", 7, 1), values{});

  /// The faults if it is put, leased from 2 to 20, and `more` happens.
  [[nodiscard]] std::size_t with(std::initializer_list<event> more) const {
    history events{put, at(2, 3, q::take("q", 100), values{7, 1}),
                   at(20, 0, q::lease_end("q", 100), {})};
    events.insert(events.end(), more);
    return faults(events);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(queue_ledgers, one_item)

BOOST_AUTO_TEST_CASE(a_ledger_of_what_is_right_has_no_fault) {
  BOOST_TEST(faults({put, at(2, 3, q::get("q"), values{7, 1}), at(4, 5, q::get("q"), values{})})
             == 0u);
  BOOST_TEST(with({at(4, 5, q::ack("q", 100), values{1})}) == 0u);
  BOOST_TEST(with({at(4, 0, q::ack("q", 100), {})}) == 0u);
  BOOST_TEST(with({at(4, 5, q::nack("q", 100), values{1}), at(6, 7, q::get("q"), values{7, 1})})
             == 0u);
  BOOST_TEST(with({at(4, 25, q::get("q"), values{7, 1}), at(26, 27, q::ack("q", 100), values{0})})
             == 0u);
  BOOST_TEST(faults({at(0, 0, q::put("q", 7, 1), {})}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_ledger_finds_what_is_lost_doubled_or_held_by_two) {
  const auto got = [](std::int64_t time) { return at(time, time + 1, q::get("q"), values{7, 1}); };
  BOOST_TEST(faults({put}) == 1u);
  BOOST_TEST(faults({got(2)}) == 1u);
  BOOST_TEST(faults({put, got(2), got(4)}) > 0u);
  BOOST_TEST(with({}) == 1u); // it never came back
  BOOST_TEST(with({got(10)}) == 1u);
  BOOST_TEST(with({at(4, 5, q::ack("q", 100), values{1}), got(30)}) > 0u);
  BOOST_TEST(with({at(4, 5, q::ack("q", 100), values{0}), got(30)}) == 1u);
  BOOST_TEST(with({at(10, 11, q::take("q", 200), values{7, 1}),
                   at(40, 0, q::lease_end("q", 200), {}), got(50)})
             == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
