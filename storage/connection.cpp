#include "beaver/storage/connection.hpp"

#include "beaver/storage/statement_cache.hpp"
#include "beaver/storage/wal_buffer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

namespace beaver {
namespace {

namespace fs = std::filesystem;

struct closer {
  void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
};

errc meaning(int code) {
  switch (code & 0xff) {
  case SQLITE_FULL:
  case SQLITE_TOOBIG:
  case SQLITE_NOMEM:
    return errc::full;
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    return errc::io;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_PROTOCOL: // lost the race for a lock too many times
    return errc::busy;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return errc::corrupt;
  case SQLITE_READONLY:
    return errc::read_only;
  case SQLITE_CONSTRAINT:
    return errc::already_exists;
  case SQLITE_INTERRUPT:
    return errc::cancelled;
  default:
    return errc::internal;
  }
}

const char* way_out(int code) {
  switch (code & 0xff) {
  case SQLITE_FULL:
    return "; make room and try again";
  case SQLITE_TOOBIG:
    return "; store it in smaller pieces";
  case SQLITE_BUSY:
    return "; another connection holds the lock, try again or raise the busy timeout";
  case SQLITE_CORRUPT:
    return "; restore a copy, or save what is left with `sqlite3 FILE .recover`";
  case SQLITE_NOTADB:
    return "; check the path";
  default:
    return "";
  }
}

int clamped_milliseconds(std::chrono::milliseconds limit) {
  using rep = std::chrono::milliseconds::rep;
  return static_cast<int>(std::clamp<rep>(limit.count(), 0, std::numeric_limits<int>::max()));
}

/// The path as SQLite shall read it: a build with URIs on takes "file:..." for one.
std::string plain_name(const std::string& path) {
  return path.starts_with("file:") ? "./" + path : path;
}

std::string immutable_uri(const std::string& path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file://";
  for (unsigned char c : fs::absolute(path).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      uri += digits[c >> 4];
      uri += digits[c & 15];
    } else {
      uri += static_cast<char>(c);
    }
  }
  return uri + "?immutable=1";
}

/// Whether a log or a journal beside the file may hold a part of the database.
bool stands_alone(const std::string& path) {
  for (const char* side : {"-wal", "-journal"}) {
    std::error_code absent;
    if (fs::file_size(path + side, absent) > 0 && !absent)
      return false;
  }
  return true;
}

int open(const std::string& name, int flags, const connection_options& options,
         std::unique_ptr<sqlite3, closer>& out) {
  flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (options.read_only)
    flags |= SQLITE_OPEN_READONLY;
  else
    flags |= SQLITE_OPEN_READWRITE | (options.create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const auto vfs = options.read_only ? options.vfs : wal_buffering_vfs(options.vfs);
  int code = sqlite3_open_v2(name.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  out.reset(handle);
  return code;
}

/// Settings that live in memory only. The last of them reads the schema, so a file that is none is
/// found out here.
int configure(sqlite3* handle, const connection_options& options) {
  // First of all: the reads below may meet another process that is recovering the WAL.
  sqlite3_busy_timeout(handle, clamped_milliseconds(options.busy_timeout));
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 0, nullptr);
  // Closing must not move frames into a file that turns out to be none of ours.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_autocheckpoint(handle, 0); // the writer checkpoints when it suits everybody

  // What a savepoint may have to restore is up to a whole blob, too much to keep in memory. And
  // freed pages need not be written as zeros where that costs a write of its own.
  // The log keeps the size that a huge write gave it unless it is cut when it begins anew.
  const std::string_view writing = options.read_only
                                     ? "PRAGMA temp_store=MEMORY;"
                                     : "PRAGMA temp_store=FILE;PRAGMA secure_delete=FAST;"
                                       "PRAGMA journal_size_limit=33554432;";
  std::string sql = std::string{writing} + "PRAGMA cell_size_check=ON;PRAGMA mmap_size="
                    + std::to_string(std::max<std::int64_t>(options.mmap_bytes, 0))
                    + ";PRAGMA synchronous=" + (options.full_sync ? "FULL" : "NORMAL")
                    + ";PRAGMA cache_size=-"
                    + std::to_string(std::max<std::int64_t>(options.cache_bytes / 1024, 1));
  return sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
}

} // namespace

std::unique_ptr<statement::cached> connection::cache::compile(connection& owner,
                                                              std::string_view sql) {
  sqlite3_stmt* compiled = nullptr;
  const char* rest = nullptr;
  int code = sqlite3_prepare_v3(owner.handle_, sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &compiled, &rest);
  if (code != SQLITE_OK)
    owner.fail(code, "preparing '" + std::string(sql.substr(0, 120)) + "'");
  auto entry = std::make_unique<statement::cached>(std::string(sql), compiled);
  auto tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
  if (!compiled || tail.find_first_not_of(" \n\t;") != tail.npos)
    throw error(errc::internal, "not exactly one statement: '" + entry->sql + "'");
  return entry;
}

void connection::cache::sweep() {
  literals_.fill(nullptr);
  auto drop_free = [this](bool recent_too) {
    return std::erase_if(entries, [recent_too](auto& item) {
      bool recent = std::exchange(item.second->recent, false);
      for (auto* entry = item.second.get(); entry; entry = entry->twin.get())
        if (entry->in_use)
          return false;
      return recent_too || !recent;
    });
  };
  if (drop_free(false) == 0)
    drop_free(true);
}

connection::connection(std::string path, const connection_options& options)
  : path_(std::move(path)), read_only_(options.read_only), in_memory_(path_ == ":memory:"),
    cache_(std::make_unique<cache>()) {
  if (path_.empty())
    throw error(errc::invalid_argument, "the path of a database is empty");
  cache_->busy_limit = options.busy_timeout;

  std::unique_ptr<sqlite3, closer> opened; // closes if anything below throws
  int code = open(plain_name(path_), 0, options, opened);
  handle_ = opened.get();
  if (code != SQLITE_OK) {
    std::error_code unknown; // a folder that may not be searched
    bool may_create = options.create && !read_only_;
    if (!may_create && (code & 0xff) == SQLITE_CANTOPEN && !fs::exists(path_, unknown) && !unknown)
      throw error(errc::not_found,
                  "there is no file '" + path_ + "'; open it with create to make it");
    fail(code, "opening");
  }
  // Without the right to write, SQLite quietly opens for reading.
  if (!read_only_ && !in_memory_ && sqlite3_db_readonly(handle_, "main") == 1)
    throw error(errc::read_only,
                "'" + path_ + "' cannot be written by this process; open it read-only");

  code = configure(handle_, options);
  bool no_shm = (code & 0xff) == SQLITE_CANTOPEN || code == SQLITE_READONLY_DIRECTORY;
  if (read_only_ && no_shm && stands_alone(path_)) {
    // A WAL file where no -shm can be made. With nothing in a WAL the file alone is the database,
    // and nobody can write it from here.
    code = open(immutable_uri(path_), SQLITE_OPEN_URI, options, opened);
    handle_ = opened.get();
    if (code == SQLITE_OK)
      code = configure(handle_, options);
  }
  if (code != SQLITE_OK)
    fail(code, "opening");
  static_cast<void>(opened.release());
}

connection::~connection() {
  cache_.reset();
  sqlite3_close_v2(handle_);
}

statement connection::prepare(std::string_view sql) {
  statement::cached* entry = cache_->recall(sql);
  if (!entry) {
    auto found = cache_->entries.find(sql);
    if (found == cache_->entries.end()) {
      if (cache_->entries.size() >= cache::limit)
        cache_->sweep();
      auto compiled = cache::compile(*this, sql);
      std::string_view key = compiled->sql;
      found = cache_->entries.emplace(key, std::move(compiled)).first;
    }
    entry = found->second.get();
    cache_->remember(sql, entry);
  }
  entry->recent = true;
  while (entry->in_use) { // the same text within itself: the next copy
    if (!entry->twin)
      entry->twin = cache::compile(*this, sql);
    entry = entry->twin.get();
  }
  entry->in_use = true;
  return {*this, *entry};
}

void connection::execute(const char* sql) {
  int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    fail(code, "running '" + std::string(sql).substr(0, 120) + "'");
}

std::int64_t connection::integer(std::string_view sql) {
  auto rows = prepare(sql);
  return rows.step() ? rows.integer(0) : 0;
}

std::string connection::file_name() const {
  const auto* name = sqlite3_db_filename(handle_, "main");
  return name ? name : "";
}

bool connection::try_begin() {
  auto begin = prepare("BEGIN IMMEDIATE");
  int code = sqlite3_step(begin.entry_->handle);
  if ((code & 0xff) == SQLITE_BUSY)
    return false;
  if (code != SQLITE_DONE)
    fail(code, "beginning a transaction");
  return true;
}

bool connection::enable_wal() {
  if (in_memory_)
    return false;
  const auto give_up = std::chrono::steady_clock::now() + cache_->busy_limit;
  std::chrono::milliseconds pause{1};
  for (;;) {
    try {
      auto mode = prepare("PRAGMA journal_mode=WAL");
      return mode.step() && mode.text(0) == "wal";
    } catch (const error& e) {
      // SQLite does not ask the busy handler where two connections could wait for each other: both
      // read, both want to be alone. Stepping back is what lets one of them through.
      if (e.code() != errc::busy || std::chrono::steady_clock::now() >= give_up)
        throw;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds{16});
  }
}

void connection::busy_timeout(std::chrono::milliseconds limit) noexcept {
  cache_->busy_limit = limit;
  sqlite3_busy_timeout(handle_, clamped_milliseconds(limit));
}

bool connection::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t connection::changes() const noexcept { return sqlite3_changes64(handle_); }

std::int64_t connection::total_changes() const noexcept { return sqlite3_total_changes64(handle_); }

std::int64_t connection::last_insert_rowid() const noexcept {
  return sqlite3_last_insert_rowid(handle_);
}

void connection::fail(int code, std::string_view doing) const {
  // The handle's text belongs to its latest failure, which need not be this one.
  bool latest = handle_ && sqlite3_extended_errcode(handle_) == code;
  std::string text = "'" + path_ + "': ";
  text += doing;
  text += ": ";
  text += latest ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  errc kind = meaning(code);
  int system = latest && kind == errc::io ? sqlite3_system_errno(handle_) : 0;
  if (system != 0)
    text += " (" + std::generic_category().message(system) + ")";
  throw error(kind, text + way_out(code));
}

} // namespace beaver
