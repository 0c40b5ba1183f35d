#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/actors/change_set.hpp"
#include "beaver/actors/engine_stats.hpp"
#include "beaver/storage/clock.hpp"
#include "beaver/storage/connection.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace beaver {

/// A backend over an open write transaction: runs messages at once, on the thread that opened it.
/// Handles that outlive it get `errc::closed`.
class transaction_session final : public backend {
public:
  transaction_session(connection& db, const std::atomic<bool>& expired, const clock_function& clock,
                      const engine_stats& stats, change_set& changed)
    : db_(&db), expired_(expired), clock_(clock), stats_(stats), changed_(changed) {}

  void call(const operation& op, void* message, void* reply) override;

  /// Throws `error`: timeout if the transaction has lasted too long, closed if a failure has ended
  /// it.
  void check_alive() const;

  void end() noexcept { db_ = nullptr; }

private:
  connection* db_;
  const std::atomic<bool>& expired_;
  const clock_function& clock_;
  const engine_stats& stats_;
  change_set& changed_;
  const std::thread::id owner_ = std::this_thread::get_id();
};

/// A read-only backend over one instant of the file, with a connection of its own. Thread-safe:
/// calls run one after the other on their callers' threads.
class snapshot_session final : public backend {
public:
  struct limits {
    std::chrono::steady_clock::time_point deadline;
    std::uint64_t wal_bytes; // by which the log may grow meanwhile
  };

  /// The view begins here. Throws `error`.
  snapshot_session(const std::string& path, connection_options options, clock_function clock,
                   const engine_stats& stats, limits limit);
  ~snapshot_session() override { end(); }

  void call(const operation& op, void* message, void* reply) override;

  /// Runs `body` over the connection, alone. Throws `error` closed or timeout if the view has
  /// ended.
  template <class F>
  decltype(auto) with_connection(F&& body) {
    std::lock_guard guard{mutex_};
    check_open();
    return body(*db_);
  }

  /// Keeps something that uses the connection until the view ends or `detach`. Both are called
  /// from within `with_connection`.
  void attach(std::shared_ptr<void> user) { users_.push_back(std::move(user)); }
  void detach(const void* user) noexcept;

  /// Ends the view if a limit is passed; true if it has ended.
  bool expire() noexcept;

  void end() noexcept;

private:
  void check_open();
  void close() noexcept;
  [[nodiscard]] bool past_limit() const noexcept;
  [[nodiscard]] std::uint64_t wal_bytes() const noexcept;

  std::mutex mutex_;
  const std::string path_;
  std::unique_ptr<connection> db_;           // null: ended
  std::vector<std::shared_ptr<void>> users_; // end before the connection
  const clock_function clock_;
  const engine_stats& stats_;
  const limits limits_;
  std::uint64_t wal_bytes_before_ = 0; // the log need not be empty when the view begins
  bool expired_ = false;
};

/// The open snapshots of an engine, so that they end in time though nobody uses them. Thread-safe.
class snapshot_list {
public:
  void add(const std::shared_ptr<snapshot_session>& s);

  /// Ends those past their limits; true if any is left open.
  bool expire() noexcept;

  void end_all() noexcept;

private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<snapshot_session>> open_;
};

} // namespace beaver
