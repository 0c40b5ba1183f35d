#include "beaver/tools/bench_peer.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <condition_variable>
#include <deque>
#include <fcntl.h>
#include <malloc.h>
#include <memory>
#include <mutex>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;
using namespace std::chrono_literals;

constexpr const char* queue_name = "jobs";

/// A count that one thread raises and another sleeps for: the least that a hand-over costs.
class hop {
public:
  void raise() {
    {
      std::lock_guard guard{mutex_};
      ++count_;
    }
    changed_.notify_one();
  }

  /// Takes one; false after 20 ms without any.
  bool take() {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, 20ms, [this] { return count_ > 0; }))
      return false;
    --count_;
    return true;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t count_ = 0;
};

/// Waits for a count without sleeping, so that only one direction is timed.
void spin_until(const std::atomic<std::uint64_t>& count, std::uint64_t value) {
  while (count.load() < value)
    pause_briefly();
}

struct hand_over {
  explicit hand_over(const folder& where)
    : files(where), ours_memory(where / "ours.shared"), raw_memory(where / "raw.shared"),
      db(open_ours(files.ours, durability::full)) {
    static_cast<void>(open_ours(files.raw, durability::full)); // makes the tables
    raw = std::make_unique<raw_database>(files.raw, raw_options{.full_sync = true});
  }

  /// Two durable writes.
  void raw_put_and_get(std::string_view value) {
    raw->begin();
    raw->put_item(queue_name, 0, value);
    raw->commit();
    raw->begin();
    keep(raw->get_item(queue_name).data());
    raw->commit();
  }

  twin_files files;
  shared_memory ours_memory;
  shared_memory raw_memory;
  database db;
  std::unique_ptr<raw_database> raw;
  hop raw_hop;
  hop raw_answer;
};

/// Puts one item and waits until the consumer has it.
worker put_and_see(const std::shared_ptr<hand_over>& s, shared_page* page) {
  return repeat([s, page, queue = s->db.queue(queue_name), text = sample_value{},
                 sent = std::uint64_t{0}]() mutable {
    queue.put(json_text{text.with(sent)});
    spin_until(page->received, ++sent);
  });
}

contest queue_handoff(const folder& where) {
  auto s = std::make_shared<hand_over>(where);
  auto* page = s->ours_memory.operator->();
  auto* raw_page = s->raw_memory.operator->();
  contest c;
  c.ours.workers.push_back(put_and_see(s, page));
  c.ours.companions.push_back(
    [s, page, queue = s->db.queue(queue_name)](const std::atomic<bool>& stop) mutable {
      while (!stop)
        if (queue.get(20ms))
          ++page->received;
    });
  c.baseline.workers.push_back(
    repeat([s, raw_page, text = sample_value{}, sent = std::uint64_t{0}]() mutable {
      s->raw_put_and_get(text.with(sent));
      s->raw_hop.raise();
      spin_until(raw_page->received, ++sent);
    }));
  c.baseline.companions.push_back([s, raw_page](const std::atomic<bool>& stop) {
    while (!stop)
      if (s->raw_hop.take())
        ++raw_page->received;
  });
  return c;
}

