#include "beaver/tools/bench_workload.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr int contenders = 8;

/// Two files at full durability, and what makes raw writes differ.
struct locks : twin_databases {
  explicit locks(const folder& where) : twin_databases(where, durability::full) {}

  void write_twice() {
    for (int i = 0; i < 2; ++i)
      raw->set(dict_name, "key", text.with(number++));
  }

  sample_value text;
  std::uint64_t number = 0;
};

/// What threads of one process would use: a queue of those who wait, each with its own condition
/// variable.
class fair_mutex {
public:
  void lock() {
    std::unique_lock guard{mutex_};
    if (!held_) {
      held_ = true;
      return;
    }
    waiter own;
    queue_.push_back(&own);
    own.turn.wait(guard, [&] { return own.is_next; });
  }
  void unlock() {
    std::lock_guard guard{mutex_};
    if (queue_.empty()) {
      held_ = false;
      return;
    }
    auto& next = *queue_.front();
    queue_.pop_front();
    next.is_next = true;
    next.turn.notify_one();
  }

private:
  struct waiter {
    std::condition_variable turn;
    bool is_next = false;
  };
  std::mutex mutex_;
  std::deque<waiter*> queue_;
  bool held_ = false;
};

contest lock_pair(const folder& where) {
  auto s = std::make_shared<locks>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, lock = s->db.lock("l")]() mutable { keep(lock.acquire().release()); }));
  c.baseline.workers.push_back(repeat([s] { s->write_twice(); }));
  return c;
}

contest lock_contended(const folder& where) {
  auto s = std::make_shared<locks>(where);
  auto turns = std::make_shared<fair_mutex>();
  contest c;
  for (int i = 0; i < contenders; ++i) {
    c.ours.workers.push_back(
      repeat([s, lock = s->db.lock("l")]() mutable { keep(lock.acquire().release()); }));
    c.baseline.workers.push_back(repeat([s, turns] {
      const std::lock_guard turn{*turns};
      s->write_twice();
    }));
  }
  return c;
}

constexpr bench_case cases[] = {
  {"lock_pair", "acquire and release, nobody else there, full durability", "two raw durable writes",
   lock_pair},
  {"lock_contended_8", "acquire and release by 8 threads in turn, full durability",
   "a condition variable for each turn, two raw durable writes in it", lock_contended},
};

} // namespace

std::span<const bench_case> lock_cases() { return cases; }

} // namespace beaver::bench
