// What looks at a queue in order and leaves it as it is.
#include "beaver/storage/listing.hpp"
#include "beaver/storage/queue_rows.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace beaver::queue_table {
namespace {

std::pair<double, unix_seconds> place(const queue_position& p) noexcept {
  return {p.priority, p.timestamp};
}

bool before(const queue_entry& a, const queue_entry& b) noexcept {
  return place(a.position) < place(b.position);
}

/// What a listing reads: all rows from a place on, that place included.
struct window {
  explicit window(const std::optional<queue_position>& after, std::uint64_t wanted) {
    if (after) {
      first = *after;
      constexpr auto most = std::numeric_limits<std::uint64_t>::max();
      wanted = wanted > most - after->ordinal ? most : wanted + after->ordinal;
    }
    limit = as_limit(wanted);
  }

  queue_position first{-std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity(), 0};
  std::int64_t limit; // what is to be given and what lies before it at the same place
};

std::vector<queue_entry> rows_of_23(connection& c, std::string_view name, const window& w) {
  std::vector<queue_entry> result;
  statement rows = c.prepare("SELECT priority, timestamp, data FROM __beaver_priority_queues__ "
                             "WHERE queue_name = ?1 AND (priority, timestamp) >= (?2, ?3) "
                             "ORDER BY priority, timestamp, rowid LIMIT ?4");
  rows.bind(name, w.first.priority, w.first.timestamp, w.limit);
  while (rows.step())
    result.push_back({.position = {rows.real(0), rows.real(1)},
                      .data = json_text{rows.text(2)},
                      .state = queue_state::ready,
                      .attempts = 0,
                      .due = {},
                      .source = {}});
  return result;
}

#define HELD_ROWS \
  "SELECT priority, timestamp, data, attempts, source, receipt IS NULL, due " \
  "FROM __beaver_queue_held__ WHERE queue_name = ?1 AND "

/// The plus signs keep SQLite from reading all that is held in order to find the little that is
/// due.
constexpr std::string_view due_rows =
  HELD_ROWS "(+priority, timestamp) >= (?2, ?3) AND due <= ?5 AND attempts < ?6 "
            "ORDER BY +priority, timestamp, due, rowid LIMIT ?4";
constexpr std::string_view held_rows = HELD_ROWS "(priority, timestamp) >= (?2, ?3) AND +due > ?5 "
                                                 "ORDER BY priority, timestamp, rowid LIMIT ?4";
constexpr std::string_view all_rows = HELD_ROWS "(priority, timestamp) >= (?2, ?3) "
                                                "ORDER BY priority, timestamp, rowid LIMIT ?4";

bool anything_due(connection& c, std::string_view name, unix_seconds now) {
  return c
    .prepare("SELECT 1 FROM __beaver_queue_held__ WHERE queue_name = ?1 AND due <= ?2 LIMIT 1")
    .bind(name, now)
    .step();
}

std::vector<queue_entry> rows_of_ours(connection& c, std::string_view name, queue_view view,
                                      const window& w, unix_seconds now) {
  std::vector<queue_entry> result;
  if (view == queue_view::ready && !anything_due(c, name, now))
    return result;
  const std::int64_t deadly = detail::deadly_attempts(options(c, name));
  statement rows = c.prepare(view == queue_view::ready  ? due_rows
                             : view == queue_view::held ? held_rows
                                                        : all_rows);
  if (view == queue_view::ready)
    rows.bind(name, w.first.priority, w.first.timestamp, w.limit, now, deadly);
  else if (view == queue_view::held)
    rows.bind(name, w.first.priority, w.first.timestamp, w.limit, now);
  else
    rows.bind(name, w.first.priority, w.first.timestamp, w.limit);
  while (rows.step()) {
    queue_entry entry{.position = {rows.real(0), rows.real(1)},
                      .data = json_text{rows.text(2)},
                      .state = rows.integer(5) != 0 ? queue_state::delayed : queue_state::leased,
                      .attempts = static_cast<std::uint64_t>(rows.integer(3)),
                      .due = rows.real(6),
                      .source = {}};
    if (!rows.is_null(4))
      entry.source = rows.text(4);
    if (*entry.due <= now) {
      entry.state = rows.integer(3) < deadly ? queue_state::ready : queue_state::dead;
      entry.due.reset();
    }
    result.push_back(std::move(entry));
  }
  return result;
}

/// The page of a listing, without what notes tell.
std::vector<queue_entry> page(connection& c, std::string_view name, queue_view view,
                              const std::optional<queue_position>& after, std::uint64_t limit,
                              unix_seconds now) {
  const window w{after, limit};
  std::vector<queue_entry> both;
  if (view != queue_view::held)
    both = rows_of_23(c, name, w);
  auto ours = detail::from_ours(c, [&] { return rows_of_ours(c, name, view, w, now); });
  if (!ours.empty()) {
    // What comes back later gets the later row, so here too it is behind its equals.
    std::vector<queue_entry> theirs = std::exchange(both, {});
    std::merge(std::move_iterator{theirs.begin()}, std::move_iterator{theirs.end()},
               std::move_iterator{ours.begin()}, std::move_iterator{ours.end()},
               std::back_inserter(both), before);
  }
  std::vector<queue_entry> result;
  for (std::size_t i = 0; i < both.size() && result.size() < limit; ++i) {
    auto& at = both[i].position;
    if (i > 0 && place(both[i - 1].position) == place(at))
      at.ordinal = both[i - 1].position.ordinal + 1;
    if (place(at) != place(w.first) || at.ordinal > w.first.ordinal)
      result.push_back(std::move(both[i]));
  }
  return result;
}

} // namespace

std::optional<queue_item> peek(connection& c, std::string_view name, unix_seconds now) {
  auto first = page(c, name, queue_view::ready, std::nullopt, 1, now);
  if (first.empty())
    return std::nullopt;
  const auto& [priority, timestamp, ordinal] = first.front().position;
  return queue_item{priority, timestamp, std::move(first.front().data)};
}

std::vector<queue_entry> list(connection& c, std::string_view name, queue_view view,
                              const std::optional<queue_position>& after, std::uint64_t limit,
                              unix_seconds now) {
  auto result = page(c, name, view, after, limit, now);
  detail::from_ours(c, [&] {
    const bool noted =
      c.prepare("SELECT 1 FROM __beaver_queue_notes__ WHERE queue_name = ?1 LIMIT 1")
        .bind(name)
        .step();
    for (auto& entry : result) {
      if (!noted || entry.state != queue_state::ready || entry.attempts > 0 || entry.source)
        continue;
      auto about =
        detail::find_note(c, name, {entry.position.priority, entry.position.timestamp, entry.data});
      entry.attempts = about.attempts;
      entry.source = std::move(about.source);
    }
    return noted;
  });
  return result;
}

} // namespace beaver::queue_table
