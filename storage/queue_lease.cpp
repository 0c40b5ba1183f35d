#include "beaver/storage/queue_lease.hpp"

#include "beaver/storage/listing.hpp"
#include "beaver/storage/queue_rows.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace beaver::queue_table {
namespace {

void check_end(std::string_view name, unix_seconds until, unix_seconds now) {
  if (!(until > now))
    throw error(errc::invalid_argument, "queue '" + std::string{name}
                                          + "': a lease has to end later than now; give a "
                                            "visibility of more than 0 seconds");
}

/// The columns of a held row that say what comes back.
detail::noted_item item_of(const statement& row) {
  detail::noted_item result{{row.real(0), row.real(1), json_text{row.text(2)}},
                            {static_cast<std::uint64_t>(row.integer(3)), std::nullopt}};
  if (!row.is_null(4))
    result.about.source = row.text(4);
  return result;
}

#define HELD_ITEM "SELECT priority, timestamp, data, attempts, source"

/// Puts held items back where they belong, and keeps account.
class homecoming {
public:
  homecoming(connection& c, std::string_view name, unix_seconds now)
    : c_(c), name_(name), now_(now), options_(options(c, name)) {}

  [[nodiscard]] bool is_dead(const detail::note& about) const {
    return options_.max_attempts && about.attempts >= *options_.max_attempts;
  }

  void operator()(const detail::noted_item& one) {
    if (!is_dead(one.about)) {
      detail::insert(c_, name_, one.item, one.about);
      ++done_.ready;
      return;
    }
    if (done_.dead++ == 0)
      done_.dead_letter = dead_letter_of(name_, options_);
    // There it is a new item. Its old timestamp may be that of a letter from another queue.
    const auto timestamp = detail::next_timestamp(c_, done_.dead_letter, one.item.priority, now_);
    detail::insert(c_, done_.dead_letter, {one.item.priority, timestamp, one.item.data},
                   {.attempts = 0, .source = std::string{name_}});
  }

  [[nodiscard]] settled done() && { return std::move(done_); }

private:
  connection& c_;
  std::string_view name_;
  unix_seconds now_;
  queue_options options_;
  settled done_;
};

} // namespace

std::vector<queue_taken> take(connection& c, std::string_view name,
                              std::span<const std::string> receipts,
                              std::optional<unix_seconds> until, unix_seconds now) {
  if (!until)
    until = now + options(c, name).visibility_seconds.value_or(default_visibility_seconds);
  check_end(name, *until, now);
  settle(c, name, now);
  std::vector<queue_taken> result;
  for (auto& [item, about] : detail::remove_first(c, name, as_limit(receipts.size()))) {
    const std::string& receipt = receipts[result.size()];
    ++about.attempts;
    c.prepare("INSERT INTO __beaver_queue_held__(queue_name, due, receipt, priority, timestamp, "
              "attempts, source, data) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
              "ON CONFLICT DO NOTHING")
      .bind(name, *until, receipt, item.priority, item.timestamp, about.attempts, about.source,
            item.data)
      .run();
    if (c.changes() == 0)
      throw error(errc::already_exists, "queue '" + std::string{name} + "': receipt '" + receipt
                                          + "' is in use; choose a unique one");
    result.push_back(
      {receipt, item.priority, item.timestamp, std::move(item.data), about.attempts, *until});
  }
  return result;
}

#define LEASE "receipt = ?2 AND queue_name = ?1 AND due > ?3"

bool ack(connection& c, std::string_view name, std::string_view receipt, unix_seconds now) {
  c.prepare("DELETE FROM __beaver_queue_held__ WHERE " LEASE).bind(name, receipt, now).run();
  return c.changes() > 0;
}

std::optional<settled> nack(connection& c, std::string_view name, std::string_view receipt,
                            std::optional<unix_seconds> due, unix_seconds now) {
  std::optional<detail::noted_item> one;
  {
    statement row = c.prepare(HELD_ITEM " FROM __beaver_queue_held__ WHERE " LEASE);
    row.bind(name, receipt, now);
    if (!row.step())
      return std::nullopt;
    one = item_of(row);
  }
  homecoming back{c, name, now};
  if (due && *due > now && !back.is_dead(one->about)) {
    c.prepare("UPDATE __beaver_queue_held__ SET receipt = NULL, due = ?3 "
              "WHERE receipt = ?2 AND queue_name = ?1")
      .bind(name, receipt, *due)
      .run();
    return std::move(back).done();
  }
  ack(c, name, receipt, now);
  back(*one);
  return std::move(back).done();
}

