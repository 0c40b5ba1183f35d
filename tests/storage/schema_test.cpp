#include "beaver/storage/schema.hpp"

#include "beaver/storage/transaction.hpp"
#include "support/failure.hpp"
#include "support/fault_vfs.hpp"
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <sqlite3.h>

using namespace beaver;
using namespace beaver::test;

namespace {

std::string bytes_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// All that SQLite knows about one table: columns, keys, indexes. Not the spelling of its SQL.
std::string structure_of(connection& c, const std::string& table) {
  std::string out;
  const auto append = [&](const std::string& sql) {
    auto rows = c.prepare(sql);
    while (rows.step())
      out += std::string(rows.text(0)) + "\n";
  };
  append("SELECT cid || ' ' || name || ' ' || type || ' ' || \"notnull\" || ' ' || "
         "coalesce(dflt_value, '-') || ' ' || pk || ' ' || hidden FROM pragma_table_xinfo('"
         + table + "')");
  append("SELECT l.name || ' ' || l.\"unique\" || ' ' || l.origin || ' ' || l.partial || ' ' || "
         "(SELECT group_concat(coalesce(x.name, 'rowid') || ' ' || x.\"desc\" || ' ' || x.coll) "
         "FROM pragma_index_xinfo(l.name) x) FROM pragma_index_list('"
         + table
         + "') l WHERE l.name NOT IN ('__beaver_dicts_expiry__', '__beaver_edges_target__', "
           "'__beaver_fts_rows__', '__beaver_lsh_items__') ORDER BY l.name");
  return out;
}

struct fixture {
  temp_folder folder;

