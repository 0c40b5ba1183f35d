#include "beaver/storage/log_index.hpp"

#include "beaver/storage/log_rows.hpp"

#include <algorithm>

// NOT EXISTS and not OR IGNORE: the policy of the statement that fires a trigger takes its place.
#define MARK_DIRTY \
  " ON __beaver_logs__ WHEN EXISTS (SELECT 1 FROM __beaver_index_fields__ " \
  "WHERE kind = 'log' AND name = NEW.log_name) BEGIN " \
  "INSERT INTO __beaver_index_dirty__ SELECT 'log', NEW.log_name, NEW.timestamp " \
  "WHERE typeof(NEW.timestamp) = 'real' AND NOT EXISTS (SELECT 1 FROM __beaver_index_dirty__ " \
  "WHERE kind = 'log' AND name = NEW.log_name AND item_key = NEW.timestamp); END"

namespace beaver::log_index {
namespace {

using namespace log_table::detail;
using index_type = field_index<double>;

/// Those that are to be filled: the incomplete ones, or only that of one field.
std::vector<const index_type::field*> to_fill(const index_type& index, std::string_view name,
                                              const std::optional<std::string>& field) {
  std::optional<json_path> path;
  if (field)
    path.emplace(*field);
  std::vector<const index_type::field*> all;
  bool known = !path;
  for (const auto& f : index.fields()) {
    if (path && f.path.parts() != path->parts())
      continue;
    known = true;
    if (!f.complete)
      all.push_back(&f);
  }
  if (!known)
    throw error(errc::not_found, "log '" + std::string{name} + "' has no index of the field '"
                                   + *field + "'; create it first");
  return all;
}

/// Fills incomplete indexes from where the one that has come least far stands.
log_reindex_step fill(connection& c, std::string_view name, index_type& index,
                      const std::vector<const index_type::field*>& fields, std::uint64_t limit) {
  std::vector<json_path> paths;
  unix_seconds from = infinity;
  for (const auto* f : fields) {
    paths.push_back(f->path);
    from = std::min(from, f->covered_to ? next(*f->covered_to) : earliest);
  }
  std::vector<log_entry> batch;
  if (from <= latest) {
    entry_reader rows{c, name, from, latest, {}};
    while (batch.size() < limit && rows.step())
      batch.push_back(rows.entry());
  }
  for (const auto& entry : batch)
    index.add(entry.timestamp, entry.data.text());
  if (batch.size() < limit) {
    index.cover(paths, std::nullopt);
    return {batch.size(), {}};
  }
  const auto last = batch.back().timestamp;
  // Others may be further: they have nothing to gain from being set back, and little to lose.
  index.cover(paths, last);
  return {batch.size(), next(last)};
}

} // namespace

bool create(connection& c, std::string_view name, std::string_view field) {
  // Only files with an index have the triggers: they make every bulk insert dearer, with an index
  // or without, for SQLite then keeps a journal for each statement.
  c.execute("CREATE TRIGGER IF NOT EXISTS __beaver_logs_inserted__ AFTER INSERT" MARK_DIRTY ";"
            "CREATE TRIGGER IF NOT EXISTS __beaver_logs_updated__ AFTER UPDATE" MARK_DIRTY);
  return index_type{c, kind, name}.create(json_path{field},
                                          !has_entries(c, name, earliest, latest, 1));
}

bool drop(connection& c, std::string_view name, std::string_view field) {
  const bool dropped = index_type{c, kind, name}.drop(json_path{field});
  if (dropped
      && c.integer("SELECT EXISTS (SELECT 1 FROM __beaver_index_fields__ "
                   "WHERE kind = 'log')")
           == 0)
    c.execute("DROP TRIGGER IF EXISTS __beaver_logs_inserted__;"
              "DROP TRIGGER IF EXISTS __beaver_logs_updated__");
  return dropped;
}

std::vector<log_field_index> list(connection& c, std::string_view name) {
  std::vector<log_field_index> all;
  const index_type index{c, kind, name};
  for (const auto& f : index.fields())
    all.push_back({f.path.text(), f.complete, index.entries(f)});
  return all;
}

std::uint64_t settle(connection& c, std::string_view name, index_type& index, std::uint64_t limit) {
  const auto keys = index.dirty(limit);
  for (const double t : keys) {
    statement row = c.prepare("SELECT timestamp, data " BEAVER_LOG_IN_RANGE);
    row.bind(name, t, t);
    if (row.step())
      index.add(t, row.text(1));
    else
      index.forget(t);
  }
  return keys.size();
}

log_reindex_step reindex(connection& c, std::string_view name,
                         const std::optional<std::string>& field, std::uint64_t limit) {
  index_type index{c, kind, name};
  limit = std::max<std::uint64_t>(limit, 1);
  const auto settled = settle(c, name, index, limit);
  const auto fields = to_fill(index, name, field);
  log_reindex_step step{0, {}};
  if (settled < limit && !fields.empty())
    step = fill(c, name, index, fields, limit - settled);
  step.done += settled;
  if (settled == limit && !step.next) { // there may be more of both
    const auto dirty = index.dirty(1);
    if (!dirty.empty())
      step.next = dirty.front();
    else if (!fields.empty())
      step.next = fields.front()->covered_to.value_or(earliest);
  }
  return step;
}

log_filter_plan explain(connection& c, std::string_view name, const std::optional<json_text>& where,
                        std::optional<unix_seconds> start, std::optional<unix_seconds> end) {
  const auto from = start.value_or(earliest);
  const auto to = end.value_or(latest);
  const index_type index{c, kind, name};
  log_filter_plan result{{}, true, 0, 0};
  if (!index.empty())
    result.dirty = index.dirty(index_type::max_dirty + 1).size();
  const auto root = where ? filter_wire::parse(*where) : filter_node{};
  if (const auto plan = index.empty() ? std::nullopt : index.plan_for(root, [&](std::uint64_t n) {
        return has_entries(c, name, from, to, n);
      })) {
    result.indexed = {plan->field};
    result.scanned = false;
    result.estimated_rows = static_cast<std::uint64_t>(std::count_if(
      plan->keys.begin(), plan->keys.end(), [&](double t) { return from <= t && t <= to; }));
  } else {
    result.estimated_rows = log_table::count(c, name, start, end);
  }
  return result;
}

} // namespace beaver::log_index
