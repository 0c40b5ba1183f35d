#include "beaver/storage/statement.hpp"

#include "beaver/storage/json_text.hpp"
#include "beaver/storage/statement_cache.hpp"

namespace beaver {
namespace {

// Long statements are cut in error texts: the first words tell which one it is.
std::string running(const char* sql) {
  constexpr std::size_t shown = 120;
  std::string_view text = sql ? sql : "a statement";
  std::string out = "running '";
  out += text.substr(0, shown);
  out += text.size() > shown ? "...'" : "'";
  return out;
}

void check(connection& owner, sqlite3_stmt* handle, int index, int code) {
  if (code != SQLITE_OK)
    owner.fail(code, "binding ?" + std::to_string(index) + ", " + running(sqlite3_sql(handle)));
}

} // namespace

statement::statement(statement&& other) noexcept : owner_(other.owner_), entry_(other.entry_) {
  other.entry_ = nullptr;
}

statement::~statement() {
  if (!entry_)
    return;
  sqlite3_reset(entry_->handle);
  // The caller's memory may go now. SQLite would not look at it before the next step, but that step
  // comes with old references if a later use binds fewer arguments; some nanoseconds rule it out.
  if (entry_->bound) {
    sqlite3_clear_bindings(entry_->handle);
    entry_->bound = false;
  }
  entry_->in_use = false;
}

bool statement::step() {
  int code = sqlite3_step(entry_->handle);
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  owner_->fail(code, running(sqlite3_sql(entry_->handle)));
}

void statement::run() {
  while (step()) {}
  reset();
}

void statement::reset() noexcept { sqlite3_reset(entry_->handle); }

bool statement::is_null(int column) const noexcept {
  return sqlite3_column_type(entry_->handle, column) == SQLITE_NULL;
}

bool statement::is_integer(int column) const noexcept {
  return sqlite3_column_type(entry_->handle, column) == SQLITE_INTEGER;
}

bool statement::is_text(int column) const noexcept {
  return sqlite3_column_type(entry_->handle, column) == SQLITE_TEXT;
}

bool statement::is_blob(int column) const noexcept {
  return sqlite3_column_type(entry_->handle, column) == SQLITE_BLOB;
}

std::int64_t statement::integer(int column) const noexcept {
  return sqlite3_column_int64(entry_->handle, column);
}

double statement::real(int column) const noexcept {
  return sqlite3_column_double(entry_->handle, column);
}

std::string_view statement::text(int column) const noexcept {
  // As text a BLOB would be copied to get a terminating zero, which a view does not need.
  const void* data = sqlite3_column_type(entry_->handle, column) == SQLITE_BLOB
                       ? sqlite3_column_blob(entry_->handle, column)
                       : sqlite3_column_text(entry_->handle, column);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(entry_->handle, column));
  return data ? std::string_view{static_cast<const char*>(data), size} : std::string_view{};
}

std::span<const std::byte> statement::blob(int column) const noexcept {
  const void* data = sqlite3_column_blob(entry_->handle, column);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(entry_->handle, column));
  if (!data)
    return {};
  return {static_cast<const std::byte*>(data), size};
}

void statement::bind_at(int index, std::int64_t value) {
  check(*owner_, entry_->handle, index, sqlite3_bind_int64(entry_->handle, index, value));
}

void statement::bind_at(int index, double value) {
  check(*owner_, entry_->handle, index, sqlite3_bind_double(entry_->handle, index, value));
}

void statement::bind_at(int index, std::string_view value) {
  // A null pointer would bind NULL, but an empty text is a text.
  const char* data = value.empty() ? "" : value.data();
  entry_->bound = true;
  check(*owner_, entry_->handle, index,
        sqlite3_bind_text64(entry_->handle, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void statement::bind_at(int index, std::span<const std::byte> value) {
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  entry_->bound = true;
  check(*owner_, entry_->handle, index,
        sqlite3_bind_blob64(entry_->handle, index, data, value.size(), SQLITE_STATIC));
}

void statement::bind_at(int index, const json_text& value) { bind_at(index, value.text()); }

void statement::bind_at(int index, zero_blob value) {
  if (value.size < 0)
    throw error(errc::invalid_argument,
                "a blob cannot have " + std::to_string(value.size) + " bytes");
  check(*owner_, entry_->handle, index,
        sqlite3_bind_zeroblob64(entry_->handle, index, static_cast<sqlite3_uint64>(value.size)));
}

void statement::bind_at(int index, std::nullptr_t) {
  check(*owner_, entry_->handle, index, sqlite3_bind_null(entry_->handle, index));
}

} // namespace beaver
