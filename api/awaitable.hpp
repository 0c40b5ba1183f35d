#pragma once
#include "beaver/api/async.hpp"
#include "beaver/api/subscription.hpp"

#include <atomic>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

// Coroutines over asynchronous calls and subscriptions. Any kind of coroutine can await what `via`
// gives; `future` is one itself, for programs without a library of coroutines. Asio's coroutines
// await only Asio's operations: api/asio.hpp.
//
// g++ 12 destroys an aggregate twice that is a temporary in a statement with `co_await`, such as
// {"Ada", 36} or {.prefix = "a"}: start the call in a statement of its own,
// `auto stored = users.set("ada", {"Ada", 36}); co_await via(pool, std::move(stored));`. Strings,
// numbers and whatever has a constructor are safe; so are clang and later versions of g++.

namespace beaver {

namespace detail {

/// A coroutine that waits until something happens, and then goes on by an executor, once. Shared
/// with whatever makes that happen, which may come too late.
class suspended : public std::enable_shared_from_this<suspended> {
public:
  explicit suspended(executor where) : where_(std::move(where)) {}

  /// What `await_suspend` does: `arm` sees to it that `happened` is called, from any thread. False
  /// if the executor has run its work at once: then the coroutine just goes on, or a loop of such
  /// would need more and more stack.
  template <class F>
  bool until(std::coroutine_handle<> who, F arm) {
    const auto self = shared_from_this(); // the awaiter may be gone at the end
    waiting_ = who.address();
    starter_ = std::this_thread::get_id();
    arm();
    arrive();
    starter_ = std::thread::id{};
    return !came_at_once_;
  }

  void happened() {
    if (!happened_.exchange(true))
      arrive();
  }

  /// The coroutine is about to be destroyed.
  void forget() noexcept { waiting_ = nullptr; }

private:
  /// The second to arrive goes on: nothing touches the coroutine any more that has armed it.
  void arrive() {
    if (arrived_.exchange(true))
      where_([self = shared_from_this()] { self->go_on(); });
  }

  void go_on() {
    if (starter_.load() == std::this_thread::get_id())
      came_at_once_ = true;
    else if (auto* who = waiting_.exchange(nullptr))
      std::coroutine_handle<>::from_address(who).resume();
  }

  const executor where_;
  std::atomic<void*> waiting_{nullptr};
  std::atomic<std::thread::id> starter_{}; // the thread inside `until`
  std::atomic<bool> happened_{false};
  std::atomic<bool> arrived_{false};
  bool came_at_once_ = false; // of the starter alone
};

/// What both awaiters have.
class awaiter {
public:
  explicit awaiter(executor where) : coroutine_(std::make_shared<suspended>(std::move(where))) {}
  ~awaiter() { coroutine_->forget(); }
  awaiter(const awaiter&) = delete;
  awaiter& operator=(const awaiter&) = delete;

  /// Never: also what is ready goes on by the executor.
  [[nodiscard]] bool await_ready() const noexcept { return false; }

protected:
  struct wake {
    void operator()() const {
      std::shared_ptr { coroutine } -> happened();
    }
    std::shared_ptr<suspended> coroutine;
  };

  std::shared_ptr<suspended> coroutine_;
};

/// Gives `To`: the result, or what is in it.
template <class R, class To>
class future_awaiter : public awaiter {
public:
  future_awaiter(executor where, future<R> of) : awaiter(std::move(where)), of_(std::move(of)) {}

  bool await_suspend(std::coroutine_handle<> who) {
    return coroutine_->until(who, [this] { of_.when_ready(wake{coroutine_}); });
  }

  To await_resume() {
    if constexpr (std::is_same_v<To, R>)
      return of_.get().value();
    else
      return of_.get();
  }

private:
  future<R> of_;
};

template <class Item>
class next_awaiter : public awaiter {
public:
  next_awaiter(executor where, subscription<Item>& of, std::stop_token stop)
    : awaiter(std::move(where)), of_(of), stop_(std::move(stop)) {}

