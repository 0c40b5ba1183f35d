#pragma once
#include "beaver/actors/lock.hpp"
#include "beaver/api/fence.hpp"
#include "beaver/api/lock_keeper.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace beaver {

struct lock_options {
  /// How long others are kept out by a holder who does not renew any more because its process was
  /// killed or stopped. > 0.
  std::chrono::duration<double> ttl{default_lock_ttl};
};

/// A lock that is held until this ends. It is renewed all the time, so a holder may take longer
/// than the time to live; a process that is stopped, or cannot write, for that long loses it. Then
/// whoever waits gets it, while this holder may not know yet: what must not happen without the lock
/// is written with its `fence`. May outlive its database. Thread-safe but for moves.
class held_lock {
public:
  held_lock(std::shared_ptr<lock_keeper> keeper, std::shared_ptr<kept_lock> inside)
    : keeper_(std::move(keeper)), inside_(std::move(inside)) {}

  /// Releases it, whatever happens. Inside a transaction of the same database it is free after
  /// that.
  ~held_lock() { drop(); }
  held_lock(held_lock&&) noexcept = default;
  held_lock& operator=(held_lock&& other) noexcept {
    if (this != &other) {
      drop();
      keeper_ = std::move(other.keeper_);
      inside_ = std::move(other.inside_);
    }
    return *this;
  }

  /// Gives the lock back; whether it was still held. Throws `error`: would_deadlock inside a
  /// transaction of the same database, busy, io, full, closed; then the lock is held as before.
  bool release() { return keeper_->release(*inside_); }

  [[nodiscard]] const std::string& name() const noexcept { return inside_->name; }

  /// Who holds it, as `lock::holder` says.
  [[nodiscard]] const std::string& waiter() const noexcept { return inside_->waiter; }

  /// Greater than every earlier one of any lock in this file.
  [[nodiscard]] std::uint64_t token() const noexcept { return inside_->token; }

  /// For `database::transaction` and `database::batched`.
  [[nodiscard]] beaver::fence fence() const { return {inside_->name, inside_->token}; }

  /// Whether it is known that the lock is gone: its time ended without a renewal, somebody cleared
  /// it, or the database was closed.
  [[nodiscard]] bool lost() const { return keeper_->lost(*inside_); }

  /// Calls `callback` once when that happens, on the database's callback thread; at once if it has
  /// happened. Not at a release, nor when the database is closed. Replaces an earlier one.
  void on_loss(std::function<void()> callback) { keeper_->on_loss(*inside_, std::move(callback)); }

  /// Until when nobody else gets it, counted from when this process heard that it was its turn.
  /// Renewals move it.
  [[nodiscard]] std::chrono::steady_clock::time_point expires_at() const {
    return keeper_->expires_at(*inside_);
  }

private:
  void drop() noexcept {
    if (inside_)
      keeper_->drop(*inside_);
  }

  std::shared_ptr<lock_keeper> keeper_;
  std::shared_ptr<kept_lock> inside_; // null: moved from
};

/// A lock by name: at most one holder at a time, over all threads and processes that use the file,
/// programs with beaver-db 2.3 among them. Those who wait get it in the order in which they asked.
/// Who asks while holding waits like anybody else.
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes. Every
/// call may fail with `error`: invalid_argument, busy, io, full, closed, would_deadlock.
class lock {
public:
  lock(std::string name, lock_options how, std::shared_ptr<lock_keeper> keeper)
    : name_(std::move(name)), how_(how), keeper_(std::move(keeper)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Waits until it is this caller's turn. Throws `error` cancelled if `stop` ends the waiting.
  [[nodiscard]] held_lock acquire(std::stop_token stop = {}) {
    return {keeper_, get({}, std::move(stop))};
  }

  /// The same for at most `timeout`, not negative; empty when that is over.
  [[nodiscard]] std::optional<held_lock> acquire(std::chrono::duration<double> timeout,
                                                 std::stop_token stop = {}) {
    auto got = get(timeout.count(), std::move(stop));
    return got ? std::optional<held_lock>{std::in_place, keeper_, std::move(got)} : std::nullopt;
  }

  /// Takes it if nobody holds it or waits for it.
  [[nodiscard]] std::optional<held_lock> try_lock() {
    return acquire(std::chrono::duration<double>{0});
  }

  /// Who holds it, or whose turn it is; empty if it is free.
  [[nodiscard]] std::optional<lock_waiter> holder() const {
    return call(keeper_->to(), lock_holder{name_});
  }

  /// The holder and those who wait, in order.
  [[nodiscard]] std::vector<lock_waiter> waiters() const {
    return call(keeper_->to(), lock_waiters{name_});
  }

  /// Takes it away from whoever holds it and forgets who waits; their number. Those who wait
  /// through this library ask again.
  std::uint64_t clear() { return call(keeper_->to(), lock_clear{name_}); }

private:
  std::shared_ptr<kept_lock> get(std::optional<double> timeout, std::stop_token stop) {
    return keeper_->acquire(name_, how_.ttl.count(), timeout, std::move(stop));
  }

  std::string name_;
  lock_options how_;
  std::shared_ptr<lock_keeper> keeper_;
};

} // namespace beaver
