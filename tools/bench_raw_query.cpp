#include "beaver/tools/bench_raw_query.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace beaver::bench {

raw_query::raw_query(raw_database& on, const char* sql) : on_(on) {
  if (sqlite3_prepare_v3(on.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr)
      != SQLITE_OK)
    throw std::runtime_error(std::string{sql} + ": " + sqlite3_errmsg(on.handle()));
}

raw_query::~raw_query() { sqlite3_finalize(handle_); }

bool raw_query::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE)
    throw std::runtime_error(std::string{sqlite3_sql(handle_)} + ": "
                             + sqlite3_errmsg(on_.handle()));
  reset();
  return false;
}

std::string_view raw_query::text(int column) const noexcept {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::int64_t raw_query::integer(int column) const noexcept {
  return sqlite3_column_int64(handle_, column);
}

std::span<const std::byte> raw_query::blob(int column) const noexcept {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

void raw_query::reset() noexcept { sqlite3_reset(handle_); }

void raw_query::bind(int index, std::string_view value) {
  sqlite3_bind_text64(handle_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void raw_query::bind(int index, std::int64_t value) { sqlite3_bind_int64(handle_, index, value); }

void raw_query::bind(int index, std::span<const std::byte> value) {
  sqlite3_bind_blob64(handle_, index, value.data(), value.size(), SQLITE_STATIC);
}

} // namespace beaver::bench
