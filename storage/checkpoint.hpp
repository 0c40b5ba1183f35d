#pragma once
#include "beaver/storage/connection.hpp"

#include <chrono>
#include <cstdint>

namespace beaver {

/// Watches the write-ahead log of a write connection and empties it on request. SQLite's own
/// automatic checkpoint never gets past busy readers and lets the log grow without bound.
/// Lives within its connection's life; same thread rule.
class wal_monitor {
public:
  explicit wal_monitor(connection& c);
  wal_monitor(const wal_monitor&) = delete;
  wal_monitor& operator=(const wal_monitor&) = delete;

  /// Pages in the log after the last commit of this connection.
  [[nodiscard]] int frames() const noexcept { return frames_; }

  /// Commits of this connection that wrote something.
  [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }

  /// Copies the log into the file so that the next writer begins it anew; waits at most `patience`
  /// for readers. False if readers were in the way; what could be copied is copied. Must be called
  /// outside a transaction. Throws `error` io, full.
  bool restart(std::chrono::milliseconds patience);

private:
  connection& connection_;
  int frames_ = 0;
  std::uint64_t commits_ = 0;
};

} // namespace beaver
