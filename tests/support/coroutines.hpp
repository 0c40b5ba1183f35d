#pragma once
#include "beaver/api/dispatcher.hpp"

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>

namespace beaver::test {

inline const executor at_once = [](const std::function<void()>& work) { work(); };

/// An executor whose work waits until the test runs it.
struct by_hand {
  executor as_executor() {
    return [this](std::function<void()> work) {
      const std::lock_guard guard{mutex};
      queue.push_back(std::move(work));
      arrived.notify_all();
    };
  }
  std::function<void()> next() {
    std::unique_lock lock{mutex};
    arrived.wait(lock, [this] { return !queue.empty(); });
    auto work = std::move(queue.front());
    queue.pop_front();
    return work;
  }
  bool empty() {
    const std::lock_guard guard{mutex};
    return queue.empty();
  }

  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<std::function<void()>> queue;
};

/// A coroutine of a user's own: it runs at once and is destroyed with this, wherever it is.
class owned_coroutine {
public:
  struct promise_type {
    owned_coroutine get_return_object() { return owned_coroutine{*this}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };

  explicit owned_coroutine(promise_type& of)
    : handle_(std::coroutine_handle<promise_type>::from_promise(of)) {}
  ~owned_coroutine() {
    if (handle_)
      handle_.destroy();
  }
  owned_coroutine(owned_coroutine&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)) {}
  owned_coroutine& operator=(owned_coroutine&&) = delete;
  [[nodiscard]] bool done() const { return handle_.done(); }

private:
  std::coroutine_handle<promise_type> handle_;
};

} // namespace beaver::test
