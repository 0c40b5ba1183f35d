#pragma once
#include "support/history_models.hpp"

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Queue, lock and list as standard containers under a mutex: linearizable beyond doubt. A `worker`
// is one thread's view; its step() makes one random call and records it.

namespace beaver::test {

using dice = std::mt19937_64;

/// Lets others in between the call's time and its effect, and between that and the return.
class staggered_lock {
public:
  explicit staggered_lock(std::mutex& mutex) : mutex_(mutex) {
    std::this_thread::yield();
    mutex_.lock();
  }
  ~staggered_lock() {
    mutex_.unlock();
    std::this_thread::yield();
  }
  staggered_lock(const staggered_lock&) = delete;
  staggered_lock& operator=(const staggered_lock&) = delete;

private:
  std::mutex& mutex_;
};

struct safe_queue {
  using model = queue_model;
  struct item {
    std::int64_t number;
    std::optional<std::int64_t> lease;
  };
  using items = std::multimap<std::int64_t, item>; // by priority; equal ones in the order of puts

  class worker {
  public:
    worker(safe_queue& queue, int client) : queue_(queue), next_(client * 1'000'000) {}

    void step(client_record& record, dice& random) {
      switch (random() % 10) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const auto number = ++next_;
        const auto priority = static_cast<std::int64_t>(random() % 3);
        record.record(model::put("q", number, priority), [&] {
          staggered_lock lock{queue_.mutex_};
          queue_.items_.emplace(priority, item{number, std::nullopt});
          return values{};
        });
        return;
      }
      case 4:
      case 5:
      case 6:
        record.record(model::get("q"), [&] {
          staggered_lock lock{queue_.mutex_};
          const auto at = queue_.head();
          if (at == queue_.items_.end())
            return values{};
          const auto taken = queue_.items_.extract(at);
          return values{taken.mapped().number, taken.key()};
        });
        return;
      case 7:
        lease_ = ++next_;
        record.record(model::take("q", lease_), [&] {
          staggered_lock lock{queue_.mutex_};
          const auto at = queue_.head();
          if (at == queue_.items_.end())
            return values{};
          at->second.lease = lease_;
          return values{at->second.number, at->first};
        });
        return;
      case 8: {
        const bool good = random() % 2;
        record.record(good ? model::ack("q", lease_) : model::nack("q", lease_), [&] {
          staggered_lock lock{queue_.mutex_};
          return values{queue_.end(lease_, good)};
        });
        return;
      }
      default:
        record.record(model::count("q"), [&] {
          staggered_lock lock{queue_.mutex_};
          std::int64_t n = 0;
          for (const auto& [priority, i] : queue_.items_)
            n += !i.lease;
          return values{n};
        });
      }
    }

  private:
    safe_queue& queue_;
    std::int64_t next_;
    std::int64_t lease_ = 0;
  };

private:
  items::iterator head() {
    auto at = items_.begin();
    while (at != items_.end() && at->second.lease)
      ++at;
    return at;
  }

  bool end(std::int64_t lease, bool good) {
    for (auto at = items_.begin(); at != items_.end(); ++at)
      if (at->second.lease == lease) {
        at->second.lease.reset();
        if (good)
          items_.erase(at);
        return true;
      }
    return false;
  }

  std::mutex mutex_;
  items items_;
};

struct safe_lock {
  using model = lock_model;

  class worker {
  public:
    worker(safe_lock& lock, int client) : lock_(lock), holding_(client * 1'000'000) {}

    void step(client_record& record, dice& random) {
      if (random() % 8 == 0)
        record.record(model::renew("l", holding_), [&] {
          staggered_lock lock{lock_.mutex_};
          return values{lock_.holding_ == holding_};
        });
      else if (random() % 2)
        record.record(model::try_acquire("l", ++holding_), [&] {
          staggered_lock lock{lock_.mutex_};
          if (lock_.holding_)
            return values{};
          lock_.holding_ = holding_;
          return values{++lock_.token_};
        });
      else
        record.record(model::release("l", holding_), [&] {
          staggered_lock lock{lock_.mutex_};
          const bool held = lock_.holding_ == holding_;
          if (held)
            lock_.holding_.reset();
          return values{held};
        });
    }

