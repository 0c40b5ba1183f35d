#pragma once
#include "beaver/actors/engine_actors.hpp"
#include "beaver/storage/checkpoint.hpp"
#include "beaver/storage/wal_view.hpp"
#include "beaver/storage/write_turn.hpp"

#include <chrono>
#include <optional>

namespace beaver {

/// The way of every write transaction of this process into the file: waits for its turn among
/// processes, begins, commits, and tells the others. Used by whoever has the write connection at
/// the time: the writer, or an interactive transaction.
class file_writer {
public:
  file_writer(engine_state& state, connection& db) : state_(state), db_(db), log_(db) {}
  file_writer(const file_writer&) = delete;
  file_writer& operator=(const file_writer&) = delete;

  /// False if another process writes: to be called again when its bell rings, and every few
  /// milliseconds. A place in the queue of processes is kept meanwhile. Throws `error`.
  [[nodiscard]] bool try_begin();

  /// Stops trying.
  void give_up() noexcept;

  /// Throws `error` as COMMIT does; then the transaction has to be rolled back.
  void commit();

  /// Ends the transaction without a trace, if there is one that was not committed. Throws `error`
  /// if even that fails.
  void roll_back();

  /// What the transaction has changed so far; after `commit`, what it did change.
  [[nodiscard]] change_set& changed() noexcept { return changed_; }

  [[nodiscard]] wal_monitor& log() noexcept { return log_; }

private:
  [[nodiscard]] bool enter_and_begin();
  void leave(bool wrote) noexcept;

  engine_state& state_;
  connection& db_;
  wal_monitor log_;
  wal_view view_{db_};
  std::optional<bool> mapped_; ///< whether `view_` can be read; empty: not tried
  wal_state before_{};
  bool open_ = false;              ///< begun, and neither committed nor rolled back here
  std::optional<write_turn> turn_; ///< made at the first transaction
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
  change_set changed_;
};

} // namespace beaver
