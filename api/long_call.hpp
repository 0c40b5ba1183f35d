#pragma once
#include "beaver/actors/backend.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace beaver::detail {

/// A call whose end a thread waits for, with something else to do meanwhile.
template <message M>
class long_call final : public async_call {
public:
  /// What outlives the call.
  struct outcome {
    explicit outcome(M m) : message(std::move(m)) {}

    M message;
    std::optional<typename M::reply> reply{};
    std::optional<failure> failed{};
    std::mutex mutex{};
    std::condition_variable changed{};
    bool ended = false;
  };

  long_call(std::shared_ptr<outcome> out, std::stop_token withdraws) : out_(std::move(out)) {
    op = &operation_of<M>();
    message = &out_->message;
    reply = &out_->reply;
    stop = std::move(withdraws);
  }

  void done(const failure* why) noexcept override {
    const std::lock_guard guard{out_->mutex};
    if (why)
      out_->failed = *why;
    out_->ended = true;
    out_->changed.notify_all();
  }

private:
  std::shared_ptr<outcome> out_;
};

/// Carries out a message whose answer takes long; calls `meanwhile` about 20 times a second until
/// it is there. Throws `error`, and what `meanwhile` throws once the call has ended.
template <message M, class F>
typename M::reply call_with_progress(backend& to, M m, std::stop_token stop, F meanwhile) {
  using namespace std::chrono_literals;
  std::stop_source withdraws;
  const std::stop_callback forward{stop, [&] { withdraws.request_stop(); }};
  const auto out = std::make_shared<typename long_call<M>::outcome>(std::move(m));
  to.start(std::make_unique<long_call<M>>(out, withdraws.get_token()));
  std::exception_ptr thrown;
  for (;;) {
    {
      std::unique_lock lock{out->mutex};
      if (out->changed.wait_for(lock, 50ms, [&] { return out->ended; }))
        break;
    }
    if (!thrown)
      try {
        meanwhile();
      } catch (...) {
        thrown = std::current_exception();
        withdraws.request_stop();
      }
  }
  if (thrown)
    std::rethrow_exception(thrown);
  if (out->failed)
    throw error(out->failed->code, out->failed->text);
  return std::move(*out->reply);
}

} // namespace beaver::detail
