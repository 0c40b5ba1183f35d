#pragma once
#include "beaver/storage/connection.hpp"
#include "beaver/storage/wal_view.hpp"

#include <functional>
#include <utility>

namespace beaver {

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

  /// `end` is called before the transaction ends, by whatever way: then handles of parts of values
  /// have to be closed, which would keep it. It must not throw.
  void before_end(std::function<void()> end) { before_end_ = std::move(end); }

  /// Whether a transaction is open.
  [[nodiscard]] bool held() const noexcept { return held_ && connection_.in_transaction(); }

  /// The state of the file that the transaction shows; null where that cannot be told, or somebody
  /// committed while it began. Within a job, between its statements.
  [[nodiscard]] const wal_state* state();

private:
  [[nodiscard]] bool unchanged() const noexcept;

  connection& connection_;
  wal_view view_{connection_};
  bool held_ = false;
  bool mapped_ = false; ///< whether `seen_` holds, while held
  bool exact_ = false;  ///< whether the transaction is known to show just that
  std::function<void()> before_end_;
  wal_state seen_{};
};

} // namespace beaver
