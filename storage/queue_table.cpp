#include "beaver/storage/queue_table.hpp"

#include "beaver/storage/listing.hpp"
#include "beaver/storage/queue_lease.hpp"
#include "beaver/storage/queue_rows.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace beaver::queue_table {
namespace {

void put_at(connection& c, std::string_view name, const queue_put_item& item,
            unix_seconds timestamp, unix_seconds now) {
  if (item.due && *item.due > now)
    c.prepare("INSERT INTO __beaver_queue_held__(queue_name, due, receipt, priority, timestamp, "
              "attempts, source, data) VALUES(?1, ?2, NULL, ?3, ?4, 0, NULL, ?5)")
      .bind(name, *item.due, item.priority, timestamp, item.data)
      .run();
  else
    detail::insert(c, name, {item.priority, timestamp, item.data}, {});
}

} // namespace

unix_seconds put(connection& c, std::string_view name, const queue_put_item& item,
                 unix_seconds now) {
  detail::check_priority(name, item.priority);
  const unix_seconds timestamp = detail::next_timestamp(c, name, item.priority, now);
  put_at(c, name, item, timestamp, now);
  return timestamp;
}

void put_many(connection& c, std::string_view name, std::span<const queue_put_item> items,
              unix_seconds now) {
  for (const auto& item : items)
    detail::check_priority(name, item.priority);
  std::map<double, unix_seconds> last;
  for (const auto& item : items) {
    const auto [at, first] = last.try_emplace(item.priority);
    at->second = first ? detail::next_timestamp(c, name, item.priority, now)
                       : detail::next_timestamp(at->second, now);
    put_at(c, name, item, at->second, now);
  }
}

std::optional<queue_item> get(connection& c, std::string_view name, unix_seconds now) {
  settle(c, name, now);
  auto items = detail::remove_first(c, name, 1);
  if (items.empty())
    return std::nullopt;
  return std::move(items.front().item);
}

std::vector<queue_item> get_many(connection& c, std::string_view name, std::uint64_t limit,
                                 unix_seconds now) {
  settle(c, name, now);
  auto items = detail::remove_first(c, name, as_limit(limit));
  std::vector<queue_item> result;
  result.reserve(items.size());
  for (auto& each : items)
    result.push_back(std::move(each.item));
  return result;
}

std::uint64_t count(connection& c, std::string_view name, unix_seconds now) {
  statement row =
    c.prepare("SELECT count(*) FROM __beaver_priority_queues__ WHERE queue_name = ?1");
  row.bind(name);
  row.step();
  return static_cast<std::uint64_t>(row.integer(0)) + detail::from_ours(c, [&] {
           statement due = c.prepare("SELECT count(*) FROM __beaver_queue_held__ "
                                     "WHERE queue_name = ?1 AND due <= ?2 AND attempts < ?3");
           due.bind(name, now, detail::deadly_attempts(options(c, name)));
           due.step();
           return static_cast<std::uint64_t>(due.integer(0));
         });
}

queue_counts counts(connection& c, std::string_view name, unix_seconds now) {
  const queue_options set = options(c, name);
  queue_counts result{};
  result.ready = count(c, name, now);
  result.dead = count(c, dead_letter_of(name, set), now);
  detail::from_ours(c, [&] {
    statement held = c.prepare("SELECT count(*) FILTER (WHERE due > ?2 AND receipt IS NULL), "
                               "count(*) FILTER (WHERE due > ?2 AND receipt IS NOT NULL), "
                               "count(*) FILTER (WHERE due <= ?2 AND attempts >= ?3) "
                               "FROM __beaver_queue_held__ WHERE queue_name = ?1");
    held.bind(name, now, detail::deadly_attempts(set));
    held.step();
    result.delayed = static_cast<std::uint64_t>(held.integer(0));
    result.leased = static_cast<std::uint64_t>(held.integer(1));
    result.dead += static_cast<std::uint64_t>(held.integer(2));
    return true;
  });
  return result;
}

std::uint64_t clear(connection& c, std::string_view name) {
  std::int64_t removed = 0;
  c.prepare("DELETE FROM __beaver_priority_queues__ WHERE queue_name = ?1").bind(name).run();
  removed += c.changes();
  c.prepare("DELETE FROM __beaver_queue_held__ WHERE queue_name = ?1").bind(name).run();
  removed += c.changes();
  c.prepare("DELETE FROM __beaver_queue_notes__ WHERE queue_name = ?1").bind(name).run();
  return static_cast<std::uint64_t>(removed);
}

queue_summary info(connection& c, std::string_view name, unix_seconds now) {
  queue_summary result{.items = counts(c, name, now), .bytes = 0, .oldest = {}};
  const auto add = [&](statement row) {
    row.step();
    result.bytes += static_cast<std::uint64_t>(row.integer(0));
    if (!row.is_null(1))
      result.oldest = std::min(row.real(1), result.oldest.value_or(row.real(1)));
    return true;
  };
#define BYTES "SELECT coalesce(sum(length(CAST(data AS BLOB))), 0), min(timestamp) "
  statement ready = c.prepare(BYTES "FROM __beaver_priority_queues__ WHERE queue_name = ?1");
  ready.bind(name);
  add(std::move(ready));
  detail::from_ours(c, [&] {
    statement held = c.prepare(BYTES "FILTER (WHERE due <= ?2 AND attempts < ?3) "
                                     "FROM __beaver_queue_held__ WHERE queue_name = ?1");
    held.bind(name, now, detail::deadly_attempts(options(c, name)));
    return add(std::move(held));
  });
#undef BYTES
  return result;
}

std::vector<std::string> names(connection& c) {
  const auto ready = collect_names(
    c, "SELECT min(queue_name) FROM __beaver_priority_queues__ WHERE queue_name >= ?1");
  const auto held = detail::from_ours(c, [&] { return detail::names_with_held(c); });
  std::vector<std::string> result;
  std::set_union(ready.begin(), ready.end(), held.begin(), held.end(), std::back_inserter(result));
  return result;
}

} // namespace beaver::queue_table
