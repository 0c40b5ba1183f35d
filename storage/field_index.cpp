#include "beaver/storage/field_index.hpp"

#include "beaver/storage/index_value.hpp"
#include "beaver/storage/our_tables.hpp"

#include <algorithm>

#define ENTRIES_IN_RANGE \
  "FROM __beaver_index_entries__ " \
  "WHERE kind = ?1 AND name = ?2 AND field = ?3 AND value >= ?4 AND value < ?5"

namespace beaver {
namespace {

using bytes_view = std::span<const std::byte>;

bytes_view as_blob(const std::string& text) { return std::as_bytes(std::span{text}); }

template <class Key>
Key key_of(const statement& row, int column) {
  if constexpr (std::is_same_v<Key, double>)
    return row.real(column);
  else
    return Key{row.text(column)};
}

/// The conditions that every row has to satisfy.
void append_required(std::vector<const filter_condition*>& all, const filter_node& node) {
  if (node.condition)
    all.push_back(&*node.condition);
  if (node.what == filter_node::kind::all)
    for (const auto& part : node.parts)
      append_required(all, part);
}

} // namespace

template <class Key>
field_index<Key>::field_index(connection& c, std::string_view kind, std::string_view name)
  : connection_(c), kind_(kind), name_(name) {
  from_ours(c, "__beaver_index_fields__", [this] { load(); });
}

template <class Key>
void field_index<Key>::load() {
  fields_.clear();
  reader_ = {};
  statement rows =
    connection_.prepare("SELECT field, complete, covered_to "
                        "FROM __beaver_index_fields__ WHERE kind = ?1 AND name = ?2");
  rows.bind(kind_, name_);
  while (rows.step()) {
    field f{json_path{rows.text(0)}, rows.integer(1) != 0, {}, 0};
    if (!rows.is_null(2))
      f.covered_to = key_of<Key>(rows, 2);
    f.place = reader_.add(f.path);
    fields_.push_back(std::move(f));
  }
}

template <class Key>
bool field_index<Key>::create(const json_path& path, bool complete) {
  const auto same = [&](const field& f) { return f.path.parts() == path.parts(); };
  if (std::any_of(fields_.begin(), fields_.end(), same))
    return false;
  connection_.prepare("INSERT INTO __beaver_index_fields__ VALUES (?1, ?2, ?3, ?4, NULL)")
    .bind(kind_, name_, path.text(), complete)
    .run();
  load();
  return true;
}

template <class Key>
bool field_index<Key>::drop(const json_path& path) {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const field& f) { return f.path.parts() == path.parts(); });
  if (found == fields_.end())
    return false;
  const auto& text = found->path.text();
  for (const auto* sql :
       {"DELETE FROM __beaver_index_entries__ WHERE kind = ?1 AND name = ?2 AND field = ?3",
        "DELETE FROM __beaver_index_fields__ WHERE kind = ?1 AND name = ?2 AND field = ?3"})
    connection_.prepare(sql).bind(kind_, name_, text).run();
  if (fields_.size() == 1)
    connection_.prepare("DELETE FROM __beaver_index_dirty__ WHERE kind = ?1 AND name = ?2")
      .bind(kind_, name_)
      .run();
  load();
  return true;
}

template <class Key>
std::uint64_t field_index<Key>::entries(const field& of) const {
  statement row = connection_.prepare("SELECT count(*) FROM __beaver_index_entries__ "
                                      "WHERE kind = ?1 AND name = ?2 AND field = ?3");
  row.bind(kind_, name_, of.path.text()).step();
  return static_cast<std::uint64_t>(row.integer(0));
}

/// For each index what stands in it for this row; empty for nothing.
template <class Key>
std::vector<std::string> field_index<Key>::values_of(std::string_view json) {
  std::vector<std::string> values(fields_.size());
  try {
    reader_.read(json);
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (const auto& found = reader_[fields_[i].place])
        values[i] = index_value::encode(*found);
  } catch (const error&) {
    // No JSON: whoever asks with a filter shall learn of it, with and without an index.
    std::fill(values.begin(), values.end(), index_value::unknown());
  }
  return values;
}

