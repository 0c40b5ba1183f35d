#include "beaver/storage/file_status.hpp"

#include "beaver/storage/connection.hpp"

#include <filesystem>
#include <sqlite3.h>

namespace beaver {

file_status file_status::read(connection& c) {
  const auto number = [&](std::string_view sql) {
    return static_cast<std::uint64_t>(c.integer(sql));
  };
  const auto page_bytes = number("PRAGMA page_size");
  const bool has_meta =
    c.integer("SELECT count(*) FROM sqlite_schema WHERE name = '__beaver_meta__'") != 0;
  std::error_code none;
  const auto wal = std::filesystem::file_size(c.path() + "-wal", none);
  return {
    .schema_version = c.integer("PRAGMA user_version"),
    .additive_version =
      has_meta ? c.integer("SELECT value FROM __beaver_meta__ WHERE key = 'additive_version'") : 0,
    .sqlite_version = sqlite3_libversion(),
    .file_bytes = page_bytes * number("PRAGMA page_count"),
    .free_bytes = page_bytes * number("PRAGMA freelist_count"),
    .wal_bytes = none ? 0 : wal,
  };
}

} // namespace beaver
