#pragma once
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>

#include <sqlite3.h>

namespace beaver::test {

/// A database file as SQLite alone sees it: what a test believes rather than our own reading.
class raw_file {
public:
  explicit raw_file(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
      throw std::runtime_error("cannot open " + path);
    sqlite3_busy_timeout(handle_, 30'000);
  }
  ~raw_file() { sqlite3_close(handle_); }
  raw_file(const raw_file&) = delete;
  raw_file& operator=(const raw_file&) = delete;

  void execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle_));
  }

  /// First column of the first row; empty if there is no row or it is NULL.
  [[nodiscard]] std::optional<std::string> text(const std::string& sql) {
    sqlite3_stmt* rows = nullptr;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &rows, nullptr) != SQLITE_OK)
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle_));
    std::optional<std::string> result;
    if (sqlite3_step(rows) == SQLITE_ROW && sqlite3_column_type(rows, 0) != SQLITE_NULL) {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(rows, 0));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(rows, 0));
      result.emplace(size ? data : "", size);
    }
    sqlite3_finalize(rows);
    return result;
  }

  [[nodiscard]] std::int64_t integer(const std::string& sql) {
    const auto value = text(sql);
    return value ? std::stoll(*value) : 0;
  }

  /// "ok" if the file is sound.
  [[nodiscard]] std::string integrity() {
    return text("PRAGMA integrity_check").value_or("no answer");
  }

private:
  sqlite3* handle_ = nullptr;
};

/// The whole content of any file.
inline std::string file_bytes(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace beaver::test