template <class Key>
void field_index<Key>::add(const Key& key, std::string_view json) {
  const auto values = values_of(json);
  statement insertion = connection_.prepare(
    "INSERT OR IGNORE INTO __beaver_index_entries__ VALUES (?1, ?2, ?3, ?4, ?5)");
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (!values[i].empty())
      insertion.bind(kind_, name_, fields_[i].path.text(), as_blob(values[i]), key).run();
  forget(key);
}

template <class Key>
void field_index<Key>::remove(const Key& key, std::string_view json) {
  const auto values = values_of(json);
  statement removal =
    connection_.prepare("DELETE FROM __beaver_index_entries__ WHERE kind = ?1 AND name = ?2 "
                        "AND field = ?3 AND value = ?4 AND item_key = ?5");
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (!values[i].empty())
      removal.bind(kind_, name_, fields_[i].path.text(), as_blob(values[i]), key).run();
  forget(key);
}

template <class Key>
void field_index<Key>::clear() {
  for (const auto* sql : {"DELETE FROM __beaver_index_entries__ WHERE kind = ?1 AND name = ?2",
                          "DELETE FROM __beaver_index_dirty__ WHERE kind = ?1 AND name = ?2"})
    connection_.prepare(sql).bind(kind_, name_).run();
}

template <class Key>
void field_index<Key>::cover(const std::vector<json_path>& paths, const std::optional<Key>& up_to) {
  statement update = connection_.prepare("UPDATE __beaver_index_fields__ "
                                         "SET complete = ?4, covered_to = ?5 "
                                         "WHERE kind = ?1 AND name = ?2 AND field = ?3");
  for (const auto& path : paths)
    update.bind(kind_, name_, path.text(), !up_to.has_value(), up_to).run();
  load();
}

template <class Key>
std::vector<Key> field_index<Key>::dirty(std::uint64_t limit) const {
  std::vector<Key> keys;
  statement rows = connection_.prepare("SELECT item_key FROM __beaver_index_dirty__ "
                                       "WHERE kind = ?1 AND name = ?2 ORDER BY item_key LIMIT ?3");
  rows.bind(kind_, name_, limit);
  while (rows.step())
    keys.push_back(key_of<Key>(rows, 0));
  return keys;
}

template <class Key>
void field_index<Key>::forget(const Key& key) {
  connection_
    .prepare("DELETE FROM __beaver_index_dirty__ "
             "WHERE kind = ?1 AND name = ?2 AND item_key = ?3")
    .bind(kind_, name_, key)
    .run();
}

template <class Key>
auto field_index<Key>::plan_for(const filter_node& root,
                                const std::function<bool(std::uint64_t)>& has_rows) const
  -> std::optional<plan> {
  std::vector<const filter_condition*> required;
  append_required(required, root);
  const field* best = nullptr;
  std::vector<index_value::range> best_ranges;
  std::uint64_t least = max_keys + 1;
  for (const auto& f : fields_) {
    if (!f.complete)
      continue;
    for (const auto* condition : required) {
      if (condition->path.parts() != f.path.parts())
        continue;
      auto ranges = index_value::ranges_of(*condition);
      if (!ranges)
        continue;
      std::uint64_t n = 0;
      statement rows =
        connection_.prepare("SELECT count(*) FROM (SELECT 1 " ENTRIES_IN_RANGE " LIMIT ?6)");
      for (const auto& r : *ranges) {
        if (n >= least)
          break;
        rows.bind(kind_, name_, f.path.text(), as_blob(r.lower), as_blob(r.upper), least - n);
        rows.step();
        n += static_cast<std::uint64_t>(rows.integer(0));
        rows.reset();
      }
      if (n < least) {
        least = n;
        best = &f;
        best_ranges = std::move(*ranges);
      }
    }
  }
  if (!best)
    return {};
  auto keys = dirty(max_dirty + 1);
  if (keys.size() > max_dirty || !has_rows(8 * (least + keys.size())))
    return {};
  statement rows = connection_.prepare("SELECT item_key " ENTRIES_IN_RANGE);
  for (const auto& r : best_ranges) {
    rows.bind(kind_, name_, best->path.text(), as_blob(r.lower), as_blob(r.upper));
    while (rows.step())
      keys.push_back(key_of<Key>(rows, 0));
    rows.reset();
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return plan{best->path.text(), std::move(keys)};
}

template class field_index<double>;
template class field_index<std::string>;

} // namespace beaver
