#include "beaver/storage/change_feed.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/json_format.hpp"
#include "beaver/storage/listing.hpp"

#include <algorithm>
#include <array>

namespace beaver {
namespace {

/// Where the rows of a data type are, and which columns name a manager and a row in it.
struct recorded_table {
  std::string_view type;
  std::string_view table;
  std::string_view name;
  std::string_view key;
};

constexpr std::array<recorded_table, 11> tables{{
  {"blob", "__beaver_blobs__", "store_name", "key"},
  {"channel", "__beaver_pubsub_log__", "channel_name", "timestamp"},
  {"dict", "__beaver_dicts__", "dict_name", "key"},
  {"docs", "__beaver_documents__", "collection", "item_id"},
  {"graph", "__beaver_edges__", "collection", "source_item_id"},
  {"list", "__beaver_lists__", "list_name", "item_order"},
  {"lock", "__beaver_lock_waiters__", "lock_name", "waiter_id"},
  {"log", "__beaver_logs__", "log_name", "timestamp"},
  {"queue", "__beaver_priority_queues__", "queue_name", "timestamp"},
  {"sketch", "__beaver_sketches__", "name", "type"},
  {"vectors", "__beaver_vectors__", "collection", "item_id"},
}};

std::string list_of_types() {
  std::string text;
  for (const auto& t : tables)
    text += (text.empty() ? "" : ", ") + std::string{t.type};
  return text;
}

constexpr std::array<std::string_view, 3> events{"insert", "update", "delete"};

std::string trigger_name(const recorded_table& t, std::string_view event) {
  return "__beaver_watch_" + std::string{t.type} + "_" + std::string{event} + "__";
}

/// "INSERT ... SELECT ..." of the row `new` or `old`, if it is watched. Nothing in it can fail a
/// writer: no constraint, no function but those that SQLite has always had.
std::string append_of(const recorded_table& t, const std::string& row, std::string_view operation,
                      const std::string& condition = "1") {
  const auto column = [&](std::string_view name) { return row + '.' + std::string{name}; };
  return "INSERT INTO __beaver_changes__(type, name, key, operation, timestamp) SELECT '"
         + std::string{t.type} + "', " + column(t.name) + ", " + column(t.key) + ", '"
         + std::string{operation} + "', (julianday('now') - 2440587.5) * 86400.0 WHERE " + condition
         + " AND EXISTS (SELECT 1 FROM __beaver_watched__ w WHERE w.type = '" + std::string{t.type}
         + "' AND " + column(t.name) + " GLOB w.name); ";
}

std::string body_of(const recorded_table& t, std::string_view event) {
  if (event == "insert")
    return append_of(t, "new", "set");
  if (event == "delete")
    return append_of(t, "old", "erase");
  const auto differs = [&](std::string_view name) {
    return "old." + std::string{name} + " IS NOT new." + std::string{name};
  };
  return append_of(t, "old", "erase", '(' + differs(t.name) + " OR " + differs(t.key) + ')')
         + append_of(t, "new", "set");
}

void make_triggers(connection& c, const recorded_table& t) {
  for (const auto event : events)
    c.execute(("CREATE TRIGGER IF NOT EXISTS " + trigger_name(t, event) + " AFTER "
               + std::string{event} + " ON " + std::string{t.table} + " BEGIN " + body_of(t, event)
               + "END")
                .c_str());
}

void drop_triggers(connection& c, const recorded_table& t) {
  for (const auto event : events)
    c.execute(("DROP TRIGGER IF EXISTS " + trigger_name(t, event)).c_str());
}

/// The key of a row as JSON; what no JSON can say is null.
json_text key_of(statement& row, int column) {
  if (row.is_null(column))
    return json_text{"null"};
  std::string out;
  if (!row.is_text(column)) {
    out = row.text(column);
    try {
      return json_text{out}.normalised();
    } catch (const error&) {
      return json_text{"null"};
    }
  }
  try {
    json::append_string(out, row.text(column));
    return json_text::from_normal(out);
  } catch (const error&) {
    return json_text{"null"};
  }
}

std::uint64_t to_unsigned(std::int64_t n) { return static_cast<std::uint64_t>(n); }

/// Rows that a page passes at most for each change that it may hold.
constexpr std::uint64_t passed_per_change = 64;

} // namespace

change_pattern::change_pattern(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon + 1 == text.size())
    throw error(errc::invalid_argument,
                "'" + std::string{text}
                  + "' is no pattern of changes; write TYPE:NAME, as in dict:*");
  type = text.substr(0, colon);
  name = text.substr(colon + 1);
  if (std::none_of(tables.begin(), tables.end(),
                   [&](const auto& t) { return glob(type, std::string{t.type}); }))
    throw error(errc::invalid_argument,
                "no data type is called '" + type + "'; there are " + list_of_types());
}

