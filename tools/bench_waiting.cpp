#include "beaver/tools/bench_peer.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <algorithm>
#include <condition_variable>
#include <latch>
#include <memory>
#include <mutex>
#include <sys/resource.h>
#include <thread>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;
using namespace std::chrono_literals;

/// Calls whose time is over one after the other, and how late each was told, seen from when it was
/// made. What counts as the time of an operation here is that delay.
contest waiters_10k_expire(const folder& where) {
  static constexpr std::size_t waiters = 10'000;
  static constexpr auto first = 200ms;
  static constexpr std::uint64_t spread = 800;
  const auto db = std::make_shared<database>(open_ours(where / "ours.db", durability::full));
  const auto times = [numbers = std::make_shared<generator>(1)] {
    std::vector<std::chrono::milliseconds> all;
    for (std::size_t i = 0; i < waiters; ++i)
      all.push_back(first + std::chrono::milliseconds{numbers->below(spread)});
    return all;
  };
  const auto latest = std::make_shared<steady::duration>();
  contest c;
  c.slices = 1;
  c.ours.workers.push_back([db, times, latest](slice& s) {
    auto inbox = db->async().queue("inbox");
    std::vector<steady::duration> late(waiters);
    const auto waiting = std::make_shared<std::latch>(waiters);
    const executor at_once = [](std::function<void()> task) { task(); };
    std::size_t i = 0;
    for (const auto time : times()) {
      const auto due = steady::now() + time;
      inbox.get(time).then(at_once, [due, &delay = late[i++], waiting](const auto&) {
        delay = steady::now() - due;
        waiting->count_down();
      });
    }
    waiting->wait();
    for (const auto delay : late) {
      s.done_in(delay);
      *latest = std::max(*latest, delay);
    }
  });
  c.baseline.workers.push_back([times](slice& s) {
    std::vector<steady::time_point> all;
    for (const auto time : times())
      all.push_back(steady::now() + time);
    std::sort(all.begin(), all.end());
    std::mutex mutex;
    std::condition_variable nobody;
    for (const auto due : all) {
      std::unique_lock lock{mutex};
      nobody.wait_until(lock, due, [] { return false; });
      s.done_since(due);
    }
  });
  c.extras = [latest] {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(*latest).count();
    return std::vector<extra>{{"latest_us", static_cast<std::uint64_t>(us)}};
  };
  return c;
}

std::uint64_t cpu_us() {
  struct rusage used {};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& t) {
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(t.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

/// Sleeps for a while and notes what the process cost meanwhile.
worker idle(std::shared_ptr<std::uint64_t> cost) {
  return once([cost] {
    constexpr auto nap = 2s;
    const auto before = cpu_us();
    std::this_thread::sleep_for(nap);
    *cost = (cpu_us() - before) / static_cast<std::uint64_t>(nap.count());
  });
}

contest idle_waiters_100(const folder& where) {
  constexpr int waiters = 100;
  struct state {
    explicit state(const folder& f) : db(open_ours(f / "ours.db", durability::full)) {}
    ~state() {
      db.close();
      {
        std::lock_guard guard{mutex};
        stop = true;
      }
      changed.notify_all();
      for (auto& t : threads)
        t.join();
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    void block_ours() {
      for (int i = 0; i < waiters; ++i)
        threads.emplace_back([queue = db.queue(std::to_string(i % 10))]() mutable {
          try {
            static_cast<void>(queue.get(for_ever));
          } catch (const error&) { // closed
          }
        });
    }
    void block_raw() {
      for (int i = 0; i < waiters; ++i)
        threads.emplace_back([this] {
          std::unique_lock lock{mutex};
          changed.wait(lock, [this] { return stop; });
        });
    }

    database db;
    std::mutex mutex;
    std::condition_variable changed;
    bool stop = false;
    std::vector<std::thread> threads;
  };
  const auto ours = std::make_shared<std::uint64_t>();
  const auto raw = std::make_shared<std::uint64_t>();
  const auto s = std::make_shared<std::shared_ptr<state>>();
  contest c;
  c.slices = 1;
  c.ours.prepare = [s, where] {
    s->reset();
    *s = std::make_shared<state>(where);
    (*s)->block_ours();
  };
  c.ours.workers.push_back(idle(ours));
  c.baseline.prepare = [s, where] {
    s->reset();
    *s = std::make_shared<state>(where);
    (*s)->block_raw();
  };
  c.baseline.workers.push_back(idle(raw));
  c.extras = [ours, raw] {
    return std::vector<extra>{{"cpu_us_per_s", *ours}, {"baseline_cpu_us_per_s", *raw}};
  };
  return c;
}

/// Three processes write as fast as they can; what counts is the one that got least.
contest fair_writers_3proc(const folder& where) {
  constexpr int writers = 3;
  static_cast<void>(open_ours(where / "ours.db", durability::full));
  static_cast<void>(open_ours(where / "raw.db", durability::full));
  const auto rounds = [where](const std::string& role, const std::string& file,
                              std::shared_ptr<std::uint64_t> share) {
    return [=](slice& s) {
      const shared_memory memory{where / (file + ".shared")};
      for (auto& count : memory->counts)
        count = 0;
      memory->go = memory->stop = memory->ready = 0;
      std::vector<std::unique_ptr<peer>> peers;
      peers.reserve(writers);
      for (int i = 0; i < writers; ++i)
        peers.push_back(std::make_unique<peer>(role, where / file, memory, i));
      memory->go = 1;
      std::this_thread::sleep_for(1'500ms);
      peers.clear();
      std::uint64_t least = memory->counts[0];
      std::uint64_t most = least;
      for (int i = 0; i < writers; ++i) {
        const std::uint64_t n = memory->counts[i];
        least = std::min(least, n);
        most = std::max(most, n);
        for (std::uint64_t k = 0; k < n; ++k)
          s.done();
      }
      *share = most ? 100 * least / most : 0;
    };
  };
  const auto ours = std::make_shared<std::uint64_t>();
  const auto raw = std::make_shared<std::uint64_t>();
  contest c;
  c.slices = 1;
  c.ours.workers.push_back(rounds("writer", "ours.db", ours));
  c.baseline.workers.push_back(rounds("raw-writer", "raw.db", raw));
  c.extras = [ours, raw] {
    return std::vector<extra>{{"least_of_most_percent", *ours},
                              {"baseline_least_of_most_percent", *raw}};
  };
  return c;
}

constexpr bench_case cases[] = {
  {"waiters_10k_expire", "how late 10,000 calls with mixed timeouts are answered",
   "a thread that sleeps until each time", waiters_10k_expire},
  {"idle_waiters_100", "two seconds of a process with 100 threads that wait for items",
   "100 threads that wait for a condition variable", idle_waiters_100},
  {"fair_writers_3proc", "1.5 s of commits by three processes at full durability",
   "the same by raw connections with SQLite's busy handler", fair_writers_3proc},
};

} // namespace

std::span<const bench_case> waiting_cases() { return cases; }

} // namespace beaver::bench
