#include "beaver/storage/channel_table.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/listing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

// Every row of the sequence with its message. A row without one (a foreign program removed it) is
// left out. CROSS JOIN: in this order.
#define SEQUENCE_OF_CHANNEL \
  "FROM __beaver_channel_sequence__ s INDEXED BY __beaver_channel_sequence_name__ " \
  "CROSS JOIN __beaver_pubsub_log__ m " \
  "INDEXED BY sqlite_autoindex___beaver_pubsub_log___1 " \
  "WHERE s.channel_name = ?1 AND m.timestamp = s.timestamp AND m.channel_name = ?1 "

namespace beaver::channel_table {
namespace {

constexpr unix_seconds latest = std::numeric_limits<unix_seconds>::max();

/// Rows that a page over all channels passes at most for each message that it may hold.
constexpr std::uint64_t passed_per_message = 64;

std::uint64_t to_unsigned(std::int64_t n) { return static_cast<std::uint64_t>(n); }
std::uint64_t changes(connection& c) { return to_unsigned(c.changes()); }

channel_message message_of(std::string_view name, statement& row) {
  return {std::string{name}, json_text{row.text(2)}, row.real(1), to_unsigned(row.integer(0))};
}

/// The time of the first message behind `after`, of one channel or of all; empty if there is none.
std::optional<unix_seconds> time_behind(connection& c, const std::string* name,
                                        std::uint64_t after) {
  statement row = name ? c.prepare("SELECT timestamp FROM __beaver_channel_sequence__ WHERE "
                                   "channel_name = ?2 AND seq > ?1 ORDER BY seq LIMIT 1")
                       : c.prepare("SELECT timestamp FROM __beaver_channel_sequence__ WHERE "
                                   "seq > ?1 ORDER BY seq LIMIT 1");
  if (name)
    row.bind(after, *name);
  else
    row.bind(after);
  if (!row.step())
    return std::nullopt;
  return row.real(0);
}

/// Removes the places of a channel up to a sequence. The newest of the file stays, for SQLite would
/// give its number out again.
void erase_places(connection& c, std::string_view name, std::uint64_t last) {
  c.prepare("DELETE FROM __beaver_channel_sequence__ WHERE channel_name = ?1 AND seq <= ?2 "
            "AND seq < (SELECT max(seq) FROM __beaver_channel_sequence__)")
    .bind(name, last)
    .run();
}

} // namespace

channel_receipt publish(connection& c, std::string_view name, std::span<const json_text> payloads,
                        unix_seconds now) {
  unix_seconds newest = -std::numeric_limits<unix_seconds>::infinity();
  {
    statement row = c.prepare("SELECT timestamp FROM __beaver_pubsub_log__ WHERE timestamp <= ?1 "
                              "ORDER BY timestamp DESC LIMIT 1");
    if (row.bind(latest).step())
      newest = row.real(0);
  }
  unix_seconds t = now;
  statement insertion = c.prepare("INSERT INTO __beaver_pubsub_log__(timestamp, channel_name, "
                                  "message_payload) VALUES(?1, ?2, ?3)");
  for (const auto& payload : payloads) {
    if (t <= newest)
      t = std::nextafter(newest, std::numeric_limits<unix_seconds>::infinity()) + 0.0;
    if (t > latest)
      throw error(errc::corrupt, "'" + c.path()
                                   + "' has a message at the end of time, after which "
                                     "none can be published; remove it");
    insertion.bind(t, name, payload).run();
    insertion.reset();
    newest = t;
  }
  return {head(c), t};
}

std::vector<channel_message> history(connection& c, std::string_view name, std::uint64_t limit,
                                     std::optional<unix_seconds> since) {
  statement rows = c.prepare("SELECT s.seq, s.timestamp, m.message_payload " SEQUENCE_OF_CHANNEL
                             "AND m.timestamp >= ?2 ORDER BY s.seq DESC LIMIT ?3");
  rows.bind(name, since.value_or(-latest), as_limit(limit));
  std::vector<channel_message> result;
  while (rows.step())
    result.push_back(message_of(name, rows));
  std::reverse(result.begin(), result.end());
  return result;
}

page read(connection& c, std::string_view name, std::uint64_t after, page_size most) {
  statement rows = c.prepare("SELECT s.seq, s.timestamp, m.message_payload " SEQUENCE_OF_CHANNEL
                             "AND s.seq > ?2 ORDER BY s.seq");
  rows.bind(name, after);
  page result{{}, 0};
  for (std::uint64_t bytes = 0; rows.step();) {
    result.messages.push_back(message_of(name, rows));
    bytes += result.messages.back().payload.size();
    if (result.messages.size() >= most.messages || bytes >= most.bytes) {
      result.upto = result.messages.back().sequence;
      return result;
    }
  }
  result.upto = std::max(after, head(c));
  return result;
}

page read_matching(connection& c, const std::string& pattern, std::uint64_t after, page_size most) {
  statement rows = c.prepare("SELECT seq, timestamp, channel_name FROM __beaver_channel_sequence__ "
                             "WHERE seq > ?1 ORDER BY seq");
  statement message = c.prepare("SELECT message_payload FROM __beaver_pubsub_log__ WHERE "
                                "timestamp = ?1 AND channel_name = ?2");
  rows.bind(after);
  page result{{}, after};
  std::uint64_t bytes = 0;
  for (std::uint64_t passed = 1; rows.step(); ++passed) {
    result.upto = to_unsigned(rows.integer(0));
    std::string name{rows.text(2)};
    if (matches(pattern, name)) {
      message.bind(rows.real(1), name);
      if (message.step()) {
        bytes += message.text(0).size();
        result.messages.push_back({name, json_text{message.text(0)}, rows.real(1), result.upto});
      }
      message.reset();
    }
    if (result.messages.size() >= most.messages || bytes >= most.bytes
        || passed >= passed_per_message * most.messages)
      break;
  }
  return result;
}

bool matches(const std::string& pattern, const std::string& name) noexcept {
  return glob(pattern, name);
}

std::uint64_t head(connection& c) {
  statement row = c.prepare("SELECT max(seq) FROM __beaver_channel_sequence__");
  row.step();
  return to_unsigned(row.integer(0));
}

std::uint64_t before_time(connection& c, const std::string* name, unix_seconds time) {
  return sequence_before(head(c), time,
                         [&](std::uint64_t after) { return time_behind(c, name, after); });
}

std::uint64_t count(connection& c, std::string_view name) {
  statement row = c.prepare("SELECT count(*) FROM __beaver_pubsub_log__ WHERE channel_name = ?1");
  row.bind(name).step();
  return to_unsigned(row.integer(0));
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_pubsub_log__ WHERE channel_name = ?1").bind(name).run();
  const auto removed = changes(c);
  erase_places(c, name, to_unsigned(std::numeric_limits<std::int64_t>::max()));
  return removed;
}

std::uint64_t erase(connection& c, std::string_view name, std::optional<unix_seconds> before,
                    std::optional<std::uint64_t> keep, std::uint64_t limit) {
  std::uint64_t last_unwanted = 0;
  if (keep) {
    statement row = c.prepare("SELECT seq FROM __beaver_channel_sequence__ WHERE channel_name = ?1 "
                              "ORDER BY seq DESC LIMIT 1 OFFSET ?2");
    if (row.bind(name, as_limit(*keep)).step())
      last_unwanted = to_unsigned(row.integer(0));
  }
  statement rows = c.prepare("SELECT s.seq, s.timestamp, m.timestamp IS NOT NULL "
                             "FROM __beaver_channel_sequence__ s LEFT JOIN __beaver_pubsub_log__ m "
                             "ON m.timestamp = s.timestamp AND m.channel_name = ?1 "
                             "WHERE s.channel_name = ?1 ORDER BY s.seq");
  rows.bind(name);
  std::uint64_t last = 0;
  for (std::uint64_t n = 0; n < limit && rows.step(); ++n) {
    const auto sequence = to_unsigned(rows.integer(0));
    const bool unwanted = sequence <= last_unwanted || (before && rows.real(1) < *before);
    if (!unwanted && rows.integer(2) != 0)
      break; // the first that stays; one whose message has gone does not stand in the way
    last = sequence;
  }
  rows.reset();
  if (last == 0)
    return 0;
  c.prepare("DELETE FROM __beaver_pubsub_log__ WHERE channel_name = ?1 AND timestamp IN "
            "(SELECT timestamp FROM __beaver_channel_sequence__ WHERE channel_name = ?1 "
            "AND seq <= ?2)")
    .bind(name, last)
    .run();
  const auto removed = changes(c);
  erase_places(c, name, last);
  return removed;
}

channel_summary info(connection& c, std::string_view name) {
  statement row =
    c.prepare("SELECT count(*), coalesce(sum(length(CAST(message_payload AS BLOB))), 0), "
              "min(timestamp), max(timestamp) FROM __beaver_pubsub_log__ WHERE channel_name = ?1");
  row.bind(name).step();
  channel_summary result{to_unsigned(row.integer(0)), to_unsigned(row.integer(1)), {}, {}, {}};
  if (result.messages > 0) {
    result.first = row.real(2);
    result.last = row.real(3);
  }
  result.cursors = cursors(c, name);
  return result;
}

std::vector<std::string> names(connection& c) {
  return collect_names(
    c, "SELECT min(channel_name) FROM __beaver_pubsub_log__ WHERE channel_name >= ?1");
}

std::optional<std::uint64_t> cursor(connection& c, std::string_view name, std::string_view cursor) {
  statement row = c.prepare("SELECT seq FROM __beaver_channel_cursors__ WHERE channel_name = ?1 "
                            "AND cursor_name = ?2");
  if (!row.bind(name, cursor).step())
    return std::nullopt;
  return to_unsigned(row.integer(0));
}

void set_cursor(connection& c, std::string_view name, std::string_view cursor,
                std::uint64_t sequence) {
  c.prepare("INSERT INTO __beaver_channel_cursors__(channel_name, cursor_name, seq) "
            "VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq")
    .bind(name, cursor, sequence)
    .run();
}

bool erase_cursor(connection& c, std::string_view name, std::string_view cursor) {
  c.prepare("DELETE FROM __beaver_channel_cursors__ WHERE channel_name = ?1 AND cursor_name = ?2")
    .bind(name, cursor)
    .run();
  return c.changes() > 0;
}

std::vector<channel_cursor> cursors(connection& c, std::string_view name) {
  statement rows = c.prepare("SELECT cursor_name, seq FROM __beaver_channel_cursors__ "
                             "WHERE channel_name = ?1 ORDER BY cursor_name");
  rows.bind(name);
  std::vector<channel_cursor> result;
  while (rows.step())
    result.push_back({std::string{rows.text(0)}, to_unsigned(rows.integer(1))});
  return result;
}

} // namespace beaver::channel_table
