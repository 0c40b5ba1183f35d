#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

struct sqlite3_blob;

namespace beaver {

class connection;

/// SQLite's incremental access to one stored value: parts are read and written without the whole
/// ever being in memory. An open writable handle makes SAVEPOINT and COMMIT fail, so it lives
/// shortly; a handle ends (errc::cancelled) when its row is changed by a statement.
class blob_handle {
public:
  enum class access { read, write };

  /// Opens a column of a table in the row `rowid`, which must exist.
  blob_handle(connection& c, const char* table, const char* column, std::int64_t rowid,
              access mode);
  blob_handle(blob_handle&& other) noexcept;
  blob_handle& operator=(blob_handle&& other) noexcept;
  ~blob_handle();

  [[nodiscard]] std::uint64_t size() const noexcept;

  /// Fills `target` from `offset` on; all of it must lie within the value.
  void read(std::uint64_t offset, std::span<std::byte> target) const;
  /// Writes `source` at `offset`; all of it must lie within the value.
  void write(std::uint64_t offset, std::span<const std::byte> source);

private:
  [[noreturn]] void fail(int code, const char* doing) const;

  connection* owner_;
  sqlite3_blob* handle_ = nullptr;
};

} // namespace beaver
