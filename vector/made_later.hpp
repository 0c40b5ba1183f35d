#pragma once
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

namespace beaver {

/// What an index makes of its rows when a second search shows that it is worth it. Thread-safe.
template <class T>
class made_later {
public:
  /// Null at first, then what `make` gives, called once.
  template <class F>
  const T* get(F make) const {
    if (const auto* made = made_.load(std::memory_order_acquire))
      return made;
    if (!asked_.exchange(true, std::memory_order_relaxed))
      return nullptr;
    const std::lock_guard guard{making_};
    if (!owned_) {
      owned_ = make();
      made_.store(owned_.get(), std::memory_order_release);
    }
    return owned_.get();
  }

  [[nodiscard]] std::size_t bytes() const noexcept {
    const auto* made = made_.load(std::memory_order_acquire);
    return made != nullptr ? made->bytes() : 0;
  }

private:
  mutable std::atomic<bool> asked_ = false;
  mutable std::atomic<const T*> made_ = nullptr;
  mutable std::mutex making_;
  mutable std::unique_ptr<const T> owned_;
};

} // namespace beaver
