#include "beaver/storage/blob_piecewise.hpp"

#include "beaver/storage/blob_handle.hpp"
#include "beaver/storage/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <string>

namespace beaver::blob_table::detail {
namespace {

/// Metadata of a large blob gets some room, so that most changes of it can be made in place.
constexpr std::size_t metadata_room = 256;

/// The chunks of a rebuild; `stage` refuses this name.
constexpr std::string_view rebuild = "";

/// Fills the place behind `text` with blanks, which JSON allows there.
void write_padded(blob_handle& place, std::string_view text) {
  place.write(0, std::as_bytes(std::span{text}));
  const std::string blanks(std::min<std::uint64_t>(place.size() - text.size(), piece_bytes), ' ');
  for (std::uint64_t at = text.size(); at < place.size(); at += blanks.size()) {
    const auto part = std::min<std::uint64_t>(blanks.size(), place.size() - at);
    place.write(at, std::as_bytes(std::span{blanks}).first(part));
  }
}

} // namespace

void check_row_fits(connection& c, std::string_view name, std::string_view key, std::uint64_t size,
                    const std::optional<json_text>& metadata) {
  constexpr std::uint64_t row_header = 64 + metadata_room;
  const auto limit = static_cast<std::uint64_t>(sqlite3_limit(c.handle(), SQLITE_LIMIT_LENGTH, -1));
  const std::uint64_t others =
    row_header + name.size() + key.size() + (metadata ? metadata->size() : 0);
  if (others > limit || size > limit - others)
    throw error(errc::full, "blob store '" + std::string{name} + "' key '" + std::string{key}
                              + "': " + std::to_string(size)
                              + " bytes with key and metadata pass SQLite's " + "limit of "
                              + std::to_string(limit)
                              + " bytes for a row; store it in parts under several keys");
}

void append_chunks(connection& c, std::string_view upload, std::span<const std::byte> data) {
  std::int64_t sequence = 0;
  {
    statement last =
      c.prepare("SELECT coalesce(max(seq), 0) FROM __beaver_blob_chunks__ WHERE upload = ?1");
    last.bind(upload);
    if (last.step())
      sequence = last.integer(0);
  }
  while (!data.empty()) {
    const auto piece = data.first(std::min(data.size(), piece_bytes));
    c.prepare("INSERT INTO __beaver_blob_chunks__(upload, seq, data) VALUES(?1, ?2, ?3)")
      .bind(upload, ++sequence, piece)
      .run();
    data = data.subspan(piece.size());
  }
}

void put_chunks(connection& c, std::string_view name, std::string_view key, std::string_view upload,
                std::uint64_t size, const std::optional<json_text>& metadata) {
  c.prepare("DELETE FROM __beaver_blobs__ WHERE store_name = ?1 AND key = ?2")
    .bind(name, key)
    .run();
  // SQLite builds a row in memory unless zeroes are all that follows in it: so the metadata, which
  // lies behind the content, has to begin as zeroes too, and thereby becomes a BLOB.
  std::optional<zero_blob> place;
  if (metadata)
    place = zero_blob{static_cast<std::int64_t>((metadata->size() + metadata_room - 1)
                                                / metadata_room * metadata_room)};
  c.prepare("INSERT INTO __beaver_blobs__(store_name, key, data, metadata) VALUES(?1, ?2, ?3, ?4)")
    .bind(name, key, zero_blob{static_cast<std::int64_t>(size)}, place)
    .run();
  const std::int64_t rowid = c.last_insert_rowid();

  blob_handle content{c, "__beaver_blobs__", "data", rowid, blob_handle::access::write};
  each_chunk(c, upload, size,
             [&](std::uint64_t at, std::span<const std::byte> chunk) { content.write(at, chunk); });
  if (metadata) {
    blob_handle target{c, "__beaver_blobs__", "metadata", rowid, blob_handle::access::write};
    write_padded(target, metadata->text());
  }
}

void each_chunk(connection& c, std::string_view upload, std::uint64_t size,
                const std::function<void(std::uint64_t at, std::span<const std::byte>)>& use) {
  statement chunks =
    c.prepare("SELECT data FROM __beaver_blob_chunks__ WHERE upload = ?1 ORDER BY seq");
  chunks.bind(upload);
  std::uint64_t at = 0;
  while (chunks.step()) {
    const auto chunk = chunks.blob(0);
    if (chunk.size() > size - at)
      break;
    use(at, chunk);
    at += chunk.size();
  }
  if (at != size)
    throw error(errc::corrupt, "upload '" + std::string{upload} + "' lacks some of the "
                                 + std::to_string(size)
                                 + " bytes that were staged; discard it and send it again");
}

void drop_chunks(connection& c, std::string_view upload) {
  c.prepare("DELETE FROM __beaver_blob_chunks__ WHERE upload = ?1").bind(upload).run();
}

void set_metadata_of_large(connection& c, std::string_view name, std::string_view key,
                           std::int64_t rowid, const std::optional<json_text>& metadata) {
  bool had_metadata = false;
  {
    statement row = c.prepare("SELECT metadata IS NOT NULL FROM __beaver_blobs__ WHERE rowid = ?1");
    row.bind(rowid);
    had_metadata = row.step() && row.integer(0) != 0;
  }
  if (!had_metadata && !metadata)
    return;
  if (had_metadata && metadata) {
    blob_handle place{c, "__beaver_blobs__", "metadata", rowid, blob_handle::access::write};
    if (metadata->size() <= place.size()) {
      write_padded(place, metadata->text());
      return;
    }
  }
  std::uint64_t size = 0;
  {
    const blob_handle content{c, "__beaver_blobs__", "data", rowid, blob_handle::access::read};
    size = content.size();
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(piece_bytes);
    for (std::uint64_t at = 0; at < size; at += piece_bytes) {
      const std::span piece{buffer.get(), std::min<std::uint64_t>(piece_bytes, size - at)};
      content.read(at, piece);
      append_chunks(c, rebuild, piece);
    }
  }
  put_chunks(c, name, key, rebuild, size, metadata);
  drop_chunks(c, rebuild);
}

} // namespace beaver::blob_table::detail