bool extend(connection& c, std::string_view name, std::string_view receipt, unix_seconds until,
            unix_seconds now) {
  check_end(name, until, now);
  c.prepare("UPDATE __beaver_queue_held__ SET due = ?4 WHERE " LEASE)
    .bind(name, receipt, now, until)
    .run();
  return c.changes() > 0;
}

settled settle(connection& c, std::string_view name, unix_seconds now) {
  // Nothing is changed in the table that is being read until all of it has been read.
  statement rows = c.prepare(HELD_ITEM " FROM __beaver_queue_held__ "
                                       "WHERE queue_name = ?1 AND due <= ?2 ORDER BY due, rowid");
  rows.bind(name, now);
  if (!rows.step())
    return {};
  homecoming back{c, name, now};
  do
    back(item_of(rows));
  while (rows.step());
  rows.reset();
  c.prepare("DELETE FROM __beaver_queue_held__ WHERE queue_name = ?1 AND due <= ?2")
    .bind(name, now)
    .run();
  return std::move(back).done();
}

std::uint64_t redrive(connection& c, std::string_view name, std::uint64_t limit, unix_seconds now) {
  settle(c, name, now);
  const std::string letters = dead_letter_of(name, options(c, name));
  settle(c, letters, now);
  const bool takes_unknown = letters == dead_letter_of(name, {});
  std::uint64_t moved = 0;
  // Rows go from under the reading, but only those it has left behind; new ones belong to another
  // queue, where it does not come.
  statement rows = c.prepare("SELECT priority, timestamp, data, rowid "
                             "FROM __beaver_priority_queues__ WHERE queue_name = ?1 "
                             "ORDER BY priority, timestamp, rowid");
  rows.bind(letters);
  while (moved < limit && rows.step()) {
    const queue_item letter{rows.real(0), rows.real(1), json_text{rows.text(2)}};
    const std::int64_t rowid = rows.integer(3);
    const auto source = detail::find_note(c, letters, letter).source;
    if (source ? *source != name : !takes_unknown)
      continue;
    detail::remove_note(c, letters, letter);
    c.prepare("DELETE FROM __beaver_priority_queues__ WHERE rowid = ?1").bind(rowid).run();
    const auto timestamp = detail::next_timestamp(c, name, letter.priority, now);
    detail::insert(c, name, {letter.priority, timestamp, letter.data}, {});
    ++moved;
  }
  return moved;
}

std::optional<unix_seconds> next_due(connection& c, std::optional<std::string_view> name) {
  return detail::from_ours(c, [&] {
    std::optional<unix_seconds> result;
    const auto look_at = [&](std::string_view queue) {
      statement row = c.prepare("SELECT min(due) FROM __beaver_queue_held__ WHERE queue_name = ?1");
      row.bind(queue);
      if (row.step() && !row.is_null(0))
        result = std::min(row.real(0), result.value_or(row.real(0)));
    };
    if (name)
      look_at(*name);
    else
      for (const auto& each : detail::names_with_held(c))
        look_at(each);
    return result;
  });
}

swept sweep(connection& c, unix_seconds now, std::uint64_t limit) {
  swept result{};
  std::set<std::string> grown;
  for (auto& name : detail::names_with_held(c)) {
    auto one = settle(c, name, now);
    result.moved.ready += one.ready;
    result.moved.dead += one.dead;
    if (one.dead > 0)
      grown.insert(std::move(one.dead_letter));
    if (one.ready > 0)
      grown.insert(std::move(name));
  }
  result.queues.assign(grown.begin(), grown.end());
  c.prepare("DELETE FROM __beaver_queue_notes__ WHERE rowid IN "
            "(SELECT rowid FROM __beaver_queue_notes__ n WHERE NOT EXISTS "
            "(SELECT 1 FROM __beaver_priority_queues__ q WHERE q.queue_name = n.queue_name "
            "AND q.priority = n.priority AND q.timestamp = n.timestamp) LIMIT ?1)")
    .bind(as_limit(limit))
    .run();
  result.notes = static_cast<std::uint64_t>(c.changes());
  result.next_due = next_due(c, std::nullopt);
  return result;
}

} // namespace beaver::queue_table
