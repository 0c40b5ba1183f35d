#include "beaver/storage/blob_upload.hpp"

#include "beaver/storage/blob_piecewise.hpp"
#include "beaver/storage/blob_table.hpp"
#include "beaver/storage/connection.hpp"

#include <cstring>
#include <string>
#include <utility>

namespace beaver::blob_table {
namespace {

/// The bytes staged so far; empty if there is no such upload in this store.
std::optional<std::uint64_t> staged_size(connection& c, std::string_view name,
                                         std::string_view upload) {
  statement row =
    c.prepare("SELECT size FROM __beaver_blob_uploads__ WHERE upload = ?1 AND store_name = ?2");
  row.bind(upload, name);
  if (!row.step())
    return std::nullopt;
  return static_cast<std::uint64_t>(row.integer(0));
}

void forget(connection& c, std::string_view upload) {
  detail::drop_chunks(c, upload);
  c.prepare("DELETE FROM __beaver_blob_uploads__ WHERE upload = ?1").bind(upload).run();
}

/// All chunks of a small upload in one buffer.
bytes gather(connection& c, std::string_view upload, std::uint64_t size) {
  beaver::detail::shared_buffer whole{size};
  detail::each_chunk(c, upload, size, [&](std::uint64_t at, std::span<const std::byte> chunk) {
    if (!chunk.empty())
      std::memcpy(whole.fill() + at, chunk.data(), chunk.size());
  });
  return bytes{std::move(whole)};
}

} // namespace

std::uint64_t stage(connection& c, std::string_view name, std::string_view upload,
                    const bytes& chunk, unix_seconds now) {
  if (upload.empty())
    throw error(errc::invalid_argument, "an upload to blob store '" + std::string{name}
                                          + "' has no name; choose a unique one");
  const std::uint64_t size = staged_size(c, name, upload).value_or(0) + chunk.size();
  detail::check_row_fits(c, name, upload, size, std::nullopt);
  // The first chunk also finds out whether another store has the name.
  c.prepare("INSERT INTO __beaver_blob_uploads__(upload, store_name, size, touched_at) "
            "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(upload) "
            "DO UPDATE SET size = excluded.size, touched_at = excluded.touched_at "
            "WHERE store_name = excluded.store_name")
    .bind(upload, name, size, now)
    .run();
  if (c.changes() == 0)
    throw error(errc::already_exists, "upload '" + std::string{upload}
                                        + "' belongs to another blob store than '"
                                        + std::string{name} + "'; choose a unique name");
  detail::append_chunks(c, upload, chunk.view());
  return size;
}

std::uint64_t commit_upload(connection& c, std::string_view name, std::string_view upload,
                            std::string_view key, const std::optional<json_text>& metadata) {
  const auto size = staged_size(c, name, upload);
  if (!size)
    throw error(errc::not_found, "blob store '" + std::string{name} + "' has no upload '"
                                   + std::string{upload}
                                   + "'; it may have been swept, send it again");
  detail::check_row_fits(c, name, key, *size, metadata);
  if (*size <= detail::piece_bytes)
    put(c, name, key, gather(c, upload, *size), metadata);
  else
    detail::put_chunks(c, name, key, upload, *size, metadata);
  forget(c, upload);
  return *size;
}

bool discard(connection& c, std::string_view name, std::string_view upload) {
  if (!staged_size(c, name, upload))
    return false;
  forget(c, upload);
  return true;
}

std::uint64_t sweep_uploads(connection& c, unix_seconds older_than) {
  c.prepare("DELETE FROM __beaver_blob_chunks__ WHERE upload IN "
            "(SELECT upload FROM __beaver_blob_uploads__ WHERE touched_at < ?1)")
    .bind(older_than)
    .run();
  c.prepare("DELETE FROM __beaver_blob_uploads__ WHERE touched_at < ?1").bind(older_than).run();
  return static_cast<std::uint64_t>(c.changes());
}

} // namespace beaver::blob_table
