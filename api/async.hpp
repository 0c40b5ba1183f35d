#pragma once
#include "beaver/api/dispatcher.hpp"
#include "beaver/api/result.hpp"
#include "beaver/api/style.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace beaver {

namespace detail {

/// What a future and the call behind it share.
template <class R>
class future_state {
public:
  virtual ~future_state() = default;

  /// The result, made out of the reply on the thread that asks for it, for that may run code of the
  /// user's model.
  virtual result<R> take() = 0;

  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return ready_; });
  }

  [[nodiscard]] bool ready() {
    std::lock_guard guard{mutex_};
    return ready_;
  }

  void set_ready(const failure* why) {
    std::function<void()> next;
    {
      std::lock_guard guard{mutex_};
      if (why)
        failure_ = *why;
      ready_ = true;
      next = std::move(continuation_);
      changed_.notify_all();
    }
    if (next)
      next();
  }

  /// Runs `next` when the call has ended, perhaps at once.
  void when_ready(std::function<void()> next) {
    {
      std::lock_guard guard{mutex_};
      if (!ready_) {
        continuation_ = std::move(next);
        return;
      }
    }
    next();
  }

  executor home; ///< where callbacks run unless the caller says otherwise

protected:
  std::optional<failure> failure_;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  std::function<void()> continuation_;
};

template <message M, class R, class F>
class typed_future_state final : public future_state<R> {
public:
  typed_future_state(M m, F convert) : message(std::move(m)), convert_(std::move(convert)) {}

  result<R> take() override {
    if (this->failure_)
      return *this->failure_;
    try {
      if constexpr (std::is_void_v<R>) {
        return {};
      } else {
        return convert_(std::move(*reply));
      }
    } catch (const error& e) {
      return failure{e.code(), e.what()};
    }
  }

  M message;
  std::optional<std::conditional_t<std::is_void_v<typename M::reply>, char, typename M::reply>>
    reply;

private:
  F convert_;
};

} // namespace detail

/// The result of a call that goes on by itself. Dropping the future does not cancel the call.
template <class R>
class [[nodiscard]] future {
public:
  explicit future(std::shared_ptr<detail::future_state<R>> state) : state_(std::move(state)) {}
  future(future&&) noexcept = default;
  future& operator=(future&&) noexcept = default;

  [[nodiscard]] bool ready() const { return state_->ready(); }
  void wait() const { state_->wait(); }

  /// Waits for the result. Once only.
  result<R> get() {
    state_->wait();
    return std::exchange(state_, nullptr)->take();
  }

  /// Calls `callback(result<R>)` when the result is there, on the database's callback thread. Once
  /// only, instead of `get`.
  template <class F>
  void then(F callback) {
    auto home = state_->home;
    then(std::move(home), std::move(callback));
  }

  /// The same on `where`, which must not be empty.
  template <class F>
  void then(executor where, F callback) {
    auto state = std::exchange(state_, nullptr);
    auto* raw = state.get();
    auto shared = std::make_shared<F>(std::move(callback));
    raw->when_ready(
      [state = std::move(state), where = std::move(where), shared = std::move(shared)] {
        where([state, shared] { (*shared)(state->take()); });
      });
  }

  /// Calls `next` once when `get` need not wait any more, perhaps at once and on this thread, and
  /// else inside an actor: it must neither block nor throw. What coroutines and other event loops
  /// need; `get` comes after it.
  void when_ready(std::function<void()> next) { state_->when_ready(std::move(next)); }

  /// Where callbacks run unless the caller says otherwise.
  [[nodiscard]] const executor& home() const noexcept { return state_->home; }

private:
  std::shared_ptr<detail::future_state<R>> state_;
};

/// Calls are started and return futures. They never block; beyond `options::max_in_flight` they
/// throw `error` busy. Writes of one thread on one manager happen in the order of their start; a
/// read may overtake a write that has not ended.
struct async {
  template <class R>
  using reply = future<R>;
  static constexpr bool reads = true;

  template <message M>
  future<typename M::reply> operator()(M m) const {
    return start<typename M::reply>(std::move(m), [](auto value) { return value; });
  }

  template <message M, class F>
  auto operator()(M m, F convert, std::stop_token stop = {}) const {
    return start<std::invoke_result_t<F, typename M::reply>>(std::move(m), std::move(convert),
                                                             std::move(stop));
  }

  std::shared_ptr<backend> to;
  executor home;

private:
  template <class R, message M, class F>
  future<R> start(M m, F convert, std::stop_token stop = {}) const {
    using state_type = detail::typed_future_state<M, R, F>;
    struct call final : async_call {
      explicit call(std::shared_ptr<state_type> s) : state(std::move(s)) {
        op = &operation_of<M>();
        message = &state->message;
        if constexpr (!std::is_void_v<typename M::reply>)
          reply = &state->reply;
      }
      void done(const failure* why) noexcept override { state->set_ready(why); }
      std::shared_ptr<state_type> state;
    };
    auto state = std::make_shared<state_type>(std::move(m), std::move(convert));
    state->home = home;
    auto started = std::make_unique<call>(state);
    started->stop = std::move(stop);
    to->start(std::move(started));
    return future<R>{std::move(state)};
  }
};

} // namespace beaver
