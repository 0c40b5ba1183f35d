#pragma once
#include "beaver/storage/bytes.hpp"
#include "beaver/storage/clock.hpp"
#include "beaver/storage/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace beaver {

class connection;

/// Blobs that arrive in parts of unknown number. Staged parts lie in tables of their own, invisible
/// until `commit_upload` makes the row in one transaction; whatever is staged and never committed
/// goes with `sweep_uploads`. All functions run inside the caller's write transaction, one call
/// each or many, and hold no more than some MiB beside their arguments, whatever the blob's size.
namespace blob_table {

/// Appends `chunk` to `upload`, which its first chunk (perhaps empty) begins. Gives the bytes so
/// far. Throws `error` invalid_argument (no name), already_exists (the upload belongs to another
/// store), full (more than a row can hold; nothing is written).
std::uint64_t stage(connection& c, std::string_view name, std::string_view upload,
                    const bytes& chunk, unix_seconds now);

/// Makes `upload` the blob `key`, in place of an earlier one, and forgets the upload. Gives the
/// size. Throws `error` not_found (no such upload in this store), full (nothing is written).
std::uint64_t commit_upload(connection& c, std::string_view name, std::string_view upload,
                            std::string_view key, const std::optional<json_text>& metadata);

/// Drops a staged upload; tells whether there was one.
bool discard(connection& c, std::string_view name, std::string_view upload);

/// Drops all uploads that were last touched before `older_than`; gives their number.
std::uint64_t sweep_uploads(connection& c, unix_seconds older_than);

} // namespace blob_table
} // namespace beaver
