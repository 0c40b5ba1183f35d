#include "beaver/tools/bench_raw.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

namespace beaver::bench {

namespace {

constexpr std::array texts{
  "BEGIN IMMEDIATE",
  "COMMIT",
  "SELECT value FROM __beaver_dicts__ WHERE dict_name = ?1 AND key = ?2 "
  "AND (expires_at IS NULL OR expires_at > ?3)",
  "INSERT INTO __beaver_dicts__(dict_name, key, value, expires_at) VALUES(?1, ?2, ?3, NULL) "
  "ON CONFLICT(dict_name, key) DO UPDATE SET value = excluded.value, "
  "expires_at = excluded.expires_at",
  "UPDATE __beaver_dicts__ SET value = ?3 WHERE dict_name = ?1 AND key = ?2",
  "INSERT INTO __beaver_blobs__(store_name, key, data, metadata) VALUES(?1, ?2, ?3, NULL) "
  "ON CONFLICT(store_name, key) DO UPDATE SET data = excluded.data, metadata = excluded.metadata",
  "SELECT data FROM __beaver_blobs__ WHERE store_name = ?1 AND key = ?2",
  "INSERT INTO __beaver_lists__(list_name, item_order, item_value) VALUES(?1, ?2, ?3)",
  "SELECT item_value FROM __beaver_lists__ WHERE list_name = ?1 AND item_order = ?2",
  "SELECT rowid, item_value FROM __beaver_lists__ WHERE list_name = ?1 ORDER BY item_order LIMIT 1",
  "DELETE FROM __beaver_lists__ WHERE rowid = ?1",
  "INSERT INTO __beaver_priority_queues__(queue_name, priority, timestamp, data) "
  "VALUES(?1, ?2, ?3, ?4)",
  "SELECT rowid, data FROM __beaver_priority_queues__ WHERE queue_name = ?1 "
  "ORDER BY priority, timestamp LIMIT 1",
  "DELETE FROM __beaver_priority_queues__ WHERE rowid = ?1",
  "INSERT INTO __beaver_logs__(log_name, timestamp, data) VALUES(?1, ?2, ?3)",
  "SELECT timestamp, data FROM __beaver_logs__ WHERE log_name = ?1 "
  "ORDER BY timestamp DESC LIMIT ?2",
  "SELECT count(*), sum(json_extract(data, '$.ms')), min(json_extract(data, '$.ms')), "
  "max(json_extract(data, '$.ms')), avg(json_extract(data, '$.ms')) FROM __beaver_logs__ "
  "WHERE log_name = ?1 AND timestamp > ?2 AND timestamp <= ?3",
  "INSERT INTO __beaver_pubsub_log__(channel_name, timestamp, message_payload) VALUES(?1, ?2, ?3)",
  "SELECT l.timestamp, l.data FROM bench_index i JOIN __beaver_logs__ l "
  "ON l.log_name = ?1 AND l.timestamp = i.timestamp WHERE i.user = ?2 ORDER BY i.timestamp",
  "INSERT INTO __beaver_edges__(collection, source_item_id, target_item_id, label, metadata) "
  "VALUES(?1, ?2, ?3, ?4, NULL) ON CONFLICT(collection, source_item_id, target_item_id, label) "
  "DO UPDATE SET metadata = excluded.metadata",
  "SELECT DISTINCT target_item_id FROM __beaver_edges__ "
  "WHERE collection = ?1 AND source_item_id = ?2 ORDER BY target_item_id",
  "SELECT DISTINCT source_item_id FROM __beaver_edges__ INDEXED BY __beaver_edges_target__ "
  "WHERE collection = ?1 AND target_item_id = ?2 ORDER BY source_item_id",
  "SELECT source_item_id, target_item_id FROM __beaver_edges__ "
  "WHERE collection = ?1 ORDER BY source_item_id",
};

std::string_view text_in(sqlite3_stmt* row, int column) {
  return {reinterpret_cast<const char*>(sqlite3_column_text(row, column)),
          static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

} // namespace

/// One use of a prepared statement, reset at its end.
class raw_database::use {
public:
  use(raw_database& owner, action which) : owner_(owner), handle_(owner.prepared(which)) {}
  ~use() { sqlite3_reset(handle_); }
  use(const use&) = delete;
  use& operator=(const use&) = delete;

  use& text(int index, std::string_view value) {
    sqlite3_bind_text64(handle_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
  }
  use& blob(int index, std::string_view value) {
    sqlite3_bind_blob64(handle_, index, value.data(), value.size(), SQLITE_STATIC);
    return *this;
  }
  use& integer(int index, std::int64_t value) {
    sqlite3_bind_int64(handle_, index, value);
    return *this;
  }
  use& real(int index, double value) {
    sqlite3_bind_double(handle_, index, value);
    return *this;
  }
  void run() {
    if (sqlite3_step(handle_) != SQLITE_DONE)
      owner_.fail(sqlite3_sql(handle_));
  }
  sqlite3_stmt* row() {
    if (auto* found = next())
      return found;
    owner_.fail(sqlite3_sql(handle_));
  }
  /// Null if there is no row.
  sqlite3_stmt* next() {
    const int code = sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
      owner_.fail(sqlite3_sql(handle_));
    return code == SQLITE_ROW ? handle_ : nullptr;
  }

private:
  raw_database& owner_;
  sqlite3_stmt* handle_;
};

raw_database::raw_database(const std::filesystem::path& path, raw_options options) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
                    | (options.create ? SQLITE_OPEN_CREATE : 0);
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK)
    fail("opening");
  sqlite3_busy_timeout(handle_, 30'000);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, 0, nullptr);
  run("PRAGMA cell_size_check=ON;PRAGMA temp_store=FILE;PRAGMA secure_delete=FAST;PRAGMA "
      "mmap_size=268435456;"
      "PRAGMA cache_size=-8192;PRAGMA journal_mode=WAL;PRAGMA synchronous="
      + std::string{options.full_sync ? "FULL" : "NORMAL"}
      + ";PRAGMA wal_autocheckpoint=" + std::to_string(options.autocheckpoint));
}

raw_database::~raw_database() {
  for (auto* s : statements_)
    sqlite3_finalize(s);
  sqlite3_close(handle_);
}

void raw_database::begin() { use{*this, begin_write}.run(); }

void raw_database::commit() { use{*this, end_write}.run(); }

std::string raw_database::get(std::string_view dict, std::string_view key) {
  use u{*this, find};
  auto* row = u.text(1, dict).text(2, key).real(3, unix_now()).row();
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(row, 0))};
}

void raw_database::upsert(std::string_view dict, std::string_view key, std::string_view value) {
  use{*this, put}.text(1, dict).text(2, key).text(3, value).run();
}

void raw_database::update(std::string_view dict, std::string_view key, std::string_view value) {
  use{*this, change}.text(1, dict).text(2, key).text(3, value).run();
}

void raw_database::set(std::string_view dict, std::string_view key, std::string_view value) {
  begin();
  upsert(dict, key, value);
  commit();
}

void raw_database::put_blob(std::string_view store, std::string_view key, std::string_view data) {
  begin();
  use{*this, put_bytes}.text(1, store).text(2, key).blob(3, data).run();
  commit();
}

std::unique_ptr<char[]> raw_database::get_blob(std::string_view store, std::string_view key,
                                               std::size_t& size) {
  use u{*this, find_bytes};
  auto* row = u.text(1, store).text(2, key).row();
  const auto* data = sqlite3_column_blob(row, 0);
  size = static_cast<std::size_t>(sqlite3_column_bytes(row, 0));
  auto copy = std::make_unique_for_overwrite<char[]>(size);
  std::memcpy(copy.get(), data, size);
  return copy;
}

void raw_database::append(std::string_view list, std::string_view key, std::string_view value) {
  use{*this, append_item}.text(1, list).text(2, key).text(3, value).run();
}

std::string raw_database::list_item(std::string_view list, std::string_view key) {
  use u{*this, find_item};
  auto* row = u.text(1, list).text(2, key).row();
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(row, 0))};
}

