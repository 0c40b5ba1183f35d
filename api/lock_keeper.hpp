#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/api/dispatcher.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace beaver {

/// A lock that this process has got, as its keeper sees it. What changes is the keeper's.
struct kept_lock {
  using steady = std::chrono::steady_clock;
  enum class phase : std::uint8_t { held, lost, released };

  const std::string name;
  const std::string waiter; ///< a new one each time
  const std::uint64_t token;
  const double ttl_seconds;

  phase state = phase::held;
  steady::time_point expires_at; ///< as far as this process can be sure
  steady::time_point renew_at;
  bool renewing = false; ///< an answer is to come
  std::function<void()> on_loss{};
};

/// Gets the locks of one database, renews those that are held, and tells their holders when they
/// have lost one. One thread, started with the first lock; it talks to the backend alone, so the
/// backend may be anywhere. Thread-safe.
class lock_keeper {
public:
  using steady = std::chrono::steady_clock;

  /// Losses are told through `callbacks`.
  lock_keeper(std::shared_ptr<backend> to, executor callbacks);
  /// `close`.
  ~lock_keeper();
  lock_keeper(const lock_keeper&) = delete;
  lock_keeper& operator=(const lock_keeper&) = delete;

  /// Waits for the lock, at most `timeout` seconds (0: not at all, absent: for ever). Null when
  /// they are over. Throws `error`: cancelled if `stop` ended the waiting, closed, and what the
  /// calls throw.
  [[nodiscard]] std::shared_ptr<kept_lock> acquire(const std::string& name, double ttl_seconds,
                                                   std::optional<double> timeout,
                                                   std::stop_token stop);

  /// Gives it back; whether it was still held. Later calls do nothing and give false. Throws
  /// `error`; then it is held as before.
  bool release(kept_lock& lock);

  /// The same for destructors: also from inside a transaction, where it happens afterwards. If it
  /// fails, the lock is free when its time is over.
  void drop(kept_lock& lock) noexcept;

  [[nodiscard]] bool lost(const kept_lock& lock) const;
  [[nodiscard]] steady::time_point expires_at(const kept_lock& lock) const;

  /// Replaces the callback; calls it, through the executor, if the lock is lost already.
  void on_loss(kept_lock& lock, std::function<void()> callback);

  [[nodiscard]] backend& to() const noexcept { return *to_; }

  /// Ends the waiting of all (`errc::closed`), releases what is held and ends the thread. Holders
  /// then have lost their locks, without being told. Not inside a transaction.
  void close() noexcept;

private:
  struct impl;
  class visit;
  struct renewal;

  bool forget(kept_lock& lock);
  void start_renewal(const std::shared_ptr<kept_lock>& lock);
  void run();

  const std::shared_ptr<backend> to_;
  const std::shared_ptr<impl> impl_; // without the backend, for its actors must not end it
  std::thread thread_;
  std::once_flag closed_;
};

} // namespace beaver
