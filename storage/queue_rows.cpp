#include "beaver/storage/queue_rows.hpp"

#include "beaver/storage/listing.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace beaver::queue_table::detail {
namespace {

#define NOTE_OF_ITEM \
  "FROM __beaver_queue_notes__ WHERE queue_name = ?1 AND priority = ?2 AND timestamp = ?3"

/// Tells apart items that another program has put with one priority and one timestamp. 64-bit
/// FNV-1a; items with the same text need not be told apart.
std::int64_t digest(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : text)
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return static_cast<std::int64_t>(hash);
}

/// The first note about the item and its place in the table.
std::optional<std::pair<std::int64_t, note>> look_up(connection& c, std::string_view name,
                                                     const queue_item& item) {
  statement row = c.prepare("SELECT rowid, attempts, source " NOTE_OF_ITEM
                            " AND digest = ?4 ORDER BY rowid LIMIT 1");
  row.bind(name, item.priority, item.timestamp, digest(item.data.text()));
  if (!row.step())
    return std::nullopt;
  note about{static_cast<std::uint64_t>(row.integer(1)), std::nullopt};
  if (!row.is_null(2))
    about.source = row.text(2);
  return std::pair{row.integer(0), std::move(about)};
}

} // namespace

std::int64_t deadly_attempts(const queue_options& options) noexcept {
  return as_limit(options.max_attempts);
}

void check_priority(std::string_view name, double priority) {
  if (std::isnan(priority))
    throw error(errc::invalid_argument, "queue '" + std::string{name}
                                          + "': a priority that is not a number has no place in "
                                            "the order; use a finite one or an infinity");
}

unix_seconds next_timestamp(connection& c, std::string_view name, double priority,
                            unix_seconds now) {
#define LAST_IN(table) \
  "coalesce((SELECT max(timestamp) FROM " table " WHERE queue_name = ?1 AND priority = ?2), " \
  "-9e999)"
  statement row = c.prepare("SELECT max(" LAST_IN("__beaver_priority_queues__") ", " LAST_IN(
    "__beaver_queue_held__") ", " LAST_IN("__beaver_queue_notes__") ")");
#undef LAST_IN
  row.bind(name, priority);
  row.step();
  return next_timestamp(row.real(0), now);
}

unix_seconds next_timestamp(unix_seconds last, unix_seconds now) noexcept {
  return now > last ? now : std::nextafter(last, std::numeric_limits<double>::infinity());
}

void insert(connection& c, std::string_view name, const queue_item& item, const note& about) {
  c.prepare("INSERT INTO __beaver_priority_queues__(queue_name, priority, timestamp, data) "
            "VALUES(?1, ?2, ?3, ?4)")
    .bind(name, item.priority, item.timestamp, item.data)
    .run();
  if (!about.empty())
    c.prepare("INSERT INTO __beaver_queue_notes__(queue_name, priority, timestamp, digest, "
              "attempts, source) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
      .bind(name, item.priority, item.timestamp, digest(item.data.text()), about.attempts,
            about.source)
      .run();
}

std::vector<noted_item> remove_first(connection& c, std::string_view name, std::int64_t limit) {
  struct place {
    std::int64_t rowid;
    bool noted;
  };
  std::vector<noted_item> items;
  std::vector<place> places;
  {
    statement rows = c.prepare(
      "SELECT rowid, priority, timestamp, data, EXISTS (SELECT 1 FROM __beaver_queue_notes__ n "
      "WHERE n.queue_name = ?1 AND n.priority = q.priority AND n.timestamp = q.timestamp) "
      "FROM __beaver_priority_queues__ q WHERE queue_name = ?1 "
      "ORDER BY priority, timestamp, rowid LIMIT ?2");
    rows.bind(name, limit);
    while (rows.step()) {
      items.push_back({{rows.real(1), rows.real(2), json_text{rows.text(3)}}, {}});
      places.push_back({rows.integer(0), rows.integer(4) != 0});
    }
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    c.prepare("DELETE FROM __beaver_priority_queues__ WHERE rowid = ?1")
      .bind(places[i].rowid)
      .run();
    if (places[i].noted)
      items[i].about = remove_note(c, name, items[i].item);
  }
  return items;
}

note remove_note(connection& c, std::string_view name, const queue_item& item) {
  auto found = look_up(c, name, item);
  if (!found)
    return {};
  c.prepare("DELETE FROM __beaver_queue_notes__ WHERE rowid = ?1").bind(found->first).run();
  return std::move(found->second);
}

note find_note(connection& c, std::string_view name, const queue_item& item) {
  auto found = look_up(c, name, item);
  return found ? std::move(found->second) : note{};
}

std::vector<std::string> names_with_held(connection& c) {
  return collect_names(c,
                       "SELECT min(queue_name) FROM __beaver_queue_held__ WHERE queue_name >= ?1");
}

} // namespace beaver::queue_table::detail
