#pragma once
#include "beaver/storage/connection.hpp"

#include <array>
#include <cstdint>

namespace beaver {

/// The head of a file's wal-index, of which two equal copies mean that nobody has committed between
/// them, by any process. Source: the "WAL-Index File Format" in SQLite's documentation.
using wal_state = std::array<std::uint64_t, 6>;

/// Looks at the head of the wal-index, for about 10 ns. Lives within its connection's life; same
/// thread rule.
class wal_view {
public:
  explicit wal_view(connection& c) noexcept : connection_(c) {}

  /// Makes `read` possible, between statements or inside a transaction. False if there is no
  /// wal-index: a database in memory or not in WAL mode, or the -shm file is not ours to map.
  [[nodiscard]] bool map();

  /// After `map`, and while the connection may not have let go of the log since: within one
  /// transaction, or always on a connection that has written. A copy taken while another process
  /// commits may be torn; then it equals neither the state before nor the one after.
  [[nodiscard]] wal_state read() const noexcept;

  /// Commits that the state counts, modulo 2^32.
  [[nodiscard]] static std::uint32_t commits(const wal_state& state) noexcept;

private:
  connection& connection_;
  bool wal_ = false; ///< once true it stays: see map()
  std::uint64_t* mapped_ = nullptr;
};

} // namespace beaver
