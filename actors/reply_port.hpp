#pragma once
#include "beaver/actors/backend.hpp"

#include <atomic>
#include <caf/actor_control_block.hpp>
#include <caf/monitorable_actor.hpp>
#include <functional>
#include <optional>
#include <stop_token>

namespace beaver {

class lending;

/// The far end of one request: an actor without behaviour whose `enqueue` takes the reply where it
/// arrives, on the answering thread. Serves a blocking caller, who waits on it, or carries the
/// callback of an asynchronous call. One call at a time; reusable at once, because a reply to an
/// earlier call is told by its number.
class reply_port final : public caf::monitorable_actor {
public:
  explicit reply_port(caf::actor_config& config) : caf::monitorable_actor(config) {}

  /// What to do with a port whose asynchronous call has ended.
  struct owner {
    virtual void recycle(reply_port& port) noexcept = 0;

  protected:
    ~owner() = default;
  };

  /// Sends a request whose reply `op` puts into the slot `reply`; without `op`, `reply` is a
  /// `caf::message*` or null. `wait` must follow.
  void ask(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr content,
           const operation* op, void* reply, caf::execution_unit* host);

  /// Runs ready actors of `lent` until the reply is here, then blocks for it. Throws the reply's
  /// error.
  void wait(lending& lent);

  /// The last request that was sent.
  [[nodiscard]] std::uint64_t request_number() const noexcept {
    return number_.load(std::memory_order_relaxed);
  }

  /// Tells the target of a request that its caller waits no longer. From any thread, and harmless
  /// when the request has ended.
  void withdraw(const caf::strong_actor_ptr& target, std::uint64_t number);

  /// Sends the request of an asynchronous call, which its `stop` withdraws, and whose `done` tells
  /// the end; then calls `home.recycle`.
  void start(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr content,
             std::unique_ptr<async_call> call, owner& home);

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* host) override;

private:
  enum phase : std::uint32_t { idle, waiting, asleep, answered };

  void send(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr content,
            caf::execution_unit* host);
  void sleep();
  void wake();

  std::atomic<std::uint32_t> phase_{idle};
  std::atomic<std::uint64_t> number_{0};
  const operation* op_ = nullptr;
  void* reply_ = nullptr;
  std::optional<failure> failure_;
  std::unique_ptr<async_call> async_;
  std::optional<std::stop_callback<std::function<void()>>> withdraws_;
  owner* home_ = nullptr;
};

using reply_port_ptr = caf::intrusive_ptr<reply_port>;

} // namespace beaver
