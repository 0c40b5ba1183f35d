#pragma once
#include "beaver/storage/connection.hpp"
#include "beaver/storage/field_index.hpp"

#include <algorithm>
#include <concepts>

namespace beaver {

/// A field index as it stands.
struct field_index_state {
  std::string field;
  bool complete;         // used for filters
  std::uint64_t entries; // a row whose path leads nowhere has none
};

/// How far bringing indexes up to date has come.
struct reindex_step {
  std::uint64_t done; // rows that were looked at
  bool more;          // there are others
};

/// How a filter would be answered.
struct filter_plan {
  std::vector<std::string> indexed; // the fields whose index is used
  bool scanned;                     // every row is looked at
  std::uint64_t estimated_rows;     // so many are looked at
  std::uint64_t dirty;              // of other programs' writes, not indexed yet; up to a bound
};

/// Declaring, filling and asking about the field indexes of one kind of rows: what does not depend
/// on how they are stored, which `Rows` tells, with static members:
///
///     using key = double;                            or std::string
///     static constexpr std::string_view kind         what they are called in the tables of indexes
///     static constexpr std::string_view plural, table, name_column, key_column
///     static constexpr std::string_view key_type     of SQLite; rows with another have no place
///     static bool any(c, name)                       whether there are rows
///     static std::optional<std::string> find(c, name, key)     its JSON
///     static void read(c, name, after, limit, f)     f(key, json) for rows behind a key, in order
/// JSON may be an empty optional: the row has no value, and no entries.
///
/// Same rules as for `field_index`.
template <class Rows>
class index_upkeep {
public:
  using key = typename Rows::key;
  using index_type = field_index<key>;

  /// Declares an index; false if there is one. It is complete at once if there are no rows, else
  /// when `reindex` has been called until there are no more. From now on every write of ours has to
  /// go into it, and those of other programs are marked. Throws `error` invalid_argument for a bad
  /// path.
  static bool create(connection& c, std::string_view name, std::string_view field) {
    // Only files with an index have the triggers: they make every bulk insert dearer, with an index
    // or without, for SQLite then keeps a journal for each statement.
    for (const std::string_view event : {"insert", "update"})
      c.execute(("CREATE TRIGGER IF NOT EXISTS " + trigger(event) + " AFTER " + std::string{event}
                 + mark_dirty())
                  .c_str());
    return index_type{c, Rows::kind, name}.create(json_path{field}, !Rows::any(c, name));
  }

  /// Removes an index; false if there is none.
  static bool drop(connection& c, std::string_view name, std::string_view field) {
    if (!index_type{c, Rows::kind, name}.drop(json_path{field}))
      return false;
    bool used = false;
    {
      statement row = c.prepare("SELECT 1 FROM __beaver_index_fields__ WHERE kind = ?1");
      used = row.bind(Rows::kind).step();
    }
    if (!used)
      for (const std::string_view event : {"insert", "update"})
        c.execute(("DROP TRIGGER IF EXISTS " + trigger(event)).c_str());
    return true;
  }

  /// Linear in the entries of all indexes.
  [[nodiscard]] static std::vector<field_index_state> list(connection& c, std::string_view name) {
    std::vector<field_index_state> all;
    const index_type index{c, Rows::kind, name};
    for (const auto& f : index.fields())
      all.push_back({f.path.text(), f.complete, index.entries(f)});
    return all;
  }

  /// Indexes up to `limit` rows that other programs have written; gives their number.
  static std::uint64_t settle(connection& c, std::string_view name, index_type& index,
                              std::uint64_t limit) {
    const auto keys = index.dirty(limit);
    for (const auto& k : keys)
      if (const auto json = Rows::find(c, name, k))
        index.add(k, *json);
      else
        index.forget(k);
    return keys.size();
  }

  /// One batch: indexes up to `limit` rows that other programs have written, or that were there
  /// before their index; of this field or all. What is done stays done; the next call goes on
  /// there. Throws `error` not_found if there is no such index.
  static reindex_step reindex(connection& c, std::string_view name,
                              const std::optional<std::string>& field, std::uint64_t limit) {
    index_type index{c, Rows::kind, name};
    limit = std::max<std::uint64_t>(limit, 1);
    reindex_step step{settle(c, name, index, limit), false};
    const auto fields = to_fill(index, name, field);
    if (step.done == limit) { // there may be more of both
      step.more = !fields.empty() || !index.dirty(1).empty();
      return step;
    }
    if (!fields.empty()) {
      const auto wanted = limit - step.done;
      const auto filled = fill(c, name, index, fields, wanted);
      step = {step.done + filled, filled == wanted};
    }
    return step;
  }

