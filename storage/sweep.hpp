#pragma once
#include "beaver/storage/clock.hpp"

#include <cstdint>

namespace beaver {

class connection;

/// What removes rows whose time is over, of all data types. Inside the caller's transaction.
namespace sweep {

/// An upload that nobody has touched for so long is given up.
inline constexpr unix_seconds upload_lifetime = 24 * 3600.0;

struct result {
  std::uint64_t dict_entries;
  std::uint64_t blob_uploads;
};

/// Whether there is anything to remove. Reads two index entries.
[[nodiscard]] bool is_due(connection& c, unix_seconds now);

/// Removes it, at most `limit` dict entries.
result run(connection& c, unix_seconds now, std::uint64_t limit);

} // namespace sweep
} // namespace beaver
