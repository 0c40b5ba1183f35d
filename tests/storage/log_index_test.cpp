#include "beaver/storage/log_index.hpp"

#include "log_support.hpp"
#include "support/failure.hpp"

#include <filesystem>

using namespace beaver;
using namespace beaver::test;

namespace {

json_text condition(std::string_view path, std::string_view op, std::string_view value) {
  std::string text = "{\"path\": \"";
  text.append(path).append("\", \"operator\": \"").append(op).append("\", \"value\": ");
  return json_text{text.append(value) += '}'};
}

struct fixture : log_fixture {
  connection other{path(), {}};

  /// Entries {"n": i, "s": "text i % 10"} at the times 0, 1, ...
  void fill(int count, int from = 0) {
    write([&] {
      for (int i = from; i < from + count; ++i)
        append("{\"n\": " + std::to_string(i) + ", \"s\": \"text " + std::to_string(i % 10) + "\"}",
               i);
    });
  }
  bool create(std::string_view field) {
    return write([&] { return log_index::create(c(), "l", field); });
  }
  void reindex_all(std::uint64_t limit = 1'000) {
    while (write([&] { return log_index::reindex(c(), "l", {}, limit); }).more) {}
  }
  filter_plan explain(const json_text& where) {
    return log_index::explain(c(), "l", where, {}, {});
  }
  std::vector<double> times(const json_text& where, log_page page = {}) {
    page.where = where;
    std::vector<double> result;
    for (const auto& e : log_table::range(c(), "l", page))
      result.push_back(e.timestamp);
    return result;
  }
  std::int64_t rows_in(const std::string& table) {
    return c().integer("SELECT count(*) FROM __beaver_index_" + table + "__");
  }
};

using times_type = std::vector<double>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_indexes, fixture)

BOOST_AUTO_TEST_CASE(an_index_of_an_empty_log_is_complete_and_used) {
  BOOST_TEST(create("n"));
  BOOST_TEST(!create("/n")); // the same in another spelling
  fill(100);
  const auto plan = explain(condition("n", "==", "7.0"));
  BOOST_TEST((plan.indexed == std::vector<std::string>{"n"}));
  BOOST_TEST(!plan.scanned);
  BOOST_TEST(plan.estimated_rows == 1u);
  BOOST_TEST(plan.dirty == 0u);
  BOOST_TEST((times(condition("n", "==", "7.0")) == times_type{7}));
  BOOST_TEST((times(condition("/n", "<", "3")) == times_type{0, 1, 2}));
  BOOST_TEST((times(condition("n", ">=", "97"), {.order = sort_order::desc, .limit = 2})
              == times_type{99, 98}));
  BOOST_TEST((times(condition("n", "in", "[1, 5, 5.0, \"x\"]"), {.offset = 1}) == times_type{5}));
  BOOST_TEST(
    (times(condition("n", "<", "9"), {.start = 2, .end = 6, .after = 3}) == times_type{4, 5, 6}));
  BOOST_TEST(log_table::count(c(), "l", {}, {}, condition("n", "<", "9")) == 9u);
}

BOOST_AUTO_TEST_CASE(an_index_is_used_only_when_it_is_complete) {
  fill(100);
  create("n");
  const auto where = condition("n", "==", "7");
  BOOST_TEST(explain(where).scanned);
  const auto first = write([&] { return log_index::reindex(c(), "l", "n", 60); });
  BOOST_TEST(first.done == 60u);
  BOOST_TEST(first.more);
  BOOST_TEST(explain(where).scanned);
  BOOST_TEST(!log_index::list(c(), "l").at(0).complete);
  reopen(); // what is done stays done
  const auto second = write([&] { return log_index::reindex(c(), "l", {}, 60); });
  BOOST_TEST(second.done == 40u);
  BOOST_TEST(!second.more);
  BOOST_TEST(!explain(where).scanned);
  const auto list = log_index::list(c(), "l");
  BOOST_TEST(list.at(0).complete);
  BOOST_TEST(list.at(0).entries == 100u);
  BOOST_TEST(write([&] { return log_index::reindex(c(), "l", {}, 60); }).done == 0u);
}

