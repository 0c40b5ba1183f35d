#include "queue_ledger.hpp"
#include "recorded_queue.hpp"
#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <memory>
#include <random>

#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

constexpr int processes = 3;
constexpr int producers = 8; // threads of each process
constexpr int consumers = 8;
constexpr int all_producers = processes * producers;
constexpr int all_consumers = processes * consumers;
constexpr auto patience = 30s; // longer than any wait that ends as it should

/// A semaphore that forked processes share.
class permits {
public:
  explicit permits(unsigned count) {
    void* memory =
      ::mmap(nullptr, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw std::runtime_error("no shared memory");
    semaphore_ = static_cast<sem_t*>(memory);
    ::sem_init(semaphore_, 1, count);
  }
  ~permits() { ::munmap(semaphore_, sizeof(sem_t)); }
  permits(const permits&) = delete;
  permits& operator=(const permits&) = delete;

  /// Throws if none comes in time.
  void acquire() {
    timespec end{};
    ::clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += patience.count();
    while (::sem_timedwait(semaphore_, &end) != 0)
      if (errno != EINTR)
        throw std::logic_error("nobody removes anything");
  }
  void release() { ::sem_post(semaphore_); }

private:
  sem_t* semaphore_;
};

int client_of(int process, int thread) { return 1 + process * 100 + thread; }

/// `body(recorded_queue&, dice, thread)` on several threads. Their history gets into a file.
template <class F>
int record_threads(int process, int n, const std::string& file,
                   const std::filesystem::path& history_file, F body) {
  database db{file, quick()};
  recorder all;
  const auto failures = failures_of_threads(n, [&](int thread) {
    const auto client = client_of(process, thread);
    recorded_queue q{db.queue<std::int64_t>("q"), all.client(client), client};
    std::mt19937_64 dice{static_cast<std::uint64_t>(client)};
    body(q, dice, thread);
  });
  save_history(history_file, all.events());
  return failures;
}

/// Removes one item and gives it; empty if it was given back. Throws if there is none in time.
values consume(recorded_queue& q, std::mt19937_64& dice, bool gives_back) {
  const bool gets = dice() % 2;
  auto item = gets ? q.get(patience) : q.take(10min, patience);
  if (item.empty())
    throw std::logic_error("waited in vain");
  if (gets)
    return item;
  if (gives_back && item[0] > 0 && dice() % 16 == 0) {
    q.nack();
    return {};
  }
  if (!q.ack())
    throw std::logic_error("was not taken");
  return item;
}

struct one_file {
  one_file() { database{folder.file(), quick()}; }

  [[nodiscard]] std::string records(int process) const {
    return (histories.path() / std::to_string(process)).string();
  }

  /// In `processes` processes. They are all alive until the last has said something.
  template <class F>
  void start(F body) {
    for (int p = 0; p < processes; ++p)
      children.push_back(std::make_unique<child>([=](line& parent) { return body(p, parent); }));
  }
  void await_word_of_all() {
    for (const auto& c : children)
      BOOST_TEST((c->io().receive() == 0u));
  }
  void await_end_of_all() {
    for (const auto& c : children)
      BOOST_TEST(c->wait() == 0);
  }

  void nothing_is_left() const {
    database db{folder.file(), quick()};
    BOOST_TEST(db.queue("q").info().bytes == 0u);
  }

