#include "beaver/storage/retention.hpp"

#include "beaver/storage/channel_table.hpp"
#include "beaver/storage/connection.hpp"
#include "beaver/storage/log_table.hpp"

#include <algorithm>
#include <limits>

namespace beaver::retention {
namespace {

struct named_rule {
  bool of_channel;
  std::string name;
  retention_rule rule;

  [[nodiscard]] std::optional<unix_seconds> before(unix_seconds now) const {
    return rule.max_age_seconds ? std::optional{now - *rule.max_age_seconds} : std::nullopt;
  }
};

retention_rule rule_of(statement& row, int first) {
  retention_rule rule;
  if (!row.is_null(first))
    rule.max_age_seconds = row.real(first);
  if (!row.is_null(first + 1))
    rule.max_count = static_cast<std::uint64_t>(row.integer(first + 1));
  return rule;
}

std::vector<named_rule> all_rules(connection& c) {
  std::vector<named_rule> result;
  statement rows = c.prepare("SELECT kind, name, max_age, max_count FROM __beaver_retention__ "
                             "WHERE kind IN ('channel', 'log') ORDER BY kind, name");
  while (rows.step())
    result.push_back({rows.text(0) == "channel", std::string{rows.text(1)}, rule_of(rows, 2)});
  return result;
}

bool is_due(connection& c, const named_rule& r, unix_seconds now) {
  if (const auto before = r.before(now)) {
    statement oldest =
      c.prepare(r.of_channel ? "SELECT timestamp FROM __beaver_pubsub_log__ WHERE "
                               "channel_name = ?1 AND timestamp > ?2 ORDER BY timestamp LIMIT 1"
                             : "SELECT timestamp FROM __beaver_logs__ WHERE log_name = ?1 "
                               "AND timestamp > ?2 ORDER BY timestamp LIMIT 1");
    oldest.bind(r.name, -std::numeric_limits<unix_seconds>::infinity());
    if (oldest.step() && oldest.real(0) < *before)
      return true;
  }
  if (!r.rule.max_count)
    return false;
  statement beyond =
    c.prepare(r.of_channel ? "SELECT 1 FROM __beaver_pubsub_log__ WHERE channel_name = ?1 "
                             "LIMIT 1 OFFSET ?2"
                           : "SELECT 1 FROM __beaver_logs__ WHERE log_name = ?1 LIMIT 1 OFFSET ?2");
  return beyond.bind(r.name, *r.rule.max_count).step();
}

/// Removes at most `limit` entries.
std::uint64_t erase_entries(connection& c, const named_rule& r, unix_seconds now,
                            std::uint64_t limit) {
  statement nth = c.prepare("SELECT timestamp FROM __beaver_logs__ WHERE log_name = ?1 "
                            "ORDER BY timestamp LIMIT 1 OFFSET ?2");
  unix_seconds cut = r.before(now).value_or(-std::numeric_limits<unix_seconds>::infinity());
  if (r.rule.max_count) {
    statement kept = c.prepare("SELECT timestamp FROM __beaver_logs__ WHERE log_name = ?1 "
                               "ORDER BY timestamp DESC LIMIT 1 OFFSET ?2");
    const auto entries = *r.rule.max_count;
    if (entries == 0)
      cut = std::numeric_limits<unix_seconds>::max();
    else if (kept.bind(r.name, entries - 1).step())
      cut = std::max(cut, kept.real(0));
  }
  if (nth.bind(r.name, limit).step())
    cut = std::min(cut, nth.real(0));
  nth.reset();
  return log_table::erase(c, r.name, cut, {});
}

} // namespace

void set(connection& c, std::string_view kind, std::string_view name, const retention_rule& rule) {
  if (!rule.max_age_seconds && !rule.max_count) {
    c.prepare("DELETE FROM __beaver_retention__ WHERE kind = ?1 AND name = ?2")
      .bind(kind, name)
      .run();
    return;
  }
  c.prepare("INSERT OR REPLACE INTO __beaver_retention__(kind, name, max_age, max_count) "
            "VALUES(?1, ?2, ?3, ?4)")
    .bind(kind, name, rule.max_age_seconds, rule.max_count)
    .run();
}

retention_rule get(connection& c, std::string_view kind, std::string_view name) {
  statement row = c.prepare("SELECT max_age, max_count FROM __beaver_retention__ "
                            "WHERE kind = ?1 AND name = ?2");
  if (!row.bind(kind, name).step())
    return {};
  return rule_of(row, 0);
}

bool is_due(connection& c, unix_seconds now) {
  for (const auto& rule : all_rules(c))
    if (is_due(c, rule, now))
      return true;
  return false;
}

result sweep(connection& c, unix_seconds now, std::uint64_t limit) {
  result removed{};
  for (const auto& r : all_rules(c)) {
    if (!is_due(c, r, now))
      continue;
    if (r.of_channel)
      removed.messages += channel_table::erase(c, r.name, r.before(now), r.rule.max_count, limit);
    else
      removed.entries += erase_entries(c, r, now, limit);
  }
  return removed;
}

} // namespace beaver::retention
