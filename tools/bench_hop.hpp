#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace beaver::bench {

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
    if (!changed_.wait_for(lock, std::chrono::milliseconds{20}, [this] { return count_ > 0; }))
      return false;
    --count_;
    return true;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t count_ = 0;
};

/// Waits for a count without sleeping, so that only one direction is timed. Gives the core away at
/// every look: the kernel may have woken the other side on this one, for up to 4 ms.
inline void spin_until(const std::atomic<std::uint64_t>& count, std::uint64_t value) {
  while (count.load() < value)
    std::this_thread::yield();
}

} // namespace beaver::bench