  /// What a filter over rows would cost, of which `has_rows(n)` says whether there are n, `count()`
  /// how many there are, and `within` which keys are among them.
  template <class HasRows, class Count, std::predicate<const key&> Within>
  [[nodiscard]] static filter_plan explain(connection& c, std::string_view name,
                                           const std::optional<json_text>& where, HasRows has_rows,
                                           Count count, Within within) {
    const index_type index{c, Rows::kind, name};
    filter_plan result{{}, true, 0, 0};
    if (!index.empty())
      result.dirty = index.dirty(index_type::max_dirty + 1).size();
    const auto root = where ? filter_wire::parse(*where) : filter_node{};
    if (const auto plan = index.empty() ? std::nullopt : index.plan_for(root, has_rows)) {
      result.indexed = {plan->field};
      result.scanned = false;
      result.estimated_rows =
        static_cast<std::uint64_t>(std::count_if(plan->keys.begin(), plan->keys.end(), within));
    } else {
      result.estimated_rows = count();
    }
    return result;
  }

private:
  using fields_type = std::vector<const typename index_type::field*>;

  static std::string trigger(std::string_view event) {
    return "__beaver_" + std::string{Rows::plural} + '_' + std::string{event}
           + (event.back() == 'e' ? "d__" : "ed__");
  }

  /// NOT EXISTS and not OR IGNORE: the policy of the statement that fires a trigger takes its
  /// place.
  static std::string mark_dirty() {
    const auto kind = '\'' + std::string{Rows::kind} + '\'';
    const auto name = "NEW." + std::string{Rows::name_column};
    const auto item = "NEW." + std::string{Rows::key_column};
    return " ON " + std::string{Rows::table}
           + " WHEN EXISTS (SELECT 1 FROM __beaver_index_fields__ WHERE kind = " + kind
           + " AND name = " + name + ") BEGIN INSERT INTO __beaver_index_dirty__ SELECT " + kind
           + ", " + name + ", " + item + " WHERE typeof(" + item + ") = '"
           + std::string{Rows::key_type}
           + "' AND NOT EXISTS (SELECT 1 FROM __beaver_index_dirty__ WHERE kind = " + kind
           + " AND name = " + name + " AND item_key = " + item + "); END";
  }

  /// Those that are to be filled: the incomplete ones, or only that of one field.
  static fields_type to_fill(const index_type& index, std::string_view name,
                             const std::optional<std::string>& field) {
    std::optional<json_path> path;
    if (field)
      path.emplace(*field);
    fields_type all;
    bool known = !path;
    for (const auto& f : index.fields()) {
      if (path && f.path.parts() != path->parts())
        continue;
      known = true;
      if (!f.complete)
        all.push_back(&f);
    }
    if (!known)
      throw error(errc::not_found, std::string{Rows::kind} + " '" + std::string{name}
                                     + "' has no index of the field '" + *field
                                     + "'; create it first");
    return all;
  }

  /// Fills incomplete indexes from where the one that has come least far stands; gives the number
  /// of rows.
  static std::uint64_t fill(connection& c, std::string_view name, index_type& index,
                            const fields_type& fields, std::uint64_t limit) {
    std::vector<json_path> paths;
    std::optional<key> from = fields.front()->covered_to;
    for (const auto* f : fields) {
      paths.push_back(f->path);
      from = std::min(from, f->covered_to); // nothing is less than every key
    }
    std::vector<std::pair<key, std::optional<std::string>>> batch;
    Rows::read(c, name, from, limit, [&](const key& k, std::optional<std::string_view> json) {
      batch.emplace_back(k, json);
    });
    for (const auto& [k, json] : batch)
      if (json)
        index.add(k, *json);
      else
        index.forget(k);
    // Others may be further: they have nothing to gain from being set back, and little to lose.
    index.cover(paths, batch.size() < limit ? std::nullopt : std::optional{batch.back().first});
    return batch.size();
  }
};

} // namespace beaver
