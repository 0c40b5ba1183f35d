#include "beaver/storage/list_table.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/list_place.hpp"
#include "beaver/storage/listing.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#define INSERT_ITEM \
  "INSERT INTO __beaver_lists__(list_name, item_order, item_value) VALUES(?1, ?2, ?3)"

#define PAGE(bound, order) \
  "SELECT item_order, item_value, typeof(item_order) = 'text' " BEAVER_IN_LIST bound \
  " ORDER BY item_order" order " LIMIT ?2"

namespace beaver::list_table {
namespace {

using detail::key_at;
using detail::neighbour;
using detail::place;
using detail::slice;

/// One statement in both directions; ?2 rows from the number ?3 on.
struct walk {
  std::string_view forwards;
  std::string_view backwards;
};

#define WALK(columns) \
  { \
    columns BEAVER_IN_LIST " ORDER BY item_order LIMIT ?2 OFFSET ?3", \
      columns BEAVER_IN_LIST " ORDER BY item_order DESC LIMIT ?2 OFFSET ?3" \
  }

constexpr walk walk_values WALK("SELECT item_value ");
constexpr walk walk_items WALK("SELECT rowid, item_value ");
constexpr walk walk_rows WALK("SELECT rowid ");
constexpr walk walk_neighbours WALK(BEAVER_NEIGHBOUR);

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

/// How many items there are from the one that a negative index names to the end.
constexpr std::int64_t size_from(std::int64_t index) { return -std::max(index, -unlimited); }

/// The row at `index` as the walk gives it, if there is one.
template <class Use>
bool with_row(connection& c, const walk& sql, std::string_view name, std::int64_t index, Use use) {
  statement row = c.prepare(index < 0 ? sql.backwards : sql.forwards);
  row.bind(name, 1, index < 0 ? size_from(index) - 1 : index);
  if (!row.step())
    return false;
  use(row);
  return true;
}

std::optional<std::int64_t> row_at(connection& c, std::string_view name, std::int64_t index) {
  std::optional<std::int64_t> result;
  with_row(c, walk_rows, name, index, [&](statement& row) { result = row.integer(0); });
  return result;
}

std::optional<neighbour> neighbour_at(connection& c, std::string_view name, std::int64_t index) {
  std::optional<neighbour> result;
  with_row(c, walk_neighbours, name, index, [&](statement& row) { result.emplace(row); });
  return result;
}

/// The place in front of the item at `index`, or the end beyond which it lies.
place place_at(connection& c, std::string_view name, std::int64_t index) {
  const bool forwards = index >= 0;
  place p;
  if (index != 0) {
    statement row = c.prepare(forwards ? walk_neighbours.forwards : walk_neighbours.backwards);
    row.bind(name, 2, (forwards ? index : size_from(index)) - 1);
    for (auto* side : {forwards ? &p.left : &p.right, forwards ? &p.right : &p.left})
      if (row.step())
        side->emplace(row);
      else
        break;
  }
  if (!p.left && !p.right)
    (index > 0 ? p.left : p.right) = neighbour_at(c, name, index > 0 ? -1 : 0);
  return p;
}

void insert_at(connection& c, std::string_view name, place p, const json_text& value) {
  const std::string key = key_at(c, name, p);
  c.prepare(INSERT_ITEM).bind(name, key, value).run();
}

void erase_row(connection& c, std::int64_t rowid) {
  c.prepare("DELETE FROM __beaver_lists__ WHERE rowid = ?1").bind(rowid).run();
}

/// The first row with this value.
std::optional<std::int64_t> row_of(connection& c, std::string_view name, const json_text& value) {
  statement row =
    c.prepare("SELECT rowid " BEAVER_IN_LIST " AND item_value = ?2 ORDER BY item_order LIMIT 1");
  if (!row.bind(name, value).step())
    return std::nullopt;
  return row.integer(0);
}

std::int64_t size_of(connection& c, std::string_view name) {
  return static_cast<std::int64_t>(count(c, name));
}

std::vector<json_text> values_of(connection& c, std::string_view sql, std::string_view name,
                                 std::int64_t limit, std::int64_t offset) {
  std::vector<json_text> result;
  statement row = c.prepare(sql);
  row.bind(name, limit, offset);
  while (row.step())
    result.emplace_back(row.text(0));
  return result;
}

} // namespace

std::uint64_t count(connection& c, std::string_view name) {
  statement row = c.prepare("SELECT count(*) " BEAVER_IN_LIST);
  row.bind(name).step();
  return static_cast<std::uint64_t>(row.integer(0));
}

void push(connection& c, std::string_view name, const json_text& value) {
  extend(c, name, {&value, 1});
}

void prepend(connection& c, std::string_view name, const json_text& value) {
  insert(c, name, 0, value);
}

void extend(connection& c, std::string_view name, std::span<const json_text> values) {
  if (values.empty())
    return;
  place end{.left = neighbour_at(c, name, -1)};
  statement insertion = c.prepare(INSERT_ITEM);
  for (const auto& value : values) {
    std::string key = key_at(c, name, end);
    insertion.bind(name, key, value).run();
    end.left.emplace(c.last_insert_rowid(), std::move(key));
  }
}

void insert(connection& c, std::string_view name, std::int64_t index, const json_text& value) {
  insert_at(c, name, place_at(c, name, index), value);
}

std::optional<json_text> at(connection& c, std::string_view name, std::int64_t index) {
  std::optional<json_text> result;
  with_row(c, walk_values, name, index, [&](statement& row) { result.emplace(row.text(0)); });
  return result;
}

std::vector<json_text> range(connection& c, std::string_view name,
                             std::optional<std::int64_t> start, std::optional<std::int64_t> stop) {
  const bool start_from_end = start.value_or(0) < 0;
  const bool stop_from_end = stop.value_or(start_from_end ? -1 : 0) < 0;
  if (start_from_end != stop_from_end) {
    const slice s{start, stop, size_of(c, name)};
    return values_of(c, walk_values.forwards, name, s.last - s.first, s.first);
  }
  if (!start_from_end) {
    const std::int64_t first = start.value_or(0);
    const std::int64_t items = std::max<std::int64_t>(stop.value_or(unlimited) - first, 0);
    return values_of(c, walk_values.forwards, name, items, first);
  }
  const std::int64_t behind = stop ? size_from(*stop) : 0;
  const std::int64_t items = std::max<std::int64_t>(size_from(*start) - behind, 0);
  auto result = values_of(c, walk_values.backwards, name, items, behind);
  std::reverse(result.begin(), result.end());
  return result;
}

std::vector<list_entry> items(connection& c, std::string_view name, const list_page& page) {
  const bool down = page.descending.value_or(false);
  // Without a bound it is none of the keys that is left out, not even an empty one.
  statement rows = c.prepare(!page.after ? down ? PAGE("", " DESC") : PAGE("", "")
                             : down ? PAGE(" AND item_order < ?3", " DESC")
                                         : PAGE(" AND item_order > ?3", ""));
  const std::int64_t limit = as_limit(page.limit);
  if (page.after)
    rows.bind(name, limit, *page.after);
  else
    rows.bind(name, limit);
  std::vector<list_entry> result;
  each_row(rows, page.max_bytes, [&](statement& row) {
    if (row.integer(2) == 0)
      throw error(errc::corrupt, "list '" + std::string{name}
                                   + "' has an order key that is no text; insert beside it, and "
                                     "the list is given new keys");
    result.push_back({std::string{row.text(0)}, json_text{row.text(1)}});
    return result.back().key.size() + result.back().value.size();
  });
  return result;
}

bool set(connection& c, std::string_view name, std::int64_t index, const json_text& value) {
  const auto rowid = row_at(c, name, index);
  if (rowid)
    c.prepare("UPDATE __beaver_lists__ SET item_value = ?2 WHERE rowid = ?1")
      .bind(*rowid, value)
      .run();
  return rowid.has_value();
}

bool erase(connection& c, std::string_view name, std::int64_t index) {
  const auto rowid = row_at(c, name, index);
  if (rowid)
    erase_row(c, *rowid);
  return rowid.has_value();
}

std::optional<json_text> pop(connection& c, std::string_view name, std::int64_t index) {
  std::optional<json_text> result;
  std::int64_t rowid = 0;
  with_row(c, walk_items, name, index, [&](statement& row) {
    rowid = row.integer(0);
    result.emplace(row.text(1));
  });
  if (result)
    erase_row(c, rowid);
  return result;
}

std::optional<json_text> pop_front(connection& c, std::string_view name) { return pop(c, name, 0); }

std::optional<json_text> pop_back(connection& c, std::string_view name) { return pop(c, name, -1); }

bool remove(connection& c, std::string_view name, const json_text& value) {
  const auto rowid = row_of(c, name, value);
  if (rowid)
    erase_row(c, *rowid);
  return rowid.has_value();
}

std::optional<std::uint64_t> find(connection& c, std::string_view name, const json_text& value) {
  const auto rowid = row_of(c, name, value);
  if (!rowid)
    return std::nullopt;
  statement row = c.prepare("SELECT count(*) " BEAVER_IN_LIST " AND item_order < "
                            "(SELECT item_order FROM __beaver_lists__ WHERE rowid = ?2)");
  row.bind(name, *rowid).step();
  return static_cast<std::uint64_t>(row.integer(0));
}

bool contains(connection& c, std::string_view name, const json_text& value) {
  return row_of(c, name, value).has_value();
}

std::uint64_t trim(connection& c, std::string_view name, std::optional<std::int64_t> start,
                   std::optional<std::int64_t> stop) {
  const std::int64_t size = size_of(c, name);
  const slice kept{start, stop, size};
  if (kept.first == kept.last)
    return clear(c, name);
  const auto cut = [&](std::string_view sql, std::int64_t items) {
    if (items > 0)
      c.prepare(sql).bind(name, items).run();
  };
#define CUT(order) \
  "DELETE FROM __beaver_lists__ WHERE rowid IN " \
  "(SELECT rowid " BEAVER_IN_LIST " ORDER BY item_order " order " LIMIT ?2)"
  cut(CUT(""), kept.first);
  cut(CUT("DESC"), size - kept.last);
  return static_cast<std::uint64_t>(kept.first + size - kept.last);
}

bool move(connection& c, std::string_view name, std::int64_t from, std::int64_t to) {
  if (from < 0 || to < 0) {
    const std::int64_t size = size_of(c, name);
    for (auto* index : {&from, &to})
      if (*index < 0)
        *index += size;
    if (from < 0 || to < 0)
      return false;
  }
  const auto rowid = row_at(c, name, from);
  if (!rowid || !row_at(c, name, to))
    return false;
  if (from == to)
    return true;
  // Counted with the item still in its old place.
  place p = place_at(c, name, from < to ? to + 1 : to);
  const std::string key = key_at(c, name, p);
  c.prepare("UPDATE __beaver_lists__ SET item_order = ?2 WHERE rowid = ?1").bind(*rowid, key).run();
  return true;
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_lists__ WHERE list_name = ?1").bind(name).run();
  return static_cast<std::uint64_t>(c.changes());
}

list_summary info(connection& c, std::string_view name) {
  statement row = c.prepare("SELECT count(*), coalesce(sum(length(CAST(item_order AS BLOB)) + "
                            "length(CAST(item_value AS BLOB))), 0), "
                            "coalesce(max(length(CAST(item_order AS BLOB))), 0) " BEAVER_IN_LIST);
  row.bind(name).step();
  const auto column = [&](int i) { return static_cast<std::uint64_t>(row.integer(i)); };
  return {.items = column(0), .bytes = column(1), .longest_key = column(2)};
}

std::vector<std::string> names(connection& c) {
  return collect_names(c, "SELECT min(list_name) FROM __beaver_lists__ WHERE list_name >= ?1");
}

} // namespace beaver::list_table
