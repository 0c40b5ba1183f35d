#pragma once
#include "beaver/storage/error.hpp"

#include <atomic>

namespace beaver {

/// Counts the calls in flight and bounds them. Shared with asynchronous calls, for one of them may
/// let go of it when the engine is gone already. Thread-safe.
class call_gate {
public:
  explicit call_gate(unsigned limit) : limit_(limit) {}

  /// False if the engine closes; `patient` callers wait for their turn, others get `errc::busy`.
  [[nodiscard]] bool enter(bool patient) {
    for (;;) {
      const auto before = in_flight_.fetch_add(1);
      if (closing_) {
        leave();
        return false;
      }
      if (before < limit_)
        return true;
      leave();
      if (!patient)
        throw error(errc::busy, "too many calls in flight; wait for some of them to end");
      in_flight_.wait(before);
    }
  }

  void leave() noexcept {
    const auto before = in_flight_.fetch_sub(1);
    if (before >= limit_ || closing_)
      in_flight_.notify_all();
  }

  /// Lets nobody in any more; false if it was shut before.
  bool shut() noexcept { return !closing_.exchange(true); }

  /// After `shut`: waits until all have left.
  void wait_empty() noexcept {
    for (auto n = in_flight_.load(); n != 0; n = in_flight_.load())
      in_flight_.wait(n);
  }

private:
  const unsigned limit_;
  std::atomic<unsigned> in_flight_{0};
  std::atomic<bool> closing_{false};
};

} // namespace beaver
