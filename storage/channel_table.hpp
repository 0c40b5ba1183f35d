#pragma once
#include "beaver/storage/clock.hpp"
#include "beaver/storage/json_text.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// A message as it was published. `sequence` counts all messages of the file in the order of their
/// commits, with gaps; 0 for a message that was never stored.
struct channel_message {
  std::string channel;
  json_text payload;
  unix_seconds timestamp;
  std::uint64_t sequence;
};

/// What a message got when it was published.
struct channel_receipt {
  std::uint64_t sequence;
  unix_seconds timestamp;
};

/// A place in a channel that is kept under a name.
struct channel_cursor {
  std::string cursor;
  std::uint64_t sequence; // of the last message that is done with
};

/// What a channel holds.
struct channel_summary {
  std::uint64_t messages;
  std::uint64_t bytes;               // of the payloads
  std::optional<unix_seconds> first; // time of the oldest message
  std::optional<unix_seconds> last;  // and of the newest
  std::vector<channel_cursor> cursors;
};

/// All SQL of the data type `channel`: JSON messages in the order in which they were published.
///
/// A message has a timestamp, unique over all channels, as the Python original stores it, and a
/// sequence number. The number comes from a table that a trigger fills, so that messages of every
/// program have one, in the order of their commits; timestamps are taken by Python before it waits
/// for the write lock and may be out of order.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names and payloads are taken as they come: the caller has checked
/// and normalised them. Any may throw `error` busy, io, full or corrupt from SQLite.
namespace channel_table {

/// Publishes messages in order; gives the receipt of the last. There must be one.
///
/// Timestamps are `now`, or the least beyond the newest of the file: programs that poll for what is
/// newer than the last they saw miss nothing. O(log n) each.
channel_receipt publish(connection& c, std::string_view name, std::span<const json_text> payloads,
                        unix_seconds now);

/// The newest `limit` messages from the time `since` on, oldest first. O(log n) and linear in the
/// result.
[[nodiscard]] std::vector<channel_message> history(connection& c, std::string_view name,
                                                   std::uint64_t limit,
                                                   std::optional<unix_seconds> since = {});

/// A part of what was published, in order.
struct page {
  std::vector<channel_message> messages;
  std::uint64_t upto; // nothing more is up to this sequence
};

/// How much a page may hold; it ends with the message that brings it to `bytes`.
struct page_size {
  std::uint64_t messages;
  std::uint64_t bytes;
};

/// The messages of one channel behind the sequence `after`. O(log n) and linear in the result.
[[nodiscard]] page read(connection& c, std::string_view name, std::uint64_t after, page_size most);

/// Those of all channels whose name matches `pattern` (as `matches` does). Linear in all that was
/// published behind `after`, of which one page passes a bounded part.
[[nodiscard]] page read_matching(connection& c, const std::string& pattern, std::uint64_t after,
                                 page_size most);

/// `*` stands for any text, `?` for one character, `[abc]`, `[a-z]` and `[^abc]` for one of or none
/// of these; `[*]` is a star.
[[nodiscard]] bool matches(const std::string& pattern, const std::string& name) noexcept;

/// The sequence of the newest message of the file; 0 if there was never one.
[[nodiscard]] std::uint64_t head(connection& c);

/// A sequence behind which all messages from `time` on are, for one channel or (null) for all, and
/// few before. Programs that stored a message more than a minute after its timestamp may be missed.
/// O(log^2 n).
[[nodiscard]] std::uint64_t before_time(connection& c, const std::string* name, unix_seconds time);

/// Number of messages. Linear in it, by an index.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name);

/// Removes all messages; gives their number. Cursors stay.
std::uint64_t clear(connection& c, std::string_view name);

/// Removes the messages older than `before`, and those that are not among the newest `keep`, at
/// most `limit`; gives their number. Linear in it.
std::uint64_t erase(connection& c, std::string_view name, std::optional<unix_seconds> before,
                    std::optional<std::uint64_t> keep, std::uint64_t limit);

/// Reads every message of the channel.
[[nodiscard]] channel_summary info(connection& c, std::string_view name);

/// The names of all channels that hold a message, in order.
[[nodiscard]] std::vector<std::string> names(connection& c);

// -- cursors --------------------------------------------------------------------------------------

/// The place of a cursor; empty if there is no such cursor.
[[nodiscard]] std::optional<std::uint64_t> cursor(connection& c, std::string_view name,
                                                  std::string_view cursor);

/// Puts a cursor there, forwards or backwards.
void set_cursor(connection& c, std::string_view name, std::string_view cursor,
                std::uint64_t sequence);

/// Whether there was one.
bool erase_cursor(connection& c, std::string_view name, std::string_view cursor);

/// All cursors of a channel, by name.
[[nodiscard]] std::vector<channel_cursor> cursors(connection& c, std::string_view name);

} // namespace channel_table
} // namespace beaver