std::string raw_database::take_first(std::string_view list) {
  return take_row(list, first_item, remove_item);
}

void raw_database::put_item(std::string_view queue, double priority, std::string_view value) {
  use{*this, enqueue}.text(1, queue).real(2, priority).real(3, unix_now()).text(4, value).run();
}

std::string raw_database::get_item(std::string_view queue) {
  return take_row(queue, first_queued, remove_queued);
}

void raw_database::append_entry(std::string_view log, double timestamp, std::string_view data) {
  use{*this, log_entry}.text(1, log).real(2, timestamp).text(3, data).run();
}

std::array<double, 5> raw_database::sum_of_entries(std::string_view log, double after,
                                                   double upto) {
  use u{*this, sum_entries};
  auto* row = u.text(1, log).real(2, after).real(3, upto).row();
  std::array<double, 5> all{};
  for (int i = 0; i < 5; ++i)
    all[static_cast<std::size_t>(i)] = sqlite3_column_double(row, i);
  return all;
}

void raw_database::publish(std::string_view channel, double time, std::string_view payload) {
  use{*this, message}.text(1, channel).real(2, time).text(3, payload).run();
}

std::vector<std::pair<double, std::string>> raw_database::entries_in(use& u) {
  std::vector<std::pair<double, std::string>> all;
  while (auto* row = u.next()) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, 1));
    all.emplace_back(sqlite3_column_double(row, 0),
                     std::string{text, static_cast<std::size_t>(sqlite3_column_bytes(row, 1))});
  }
  return all;
}

