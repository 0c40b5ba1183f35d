#pragma once
// Shared by blob_table.cpp and blob_upload.cpp: rows of any size in little memory.
#include "beaver/storage/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace beaver {

class connection;

namespace blob_table::detail {

/// The size of a staged chunk, and the size from which on a blob is never in memory as a whole.
inline constexpr std::size_t piece_bytes = std::size_t{1} << 20;

/// Number of content bytes without loading them. Another program may have stored a TEXT.
#define BEAVER_BLOB_SIZE \
  "CASE typeof(data) WHEN 'blob' THEN length(data) ELSE length(CAST(data AS BLOB)) END"

/// Throws `error` full if a row with these parts would pass SQLite's limit.
void check_row_fits(connection& c, std::string_view name, std::string_view key, std::uint64_t size,
                    const std::optional<json_text>& metadata);

/// Puts `data` behind the chunks of `upload`, cut into pieces.
void append_chunks(connection& c, std::string_view upload, std::span<const std::byte> data);

/// Replaces the blob by the chunks of `upload`, `size` bytes in all. They stay.
void put_chunks(connection& c, std::string_view name, std::string_view key, std::string_view upload,
                std::uint64_t size, const std::optional<json_text>& metadata);

/// Hands the chunks of `upload` to `use` in order, each with its place in the whole of `size`
/// bytes. Throws `error` corrupt if they do not add up to that.
void each_chunk(connection& c, std::string_view upload, std::uint64_t size,
                const std::function<void(std::uint64_t at, std::span<const std::byte>)>& use);

void drop_chunks(connection& c, std::string_view upload);

/// Replaces the metadata of a blob that should not be loaded.
void set_metadata_of_large(connection& c, std::string_view name, std::string_view key,
                           std::int64_t rowid, const std::optional<json_text>& metadata);

} // namespace blob_table::detail
} // namespace beaver
