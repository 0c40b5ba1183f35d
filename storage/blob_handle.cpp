#include "beaver/storage/blob_handle.hpp"

#include "beaver/storage/connection.hpp"

#include <sqlite3.h>

#include <string>
#include <utility>

namespace beaver {

blob_handle::blob_handle(connection& c, const char* table, const char* column, std::int64_t rowid,
                         access mode)
  : owner_(&c) {
  const int code =
    sqlite3_blob_open(c.handle(), "main", table, column, rowid, mode == access::write, &handle_);
  if (code != SQLITE_OK)
    c.fail(code, "opening a blob");
}

blob_handle::blob_handle(blob_handle&& other) noexcept
  : owner_(other.owner_), handle_(std::exchange(other.handle_, nullptr)) {}

blob_handle& blob_handle::operator=(blob_handle&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(handle_, other.handle_);
  return *this;
}

blob_handle::~blob_handle() { sqlite3_blob_close(handle_); }

std::uint64_t blob_handle::size() const noexcept {
  return static_cast<std::uint64_t>(sqlite3_blob_bytes(handle_));
}

// A value has at most 2^31 - 1 bytes, so what lies within it fits an int.

void blob_handle::read(std::uint64_t offset, std::span<std::byte> target) const {
  const int code = sqlite3_blob_read(handle_, target.data(), static_cast<int>(target.size()),
                                     static_cast<int>(offset));
  if (code != SQLITE_OK)
    fail(code, "reading a part of a blob");
}

void blob_handle::write(std::uint64_t offset, std::span<const std::byte> source) {
  const int code = sqlite3_blob_write(handle_, source.data(), static_cast<int>(source.size()),
                                      static_cast<int>(offset));
  if (code != SQLITE_OK)
    fail(code, "writing a part of a blob");
}

void blob_handle::fail(int code, const char* doing) const {
  if (code == SQLITE_ABORT)
    throw error(errc::cancelled, std::string{doing} + " of '" + owner_->path()
                                   + "': it was changed meanwhile; open it again");
  owner_->fail(code, doing);
}

} // namespace beaver
