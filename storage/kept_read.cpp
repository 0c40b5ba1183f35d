#include "beaver/storage/kept_read.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <utility>

namespace beaver {
namespace {

using words = std::array<std::uint64_t, 6>;
static_assert(sizeof(words) == 48);

/// The first 48 bytes of the wal-index, or null. Only for a connection that has the WAL open: else
/// the call would create a -shm file. Through SQLite's own descriptor, because closing another one
/// of that file would drop all POSIX locks that this process has on it.
std::uint64_t* map_header(sqlite3* handle) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file)
    return nullptr;
  const sqlite3_io_methods* methods = file->pMethods;
  if (!methods || methods->iVersion < 2 || !methods->xShmMap)
    return nullptr;
  volatile void* region = nullptr;
  // Anything but OK is a -shm that may only be read, which SQLite maps anew as it likes.
  if (methods->xShmMap(file, 0, 32768, 0, &region) != SQLITE_OK)
    return nullptr;
  return static_cast<std::uint64_t*>(const_cast<void*>(region));
}

/// A copy taken while another process writes may be torn. Then it equals neither the state before
/// nor the one after, and the next comparison finds a difference: one refresh too many, never one
/// too few, since a commit is acknowledged only after its header is whole.
words load(std::uint64_t* header) noexcept {
  words copy;
  for (std::size_t i = 0; i < copy.size(); ++i)
    copy[i] = std::atomic_ref(header[i]).load(std::memory_order_acquire);
  return copy;
}

bool in_wal_mode(connection& c) {
  auto mode = c.prepare("PRAGMA journal_mode");
  return mode.step() && mode.text(0) == "wal";
}

} // namespace

bool wal_header(connection& c, std::array<std::byte, 48>& out) {
  if (c.in_memory() || !in_wal_mode(c))
    return false;
  auto* header = map_header(c.handle());
  if (!header)
    return false;
  words copy = load(header);
  std::memcpy(out.data(), copy.data(), out.size());
  return true;
}

bool kept_read::unchanged() const noexcept { return mapped_ && load(mapped_) == seen_; }

void kept_read::begin() {
  if (held()) {
    if (unchanged())
      return;
    drop();
  }
  // A connection that has the WAL open keeps it open, so nobody can switch the file back meanwhile.
  wal_ = wal_ || (!connection_.in_memory() && in_wal_mode(connection_));
  mapped_ = wal_ ? map_header(connection_.handle()) : nullptr;
  // BEGIN does not take the snapshot, the job's first statement does. It then may hold a commit
  // that this copy of the header does not know: the next call begins anew for nothing. The other
  // way round a commit could be missed.
  if (mapped_)
    seen_ = load(mapped_);
  connection_.prepare("BEGIN").run();
  held_ = true;
}

void kept_read::drop() noexcept {
  mapped_ = nullptr;
  if (!std::exchange(held_, false) || !connection_.in_transaction())
    return;
  try {
    connection_.prepare("COMMIT").run();
  } catch (...) {
    sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

} // namespace beaver
