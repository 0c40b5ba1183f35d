#include "beaver/storage/log_table.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/filter.hpp"
#include "beaver/storage/listing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

// Both bounds are always there, so that one text serves every range; the outermost keep out what is
// no finite number. The table has a second index over the columns of its primary key: reading by
// one of the two keeps the pages of the other out of the cache.
#define IN_RANGE \
  "FROM __beaver_logs__ INDEXED BY sqlite_autoindex___beaver_logs___1 " \
  "WHERE log_name = ?1 AND timestamp >= ?2 AND timestamp <= ?3"

namespace beaver::log_table {
namespace {

constexpr unix_seconds infinity = std::numeric_limits<unix_seconds>::infinity();
constexpr unix_seconds earliest = std::numeric_limits<unix_seconds>::lowest();
constexpr unix_seconds latest = std::numeric_limits<unix_seconds>::max();

/// How far ahead the newest entry may be for an automatic timestamp to follow it: clocks that are
/// coarse or corrected, but not an entry that somebody dated into the future.
constexpr unix_seconds tolerance_seconds = 1;

/// The sum is never the negative zero, which the file does not have.
unix_seconds next(unix_seconds t) { return std::nextafter(t, infinity) + 0.0; }
unix_seconds previous(unix_seconds t) { return std::nextafter(t, -infinity); }

/// Appends to one log within one transaction, and remembers what it has seen there: entries with
/// one timestamp do not each search all that went before.
class appender {
public:
  appender(connection& c, std::string_view name, unix_seconds now)
    : connection_(c), name_(name), now_(now),
      insertion_(c.prepare("INSERT INTO __beaver_logs__(log_name, timestamp, data) "
                           "VALUES(?1, ?2, ?3)")) {}

  unix_seconds append(const json_text& data, std::optional<unix_seconds> given) {
    const unix_seconds t = given ? first_free(*given) : automatic();
    insertion_.bind(name_, t, data).run();
    if (newest_)
      newest_ = std::max(*newest_, t);
    return t;
  }

private:
  unix_seconds automatic() {
    if (!newest_)
      newest_ = newest(connection_, name_, latest).value_or(-infinity);
    if (*newest_ < now_)
      return now_;
    return *newest_ - now_ < tolerance_seconds ? checked(next(*newest_)) : first_free(now_);
  }

  /// The least timestamp from `t` on that no entry has.
  unix_seconds first_free(unix_seconds t) {
    unix_seconds free = t + 0.0; // as in `next`
    const bool in_run = run_first_ <= free && free <= run_last_;
    if (in_run)
      free = next(run_last_);
    else
      run_first_ = free;
    if (free <= latest) {
      statement taken = connection_.prepare("SELECT timestamp " IN_RANGE " ORDER BY timestamp");
      taken.bind(name_, free, latest);
      while (taken.step() && taken.real(0) == free)
        free = next(free);
    }
    return run_last_ = checked(free);
  }

  unix_seconds checked(unix_seconds t) const {
    if (t > latest)
      throw error(errc::invalid_argument, "log '" + std::string{name_}
                                            + "' has no free timestamp there, up to the largest "
                                              "number; give a smaller one");
    return t;
  }

  connection& connection_;
  std::string_view name_;
  unix_seconds now_;
  statement insertion_;
  std::optional<unix_seconds> newest_{}; // once asked for; -infinity: no entry
  // Every double from the first to the last of these is taken.
  unix_seconds run_first_ = infinity;
  unix_seconds run_last_ = -infinity;
};

/// Looks at the JSON of an entry. `row`: timestamp, data.
template <class Look>
auto look_at(std::string_view name, const statement& row, Look look) {
  try {
    return look(row.text(1));
  } catch (const error& e) {
    std::string time;
    json::append_double(time, row.real(0));
    throw error(errc::corrupt, "log '" + std::string{name} + "': the entry of " + time + " is "
                                 + e.what() + "; erase it or put it right");
  }
}

/// The filter of one call over the entries of one log; without one all match.
class entry_filter {
public:
  entry_filter(std::string_view name, const std::optional<json_text>& where) : name_(name) {
    if (where)
      filter_.emplace(*where);
  }