  bool await_suspend(std::coroutine_handle<> who) {
    return coroutine_->until(who, [this] {
      on_stop_.emplace(stop_, wake{coroutine_});
      of_.when_ready(wake{coroutine_});
    });
  }

  std::optional<Item> await_resume() {
    on_stop_.reset();
    return of_.next(subscription<Item>::duration::zero(), stop_);
  }

private:
  subscription<Item>& of_;
  const std::stop_token stop_;
  std::optional<std::stop_callback<wake>> on_stop_;
};

} // namespace detail

/// `co_await via(where, call)`: the value of an asynchronous call; throws the `error` that the sync
/// call would have thrown. The coroutine goes on by `where`, always, even if the result was there
/// already; inside an actor, if `where` runs work at once, and then it must not block.
///
/// A coroutine that is destroyed meanwhile is not resumed; the call itself goes on. That must not
/// happen while `where` is resuming it: destroy it by the same executor.
template <class R>
[[nodiscard]] detail::future_awaiter<R, R> via(executor where, future<R> call) {
  return {std::move(where), std::move(call)};
}

/// The same without throwing: the value or the failure, as from `future::get`.
template <class R>
[[nodiscard]] detail::future_awaiter<R, result<R>> result_via(executor where, future<R> call) {
  return {std::move(where), std::move(call)};
}

/// `co_await call`: as by `via` where callbacks run unless the caller says otherwise, as for
/// `future::then`: on the database's callback thread, one after the other.
template <class R>
[[nodiscard]] detail::future_awaiter<R, R> operator co_await(future<R>&& call) {
  auto home = call.home();
  return {std::move(home), std::move(call)};
}

/// `co_await via(where, subscription)`: its next item, and its errors, as from `next`: `closed` at
/// the end. Empty if `stop` was requested and no item was there. `from` must live until then; one
/// may await it at a time.
template <class Item>
[[nodiscard]] detail::next_awaiter<Item> via(executor where, subscription<Item>& from,
                                             std::stop_token stop = {}) {
  return {std::move(where), from, std::move(stop)};
}

namespace detail {

/// Of a coroutine that returns a `future`.
template <class R>
class coroutine_state final : public future_state<R> {
public:
  coroutine_state() {
    this->home = [](const std::function<void()>& work) { work(); };
  }

  result<R> take() override {
    try {
      if (thrown)
        std::rethrow_exception(thrown);
    } catch (const error& e) {
      return failure{e.code(), e.what()};
    }
    if constexpr (std::is_void_v<R>)
      return {};
    else
      return {boost::system::in_place_value, std::move(*value)};
  }

  std::exception_ptr thrown;
  std::optional<std::conditional_t<std::is_void_v<R>, char, R>> value;
};

/// The end of such a coroutine, which nobody holds but itself: it destroys itself before it tells.
struct coroutine_end {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> who) const noexcept {
    const auto state = who.promise().state;
    who.destroy();
    state->set_ready(nullptr);
  }
  void await_resume() const noexcept {}
};

template <class R>
struct coroutine_promise_base {
  future<R> get_return_object() { return future<R>{state}; }
  [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
  [[nodiscard]] coroutine_end final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { state->thrown = std::current_exception(); }

  std::shared_ptr<coroutine_state<R>> state = std::make_shared<coroutine_state<R>>();
};

template <class R>
struct coroutine_promise : coroutine_promise_base<R> {
  void return_value(R value) { this->state->value.emplace(std::move(value)); }
};

template <>
struct coroutine_promise<void> : coroutine_promise_base<void> {
  void return_void() const noexcept {}
};

} // namespace detail

} // namespace beaver

/// A coroutine may return `beaver::future<R>`. It begins at once on its caller's thread; dropping
/// the future does not end it. What it throws comes out of `get`: `error` as a failure, anything
/// else as itself. `then` without an executor calls back where the coroutine ends.
template <class R, class... Arguments>
struct std::coroutine_traits<beaver::future<R>, Arguments...> {
  using promise_type = beaver::detail::coroutine_promise<R>;
};