bool change_pattern::matches(const change& c) const noexcept {
  return glob(type, c.type) && glob(name, c.name);
}

std::string change_pattern::exactly(std::string_view type, std::string_view name) {
  std::string text{type};
  text += ':';
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[')
      text.append(1, '[').append(1, c).append(1, ']');
    else
      text += c;
  }
  return text;
}

namespace change_feed {

void watch(connection& c, const change_pattern& which) {
  for (const auto& t : tables) {
    if (!glob(which.type, std::string{t.type}))
      continue;
    c.prepare("INSERT OR IGNORE INTO __beaver_watched__(pattern, type, name) VALUES(?1, ?2, ?3)")
      .bind(which.text(), t.type, which.name)
      .run();
    make_triggers(c, t);
  }
}

bool is_watched(connection& c, const change_pattern& which) {
  statement row = c.prepare("SELECT 1 FROM __beaver_watched__ WHERE pattern = ?1");
  const auto text = which.text();
  return row.bind(text).step();
}

bool unwatch(connection& c, const change_pattern& which) {
  const auto text = which.text();
  c.prepare("DELETE FROM __beaver_watched__ WHERE pattern = ?1").bind(text).run();
  const bool watched = c.changes() > 0;
  for (const auto& t : tables) {
    bool used = false;
    {
      statement row = c.prepare("SELECT 1 FROM __beaver_watched__ WHERE type = ?1");
      used = row.bind(t.type).step();
    }
    if (!used)
      drop_triggers(c, t);
  }
  return watched;
}

std::vector<std::string> watched(connection& c) {
  std::vector<std::string> result;
  statement rows = c.prepare("SELECT DISTINCT pattern FROM __beaver_watched__ ORDER BY pattern");
  while (rows.step())
    result.emplace_back(rows.text(0));
  return result;
}

page read(connection& c, const change_pattern& which, std::uint64_t after, std::uint64_t most) {
  statement rows = c.prepare("SELECT seq, type, name, key, operation, timestamp "
                             "FROM __beaver_changes__ WHERE seq > ?1 ORDER BY seq");
  rows.bind(after);
  page result{{}, after};
  for (std::uint64_t passed = 1; rows.step(); ++passed) {
    result.upto = to_unsigned(rows.integer(0));
    change one{result.upto,
               std::string{rows.text(1)},
               std::string{rows.text(2)},
               {},
               rows.text(4) == "set" ? change_operation::set : change_operation::erase,
               rows.real(5)};
    if (which.matches(one)) {
      one.key = key_of(rows, 3);
      result.changes.push_back(std::move(one));
    }
    if (result.changes.size() >= most || passed >= passed_per_change * most)
      break;
  }
  return result;
}

std::uint64_t head(connection& c) {
  statement row = c.prepare("SELECT max(seq) FROM __beaver_changes__");
  row.step();
  return to_unsigned(row.integer(0));
}

std::uint64_t before_time(connection& c, unix_seconds time) {
  statement row =
    c.prepare("SELECT timestamp FROM __beaver_changes__ WHERE seq > ?1 ORDER BY seq LIMIT 1");
  return sequence_before(head(c), time, [&](std::uint64_t after) {
    row.reset();
    return row.bind(after).step() ? std::optional{row.real(0)} : std::nullopt;
  });
}

bool is_due(connection& c, unix_seconds now) {
  // But the newest, which stays.
  statement oldest = c.prepare("SELECT timestamp FROM __beaver_changes__ WHERE seq < "
                               "(SELECT max(seq) FROM __beaver_changes__) ORDER BY seq LIMIT 1");
  return oldest.step() && oldest.real(0) < now - kept_seconds;
}

std::uint64_t sweep(connection& c, unix_seconds now, std::uint64_t limit) {
  std::uint64_t last = 0;
  {
    statement rows = c.prepare("SELECT seq, timestamp FROM __beaver_changes__ WHERE seq < "
                               "(SELECT max(seq) FROM __beaver_changes__) ORDER BY seq LIMIT ?1");
    rows.bind(limit);
    while (rows.step() && rows.real(1) < now - kept_seconds)
      last = to_unsigned(rows.integer(0));
  }
  if (last == 0)
    return 0;
  // The newest stays, for SQLite would give its number out again.
  c.prepare("DELETE FROM __beaver_changes__ WHERE seq <= ?1").bind(last).run();
  return to_unsigned(c.changes());
}

} // namespace change_feed
} // namespace beaver
