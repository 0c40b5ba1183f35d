#include "beaver/storage/log_table.hpp"

#include "beaver/storage/field_index.hpp"
#include "beaver/storage/listing.hpp"
#include "beaver/storage/log_rows.hpp"
#include "beaver/storage/original_index.hpp"

#include <algorithm>

#define IN_RANGE BEAVER_LOG_IN_RANGE

namespace beaver::log_table {
namespace {

using namespace detail;

std::uint64_t changes(connection& c) { return static_cast<std::uint64_t>(c.changes()); }

/// The time of the oldest of the newest `keep` entries; beyond all if there are to be none. Empty
/// if there are not so many.
std::optional<unix_seconds> oldest_kept(connection& c, std::string_view name, std::uint64_t keep) {
  if (keep == 0)
    return infinity;
  statement row =
    c.prepare("SELECT timestamp " IN_RANGE " ORDER BY timestamp DESC LIMIT 1 OFFSET ?4");
  if (!row.bind(name, earliest, latest, as_limit(keep - 1)).step())
    return std::nullopt;
  return row.real(0);
}

/// Removes the entries up to `last` that match, one by one and each out of the indexes too. In
/// portions: nothing is removed under a listing that goes on.
std::uint64_t erase_singly(connection& c, std::string_view name, unix_seconds last,
                           const std::optional<json_text>& where) {
  constexpr std::size_t portion = 1'000;
  field_index<double> index{c, kind, name};
  original_index original{c, kind, name};
  std::uint64_t removed = 0;
  unix_seconds from = earliest;
  for (std::vector<log_entry> found; from <= last; found.clear()) {
    {
      entry_reader rows{c, name, from, last, where};
      while (found.size() < portion && rows.step())
        found.push_back(index.empty() ? log_entry{rows.timestamp(), {}} : rows.entry());
    }
    statement removal =
      c.prepare("DELETE FROM __beaver_logs__ WHERE log_name = ?1 AND timestamp = ?2");
    for (const auto& entry : found) {
      removal.bind(name, entry.timestamp).run();
      if (!index.empty())
        index.remove(entry.timestamp, entry.data.text());
      if (!original.empty())
        original.remove(original_item_key(entry.timestamp));
    }
    removed += found.size();
    if (found.size() < portion)
      break;
    from = next(found.back().timestamp);
  }
  return removed;
}

bool is_indexed(connection& c, std::string_view name) {
  return !field_index<double>{c, kind, name}.empty() || !original_index{c, kind, name}.empty();
}

} // namespace

std::vector<log_entry> range(connection& c, std::string_view name, const log_page& page) {
  const bool down = page.order == sort_order::desc;
  unix_seconds start = page.start.value_or(earliest);
  unix_seconds end = page.end.value_or(latest);
  if (page.after && down)
    end = std::min(end, previous(*page.after));
  else if (page.after)
    start = std::max(start, next(*page.after));
  std::vector<log_entry> result;
  const auto limit = page.limit.value_or(result.max_size());
  auto passed_over = page.offset.value_or(0);
  if (!page.where) { // SQLite passes over faster
#define PAGE(order) \
  "SELECT timestamp, data " IN_RANGE " ORDER BY timestamp" order " LIMIT ?4 OFFSET ?5"
    statement rows = c.prepare(down ? PAGE(" DESC") : PAGE(""));
    rows.bind(name, start, end, as_limit(page.limit), as_limit(passed_over));
    each_row(rows, page.max_bytes, [&](statement& row) {
      result.push_back({row.real(0), json_text{row.text(1)}});
      return sizeof(unix_seconds) + result.back().data.size();
    });
    return result;
  }
  entry_reader rows{c, name, start, end, page.where, down};
  std::uint64_t bytes = 0;
  while (result.size() < limit && bytes < page.max_bytes.value_or(bytes + 1) && rows.step())
    if (passed_over == 0 || passed_over-- == 0) {
      result.push_back(rows.entry());
      bytes += sizeof(unix_seconds) + result.back().data.size();
    }
  return result;
}

std::vector<log_entry> tail(connection& c, std::string_view name, std::uint64_t limit,
                            const std::optional<json_text>& where) {
  auto result = range(c, name, {.where = where, .order = sort_order::desc, .limit = limit});
  std::reverse(result.begin(), result.end());
  return result;
}

std::uint64_t count(connection& c, std::string_view name, std::optional<unix_seconds> start,
                    std::optional<unix_seconds> end, const std::optional<json_text>& where) {
  if (!where) {
    statement row = c.prepare("SELECT count(*) " IN_RANGE);
    row.bind(name, start.value_or(earliest), end.value_or(latest)).step();
    return static_cast<std::uint64_t>(row.integer(0));
  }
  entry_reader rows{c, name, start.value_or(earliest), end.value_or(latest), where};
  std::uint64_t n = 0;
  while (rows.step())
    ++n;
  return n;
}

void visit(connection& c, std::string_view name, std::optional<unix_seconds> start,
           std::optional<unix_seconds> end, const std::optional<json_text>& where,
           const std::function<void(std::string_view json, unix_seconds time)>& to) {
  entry_reader rows{c, name, start.value_or(earliest), end.value_or(latest), where};
  while (rows.step())
    rows.look_at([&](std::string_view json) { to(json, rows.timestamp()); });
}

std::vector<aggregate_row> aggregate(connection& c, std::string_view name,
                                     std::optional<unix_seconds> start,
                                     std::optional<unix_seconds> end,
                                     const std::optional<json_text>& where,
                                     const aggregation& what) {
  aggregator result{what};
  visit(c, name, start, end, where,
        [&](std::string_view json, unix_seconds time) { result.add(json, time); });
  return result.rows();
}

std::optional<unix_seconds> newest(connection& c, std::string_view name, unix_seconds end) {
  statement row = c.prepare("SELECT timestamp " IN_RANGE " ORDER BY timestamp DESC LIMIT 1");
  if (!row.bind(name, earliest, end).step())
    return std::nullopt;
  return row.real(0);
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_logs__ WHERE log_name = ?1").bind(name).run();
  const auto removed = changes(c);
  field_index<double>{c, kind, name}.clear();
  original_index{c, kind, name}.clear();
  return removed;
}

std::uint64_t erase(connection& c, std::string_view name, std::optional<unix_seconds> before,
                    std::optional<std::uint64_t> keep, const std::optional<json_text>& where) {
  unix_seconds cut = before.value_or(where && !keep ? infinity : -infinity);
  if (keep)
    cut = std::max(cut, oldest_kept(c, name, *keep).value_or(-infinity));
  if (where || is_indexed(c, name))
    return erase_singly(c, name, previous(cut), where);
  c.prepare("DELETE " IN_RANGE).bind(name, earliest, previous(cut)).run();
  return changes(c);
}

log_summary info(connection& c, std::string_view name) {
  statement row = c.prepare("SELECT count(*), coalesce(sum(length(CAST(data AS BLOB))), 0), "
                            "min(timestamp), max(timestamp) " IN_RANGE);
  row.bind(name, earliest, latest).step();
  log_summary result{
    static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)), {}, {}};
  if (result.entries > 0) {
    result.first = row.real(2);
    result.last = row.real(3);
  }
  return result;
}

std::vector<std::string> names(connection& c) {
  return collect_names(c, "SELECT min(log_name) FROM __beaver_logs__ WHERE log_name >= ?1");
}

} // namespace beaver::log_table
