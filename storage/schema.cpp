#include "beaver/storage/schema.hpp"

#include "beaver/storage/schema_sql.hpp"
#include "beaver/storage/transaction.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace beaver::schema {
namespace {

constexpr std::size_t object_count = base_objects.size() + additive_objects.size();

constexpr std::array<std::string_view, 15> legacy_tables{"beaver_blobs",
                                                         "beaver_collection_versions",
                                                         "beaver_collections",
                                                         "beaver_dicts",
                                                         "beaver_edges",
                                                         "beaver_fts_index",
                                                         "beaver_lists",
                                                         "beaver_lock_waiters",
                                                         "beaver_logs",
                                                         "beaver_manager_versions",
                                                         "beaver_priority_queues",
                                                         "beaver_pubsub_log",
                                                         "beaver_sketches",
                                                         "beaver_trigrams",
                                                         "beaver_vector_change_log"};

const object& object_at(std::size_t i) {
  return i < base_objects.size() ? base_objects[i] : additive_objects[i - base_objects.size()];
}

const std::unordered_map<std::string_view, std::size_t>& places() {
  static const auto map = [] {
    std::unordered_map<std::string_view, std::size_t> result;
    for (std::size_t i = 0; i < object_count; ++i)
      result.emplace(object_at(i).name, i);
    return result;
  }();
  return map;
}

/// What the file holds, seen at one instant.
struct contents {
  std::array<bool, object_count> present{};
  std::vector<std::string> legacy;
  bool current_tables = false; ///< any __beaver_...__
  std::int64_t version = 0;
  std::int64_t additive = 0; ///< 0: not stamped
  bool old_empty_lists = false;

  [[nodiscard]] bool has(std::string_view name) const { return present[places().at(name)]; }

  [[nodiscard]] bool complete() const {
    return version == user_version && additive == additive_version
           && std::find(present.begin(), present.end(), false) == present.end();
  }
};

/// One read transaction around the gate, unless there is one: a single lock, a single state.
class read_scope {
public:
  explicit read_scope(connection& c) : connection_(c), begun_(!c.in_transaction()) {
    if (begun_)
      c.prepare("BEGIN").run();
  }
  ~read_scope() {
    if (begun_)
      sqlite3_exec(connection_.handle(), "COMMIT", nullptr, nullptr, nullptr);
  }
  read_scope(const read_scope&) = delete;
  read_scope& operator=(const read_scope&) = delete;

private:
  connection& connection_;
  bool begun_;
};

[[noreturn]] void refuse(const connection& c, const std::string& why) {
  throw error(errc::unsupported_version, "'" + c.path() + "' " + why + "; the file is unchanged");
}

/// Which 1.x release wrote the file, as it says itself.
std::string legacy_version(connection& c) {
  try {
    auto rows = c.prepare("SELECT value FROM beaver_dicts "
                          "WHERE dict_name = '__metadata__' AND key = 'version'");
    if (rows.step()) {
      std::string text(rows.text(0));
      std::erase(text, '"');
      return text;
    }
  } catch (const error&) {
    // no such table, or another shape
  }
  return "unknown";
}

void look_at_names(connection& c, contents& found) {
  auto rows = c.prepare("SELECT name, type = 'table' FROM sqlite_schema");
  while (rows.step()) {
    std::string_view name = rows.text(0);
    auto place = places().find(name);
    if (place != places().end())
      found.present[place->second] = true;
    if (rows.integer(1) == 0)
      continue;
    if (name.starts_with("__beaver_") && name.ends_with("__"))
      found.current_tables = true;
    else if (std::find(legacy_tables.begin(), legacy_tables.end(), name) != legacy_tables.end())
      found.legacy.emplace_back(name);
  }
}

void refuse_legacy(connection& c, const contents& found) {
  std::string names;
  for (const auto& name : found.legacy)
    names += (names.empty() ? "" : ", ") + name;
  std::string why = found.current_tables
                      ? "is SPLIT-BRAIN: beside tables of 2.x it holds those of beaver-db 1.x"
                      : "was written by beaver-db 1.x";
  refuse(c,
         why + " (version " + legacy_version(c) + "; " + names + ") and has to be migrated first");
}

/// Lists of the first 2.x files ordered by a number, where 2.3 has text.
void look_at_lists(connection& c, contents& found) {
  if (!found.has("__beaver_lists__"))
    return;
  if (c.integer("SELECT count(*) FROM pragma_table_info('__beaver_lists__') "
                "WHERE name = 'item_order' AND upper(type) = 'REAL'")
      == 0)
    return;
  if (c.integer("SELECT EXISTS (SELECT 1 FROM __beaver_lists__)") != 0)
    refuse(c,
           "holds lists in the numeric order of an early 2.x release and has to be migrated first");
  found.old_empty_lists = true;
}

void look_at_additive(connection& c, contents& found) {
  if (!found.has("__beaver_meta__"))
    return;
  auto row = c.prepare("SELECT value FROM __beaver_meta__ WHERE key = 'additive_version'");
  if (!row.step())
    return;
  if (!row.is_integer(0) || row.integer(0) < 1)
    throw error(errc::corrupt, "'" + c.path() + "': additive_version in __beaver_meta__ is '"
                                 + std::string(row.text(0)) + "', not a version");
  found.additive = row.integer(0);
  if (found.additive > additive_version)
    refuse(c, "was written by a newer release (additive version " + std::to_string(found.additive)
                + ", known up to " + std::to_string(additive_version) + "); update this one");
}

/// The gate, in the order of the Python original so that both refuse a file for the same reason.
contents inspect(connection& c) {
  read_scope one_state(c);
  contents found;
  look_at_names(c, found);
  if (!found.legacy.empty())
    refuse_legacy(c, found);
  found.version = c.integer("PRAGMA user_version");
  if (found.version != 0 && found.version != user_version)
    refuse(c, "was written by a newer release (user_version " + std::to_string(found.version)
                + ", known up to " + std::to_string(user_version) + "); update this one");
  if (found.version == 0)
    look_at_lists(c, found);
  look_at_additive(c, found);
  return found;
}

} // namespace

void check(connection& c) { static_cast<void>(inspect(c)); }

void prepare(connection& c) {
  contents found = inspect(c);
  if (c.read_only()) {
    if (!found.has("__beaver_dicts__"))
      throw error(errc::corrupt,
                  "'" + c.path()
                    + "' has no BeaverDB tables; open it once for writing to make them");
    return;
  }
  sqlite3_db_config(c.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  c.enable_wal();
  if (found.complete())
    return;

  transaction_scope all(c);
  found = inspect(c); // others may have made the tables while this one waited for the lock
  if (found.complete())
    return;
  if (found.old_empty_lists)
    c.execute("DROP TABLE __beaver_lists__");
  for (std::size_t i = 0; i < object_count; ++i)
    if (!found.present[i] || found.old_empty_lists)
      c.execute(object_at(i).sql);
  if (found.additive != additive_version)
    c.prepare("INSERT OR REPLACE INTO __beaver_meta__ VALUES ('additive_version', ?1)")
      .bind(additive_version)
      .run();
  if (found.version != user_version)
    c.execute("PRAGMA user_version=1");
  all.commit();
}

} // namespace beaver::schema
