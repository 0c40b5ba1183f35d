#pragma once
#include "beaver/storage/connection.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace beaver {

/// Copies the head of the file's wal-index into `out`: two equal copies with no commit between
/// them, by any process, and none without a difference. False if there is none: not in WAL mode,
/// not read yet, or the -shm file is not ours to map. Same thread rule as the connection. Costs
/// about as much as one cached statement. Source: the "WAL-Index File Format" in SQLite's
/// documentation.
bool wal_header(connection& c, std::array<std::byte, 48>& out);

/// A read transaction that stays open from one job to the next for as long as nobody commits, since
/// beginning one costs more than most reads. While held it keeps checkpoints from resetting the
/// WAL, so the owner drops it when idle. Belongs to a read-only connection; same thread rule as the
/// connection.
class kept_read {
public:
  explicit kept_read(connection& c) noexcept : connection_(c) {}
  ~kept_read() { drop(); }
  kept_read(const kept_read&) = delete;
  kept_read& operator=(const kept_read&) = delete;

  /// Makes sure that statements from here to the next call see one state of the file, which holds
  /// everything committed before this call. All statements of the job before must be gone.
  /// About 10 ns if nothing was committed since. Throws `error` with SQLite's text.
  void begin();

  /// Ends the transaction, if there is one.
  void drop() noexcept;

  /// Whether a transaction is open.
  [[nodiscard]] bool held() const noexcept { return held_ && connection_.in_transaction(); }

private:
  using words = std::array<std::uint64_t, 6>;

  [[nodiscard]] bool unchanged() const noexcept;

  connection& connection_;
  bool held_ = false;
  bool wal_ = false;                ///< once true it stays: see begin()
  std::uint64_t* mapped_ = nullptr; ///< the header in memory, while held
  words seen_{};
};

} // namespace beaver
