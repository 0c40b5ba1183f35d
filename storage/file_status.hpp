#pragma once
#include <cstdint>
#include <string>

namespace beaver {

class connection;

/// What SQLite tells about a file.
struct file_status {
  std::int64_t schema_version;
  std::int64_t additive_version;
  std::string sqlite_version;
  std::uint64_t file_bytes;
  std::uint64_t free_bytes;
  std::uint64_t wal_bytes;

  [[nodiscard]] static file_status read(connection& c);
};

} // namespace beaver