std::vector<std::pair<double, std::string>> raw_database::newest_entries(std::string_view log,
                                                                         std::size_t limit) {
  use u{*this, newest_logged};
  u.text(1, log).integer(2, static_cast<std::int64_t>(limit));
  return entries_in(u);
}

void raw_database::index_entries_by_user() {
  run("CREATE TABLE bench_index(user, timestamp, PRIMARY KEY (user, timestamp)) WITHOUT ROWID; "
      "INSERT INTO bench_index SELECT json_extract(data, '$.user'), timestamp "
      "FROM __beaver_logs__ ORDER BY 1, 2");
}

std::vector<std::pair<double, std::string>> raw_database::entries_of(std::string_view log,
                                                                     std::int64_t user) {
  use u{*this, logged_by_user};
  u.text(1, log).integer(2, user);
  return entries_in(u);
}

void raw_database::link(std::string_view graph, std::string_view source, std::string_view target,
                        std::string_view label) {
  use{*this, put_edge}.text(1, graph).text(2, source).text(3, target).text(4, label).run();
}

std::vector<std::string> raw_database::ids_in(use& u) {
  std::vector<std::string> all;
  while (auto* row = u.next())
    all.emplace_back(text_in(row, 0));
  return all;
}

std::vector<std::string> raw_database::targets_of(std::string_view graph, std::string_view source) {
  use u{*this, list_targets};
  return ids_in(u.text(1, graph).text(2, source));
}

std::vector<std::string> raw_database::sources_of(std::string_view graph, std::string_view target) {
  use u{*this, list_sources};
  return ids_in(u.text(1, graph).text(2, target));
}

void raw_database::each_edge(std::string_view graph,
                             const std::function<void(std::string_view, std::string_view)>& visit) {
  use u{*this, list_edges};
  u.text(1, graph);
  while (auto* row = u.next())
    visit(text_in(row, 0), text_in(row, 1));
}

std::string raw_database::take_row(std::string_view name, action first, action remove) {
  std::string value;
  std::int64_t id = 0;
  {
    use u{*this, first};
    auto* row = u.text(1, name).next();
    if (!row)
      return value;
    id = sqlite3_column_int64(row, 0);
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, 1));
    value.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(row, 1)));
  }
  use{*this, remove}.integer(1, id).run();
  return value;
}

void raw_database::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(sql.c_str());
}

std::vector<std::string> raw_database::schema() {
  std::vector<std::string> all;
  // The tables behind a virtual table are made by it.
  const int code = sqlite3_exec(
    handle_,
    "SELECT sql FROM sqlite_schema AS s WHERE sql IS NOT NULL AND NOT EXISTS ("
    "SELECT 1 FROM sqlite_schema AS v WHERE v.sql LIKE 'CREATE VIRTUAL%' "
    "AND substr(s.name, 1, length(v.name) + 1) = v.name || '_') ORDER BY rowid",
    [](void* out, int, char** columns, char**) {
      static_cast<std::vector<std::string>*>(out)->emplace_back(columns[0]);
      return 0;
    },
    &all, nullptr);
  if (code != SQLITE_OK)
    fail("reading the schema");
  all.emplace_back("INSERT INTO __beaver_meta__ VALUES ('additive_version', 1)");
  all.emplace_back("PRAGMA user_version=1");
  return all;
}

void raw_database::fail(const char* doing) const {
  throw std::runtime_error(std::string{"raw SQLite, "} + doing + ": " + sqlite3_errmsg(handle_));
}

sqlite3_stmt* raw_database::prepared(action which) {
  auto*& s = statements_[which];
  if (!s
      && sqlite3_prepare_v3(handle_, texts[which], -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr)
           != SQLITE_OK)
    fail(texts[which]);
  return s;
}

} // namespace beaver::bench
