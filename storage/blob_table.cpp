#include "beaver/storage/blob_table.hpp"

#include "beaver/storage/blob_handle.hpp"
#include "beaver/storage/blob_piecewise.hpp"
#include "beaver/storage/connection.hpp"

#include <algorithm>
#include <utility>

namespace beaver::blob_table {
namespace {

/// Blobs up to this size are cheaper to load than to open.
constexpr std::int64_t cheap_to_load = 64 * 1024;

std::optional<json_text> metadata_in(const statement& row, int column) {
  if (row.is_null(column))
    return std::nullopt;
  const std::string_view text = row.text(column);
  return json_text{text.substr(0, text.find_last_not_of(' ') + 1)};
}

std::uint64_t unsigned_in(const statement& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}

bytes part_of(connection& c, std::int64_t rowid, std::uint64_t offset, std::uint64_t length) {
  const blob_handle content{c, "__beaver_blobs__", "data", rowid, blob_handle::access::read};
  beaver::detail::shared_buffer part{length};
  content.read(offset, {reinterpret_cast<std::byte*>(part.fill()), length});
  return bytes{std::move(part)};
}

} // namespace

void put(connection& c, std::string_view name, std::string_view key, const bytes& data,
         const std::optional<json_text>& metadata) {
  detail::check_row_fits(c, name, key, data.size(), metadata);
  c.prepare("INSERT INTO __beaver_blobs__(store_name, key, data, metadata) "
            "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(store_name, key) "
            "DO UPDATE SET data = excluded.data, metadata = excluded.metadata")
    .bind(name, key, data.view(), metadata)
    .run();
}

std::optional<blob_value> find(connection& c, std::string_view name, std::string_view key) {
  statement row = c.prepare("SELECT rowid, " BEAVER_BLOB_SIZE
                            ", metadata, CASE WHEN " BEAVER_BLOB_SIZE " <= ?3 THEN data END "
                            "FROM __beaver_blobs__ WHERE store_name = ?1 AND key = ?2");
  row.bind(name, key, detail::piece_bytes);
  if (!row.step())
    return std::nullopt;
  auto metadata = metadata_in(row, 2);
  if (row.is_null(3))
    return blob_value{part_of(c, row.integer(0), 0, unsigned_in(row, 1)), std::move(metadata)};
  return blob_value{bytes{row.blob(3)}, std::move(metadata)};
}

std::optional<bytes> read(connection& c, std::string_view name, std::string_view key,
                          std::uint64_t offset, std::uint64_t length) {
  statement row = c.prepare("SELECT rowid, " BEAVER_BLOB_SIZE ", CASE WHEN " BEAVER_BLOB_SIZE
                            " <= ?3 THEN data END "
                            "FROM __beaver_blobs__ WHERE store_name = ?1 AND key = ?2");
  row.bind(name, key, cheap_to_load);
  if (!row.step())
    return std::nullopt;
  const std::uint64_t size = unsigned_in(row, 1);
  if (offset >= size || length == 0)
    return bytes{};
  length = std::min(length, size - offset);
  if (row.is_null(2))
    return part_of(c, row.integer(0), offset, length);
  return bytes{row.blob(2).subspan(offset, length)};
}

std::optional<blob_entry> stat(connection& c, std::string_view name, std::string_view key) {
  statement row = c.prepare("SELECT " BEAVER_BLOB_SIZE ", metadata FROM __beaver_blobs__ "
                            "WHERE store_name = ?1 AND key = ?2");
  row.bind(name, key);
  if (!row.step())
    return std::nullopt;
  return blob_entry{std::string{key}, unsigned_in(row, 0), metadata_in(row, 1)};
}

bool set_metadata(connection& c, std::string_view name, std::string_view key,
                  const std::optional<json_text>& metadata) {
  std::int64_t rowid = 0;
  std::uint64_t size = 0;
  {
    statement row = c.prepare("SELECT rowid, " BEAVER_BLOB_SIZE " FROM __beaver_blobs__ "
                              "WHERE store_name = ?1 AND key = ?2");
    row.bind(name, key);
    if (!row.step())
      return false;
    rowid = row.integer(0);
    size = unsigned_in(row, 1);
  }
  detail::check_row_fits(c, name, key, size, metadata);
  if (size > detail::piece_bytes)
    detail::set_metadata_of_large(c, name, key, rowid, metadata);
  else
    c.prepare("UPDATE __beaver_blobs__ SET metadata = ?2 WHERE rowid = ?1")
      .bind(rowid, metadata)
      .run();
  return true;
}

bool erase(connection& c, std::string_view name, std::string_view key) {
  c.prepare("DELETE FROM __beaver_blobs__ WHERE store_name = ?1 AND key = ?2")
    .bind(name, key)
    .run();
  return c.changes() > 0;
}

bool contains(connection& c, std::string_view name, std::string_view key) {
  return c.prepare("SELECT 1 FROM __beaver_blobs__ WHERE store_name = ?1 AND key = ?2")
    .bind(name, key)
    .step();
}

#define IN_RANGE "FROM __beaver_blobs__ WHERE store_name = ?1 AND key >= ?2 AND key < ?3"

std::uint64_t count(connection& c, std::string_view name, std::optional<std::string_view> prefix) {
  const key_bounds bounds{prefix};
  statement row = c.prepare("SELECT count(*) " IN_RANGE);
  bounds.bind(row, name);
  row.step();
  return unsigned_in(row, 0);
}

std::vector<blob_entry> list(connection& c, std::string_view name, const key_range& range) {
  const key_bounds bounds{range};
  statement rows = c.prepare(
    bounds.descending
      ? "SELECT key, " BEAVER_BLOB_SIZE ", metadata " IN_RANGE " ORDER BY key DESC LIMIT ?4"
      : "SELECT key, " BEAVER_BLOB_SIZE ", metadata " IN_RANGE " ORDER BY key LIMIT ?4");
  bounds.bind(rows, name, bounds.limit);
  std::vector<blob_entry> result;
  each_row(rows, bounds.max_bytes, [&](statement& row) {
    result.push_back({std::string{row.text(0)}, unsigned_in(row, 1), metadata_in(row, 2)});
    const auto& made = result.back();
    return made.key.size() + (made.metadata ? made.metadata->size() : 0);
  });
  return result;
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_blobs__ WHERE store_name = ?1").bind(name).run();
  return static_cast<std::uint64_t>(c.changes());
}

blob_summary info(connection& c, std::string_view name) {
  blob_summary result{};
  {
    statement row = c.prepare("SELECT count(*), coalesce(sum(" BEAVER_BLOB_SIZE "), 0) "
                              "FROM __beaver_blobs__ WHERE store_name = ?1");
    row.bind(name);
    row.step();
    result.blobs = unsigned_in(row, 0);
    result.bytes = unsigned_in(row, 1);
  }
  statement row = c.prepare("SELECT count(*) FROM __beaver_blob_uploads__ WHERE store_name = ?1");
  row.bind(name);
  row.step();
  result.uploads = unsigned_in(row, 0);
  return result;
}

std::vector<std::string> names(connection& c) {
  return collect_names(c, "SELECT min(store_name) FROM __beaver_blobs__ WHERE store_name >= ?1");
}

} // namespace beaver::blob_table
