#pragma once
#include "beaver/storage/bytes.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/key_range.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

struct blob_value {
  bytes data;
  std::optional<json_text> metadata;
};

/// One blob without its content.
struct blob_entry {
  std::string key;
  std::uint64_t size; // bytes
  std::optional<json_text> metadata;
};

/// What a blob store holds.
struct blob_summary {
  std::uint64_t blobs;
  std::uint64_t bytes;   // of the content
  std::uint64_t uploads; // staged and not committed
};

/// All SQL of the data type `blob`: bytes under text keys, with optional JSON metadata.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names, keys and metadata are taken as they come: the caller has
/// checked and normalised them. Metadata is stored as TEXT, or, where a large blob is written
/// piecewise, as a BLOB with the same text and blanks behind it; it is read in both forms, without
/// those blanks. Any function may throw `error` busy, io, full or corrupt from SQLite. Uploads:
/// `blob_upload.hpp`; reading piecewise: `blob_stream.hpp`.
namespace blob_table {

/// Stores `data` in place of an earlier blob and its metadata.
/// Throws `error` full, with nothing written, if the row would pass SQLite's limit of 1e9 bytes.
/// Memory: SQLite builds the row once more beside `data`.
void put(connection& c, std::string_view name, std::string_view key, const bytes& data,
         const std::optional<json_text>& metadata);

/// The whole blob. One copy of the content in memory beyond a MiB; SQLite's and ours below it.
[[nodiscard]] std::optional<blob_value> find(connection& c, std::string_view name,
                                             std::string_view key);

/// At most `length` bytes from `offset` on, fewer at the end, none behind it. Only the asked part
/// is copied, but its pages are found by following a chain from the start of the blob.
[[nodiscard]] std::optional<bytes> read(connection& c, std::string_view name, std::string_view key,
                                        std::uint64_t offset, std::uint64_t length);

/// Size and metadata. A blob without metadata costs the same at every size. With metadata, which
/// lies behind the content, SQLite follows the chain of the content's pages: it copies nothing, but
/// touches every page (4 KiB) once.
[[nodiscard]] std::optional<blob_entry> stat(connection& c, std::string_view name,
                                             std::string_view key);

/// Replaces the metadata (absent: removes it) and leaves the content; tells whether there is such a
/// blob. A blob over 1 MiB is never held in memory: its metadata is written in place if the new
/// text is no longer than the place of the old one, else the row is rebuilt piecewise (everything
/// is written twice).
bool set_metadata(connection& c, std::string_view name, std::string_view key,
                  const std::optional<json_text>& metadata);

bool erase(connection& c, std::string_view name, std::string_view key);
[[nodiscard]] bool contains(connection& c, std::string_view name, std::string_view key);

/// Number of blobs, of those whose key starts with `prefix` if given. Linear in the result.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name,
                                  std::optional<std::string_view> prefix);

/// Keys, sizes and metadata in key order; the cost of `stat` for each.
[[nodiscard]] std::vector<blob_entry> list(connection& c, std::string_view name,
                                           const key_range& range);

/// Removes all blobs of the store and gives their number. Staged uploads stay.
std::uint64_t clear(connection& c, std::string_view name);

/// Linear in the number of blobs, whatever their size.
[[nodiscard]] blob_summary info(connection& c, std::string_view name);

/// The names of all stores that hold a blob, in order. One lookup per name, not a scan of the
/// table.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace blob_table
} // namespace beaver