  temp_folder folder;
  temp_folder histories;
  std::vector<std::unique_ptr<child>> children;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(queue_processes, one_file)

BOOST_AUTO_TEST_CASE(each_item_is_given_once_and_who_waits_is_woken) {
  const int puts = (long_tests() ? 100'000 : 4'000) / all_producers;
  permits room{32}; // so that the queue is empty again and again and consumers wait
  const auto began = std::chrono::steady_clock::now();
  start([&, file = folder.file()](int process, line& parent) {
    std::atomic<int> producing{producers};
    return record_threads(process, producers + consumers, file, records(process),
                          [&](recorded_queue& q, std::mt19937_64& dice, int thread) {
                            if (thread < producers) {
                              for (int i = 0; i < puts; ++i) {
                                room.acquire();
                                q.put(q.new_number(), static_cast<std::int64_t>(dice() % 3));
                              }
                              if (--producing == 0)
                                parent.send(0);
                              return;
                            }
                            for (values item; item.empty() || item[0] > 0;) {
                              item = consume(q, dice, true);
                              if (!item.empty())
                                room.release();
                            }
                          });
  });
  await_word_of_all();
  {
    database db{folder.file(), quick()};
    recorder all;
    recorded_queue q{db.queue<std::int64_t>("q"), all.client(0), 0};
    for (int i = 1; i <= all_consumers; ++i) // the last of all: who gets it has done his work
      q.put(-i, 3);
    save_history(records(processes), all.events());
  }
  await_end_of_all();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;

  const queue_ledger ledger{read_histories(histories.path())};
  BOOST_TEST_MESSAGE(ledger.acknowledged_puts << " items, " << ledger.deliveries
                                              << " times given, in " << took.count() << " s");
  BOOST_TEST(ledger.faults.empty(), ledger.text());
  BOOST_TEST(ledger.acknowledged_puts
             == static_cast<std::size_t>(puts * all_producers + all_consumers));
  BOOST_TEST(ledger.unknown == 0u);
  BOOST_TEST(ledger.came_back == 0u);
  nothing_is_left();
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(items_come_in_their_order_when_nobody_puts) {
  const int puts = (long_tests() ? 9'600 : 2'400) / all_producers;
  start([&, file = folder.file()](int process, line& parent) {
    std::atomic<int> producing{producers};
    std::atomic<bool> go{false};
    return record_threads(process, producers, file, records(process),
                          [&](recorded_queue& q, std::mt19937_64& dice, int) {
                            for (int i = 0; i < puts; ++i)
                              q.put(q.new_number(), static_cast<std::int64_t>(dice() % 5));
                            if (--producing == 0) {
                              parent.send(0);
                              if (!parent.receive())
                                throw std::logic_error("nobody said go");
                              go = true;
                              go.notify_all();
                            }
                            go.wait(false);
                            for (int i = 0; i < puts; ++i)
                              consume(q, dice, false);
                          });
  });
  await_word_of_all();
  for (const auto& c : children)
    c->io().send(0);
  await_end_of_all();

  const auto events = read_histories(histories.path());
  const queue_ledger ledger{events};
  BOOST_TEST(ledger.faults.empty(), ledger.text());
  BOOST_TEST(ledger.acknowledged_puts == static_cast<std::size_t>(puts * all_producers));
  nothing_is_left();
  std::unordered_map<std::int64_t, const event*> put;
  std::vector<const event*> given;
  for (const auto& e : events) {
    if (e.what.operation == "put")
      put[e.what.arguments[0]] = &e;
    else if (e.what.operation == "get" || e.what.operation == "take")
      given.push_back(&e);
  }
  std::sort(given.begin(), given.end(),
            [](const event* a, const event* b) { return a->called < b->called; });
  const auto belongs_before = [&](const event* a, const event* b) {
    const auto& x = *a->result;
    const auto& y = *b->result;
    return x[1] != y[1] ? x[1] < y[1] : put[x[0]]->returned < put[y[0]]->called;
  };
  std::size_t pairs = 0;
  std::size_t wrong = 0;
  for (std::size_t late = 0; late < given.size(); ++late)
    for (std::size_t early = 0; early < late; ++early)
      if (given[early]->returned < given[late]->called) {
        ++pairs;
        wrong += belongs_before(given[late], given[early]);
      }
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(pairs > given.size() * given.size() / 4);
}

BOOST_AUTO_TEST_CASE(an_item_that_goes_round_wakes_one_who_waits_in_each_process) {
  const int hops = long_tests() ? 5'000 : 300;
  start([hops, file = folder.file()](int process, line& parent) {
    database db{file, quick()};
    parent.send(0);
    return failures_of_threads(consumers, [&](int) {
      auto from = db.queue<int>("q" + std::to_string(process));
      auto to = db.queue<int>("q" + std::to_string((process + 1) % processes));
      for (bool last = false; !last;) {
        const auto item = from.get(patience);
        if (!item)
          throw std::logic_error("waited in vain");
        last = item->value >= hops;
        to.put(item->value + 1);
      }
    });
  });
  await_word_of_all();
  const auto began = std::chrono::steady_clock::now();
  {
    database db{folder.file(), quick()};
    db.queue<int>("q0").put(1);
  }
  await_end_of_all();
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
  BOOST_TEST_MESSAGE(took.count() / hops << " us from process to process");
  database db{folder.file(), quick()};
  int left = 0;
  for (int p = 0; p < processes; ++p)
    while (const auto item = db.queue<int>("q" + std::to_string(p)).get()) {
      ++left;
      BOOST_TEST(item->value == hops + all_consumers);
    }
  BOOST_TEST(left == 1);
}

BOOST_AUTO_TEST_SUITE_END()
