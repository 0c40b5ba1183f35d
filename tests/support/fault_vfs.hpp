#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include <sqlite3.h>

namespace beaver::test {

/// An SQLite VFS over the default one that fails on demand. Name it in `connection_options::vfs`.
/// It acts on files whose path contains `path_part` (empty: on all) and passes everything else on.
/// All members may be called from any thread. Must outlive the connections that use it.
///
/// A write is one call of xWrite; sizes set by truncation are undone by a power cut, but not
/// counted. The -shm file is memory and is neither counted nor undone.
class fault_vfs {
public:
  static constexpr std::uint64_t forever = std::numeric_limits<std::uint64_t>::max();

  explicit fault_vfs(std::string name, std::string path_part = "");
  ~fault_vfs();
  fault_vfs(const fault_vfs&) = delete;
  fault_vfs& operator=(const fault_vfs&) = delete;

  [[nodiscard]] const std::string& name() const noexcept;

  /// The `nth` write from now (1: the next) and the `count - 1` after it fail with `code` and write
  /// nothing.
  void fail_writes(std::uint64_t nth, int code = SQLITE_FULL, std::uint64_t count = 1);

  /// Likewise for syncs. A sync that failed leaves its writes unsynced.
  void fail_syncs(std::uint64_t nth, int code = SQLITE_IOERR_FSYNC, std::uint64_t count = 1);

  /// At the `nth` write from now the power goes: that write is lost, every file goes back to its
  /// state at its last sync, and from then on nothing changes it any more. With a seed each
  /// unsynced write survives or not by chance, as on a disk with a cache. Close the connections,
  /// then reopen the file, with this VFS healed or without it.
  void cut_power_at_write(std::uint64_t nth, std::optional<std::uint64_t> seed = std::nullopt);

  [[nodiscard]] bool power_is_off() const;

  /// Ends all faults, those to come included, and counts from 0 again.
  void heal();

  [[nodiscard]] std::uint64_t writes() const; ///< tried since the start or `heal`
  [[nodiscard]] std::uint64_t syncs() const;

  struct state;

private:
  std::unique_ptr<state> state_;
};

} // namespace beaver::test
