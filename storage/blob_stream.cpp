#include "beaver/storage/blob_stream.hpp"

#include "beaver/storage/connection.hpp"

#include <algorithm>
#include <utility>

namespace beaver {

blob_stream::blob_stream(blob_handle handle) noexcept : handle_(std::move(handle)) {}

std::optional<blob_stream> blob_stream::open(connection& c, std::string_view name,
                                             std::string_view key) {
  statement row =
    c.prepare("SELECT rowid FROM __beaver_blobs__ WHERE store_name = ?1 AND key = ?2");
  row.bind(name, key);
  if (!row.step())
    return std::nullopt;
  return blob_stream{
    blob_handle{c, "__beaver_blobs__", "data", row.integer(0), blob_handle::access::read}};
}

std::size_t blob_stream::read(std::uint64_t offset, std::span<std::byte> target) const {
  if (offset >= size() || target.empty())
    return 0;
  const auto part = std::min<std::uint64_t>(target.size(), size() - offset);
  handle_.read(offset, target.first(part));
  return part;
}

} // namespace beaver
