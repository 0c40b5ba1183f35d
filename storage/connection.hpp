#pragma once
#include "beaver/storage/error.hpp"
#include "beaver/storage/statement.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;

namespace beaver {

/// How one connection to the file behaves.
struct connection_options {
  bool read_only = false;
  bool create = true;    ///< make the file if there is none; ignored by a read-only connection
  bool full_sync = true; ///< synchronous=FULL; false: NORMAL
  std::chrono::milliseconds busy_timeout{30'000}; ///< how long a statement waits for a lock
  std::int64_t mmap_bytes = 256 << 20;
  std::int64_t cache_bytes = 8 << 20;
  std::string vfs; ///< empty: the default; tests put a faulty one here
};

/// One SQLite connection with hardened settings and a cache of prepared statements.
/// Opened NOMUTEX: one thread at a time, in any order; the owner serialises.
class connection {
public:
  /// Opens `path` (":memory:" for a private database in memory) and applies settings that write
  /// nothing; `schema` decides afterwards whether the file may be touched at all.
  /// Throws `error`: not_found (no such file and not to be created), read_only (to be written, but
  /// the process may not), invalid_argument (empty path), io, busy, corrupt.
  connection(std::string path, const connection_options& options);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// The statement for `sql`, compiled at its first use. Cost of a hit: one comparison of the text,
  /// or a hash of it if it is no literal.
  [[nodiscard]] statement prepare(std::string_view sql);

  /// Runs one or more statements without arguments or results.
  void execute(const char* sql);

  /// First column of the first row of `sql`, as an integer; 0 if there is no row.
  [[nodiscard]] std::int64_t integer(std::string_view sql);

  /// BEGIN IMMEDIATE. False if another connection holds the write lock beyond the busy timeout.
  [[nodiscard]] bool try_begin();

  /// Switches the file to WAL, however many processes try the same at once. False where WAL cannot
  /// be had (in memory); throws `error` if the lock is not given within the busy timeout.
  bool enable_wal();

  void busy_timeout(std::chrono::milliseconds limit) noexcept;

  /// True between BEGIN and its end. SQLite ends a transaction by itself after some failures, so
  /// this is asked after each failed statement.
  [[nodiscard]] bool in_transaction() const noexcept;

  [[nodiscard]] bool read_only() const noexcept { return read_only_; }
  [[nodiscard]] bool in_memory() const noexcept { return in_memory_; }
  [[nodiscard]] std::int64_t changes() const noexcept; ///< rows of the last statement
  /// Rows changed since the connection was opened, those that triggers change among them.
  [[nodiscard]] std::int64_t total_changes() const noexcept;
  [[nodiscard]] std::int64_t last_insert_rowid() const noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string file_name() const; ///< absolute, symbolic links resolved
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

  /// Throws `error` for an SQLite result code, with SQLite's text and the file's name.
  [[noreturn]] void fail(int code, std::string_view doing) const;

private:
  friend class statement;
  struct cache;

  std::string path_;
  sqlite3* handle_ = nullptr;
  bool read_only_ = false;
  bool in_memory_ = false;
  std::unique_ptr<cache> cache_;
};

} // namespace beaver