  std::string golden(const std::string& name) {
    auto to = folder.file(name);
    std::filesystem::copy_file(std::string(BEAVER_TEST_DATA) + "/" + name, to);
    return to;
  }
  static connection_options read_only() {
    connection_options options;
    options.read_only = true;
    return options;
  }
  /// A file made by plain SQLite, which knows nothing of us.
  std::string made_by(const char* sql) {
    auto path = folder.file();
    sqlite3* handle = nullptr;
    BOOST_REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
    BOOST_REQUIRE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(handle);
    return path;
  }
  /// Opens and prepares `path`, which must be refused, and looks whether a byte has changed.
  outcome refusal_of(const std::string& path) {
    auto before = bytes_of_file(path);
    auto end = outcome_of([&] {
      connection c(path, {});
      schema::prepare(c);
    });
    BOOST_TEST(end.is(errc::unsupported_version));
    BOOST_TEST(end.says(path));
    BOOST_TEST((bytes_of_file(path) == before));
    return end;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_schema, fixture)

BOOST_AUTO_TEST_CASE(of_a_new_file_is_that_of_the_python_original) {
  connection theirs(golden("beaver-2.3.0.db"), read_only());
  connection ours(folder.file(), {});
  schema::prepare(ours);
  int compared = 0;
  auto names = theirs.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'");
  while (names.step()) {
    std::string name(names.text(0));
    auto expected = structure_of(theirs, name);
    BOOST_TEST(!expected.empty());
    BOOST_TEST(structure_of(ours, name) == expected);
    ++compared;
  }
  BOOST_TEST(compared == 23); // 18 tables, the full-text one among them, and its five shadows
  BOOST_TEST(ours.integer("PRAGMA user_version") == 1);
  BOOST_TEST(ours.integer("PRAGMA application_id") == 0);
  BOOST_TEST(ours.integer("SELECT count(*) FROM sqlite_schema WHERE type = 'index' "
                          "AND sql IS NOT NULL AND name LIKE 'idx\\_%' ESCAPE '\\'")
             == theirs.integer("SELECT count(*) FROM sqlite_schema WHERE type = 'index' "
                               "AND sql IS NOT NULL"));
}

BOOST_AUTO_TEST_CASE(tokenises_like_the_python_original) {
  connection theirs(golden("beaver-2.3.0.db"), read_only());
  connection ours(folder.file(), {});
  schema::prepare(ours);
  const char* sql =
    "SELECT replace(replace(replace(sql, ' ', ''), char(10), ''), 'IFNOTEXISTS', '') "
    "FROM sqlite_schema WHERE name = '__beaver_fts_index__'";
  auto a = theirs.prepare(sql);
  auto b = ours.prepare(sql);
  BOOST_REQUIRE(a.step());
  BOOST_REQUIRE(b.step());
  BOOST_TEST(a.text(0) == b.text(0));
  ours.execute("INSERT INTO __beaver_fts_index__ VALUES ('c', 'i', 'f', 'running quickly')");
  BOOST_TEST(ours.integer("SELECT count(*) FROM __beaver_fts_index__('run')") == 1);
}

BOOST_AUTO_TEST_CASE(has_the_additive_tables) {
  connection c(folder.file(), {});
  schema::prepare(c);
  BOOST_TEST(c.integer("SELECT value FROM __beaver_meta__ WHERE key = 'additive_version'") == 1);
  c.execute("INSERT INTO __beaver_blob_uploads__ VALUES ('u', 's', 1, 2.5);"
            "INSERT INTO __beaver_blob_chunks__ VALUES ('u', 0, x'00')");
  BOOST_TEST(outcome_of([&] {
               c.execute("INSERT INTO __beaver_blob_chunks__ VALUES ('u', 0, x'01')");
             }).is(errc::already_exists));
  auto plan = c.prepare("EXPLAIN QUERY PLAN DELETE FROM __beaver_dicts__ WHERE expires_at <= ?1");
  BOOST_REQUIRE(plan.step());
  BOOST_TEST(plan.text(3).find("__beaver_dicts_expiry__") != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(takes_a_file_of_the_python_original) {
  auto path = golden("beaver-2.3.0.db");
  connection c(path, {});
  auto before = c.integer("SELECT count(*) FROM __beaver_dicts__");
  schema::prepare(c);
  BOOST_TEST(before > 0);
  BOOST_TEST(c.integer("SELECT count(*) FROM __beaver_dicts__") == before);
  BOOST_TEST(c.integer("SELECT value FROM __beaver_meta__") == 1);
  auto mode = c.prepare("PRAGMA journal_mode");
  BOOST_REQUIRE(mode.step());
  BOOST_TEST(mode.text(0) == "wal");
  auto verdict = c.prepare("PRAGMA integrity_check");
  BOOST_REQUIRE(verdict.step());
  BOOST_TEST(verdict.text(0) == "ok");
  c.execute("INSERT INTO __beaver_fts_index__(__beaver_fts_index__) VALUES ('integrity-check')");
}

BOOST_AUTO_TEST_CASE(of_a_complete_file_is_left_alone) {
  fault_vfs vfs("schema-count", "test.db");
  connection_options options;
  options.vfs = vfs.name();
  {
    connection c(folder.file(), options);
    schema::prepare(c);
  }
  vfs.heal();
  connection c(folder.file(), options);
  connection other(folder.file(), {});
  transaction_scope foreign(other); // no write lock is asked for either
  c.busy_timeout(std::chrono::milliseconds{0});
  schema::prepare(c);
  BOOST_TEST(vfs.writes() == 0U);
}

BOOST_AUTO_TEST_CASE(is_completed_where_a_table_is_missing) {
  auto path = golden("beaver-2.3.0.db");
  {
    connection c(path, {});
    schema::prepare(c);
    c.execute("DROP TABLE __beaver_field_index__; DROP INDEX idx_edges_target; "
              "DELETE FROM __beaver_meta__");
  }
  connection c(path, {});
  schema::prepare(c);
  BOOST_TEST(c.integer("SELECT count(*) FROM sqlite_schema WHERE name IN "
                       "('__beaver_field_index__', 'idx_field_lookup', 'idx_field_lookup_num', "
                       "'idx_edges_target')")
             == 4);
  BOOST_TEST(c.integer("SELECT value FROM __beaver_meta__") == 1);
}

BOOST_AUTO_TEST_CASE(is_made_in_memory_too) {
  connection c(":memory:", {});
  schema::prepare(c);
  BOOST_TEST(c.integer("SELECT count(*) FROM __beaver_dicts__") == 0);
}

BOOST_AUTO_TEST_CASE(is_made_whole_or_not_at_all) {
  fault_vfs vfs("schema-faults", "test.db");
  connection_options options;
  options.vfs = vfs.name();
  {
    connection c(folder.file(), options);
    c.enable_wal();
    vfs.fail_writes(1, SQLITE_FULL, fault_vfs::forever);
    BOOST_TEST(outcome_of([&] { schema::prepare(c); }).is(errc::full));
    vfs.heal();
    BOOST_TEST(c.integer("SELECT count(*) FROM sqlite_schema") == 0);
  }
  connection c(folder.file(), {});
  schema::prepare(c);
  BOOST_TEST(c.integer("PRAGMA user_version") == 1);
}

BOOST_AUTO_TEST_CASE(can_be_made_by_many_processes_at_once) {
  auto path = folder.file();
  BOOST_TEST(failures_of_processes(64,
                                   [&](int i) {
                                     connection c(path, {});
                                     schema::prepare(c);
                                     transaction_scope t(c);
                                     c.prepare(
                                        "INSERT INTO __beaver_dicts__ VALUES ('d', ?1, '0', NULL)")
                                       .bind(std::to_string(i))
                                       .run();
                                     t.commit();
                                     return 0;
                                   })
             == 0);
  connection c(path, {});
  schema::prepare(c);
  BOOST_TEST(c.integer("SELECT count(*) FROM __beaver_dicts__") == 64);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(the_version_gate, fixture)

BOOST_AUTO_TEST_CASE(refuses_a_1x_file_and_names_its_version) {
  auto path = golden("beaver-1.3.0.db");
  auto end = refusal_of(path);
  BOOST_TEST(end.says("1.3.0"));
  BOOST_TEST(!end.says("SPLIT-BRAIN"));
  BOOST_TEST(!std::filesystem::exists(path + "-wal"));
  BOOST_TEST(
    (bytes_of_file(path) == bytes_of_file(std::string(BEAVER_TEST_DATA) + "/beaver-1.3.0.db")));
  connection c(path, read_only());
  BOOST_TEST(outcome_of([&] { schema::prepare(c); }).is(errc::unsupported_version));
}

BOOST_DATA_TEST_CASE(
  refuses_each_name_of_1x,
  boost::unit_test::data::make({"beaver_blobs", "beaver_collection_versions", "beaver_collections",
                                "beaver_dicts", "beaver_edges", "beaver_fts_index", "beaver_lists",
                                "beaver_lock_waiters", "beaver_logs", "beaver_manager_versions",
                                "beaver_priority_queues", "beaver_pubsub_log", "beaver_sketches",
                                "beaver_trigrams", "beaver_vector_change_log"}),
  name) {
  auto end = refusal_of(made_by((std::string("CREATE TABLE ") + name + "(a)").c_str()));
  BOOST_TEST(end.says(name));
  BOOST_TEST(end.says("unknown"));
}

BOOST_AUTO_TEST_CASE(does_not_checkpoint_a_file_it_refuses) {
  auto path = golden("beaver-1.3.0.db");
  // Frames that their writer has left behind.
  BOOST_REQUIRE(failures_of_processes(1,
                                      [&](int) {
                                        sqlite3* handle = nullptr;
                                        sqlite3_open(path.c_str(), &handle);
                                        return sqlite3_exec(
                                          handle,
                                          "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
                                          "CREATE TABLE more(a)",
                                          nullptr, nullptr, nullptr);
                                      })
                == 0);
  auto log = bytes_of_file(path + "-wal");
  BOOST_REQUIRE(log.size() > 0U);
  refusal_of(path);
  BOOST_TEST((bytes_of_file(path + "-wal") == log));
}

BOOST_AUTO_TEST_CASE(names_split_brain) {
  auto path = golden("beaver-2.3.0.db");
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  BOOST_REQUIRE(
    sqlite3_exec(handle,
                 "CREATE TABLE beaver_dicts(dict_name, key, value);"
                 "INSERT INTO beaver_dicts VALUES ('__metadata__', 'version', '\"1.2.9\"')",
                 nullptr, nullptr, nullptr)
    == SQLITE_OK);
  sqlite3_close(handle);
  auto end = refusal_of(path);
  BOOST_TEST(end.says("SPLIT-BRAIN"));
  BOOST_TEST(end.says("1.2.9"));
}

BOOST_DATA_TEST_CASE(refuses_a_newer_file, boost::unit_test::data::make({2, 17, -1}), version) {
  auto path = golden("beaver-2.3.0.db");
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  sqlite3_exec(handle, ("PRAGMA user_version=" + std::to_string(version)).c_str(), nullptr, nullptr,
               nullptr);
  sqlite3_close(handle);
  BOOST_TEST(refusal_of(path).says(std::to_string(version)));
}

BOOST_AUTO_TEST_CASE(refuses_newer_additive_tables) {
  auto path = made_by("CREATE TABLE __beaver_meta__(key TEXT PRIMARY KEY, value);"
                      "INSERT INTO __beaver_meta__ VALUES ('additive_version', 2);"
                      "PRAGMA user_version=1");
  BOOST_TEST(refusal_of(path).says("additive version 2"));
}

BOOST_AUTO_TEST_CASE(finds_a_broken_additive_version) {
  auto path = made_by("CREATE TABLE __beaver_meta__(key TEXT PRIMARY KEY, value);"
                      "INSERT INTO __beaver_meta__ VALUES ('additive_version', 'x')");
  connection c(path, {});
  BOOST_TEST(outcome_of([&] { schema::check(c); }).is(errc::corrupt));
}

BOOST_AUTO_TEST_CASE(refuses_numeric_lists_with_rows_and_remakes_them_without) {
  const char* old_lists =
    "CREATE TABLE __beaver_lists__(list_name TEXT NOT NULL, item_order REAL NOT "
    "NULL, item_value TEXT NOT NULL, PRIMARY KEY(list_name, item_order));";
  auto path = made_by(
    (std::string(old_lists) + "INSERT INTO __beaver_lists__ VALUES ('l', 1.5, '1')").c_str());
  refusal_of(path);
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  sqlite3_exec(handle, "DELETE FROM __beaver_lists__", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  connection c(path, {});
  schema::prepare(c);
  BOOST_TEST(c.integer("SELECT count(*) FROM pragma_table_info('__beaver_lists__') "
                       "WHERE name = 'item_order' AND type = 'TEXT'")
             == 1);
  BOOST_TEST(c.integer("PRAGMA user_version") == 1);
}

BOOST_AUTO_TEST_CASE(takes_foreign_tables_of_other_names) {
  auto path = made_by("CREATE TABLE beaver_notes(a); CREATE TABLE mine(a)");
  connection c(path, {});
  schema::prepare(c);
  BOOST_TEST(c.integer("SELECT count(*) FROM sqlite_schema WHERE name IN ('beaver_notes', 'mine')")
             == 2);
}

BOOST_AUTO_TEST_CASE(lets_a_file_be_read_that_cannot_be_written) {
  auto path = golden("beaver-2.3.0.db");
  auto before = bytes_of_file(path);
  {
    connection c(path, read_only());
    schema::prepare(c);
    BOOST_TEST(c.integer("SELECT count(*) > 0 FROM __beaver_blobs__") == 1);
  }
  BOOST_TEST((bytes_of_file(path) == before));
}

BOOST_AUTO_TEST_CASE(refuses_to_read_a_file_without_tables) {
  std::ofstream(folder.file()).close();
  connection c(folder.file(), read_only());
  BOOST_TEST(outcome_of([&] { schema::prepare(c); }).is(errc::corrupt));
}

BOOST_AUTO_TEST_CASE(checks_without_writing) {
  connection c(folder.file(), {});
  schema::check(c);
  BOOST_TEST(std::filesystem::file_size(folder.file()) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
