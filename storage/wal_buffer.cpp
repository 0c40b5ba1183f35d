#include "beaver/storage/wal_buffer.hpp"

#include "beaver/storage/error.hpp"

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <sqlite3.h>
#include <utility>
#include <vector>

// Source of what is relied on: the SQLite documents "WAL-mode File Format" and "VFS", and the order
// in which wal.c writes: all frames of a transaction, the last of which is marked as its end; then
// perhaps a sync; then the wal-index, from which on others read them.

namespace beaver {

namespace {

constexpr int frame_header_bytes = 24;
// Longer transactions are written in pieces. SQLite's own VFS takes less than 128 KiB at a time.
constexpr std::size_t most_bytes = 120 << 10;

/// A log opened through the base, which has its own object behind this one.
struct buffered_log {
  sqlite3_file as_file; // first: this is what SQLite holds
  sqlite3_file* inner;
  std::vector<std::byte> pending;
  sqlite3_int64 begin;     // where they go
  sqlite3_int64 last_read; // where the last read began; -1: none since the last write
  bool commit_is_open;     // the page of a frame that ends a transaction is to come
};

buffered_log& log_of(sqlite3_file* file) { return *reinterpret_cast<buffered_log*>(file); }

int flush(buffered_log& log) {
  if (log.pending.empty())
    return SQLITE_OK;
  const int code = log.inner->pMethods->xWrite(log.inner, log.pending.data(),
                                               static_cast<int>(log.pending.size()), log.begin);
  log.pending.clear();
  return code;
}

/// Whether these are the bytes of a frame's header that marks the end of a transaction: the size of
/// the database in pages stands there.
bool ends_transaction(const std::byte* header) {
  constexpr std::size_t size_in_pages = 4;
  for (std::size_t i = size_in_pages; i < size_in_pages + 4; ++i)
    if (header[i] != std::byte{0})
      return true;
  return false;
}

int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  auto& log = log_of(file);
  const auto* bytes = static_cast<const std::byte*>(data);
  const auto size = static_cast<std::size_t>(amount);
  const bool follows = offset == log.begin + static_cast<sqlite3_int64>(log.pending.size());
  if (!log.pending.empty() && (!follows || log.pending.size() + size > most_bytes))
    if (const int code = flush(log); code != SQLITE_OK)
      return code;
  if (log.pending.empty())
    log.begin = offset;
  log.pending.insert(log.pending.end(), bytes, bytes + size);
  // A header that is read first and written again, with another checksum, has its page already.
  const bool again = std::exchange(log.last_read, -1) == offset;
  const bool commits = amount == frame_header_bytes && ends_transaction(bytes);
  if (std::exchange(log.commit_is_open, commits) || (commits && again))
    return flush(log);
  return SQLITE_OK;
}

template <auto Method, class... Args>
int flushed(sqlite3_file* file, Args... args) {
  auto& log = log_of(file);
  if (const int code = flush(log); code != SQLITE_OK)
    return code;
  return (log.inner->pMethods->*Method)(log.inner, args...);
}

template <auto Method, class... Args>
int passed_on(sqlite3_file* file, Args... args) {
  auto* inner = log_of(file).inner;
  return (inner->pMethods->*Method)(inner, args...);
}

int read(sqlite3_file* file, void* data, int amount, sqlite3_int64 offset) {
  log_of(file).last_read = offset;
  return flushed<&sqlite3_io_methods::xRead>(file, data, amount, offset);
}

int close(sqlite3_file* file) {
  auto& log = log_of(file);
  const int written = flush(log);
  const int closed = log.inner->pMethods->xClose(log.inner);
  std::destroy_at(&log);
  return written == SQLITE_OK ? closed : written;
}

// Version 1: a log has neither shared memory nor a map.
constexpr sqlite3_io_methods log_methods{1,
                                         close,
                                         read,
                                         write,
                                         flushed<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
                                         flushed<&sqlite3_io_methods::xSync, int>,
                                         flushed<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
                                         passed_on<&sqlite3_io_methods::xLock, int>,
                                         passed_on<&sqlite3_io_methods::xUnlock, int>,
                                         passed_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
                                         passed_on<&sqlite3_io_methods::xFileControl, int, void*>,
                                         passed_on<&sqlite3_io_methods::xSectorSize>,
                                         passed_on<&sqlite3_io_methods::xDeviceCharacteristics>,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr};

sqlite3_vfs* base_of(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* base = base_of(vfs);
  if ((flags & SQLITE_OPEN_WAL) == 0)
    return base->xOpen(base, name, file, flags, out_flags);
  auto* log = new (file) buffered_log{};
  log->last_read = -1;
  log->inner = reinterpret_cast<sqlite3_file*>(log + 1);
  std::memset(log->inner, 0, static_cast<std::size_t>(base->szOsFile));
  const int code = base->xOpen(base, name, log->inner, flags, out_flags);
  if (code == SQLITE_OK) {
    log->as_file.pMethods = &log_methods;
    return code;
  }
  // SQLite closes what has methods, even after an error.
  if (log->inner->pMethods)
    log->inner->pMethods->xClose(log->inner);
  std::destroy_at(log);
  file->pMethods = nullptr;
  return code;
}

/// A method of the base, which has to get itself and not us.
template <auto Method, class R, class... Args>
R of_base(sqlite3_vfs* vfs, Args... args) {
  auto* base = base_of(vfs);
  return (base->*Method)(base, args...);
}

template <auto Method, class R, class... Args>
void forward(sqlite3_vfs& vfs, R (*sqlite3_vfs::*)(sqlite3_vfs*, Args...)) {
  if (vfs.*Method)
    vfs.*Method = of_base<Method, R, Args...>;
}

#define FORWARD(method) forward<&sqlite3_vfs::method>(vfs, &sqlite3_vfs::method)

struct named_vfs {
  std::string name;
  sqlite3_vfs vfs;
};

std::unique_ptr<named_vfs> make(sqlite3_vfs* base) {
  auto made = std::make_unique<named_vfs>(named_vfs{"beaver+" + std::string{base->zName}, *base});
  auto& vfs = made->vfs;
  vfs.szOsFile = static_cast<int>(sizeof(buffered_log)) + base->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = made->name.c_str();
  vfs.pAppData = base;
  vfs.xOpen = open;
  FORWARD(xDelete);
  FORWARD(xAccess);
  FORWARD(xFullPathname);
  FORWARD(xDlOpen);
  FORWARD(xDlError);
  FORWARD(xDlClose);
  FORWARD(xRandomness);
  FORWARD(xSleep);
  FORWARD(xCurrentTime);
  FORWARD(xGetLastError);
  FORWARD(xCurrentTimeInt64);
  FORWARD(xSetSystemCall);
  FORWARD(xGetSystemCall);
  FORWARD(xNextSystemCall);
  return made;
}

#undef FORWARD

} // namespace

std::string wal_buffering_vfs(const std::string& base) {
  static std::mutex mutex;
  static auto& made = *new std::map<std::string, std::unique_ptr<named_vfs>>; // for ever
  auto* found = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
  if (!found)
    throw error(errc::invalid_argument, "there is no SQLite VFS '" + base + "'");
  std::lock_guard guard{mutex};
  auto& ours = made[found->zName];
  if (!ours || base_of(&ours->vfs) != found) { // another one may have taken its name
    if (ours)
      sqlite3_vfs_unregister(&ours->vfs);
    ours = make(found);
    sqlite3_vfs_register(&ours->vfs, 0);
  }
  return ours->name;
}

} // namespace beaver
