#include "beaver/tools/bench_hop.hpp"
#include "beaver/tools/bench_peer.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <condition_variable>
#include <deque>
#include <fcntl.h>
#include <malloc.h>
#include <memory>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;
using namespace std::chrono_literals;

constexpr const char* queue_name = "jobs";

struct hand_over : twin_databases {
  explicit hand_over(const folder& where)
    : twin_databases(where, durability::full), ours_memory(where / "ours.shared"),
      raw_memory(where / "raw.shared") {}

  /// Two durable writes.
  void raw_put_and_get(std::string_view value) {
    raw->begin();
    raw->put_item(queue_name, 0, value);
    raw->commit();
    raw->begin();
    keep(raw->get_item(queue_name).data());
    raw->commit();
  }

  shared_memory ours_memory;
  shared_memory raw_memory;
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

constexpr bench_case cases[] = {
  {"queue_handoff", "put until a thread that waits has the item, full durability",
   "raw put and get in a transaction each, then a condition variable", queue_handoff},
  {"queue_handoff_2proc", "the same, to a thread of another process",
   "raw put and get in a transaction each, then a byte through a pipe", queue_handoff_2proc},
  {"queue_pingpong", "an item there and another back, both to threads that wait",
   "twice: raw put and get in a transaction each, then a condition variable", queue_pingpong},
  {"queue_waiters_10k", "put until the longest of 10,000 asynchronous calls has the item",
   "raw put and get in a transaction each", queue_waiters_10k},
};

} // namespace

std::span<const bench_case> hand_over_cases() { return cases; }

} // namespace beaver::bench