  private:
    safe_lock& lock_;
    std::int64_t holding_;
  };

private:
  std::mutex mutex_;
  std::optional<std::int64_t> holding_;
  std::int64_t token_ = 0;
};

struct safe_list {
  using model = list_model;

  class worker {
  public:
    worker(safe_list& list, int client) : list_(list), next_(client * 1'000'000) {}

    void step(client_record& record, dice& random) {
      const auto index = static_cast<std::int64_t>(random() % 9) - 4;
      const auto call = call_of(random() % 13, index);
      record.record(call, [&] {
        staggered_lock lock{list_.mutex_};
        return list_.run(call);
      });
    }

  private:
    test::call call_of(std::uint64_t kind, std::int64_t index) {
      switch (kind) {
      case 0:
      case 1:
      case 2:
        return model::push("l", ++next_);
      case 3:
        return model::prepend("l", ++next_);
      case 4:
        return model::insert("l", index, ++next_);
      case 5:
        return model::set("l", index, ++next_);
      case 6:
        return model::pop_front("l");
      case 7:
        return model::pop_back("l");
      case 8:
        return model::erase("l", index);
      case 9:
      case 10:
        return model::at("l", index);
      case 11:
        return model::count("l");
      default:
        return model::items("l");
      }
    }

    safe_list& list_;
    std::int64_t next_;
  };

private:
  static std::int64_t place_of(std::int64_t index, std::int64_t size) {
    return std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size);
  }

  values run(const call& c) {
    const auto& name = c.operation;
    const auto size = static_cast<std::int64_t>(items_.size());
    if (name == "push")
      items_.push_back(c.arguments[0]);
    else if (name == "prepend")
      items_.push_front(c.arguments[0]);
    else if (name == "insert")
      items_.insert(items_.begin() + place_of(c.arguments[0], size), c.arguments[1]);
    else if (name == "count")
      return {size};
    else if (name == "items")
      return {items_.begin(), items_.end()};
    else
      return size == 0 ? empty(name) : run_inside(c, size);
    return {};
  }

  static values empty(const std::string& name) {
    return name == "set" || name == "erase" ? values{0} : values{};
  }

  values run_inside(const call& c, std::int64_t size) {
    const auto& name = c.operation;
    auto index = name == "pop_front" ? 0 : name == "pop_back" ? size - 1 : c.arguments[0];
    index += index < 0 ? size : 0;
    if (index < 0 || index >= size)
      return empty(name);
    const auto at = items_.begin() + index;
    const auto value = *at;
    if (name == "set") {
      *at = c.arguments[1];
      return {1};
    }
    if (name != "at")
      items_.erase(at);
    return name == "erase" ? values{1} : values{value};
  }

  std::mutex mutex_;
  std::deque<std::int64_t> items_;
};

/// Histories of `rounds` new subjects, each under as many threads as `clients` at the same time.
template <class Subject>
std::vector<history> recorded(std::size_t rounds, int clients, int calls, std::uint64_t seed) {
  std::vector<Subject> subjects(rounds);
  std::vector<recorder> records(rounds);
  std::barrier together{clients};
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; ++client)
    threads.emplace_back([&, client] {
      dice random{seed + static_cast<std::uint64_t>(client)};
      for (std::size_t round = 0; round < rounds; ++round) {
        typename Subject::worker worker{subjects[round], client};
        auto& record = records[round].client(client);
        together.arrive_and_wait();
        for (int i = 0; i < calls; ++i)
          worker.step(record, random);
      }
    });
  for (auto& t : threads)
    t.join();
  std::vector<history> result;
  for (const auto& r : records)
    result.push_back(r.events());
  return result;
}

} // namespace beaver::test
