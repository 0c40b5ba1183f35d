#include "beaver/storage/wal_view.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstddef>

namespace beaver {
namespace {

static_assert(sizeof(wal_state) == 48);

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

bool in_wal_mode(connection& c) {
  auto mode = c.prepare("PRAGMA journal_mode");
  return mode.step() && mode.text(0) == "wal";
}

} // namespace

bool wal_view::map() {
  // A connection that has the WAL open keeps it open, so nobody can switch the file back meanwhile.
  wal_ = wal_ || (!connection_.in_memory() && in_wal_mode(connection_));
  mapped_ = wal_ ? map_header(connection_.handle()) : nullptr;
  return mapped_ != nullptr;
}

// A torn copy makes who compares it look once too often, never once too rarely, since a commit is
// acknowledged only after its header is whole.
wal_state wal_view::read() const noexcept {
  wal_state copy;
  for (std::size_t i = 0; i < copy.size(); ++i)
    copy[i] = std::atomic_ref(mapped_[i]).load(std::memory_order_acquire);
  return copy;
}

std::uint32_t wal_view::commits(const wal_state& state) noexcept {
  return static_cast<std::uint32_t>(state[1]); // the third word of 32 bits
}

} // namespace beaver
