#pragma once
// Shared by connection.cpp and statement.cpp only: what a connection keeps of its statements.
#include "beaver/storage/connection.hpp"

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace beaver {

/// A compiled statement and, if it is used within itself, further copies of it.
struct statement::cached {
  cached(std::string text, sqlite3_stmt* compiled) : sql(std::move(text)), handle(compiled) {}
  ~cached() { sqlite3_finalize(handle); }
  cached(const cached&) = delete;
  cached& operator=(const cached&) = delete;

  std::string sql;
  sqlite3_stmt* handle;
  bool in_use = false;
  bool bound = false;  ///< holds references to memory of the caller
  bool recent = false; ///< used since the last sweep
  std::unique_ptr<cached> twin;
};

/// Statements by their text, and the settings that SQLite does not give back.
struct connection::cache {
  /// Texts made at run time (filters) must not pile up: beyond this, those not used lately go.
  static constexpr std::size_t limit = 256;

  /// Compiles one statement. Throws `error` on wrong SQL or more than one statement.
  static std::unique_ptr<statement::cached> compile(connection& owner, std::string_view sql);

  /// Drops the free statements that were not used since the last sweep, or else all free ones.
  void sweep();

  /// The entry of a text that was asked for at the same address before; null if there is none.
  /// Nearly all texts are literals, and comparing one is much cheaper than hashing it.
  [[nodiscard]] statement::cached* recall(std::string_view sql) noexcept {
    auto* entry = literal(sql);
    return entry && entry->sql == sql ? entry : nullptr;
  }
  void remember(std::string_view sql, statement::cached* entry) noexcept { literal(sql) = entry; }

  /// The keys look into the entries' own texts, which a rehash does not move.
  std::unordered_map<std::string_view, std::unique_ptr<statement::cached>> entries;
  std::chrono::milliseconds busy_limit{0};

private:
  statement::cached*& literal(std::string_view sql) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(sql.data());
    return literals_[(address >> 4 ^ address >> 10) % literals_.size()];
  }

  std::array<statement::cached*, 64> literals_{};
};

} // namespace beaver
