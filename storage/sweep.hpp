#pragma once
#include "beaver/storage/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beaver {

class connection;

/// What removes or moves rows whose time is over, of all data types. Inside the caller's
/// transaction.
namespace sweep {

/// An upload that nobody has touched for so long is given up.
inline constexpr unix_seconds upload_lifetime = 24 * 3600.0;

struct result {
  std::uint64_t dict_entries;
  std::uint64_t blob_uploads;
  std::uint64_t queue_items; // due, and now where they belong
  std::uint64_t queue_notes; // about items that are gone
  std::uint64_t lock_waiters;
  std::uint64_t channel_messages; // that no rule of retention keeps
  std::uint64_t log_entries;
  std::uint64_t changes;           // that are old
  std::vector<std::string> queues; // that have got ready items
};

/// Whether there is anything to remove. Reads an index entry for each kind and each queue that
/// holds something back, the rows of locks, and what rules of retention keep.
[[nodiscard]] bool is_due(connection& c, unix_seconds now);

/// Removes it, at most `limit` dict entries, notes of queues, and rows of each channel and log;
/// moves queue items that are due.
result run(connection& c, unix_seconds now, std::uint64_t limit);

} // namespace sweep
} // namespace beaver