  bool operator()(const statement& row) {
    return !filter_
           || look_at(name_, row, [&](std::string_view json) { return filter_->matches(json); });
  }

private:
  std::string_view name_;
  std::optional<row_filter> filter_;
};

log_entry entry_of(statement& row) { return {row.real(0), json_text{row.text(1)}}; }

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

/// Removes what matches up to `last`, in portions: nothing is removed under a listing that goes on.
std::uint64_t erase_matching(connection& c, std::string_view name, unix_seconds last,
                             const std::optional<json_text>& where) {
  constexpr std::size_t portion = 1'000;
  entry_filter matches{name, where};
  std::uint64_t removed = 0;
  unix_seconds from = earliest;
  for (std::vector<unix_seconds> found; from <= last; found.clear()) {
    unix_seconds seen = last;
    {
      statement rows = c.prepare("SELECT timestamp, data " IN_RANGE " ORDER BY timestamp");
      rows.bind(name, from, last);
      while (found.size() < portion && rows.step())
        if (matches(rows))
          found.push_back(seen = rows.real(0));
    }
    statement removal =
      c.prepare("DELETE FROM __beaver_logs__ WHERE log_name = ?1 AND timestamp = ?2");
    for (const auto t : found)
      removal.bind(name, t).run();
    removed += found.size();
    if (found.size() < portion)
      break;
    from = next(seen);
  }
  return removed;
}

} // namespace

unix_seconds append(connection& c, std::string_view name, const json_text& data,
                    std::optional<unix_seconds> timestamp, unix_seconds now) {
  return appender{c, name, now}.append(data, timestamp);
}

void append_many(connection& c, std::string_view name, std::span<const log_new_entry> entries,
                 unix_seconds now) {
  appender to{c, name, now};
  for (const auto& entry : entries)
    to.append(entry.data, entry.timestamp);
}

std::vector<log_entry> range(connection& c, std::string_view name, const log_page& page) {
  const bool down = page.order == log_order::desc;
  unix_seconds start = page.start.value_or(earliest);
  unix_seconds end = page.end.value_or(latest);
  if (page.after && down)
    end = std::min(end, previous(*page.after));
  else if (page.after)
    start = std::max(start, next(*page.after));
#define PAGE(order) \
  "SELECT timestamp, data " IN_RANGE " ORDER BY timestamp" order " LIMIT ?4 OFFSET ?5"
  statement rows = c.prepare(down ? PAGE(" DESC") : PAGE(""));
  std::vector<log_entry> result;
  const auto take = [&](statement& row) {
    result.push_back(entry_of(row));
    return sizeof(unix_seconds) + result.back().data.size();
  };
  if (!page.where) {
    rows.bind(name, start, end, as_limit(page.limit), as_limit(page.offset.value_or(0)));
    each_row(rows, page.max_bytes, take);
    return result;
  }
  rows.bind(name, start, end, as_limit({}), 0);
  entry_filter matches{name, page.where};
  auto passed_over = page.offset.value_or(0);
  std::uint64_t bytes = 0;
  while (result.size() < page.limit.value_or(result.max_size())
         && bytes < page.max_bytes.value_or(bytes + 1) && rows.step())
    if (matches(rows) && (passed_over == 0 || passed_over-- == 0))
      bytes += take(rows);
  return result;
}

std::vector<log_entry> tail(connection& c, std::string_view name, std::uint64_t limit,
                            const std::optional<json_text>& where) {
  auto result = range(c, name, {.where = where, .order = log_order::desc, .limit = limit});
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
  statement rows = c.prepare("SELECT timestamp, data " IN_RANGE);
  rows.bind(name, start.value_or(earliest), end.value_or(latest));
  entry_filter matches{name, where};
  std::uint64_t n = 0;
  while (rows.step())
    n += matches(rows) ? 1 : 0;
  return n;
}

std::vector<aggregate_row> aggregate(connection& c, std::string_view name,
                                     std::optional<unix_seconds> start,
                                     std::optional<unix_seconds> end,
                                     const std::optional<json_text>& where,
                                     const aggregation& what) {
  aggregator result{what};
  statement rows = c.prepare("SELECT timestamp, data " IN_RANGE);
  rows.bind(name, start.value_or(earliest), end.value_or(latest));
  entry_filter matches{name, where};
  while (rows.step())
    if (matches(rows))
      look_at(name, rows, [&](std::string_view json) { result.add(json, rows.real(0)); });
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
  return changes(c);
}

std::uint64_t erase(connection& c, std::string_view name, std::optional<unix_seconds> before,
                    std::optional<std::uint64_t> keep, const std::optional<json_text>& where) {
  unix_seconds cut = before.value_or(where && !keep ? infinity : -infinity);
  if (keep)
    cut = std::max(cut, oldest_kept(c, name, *keep).value_or(-infinity));
  if (where)
    return erase_matching(c, name, previous(cut), where);
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
