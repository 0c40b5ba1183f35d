#include "support/fault_state.hpp"

#include <stdexcept>

namespace beaver::test {
namespace {

fault_vfs::state& owner_of(sqlite3_vfs* vfs) {
  return *static_cast<fault_vfs::state*>(vfs->pAppData);
}

int vfs_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto& owner = owner_of(vfs);
  auto* s = self(file);
  s->base.pMethods = nullptr; // stays so on failure: SQLite then does not call close
  s->owner = &owner;
  s->file = nullptr;
  s->real = reinterpret_cast<sqlite3_file*>(s + 1);
  bool watched = owner.watches(path);
  if (watched && (flags & SQLITE_OPEN_CREATE)) {
    guard lock(owner.mutex);
    if (owner.off)
      flags &= ~SQLITE_OPEN_CREATE;
  }
  int got = 0;
  int code = owner.real->xOpen(owner.real, path, s->real, flags, &got);
  if (out_flags)
    *out_flags = got;
  if (code != SQLITE_OK) {
    if (s->real->pMethods)
      s->real->pMethods->xClose(s->real);
    return code;
  }
  if (watched) {
    guard lock(owner.mutex);
    s->file = &owner.files[path];
    if (got & SQLITE_OPEN_READWRITE)
      s->file->open.insert(s);
  }
  s->base.pMethods = &fault_file_methods;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  auto& owner = owner_of(vfs);
  if (owner.watches(path)) {
    guard lock(owner.mutex);
    if (owner.off)
      return SQLITE_IOERR_DELETE;
    // Taken as durable at once. Whoever opens the name anew meets another file.
    auto found = owner.files.find(path);
    if (found != owner.files.end())
      found->second.unsynced.clear();
  }
  return owner.real->xDelete(owner.real, path, sync_folder);
}

int vfs_access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  auto* next = owner_of(vfs).real;
  return next->xAccess(next, path, flags, out);
}

int vfs_full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  auto* next = owner_of(vfs).real;
  return next->xFullPathname(next, path, size, out);
}

int vfs_randomness(sqlite3_vfs* vfs, int size, char* out) {
  auto* next = owner_of(vfs).real;
  return next->xRandomness(next, size, out);
}

int vfs_sleep(sqlite3_vfs* vfs, int microseconds) {
  auto* next = owner_of(vfs).real;
  return next->xSleep(next, microseconds);
}

int vfs_current_time(sqlite3_vfs* vfs, double* out) {
  auto* next = owner_of(vfs).real;
  return next->xCurrentTime(next, out);
}

int vfs_current_time64(sqlite3_vfs* vfs, sqlite3_int64* out) {
  auto* next = owner_of(vfs).real;
  return next->xCurrentTimeInt64(next, out);
}

int vfs_last_error(sqlite3_vfs* vfs, int size, char* out) {
  auto* next = owner_of(vfs).real;
  return next->xGetLastError(next, size, out);
}

} // namespace

fault_vfs::fault_vfs(std::string name, std::string path_part) : state_(std::make_unique<state>()) {
  state_->name = std::move(name);
  state_->path_part = std::move(path_part);
  state_->real = sqlite3_vfs_find(nullptr);
  auto& vfs = state_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(shim)) + state_->real->szOsFile;
  vfs.mxPathname = state_->real->mxPathname;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  vfs.xRandomness = vfs_randomness;
  vfs.xSleep = vfs_sleep;
  vfs.xCurrentTime = vfs_current_time;
  vfs.xCurrentTimeInt64 = vfs_current_time64;
  vfs.xGetLastError = vfs_last_error;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
    throw std::runtime_error("cannot register the VFS " + state_->name);
}

fault_vfs::~fault_vfs() { sqlite3_vfs_unregister(&state_->vfs); }

const std::string& fault_vfs::name() const noexcept { return state_->name; }

void fault_vfs::fail_writes(std::uint64_t nth, int code, std::uint64_t count) {
  guard lock(state_->mutex);
  state_->write_plan.set(nth, code, count);
}

void fault_vfs::fail_syncs(std::uint64_t nth, int code, std::uint64_t count) {
  guard lock(state_->mutex);
  state_->sync_plan.set(nth, code, count);
}

void fault_vfs::cut_power_at_write(std::uint64_t nth, std::optional<std::uint64_t> seed) {
  guard lock(state_->mutex);
  state_->cut_at = state_->write_plan.calls + nth;
  state_->seed = seed;
}

bool fault_vfs::power_is_off() const {
  guard lock(state_->mutex);
  return state_->off;
}

void fault_vfs::heal() {
  guard lock(state_->mutex);
  state_->write_plan = {};
  state_->sync_plan = {};
  state_->cut_at = 0;
  state_->off = false;
}

std::uint64_t fault_vfs::writes() const {
  guard lock(state_->mutex);
  return state_->write_plan.calls;
}

std::uint64_t fault_vfs::syncs() const {
  guard lock(state_->mutex);
  return state_->sync_plan.calls;
}

} // namespace beaver::test
