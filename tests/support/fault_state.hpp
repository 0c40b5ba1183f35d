#pragma once
// Shared by the sources of fault_vfs only.
#include "support/fault_vfs.hpp"

#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace beaver::test {

using guard = std::lock_guard<std::mutex>;

/// One change since the last sync: enough to take it back, and to make it again.
struct change {
  sqlite3_int64 size_before;
  sqlite3_int64 offset;       // of a truncation: the new size
  std::vector<char> old_data; // of a truncation: the tail that went
  std::vector<char> new_data;
  bool truncation;
};

struct shim;

struct tracked_file {
  std::vector<change> unsynced;
  std::set<shim*> open; // handles that may write
};

/// Faults of one kind: calls `first`, ..., `first + count - 1` fail.
struct plan {
  std::uint64_t calls = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  int code = SQLITE_OK;

  int next() {
    ++calls;
    return first != 0 && calls >= first && calls - first < count ? code : SQLITE_OK;
  }
  void set(std::uint64_t nth, int failure, std::uint64_t times) {
    first = calls + nth;
    count = times;
    code = failure;
  }
};

struct fault_vfs::state {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::string name;
  std::string path_part;

  mutable std::mutex mutex; // of everything below
  plan write_plan;
  plan sync_plan;
  std::uint64_t cut_at = 0;
  std::optional<std::uint64_t> seed;
  bool off = false;
  std::map<std::string, tracked_file> files;

  [[nodiscard]] bool watches(const char* path) const {
    return path && std::strstr(path, path_part.c_str());
  }
  void cut();
};

/// What SQLite sees as the open file. The real one lies behind it in the same block of memory.
struct shim {
  sqlite3_file base;
  fault_vfs::state* owner;
  tracked_file* file; // null: not watched
  sqlite3_file* real;
};

inline shim* self(sqlite3_file* file) { return reinterpret_cast<shim*>(file); }

/// The methods of a watched or passed-on file.
extern const sqlite3_io_methods fault_file_methods;

} // namespace beaver::test