contest queue_handoff_2proc(const folder& where) {
  struct state : hand_over {
    explicit state(const folder& f) : hand_over(f) {
      if (::pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error("cannot make a pipe");
      consumer.emplace("consumer", files.ours, ours_memory);
      listener.emplace("listener", files.raw, raw_memory, 0, ends[0]);
      ::close(ends[0]);
    }
    ~state() {
      ::close(ends[1]); // which ends the listener
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    int ends[2];
    std::optional<peer> consumer;
    std::optional<peer> listener;
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.ours.workers.push_back(put_and_see(s, s->ours_memory.operator->()));
  c.baseline.workers.push_back(repeat([s, page = s->raw_memory.operator->(), text = sample_value{},
                                       sent = std::uint64_t{0}]() mutable {
    s->raw_put_and_get(text.with(sent));
    if (::write(s->ends[1], "x", 1) != 1)
      throw std::runtime_error("cannot write to a pipe");
    spin_until(page->received, ++sent);
  }));
  return c;
}

/// There and back, each way a hand-over to a call that waits.
contest queue_pingpong(const folder& where) {
  auto s = std::make_shared<hand_over>(where);
  contest c;
  c.ours.workers.push_back(repeat([s, ping = s->db.queue("ping"), pong = s->db.queue("pong"),
                                   text = sample_value{}, number = std::uint64_t{0}]() mutable {
    ping.put(json_text{text.with(number++)});
    keep(pong.get(for_ever)->value.text().data());
  }));
  c.ours.companions.push_back([s, ping = s->db.queue("ping"),
                               pong = s->db.queue("pong")](const std::atomic<bool>& stop) mutable {
    while (!stop)
      if (const auto got = ping.get(20ms))
        pong.put(got->value);
  });
  c.baseline.workers.push_back(
    repeat([s, text = sample_value{}, number = std::uint64_t{0}]() mutable {
      s->raw_put_and_get(text.with(number++));
      s->raw_hop.raise();
      while (!s->raw_answer.take()) {}
    }));
  c.baseline.companions.push_back(
    [s, text = sample_value{}, number = std::uint64_t{0}](const std::atomic<bool>& stop) mutable {
      while (!stop)
        if (s->raw_hop.take()) {
          s->raw_put_and_get(text.with(number++));
          s->raw_answer.raise();
        }
    });
  return c;
}

contest queue_waiters_10k(const folder& where) {
  constexpr std::size_t waiters = 10'000;
  using call = future<std::optional<queue<>::item>>;
  struct state : hand_over {
    explicit state(const folder& f) : hand_over(f) {
      const auto before = ::mallinfo2();
      for (std::size_t i = 0; i < waiters; ++i)
        waiting.push_back(inbox.get(for_ever));
      db.queue(queue_name).put(json_text{"0"}); // behind all of them
      keep(waiting.front().get().has_value());
      waiting.pop_front();
      bytes = (::mallinfo2().uordblks - before.uordblks) / waiters;
    }

    queue<json_text, async> inbox = db.async().queue(queue_name);
    std::deque<call> waiting;
    std::size_t bytes = 0;
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.ours.workers.push_back(repeat([s, queue = s->db.queue(queue_name), text = sample_value{},
                                   number = std::uint64_t{0}]() mutable {
    s->waiting.push_back(s->inbox.get(for_ever));
    queue.put(json_text{text.with(number++)});
    keep(s->waiting.front().get().has_value());
    s->waiting.pop_front();
  }));
  c.baseline.workers.push_back(
    repeat([s, text = sample_value{}, number = std::uint64_t{0}]() mutable {
      s->raw_put_and_get(text.with(number++));
    }));
  c.extras = [s] { return std::vector<extra>{{"bytes_per_waiter", s->bytes}}; };
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
  {"queue_handoff", "put until a thread that waits has the item, full durability",
   "raw put and get in a transaction each, then a condition variable", queue_handoff},
  {"queue_handoff_2proc", "the same, to a thread of another process",
   "raw put and get in a transaction each, then a byte through a pipe", queue_handoff_2proc},
  {"queue_pingpong", "an item there and another back, both to threads that wait",
   "twice: raw put and get in a transaction each, then a condition variable", queue_pingpong},
  {"queue_waiters_10k", "put until the longest of 10,000 asynchronous calls has the item",
   "raw put and get in a transaction each", queue_waiters_10k},
  {"idle_waiters_100", "two seconds of a process with 100 threads that wait for items",
   "100 threads that wait for a condition variable", idle_waiters_100},
  {"fair_writers_3proc", "1.5 s of commits by three processes at full durability",
   "the same by raw connections with SQLite's busy handler", fair_writers_3proc},
};

} // namespace

std::span<const bench_case> waiting_cases() { return cases; }

} // namespace beaver::bench
