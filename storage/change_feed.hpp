#pragma once
#include "beaver/storage/clock.hpp"
#include "beaver/storage/json_text.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// What happened to a row. Programs replace rows in ways that SQLite does not tell from new ones.
enum class change_operation : std::uint8_t { set, erase };

/// A row that somebody has written or removed. `sequence` counts changes in the order of their
/// commits, with gaps.
struct change {
  std::uint64_t sequence;
  std::string type; // "dict"
  std::string name; // of the manager
  json_text key;    // of the row: a string, or a timestamp; what is there now has to be looked up
  change_operation operation;
  unix_seconds timestamp; // by the clock of whoever wrote, to the millisecond
};

/// Managers by type and name, as in "dict:settings" or "dict:user.*": both parts are patterns with
/// `*`, `?` and `[abc]`.
struct change_pattern {
  std::string type;
  std::string name;

  /// Throws `error` invalid_argument: no colon, an empty part, or a type that does not exist.
  explicit change_pattern(std::string_view text);

  [[nodiscard]] std::string text() const { return type + ':' + name; }
  [[nodiscard]] bool matches(const change& c) const noexcept;

  /// The pattern that matches just this manager.
  [[nodiscard]] static std::string exactly(std::string_view type, std::string_view name);
};

/// The record of changes, whoever made them: triggers on the tables of data types that somebody has
/// asked to be watched append to one table. Nothing is recorded, and nothing costs, before that.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Any may throw `error` busy, io, full or corrupt from SQLite.
namespace change_feed {

/// Changes are recorded for so long.
inline constexpr unix_seconds kept_seconds = 7 * 24 * 3600.0;

/// Records changes of these managers from here on, until `unwatch` with the same text. An insert
/// for each data type, and three triggers if it had none.
void watch(connection& c, const change_pattern& which);

/// Whether all that the pattern asks for is recorded under that pattern.
[[nodiscard]] bool is_watched(connection& c, const change_pattern& which);

/// Whether it was watched. What has been recorded stays until it is old.
bool unwatch(connection& c, const change_pattern& which);

/// The patterns that are watched, in order.
[[nodiscard]] std::vector<std::string> watched(connection& c);

struct page {
  std::vector<change> changes;
  std::uint64_t upto; // nothing more is up to this sequence
};

/// Changes behind the sequence `after`, at most `most`. Linear in all that was recorded behind it,
/// of which one page passes a bounded part.
[[nodiscard]] page read(connection& c, const change_pattern& which, std::uint64_t after,
                        std::uint64_t most);

/// The sequence of the newest change; 0 if there was never one.
[[nodiscard]] std::uint64_t head(connection& c);

/// A sequence behind which all changes from `time` on are. O(log n).
[[nodiscard]] std::uint64_t before_time(connection& c, unix_seconds time);

[[nodiscard]] bool is_due(connection& c, unix_seconds now);

/// Removes what is older than `kept_seconds`, at most `limit`; gives the number.
std::uint64_t sweep(connection& c, unix_seconds now, std::uint64_t limit);

} // namespace change_feed
} // namespace beaver
