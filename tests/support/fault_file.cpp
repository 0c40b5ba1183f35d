#include "support/fault_state.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

namespace beaver::test {
namespace {

sqlite3_file* real(sqlite3_file* file) { return self(file)->real; }

void put(sqlite3_file* file, const std::vector<char>& data, sqlite3_int64 offset) {
  if (!data.empty()
      && file->pMethods->xWrite(file, data.data(), static_cast<int>(data.size()), offset)
           != SQLITE_OK)
    throw std::runtime_error("fault_vfs cannot undo a write");
}

std::vector<char> content(sqlite3_file* file, sqlite3_int64 offset, sqlite3_int64 end) {
  std::vector<char> data(static_cast<std::size_t>(std::max<sqlite3_int64>(end - offset, 0)));
  if (!data.empty())
    file->pMethods->xRead(file, data.data(), static_cast<int>(data.size()), offset);
  return data;
}

sqlite3_int64 size_of(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  file->pMethods->xFileSize(file, &size);
  return size;
}

/// Takes all unsynced changes back, last first, then makes those again that chance has kept.
template <class Keep>
void revert(sqlite3_file* file, std::vector<change>& changes, Keep&& keep) {
  for (auto c = changes.rbegin(); c != changes.rend(); ++c) {
    put(file, c->old_data, c->offset);
    file->pMethods->xTruncate(file, c->size_before);
  }
  for (auto& c : changes) {
    if (!keep())
      continue;
    if (c.truncation)
      file->pMethods->xTruncate(file, c.offset);
    else
      put(file, c.new_data, c.offset);
  }
  changes.clear();
}

} // namespace

void fault_vfs::state::cut() {
  off = true;
  std::mt19937_64 random(seed.value_or(0));
  auto keep = [&] { return seed && random() % 2 == 0; };
  for (auto& [path, file] : files) {
    if (file.unsynced.empty())
      continue;
    if (!file.open.empty()) {
      revert((*file.open.begin())->real, file.unsynced, keep);
      continue;
    }
    // Closed meanwhile. An open handle is used where there is one, because closing a second
    // descriptor would drop SQLite's locks on the file.
    std::vector<char> memory(static_cast<std::size_t>(real->szOsFile));
    auto* handle = reinterpret_cast<sqlite3_file*>(memory.data());
    std::string padded = path + std::string(2, '\0'); // SQLite looks for parameters behind the name
    if (real->xOpen(real, padded.c_str(), handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr)
        == SQLITE_OK) {
      revert(handle, file.unsynced, keep);
      handle->pMethods->xClose(handle);
    }
  }
}

namespace {

int file_close(sqlite3_file* file) {
  auto* s = self(file);
  if (s->file) {
    guard lock(s->owner->mutex);
    s->file->open.erase(s);
  }
  return s->real->pMethods->xClose(s->real);
}

int file_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), out, size, offset);
}

int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  auto* s = self(file);
  auto* methods = s->real->pMethods;
  if (!s->file)
    return methods->xWrite(s->real, data, size, offset);
  guard lock(s->owner->mutex);
  int code = s->owner->write_plan.next();
  if (s->owner->off)
    return SQLITE_IOERR_WRITE;
  if (s->owner->cut_at != 0 && s->owner->write_plan.calls >= s->owner->cut_at) {
    s->owner->cut();
    return SQLITE_IOERR_WRITE;
  }
  if (code != SQLITE_OK)
    return code;
  auto before = size_of(s->real);
  const char* bytes = static_cast<const char*>(data);
  change c{before, offset, content(s->real, offset, std::min<sqlite3_int64>(before, offset + size)),
           std::vector<char>(bytes, bytes + size), false};
  code = methods->xWrite(s->real, data, size, offset);
  if (code == SQLITE_OK)
    s->file->unsynced.push_back(std::move(c));
  return code;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  auto* s = self(file);
  if (!s->file)
    return s->real->pMethods->xTruncate(s->real, size);
  guard lock(s->owner->mutex);
  if (s->owner->off)
    return SQLITE_IOERR_TRUNCATE;
  auto before = size_of(s->real);
  change c{before, size, content(s->real, size, before), {}, true};
  int code = s->real->pMethods->xTruncate(s->real, size);
  if (code == SQLITE_OK)
    s->file->unsynced.push_back(std::move(c));
  return code;
}

int file_sync(sqlite3_file* file, int flags) {
  auto* s = self(file);
  if (!s->file)
    return s->real->pMethods->xSync(s->real, flags);
  guard lock(s->owner->mutex);
  int code = s->owner->sync_plan.next();
  if (s->owner->off)
    return SQLITE_IOERR_FSYNC;
  if (code != SQLITE_OK)
    return code;
  code = s->real->pMethods->xSync(s->real, flags);
  if (code == SQLITE_OK)
    s->file->unsynced.clear(); // a sync is of the file, whichever handle wrote
  return code;
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
  return real(file)->pMethods->xFileSize(real(file), out);
}

int file_lock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}

int file_unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}

int file_reserved(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

int file_control(sqlite3_file* file, int op, void* argument) {
  // With mmap on, the hint would make the file longer behind our back.
  if (op == SQLITE_FCNTL_SIZE_HINT && self(file)->file)
    return SQLITE_OK;
  return real(file)->pMethods->xFileControl(real(file), op, argument);
}

int file_sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }

int file_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

int file_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
}

int file_shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
}

void file_shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

int file_shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

int file_fetch(sqlite3_file* file, sqlite3_int64 offset, int size, void** out) {
  return real(file)->pMethods->xFetch(real(file), offset, size, out);
}

int file_unfetch(sqlite3_file* file, sqlite3_int64 offset, void* page) {
  return real(file)->pMethods->xUnfetch(real(file), offset, page);
}

} // namespace

const sqlite3_io_methods fault_file_methods{
  3,
  file_close,
  file_read,
  file_write,
  file_truncate,
  file_sync,
  file_size,
  file_lock,
  file_unlock,
  file_reserved,
  file_control,
  file_sector_size,
  file_characteristics,
  file_shm_map,
  file_shm_lock,
  file_shm_barrier,
  file_shm_unmap,
  file_fetch,
  file_unfetch,
};

} // namespace beaver::test