BOOST_AUTO_TEST_CASE(writes_during_a_reindex_are_in_it) {
  fill(100);
  create("n");
  write([&] { return log_index::reindex(c(), "l", {}, 50); });
  append("{\"n\": 1000}", 10.5); // behind, in front, ours and of another program
  append("{\"n\": 1000}", 70.5);
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 20.5, '{\"n\": 1000}'); "
                "INSERT INTO __beaver_logs__ VALUES ('l', 80.5, '{\"n\": 1000}'); "
                "UPDATE __beaver_logs__ SET data = '{\"n\": 1000}' WHERE timestamp = 30");
  reindex_all(7);
  BOOST_TEST(!explain(condition("n", "==", "1000")).scanned);
  BOOST_TEST((times(condition("n", "==", "1000")) == times_type{10.5, 20.5, 30, 70.5, 80.5}));
}

BOOST_AUTO_TEST_CASE(what_other_programs_write_is_found_before_and_after_it_is_indexed) {
  create("n");
  fill(200);
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 1000, '{\"n\":5}'); "
                "INSERT OR REPLACE INTO __beaver_logs__ VALUES ('l', 6, '{\"n\": 5}'); "
                "UPDATE __beaver_logs__ SET data = '{\"n\": 77}' WHERE timestamp = 5; "
                "UPDATE __beaver_logs__ SET timestamp = 2000 WHERE timestamp = 9; "
                "DELETE FROM __beaver_logs__ WHERE timestamp = 8");
  const auto check = [&](std::uint64_t dirty) {
    BOOST_TEST(explain(condition("n", "==", "5")).dirty == dirty);
    BOOST_TEST(!explain(condition("n", "==", "5")).scanned);
    BOOST_TEST((times(condition("n", "==", "5")) == times_type{6, 1'000}));
    BOOST_TEST((times(condition("n", "==", "77")) == times_type{5, 77}));
    BOOST_TEST((times(condition("n", "==", "9")) == times_type{2'000}));
    BOOST_TEST(times(condition("n", "==", "8")).empty());
    BOOST_TEST(times(condition("n", "==", "6")).empty());
  };
  check(4);
  reindex_all();
  check(0);
}

BOOST_AUTO_TEST_CASE(our_next_write_indexes_what_is_dirty) {
  create("n");
  fill(100);
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 1000, '{\"n\":5}')");
  BOOST_TEST(rows_in("dirty") == 1);
  append("{}", 2'000);
  BOOST_TEST(rows_in("dirty") == 0);
  BOOST_TEST((times(condition("n", "==", "5")) == times_type{5, 1'000}));
}

BOOST_AUTO_TEST_CASE(with_too_many_dirty_entries_the_log_is_scanned) {
  create("n");
  fill(20'000);
  other.execute("UPDATE __beaver_logs__ SET data = '{\"n\": -1}' WHERE timestamp < 1001");
  BOOST_TEST(explain(condition("n", "==", "5000")).scanned);
  BOOST_TEST((times(condition("n", "==", "5000")) == times_type{5'000}));
  reindex_all();
  BOOST_TEST(!explain(condition("n", "==", "5000")).scanned);
}

BOOST_AUTO_TEST_CASE(the_index_with_the_fewest_entries_is_taken_and_none_that_saves_little) {
  create("n");
  create("s");
  fill(1'000);
  const auto with = [](const json_text& a, const json_text& b) {
    return json_text{'[' + std::string{a.text()} + ", " + std::string{b.text()} + ']'};
  };
  const auto text3 = condition("s", "==", "\"text 3\"");
  BOOST_TEST((explain(text3).indexed == std::vector<std::string>{"s"}));
  BOOST_TEST(
    (explain(with(text3, condition("n", "<", "20"))).indexed == std::vector<std::string>{"n"}));
  BOOST_TEST(
    (explain(with(text3, condition("n", "<", "500"))).indexed == std::vector<std::string>{"s"}));
  BOOST_TEST(explain(condition("n", "<", "500")).scanned);
  BOOST_TEST(explain(condition("n", "!=", "5")).scanned);
  BOOST_TEST(
    explain(json_text{"{\"not\": " + std::string{condition("n", "==", "5").text()} + '}'}).scanned);
  BOOST_TEST(explain(json_text{"{\"or\": [" + std::string{condition("n", "==", "5").text()} + "]}"})
               .scanned);
  BOOST_TEST(!explain(condition("n", "<", "\"a\"")).scanned); // nothing of that kind is there
  BOOST_TEST(log_index::explain(c(), "l", condition("n", "==", "5"), 3, 7).scanned); // a short span
}

BOOST_AUTO_TEST_CASE(erasing_and_clearing_take_entries_of_the_index_with_them) {
  create("n");
  create("s");
  fill(100);
  log_table::append(c(), "other", json_text{"{}"}, 1, 1);
  BOOST_TEST(rows_in("entries") == 200);
  BOOST_TEST(write([&] { return log_table::erase(c(), "l", 20, {}); }) == 20u);
  BOOST_TEST(write([&] { return log_table::erase(c(), "l", {}, {}, condition("n", "==", "50")); })
             == 1u);
  BOOST_TEST(write([&] { return log_table::erase(c(), "l", {}, 30); }) == 49u);
  BOOST_TEST(rows_in("entries") == 60);
  BOOST_TEST((times(condition("n", "in", "[50, 10, 98]")) == times_type{98}));
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 1000, '{\"n\":5}')");
  write([&] { log_table::clear(c(), "l"); });
  BOOST_TEST(rows_in("entries") == 0);
  BOOST_TEST(rows_in("dirty") == 0);
  BOOST_TEST(log_index::list(c(), "l").size() == 2u);
  fill(100);
  BOOST_TEST((times(condition("n", "==", "50")) == times_type{50}));
}

BOOST_AUTO_TEST_CASE(a_dropped_index_leaves_nothing) {
  create("n");
  create("s");
  fill(100);
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 1000, '{\"n\":5}')");
  BOOST_TEST(write([&] { return log_index::drop(c(), "l", "/n"); }));
  BOOST_TEST(!write([&] { return log_index::drop(c(), "l", "n"); }));
  BOOST_TEST(rows_in("entries") == 100);
  BOOST_TEST(rows_in("dirty") == 1);
  BOOST_TEST(explain(condition("n", "==", "5")).scanned);
  write([&] { log_index::drop(c(), "l", "s"); });
  BOOST_TEST(rows_in("entries") + rows_in("dirty") + rows_in("fields") == 0);
  BOOST_TEST(c().integer("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' "
                         "AND tbl_name = '__beaver_logs__'")
             == 0);
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 1001, '{\"n\":5}')");
  BOOST_TEST(rows_in("dirty") == 0);
  create("n");
  BOOST_TEST(explain(condition("n", "==", "5")).scanned);
  reindex_all();
  BOOST_TEST((times(condition("n", "==", "5")) == times_type{5, 1'000, 1'001}));
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_not_json_is_no_secret_of_the_index) {
  create("n");
  fill(100);
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 1000, '{')");
  const auto asked = [&] { return outcome_of([&] { (void)times(condition("n", "==", "5")); }); };
  BOOST_TEST(asked().is(errc::corrupt));
  reindex_all();
  BOOST_TEST(!explain(condition("n", "==", "5")).scanned);
  BOOST_TEST(asked().is(errc::corrupt));
}

BOOST_AUTO_TEST_CASE(the_trigger_of_another_programs_statement_does_not_fail_it) {
  create("n");
  for (const auto* how : {"INSERT", "INSERT OR FAIL", "INSERT OR ROLLBACK", "INSERT OR IGNORE",
                          "INSERT OR REPLACE"}) {
    other.execute(
      (std::string{how} + " INTO __beaver_logs__ VALUES ('l', 1, '{\"n\": 1}')").c_str());
    other.execute("DELETE FROM __beaver_logs__"); // the key stays dirty
  }
  other.execute("INSERT INTO __beaver_logs__ VALUES ('l', 'noon', '{}'), ('l', 9e999, '{}'), "
                "('m', 1, '{}')");
  BOOST_TEST(rows_in("dirty") == 2);
  BOOST_TEST(other.changes() == 3);
  append("{\"n\": 3}", 1); // a key that is dirty already
  fill(100, 2);
  BOOST_TEST((times(condition("n", "==", "3")) == times_type{1, 3}));
}

BOOST_AUTO_TEST_CASE(logs_without_an_index_leave_no_trace) {
  create("n");
  log_table::append(c(), "plain", json_text{"{\"n\": 1}"}, 1, 1);
  other.execute("INSERT INTO __beaver_logs__ VALUES ('plain', 2, '{}')");
  BOOST_TEST(rows_in("entries") + rows_in("dirty") == 0);
}

BOOST_AUTO_TEST_CASE(a_file_of_the_original_that_is_only_read_has_filters) {
  const temp_folder folder;
  std::filesystem::copy_file(BEAVER_TEST_DATA "/beaver-2.3.0.db", folder.file());
  connection_options options;
  options.read_only = true;
  connection theirs{folder.file(), options};
  const auto where = condition("ms", "<", "2");
  BOOST_TEST(log_table::count(theirs, "indexed", {}, {}, where) == 2u);
  BOOST_TEST(log_index::explain(theirs, "indexed", where, {}, {}).scanned);
  BOOST_TEST(log_index::list(theirs, "indexed").empty());
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused) {
  BOOST_TEST(outcome_of([&] { create("a..b"); }).is(errc::invalid_argument));
  const auto unknown = outcome_of([&] { log_index::reindex(c(), "l", "n", 10); });
  BOOST_TEST(unknown.is(errc::not_found));
  BOOST_TEST(unknown.says("log 'l' has no index of the field 'n'"));
  BOOST_TEST(log_index::reindex(c(), "l", {}, 10).done == 0u);
}

BOOST_AUTO_TEST_CASE(the_indexes_of_the_original_are_kept_as_it_keeps_them) {
  other.execute("INSERT INTO __beaver_field_index_manifest__ VALUES ('log', 'l', 'user', 1), "
                "('log', 'l', 'a.ms', 0), ('docs', 'l', 'x', 1)");
  append(R"({"user": "\u00e9", "a": {"ms": 5.0}, "x": 1})", 1);
  append(R"({"user": null, "a": {"ms": 12345678901234567890123}})", 2.5);
  append(R"({"user": true, "a": {"ms": 1e+20}})", 3);
  append(R"({"user": [1], "a": 1})", 4);
  append(R"({"user": "\ud800"})", 5);
  log_table::append(c(), "m", json_text{R"({"user": "x"})"}, 1, 1);
  std::string rows;
  statement row = c().prepare("SELECT item_key || ' ' || field || ' ' || coalesce(value, 'NULL') "
                              "|| ' ' || coalesce(value_num, 'NULL') FROM __beaver_field_index__ "
                              "ORDER BY 1");
  while (row.step())
    rows += std::string{row.text(0)} + '\n';
  BOOST_TEST(rows
             == "1.0 a.ms 5.0 5.0\n"
                "1.0 user é NULL\n"
                "2.5 a.ms 12345678901234567890123 1.23456789012346e+22\n"
                "2.5 user NULL NULL\n"
                "3.0 a.ms 1e+20 1.0e+20\n"
                "3.0 user True 1.0\n");
  log_table::erase(c(), "l", 3, {});
  BOOST_TEST(c().integer("SELECT count(*) FROM __beaver_field_index__") == 2);
  log_table::clear(c(), "l");
  BOOST_TEST(c().integer("SELECT count(*) FROM __beaver_field_index__") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
