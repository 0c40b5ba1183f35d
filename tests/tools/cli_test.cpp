#include "run_cli.hpp"
#include "support/machine.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(cli, cli_fixture)

BOOST_AUTO_TEST_CASE(a_bare_word_is_stored_as_a_string_and_json_as_it_is) {
  BOOST_TEST(out({"dict", "cfg", "set", "theme", "dark"}) == "");
  BOOST_TEST(out({"dict", "cfg", "get", "theme"}) == "\"dark\"\n");
  BOOST_TEST(out({"dict", "cfg", "set", "size", R"({"w":3,"h":[1.50,null,"\u00e9"]})"}) == "");
  BOOST_TEST(out({"dict", "cfg", "get", "size"})
             == R"({"w": 3, "h": [1.5, null, "\u00e9"]})"
                "\n");
  for (const std::string word : {"{not json", "NaN", "Infinity", "tru", "2024-01-02", "", "a\nb"}) {
    out({"dict", "cfg", "set", "word", "--", word});
    auto quoted = '"' + word + "\"\n";
    if (const auto at = quoted.find("a\nb"); at != quoted.npos)
      quoted.replace(at, 3, "a\\nb");
    BOOST_TEST(out({"dict", "cfg", "get", "word"}) == quoted);
  }
}

BOOST_AUTO_TEST_CASE(json_beyond_the_limits_is_refused_and_not_made_a_string) {
  const std::string deep(600, '[');
  BOOST_TEST(run({"dict", "cfg", "set", "k", deep + std::string(600, ']')}).status == 2);
  BOOST_TEST(run({"dict", "cfg", "set", "k", "1e999"}).complains("out of the range"));
  BOOST_TEST(run({"dict", "cfg", "set", "k", "[NaN]"}).complains("NaN"));
  BOOST_TEST(!std::filesystem::exists(db));
}

BOOST_AUTO_TEST_CASE(negative_numbers_are_words_and_option_values) {
  out({"dict", "cfg", "set", "n", "-1"});
  BOOST_TEST(out({"dict", "cfg", "increment", "n", "--by", "-2.5"}) == "-3.5\n");
  BOOST_TEST(out({"dict", "cfg", "incr", "n", "--by=-0.5"}) == "-4.0\n");
}

BOOST_AUTO_TEST_CASE(two_dashes_end_the_options) {
  out({"dict", "cfg", "set", "--", "-key", "--raw"});
  BOOST_TEST(out({"dict", "cfg", "keys"}) == "[\"-key\"]\n");
  BOOST_TEST(out({"dict", "cfg", "get", "--", "-key"}) == "\"--raw\"\n");
  BOOST_TEST(run({"dict", "cfg", "get", "-key"}).complains("write -- before words"));
}

BOOST_AUTO_TEST_CASE(a_lone_dash_reads_standard_input_whole) {
  out({"dict", "cfg", "set", "doc", "-"}, "{\"a\":\n [1, 2]}\n");
  BOOST_TEST(out({"dict", "cfg", "get", "doc"}) == "{\"a\": [1, 2]}\n");
  out({"dict", "cfg", "set", "text", "-"}, "two\nlines\n");
  BOOST_TEST(out({"dict", "cfg", "get", "text"}) == "\"two\\nlines\\n\"\n");
  const auto twice = run({"dict", "cfg", "cas", "doc", "-", "--expected", "-"}, "1");
  BOOST_TEST(twice.status == 2);
  BOOST_TEST(twice.complains("one argument only"));
}

BOOST_AUTO_TEST_CASE(a_list_is_worked_from_the_shell) {
  out({"list", "todo", "push", "write"});
  out({"list", "todo", "prepend", "read"});
  out({"list", "todo", "insert", "-1", R"({"n": 1})"});
  BOOST_TEST(out({"list", "todo", "range"}) == "[\"read\", {\"n\": 1}, \"write\"]\n");
  BOOST_TEST(out({"list", "todo", "get", "-1"}) == "\"write\"\n");
  BOOST_TEST(out({"list", "todo", "values", "--stop", "1"}) == "[\"read\"]\n");
  BOOST_TEST(out({"list", "todo", "deque"}) == "\"read\"\n");
  BOOST_TEST(out({"list", "names"}) == "[\"todo\"]\n");
  BOOST_TEST(run({"list", "todo", "get", "9"}).status == 1);
}

BOOST_AUTO_TEST_CASE(a_queue_is_worked_from_the_shell) {
  out({"queue", "jobs", "put", "write", "2"});
  out({"queue", "jobs", "put", R"({"n": 1})", "--priority", "-1.5"}); // the original's spelling
  out({"queue", "jobs", "put", "--priority=1", "late", "--delay", "3600"});
  BOOST_TEST(out({"queue", "jobs", "count"}) == "2\n");
  BOOST_TEST(out({"queue", "jobs", "counts"})
             == "{\"ready\": 2, \"delayed\": 1, \"leased\": 0, \"dead\": 0}\n");
  BOOST_TEST(out({"queue", "jobs", "peek"}).starts_with("{\"priority\": -1.5, \"timestamp\": "));
  BOOST_TEST(out({"queue", "jobs", "get"}).ends_with("\"data\": {\"n\": 1}}\n"));
  const auto taken = out({"queue", "jobs", "take", "--visibility", "60"});
  const std::string before = "{\"receipt\": \"";
  BOOST_TEST(taken.starts_with(before));
  BOOST_TEST(run({"queue", "jobs", "get", "--block=false"}).status == 1);
  BOOST_TEST(out({"queue", "jobs", "items", "--view", "held", "--limit", "1"})
               .find(R"("data": "late", "state": "delayed")")
             != std::string::npos);
  const auto receipt = taken.substr(before.size(), 32);
  BOOST_TEST(out({"queue", "jobs", "nack", receipt}) == "true\n");
  BOOST_TEST(run({"queue", "jobs", "ack", receipt}).status == 1);
  out({"queue", "jobs", "configure", "--max-attempts", "3"});
  BOOST_TEST(out({"queue", "jobs", "options"}) == "{\"max_attempts\": 3}\n");
  BOOST_TEST(run({"queue", "jobs", "open", "--max-attempts", "4"}).complains("has the options"));
  BOOST_TEST(run({"queue", "jobs", "put", "x"}).complains("PRIORITY is missing"));
  BOOST_TEST(run({"queue", "jobs", "put", "x", "NaN"}).complains("priority must be a number"));
  BOOST_TEST(run({"queue", "jobs", "put", "x", "1", "--priority", "2"}).complains("given twice"));
  BOOST_TEST(out({"queue"}) == "[\"jobs\"]\n");
  BOOST_TEST(out({"queue", "jobs"}).starts_with("{\"items\": {\"ready\": 1, \"delayed\": 1, "));
}

BOOST_AUTO_TEST_CASE(a_log_is_worked_from_the_shell) {
  BOOST_TEST(out({"log", "audit", "append", "start", "--timestamp", "10"}) == "10.0\n");
  BOOST_TEST(out({"log", "audit", "log", R"({"n": 1})", "--timestamp=-1.5"}) == "-1.5\n");
  BOOST_TEST(out({"log", "audit", "append", "late"}) != "");
  BOOST_TEST(out({"log", "audit", "range", "--end", "10"})
             == R"([{"timestamp": -1.5, "data": {"n": 1}}, {"timestamp": 10.0, "data": "start"}])"
                "\n");
  for (const std::string order : {"DESC", "desc", "Desc", "\"DESC\""})
    BOOST_TEST(out({"log", "audit", "range", "--order", order, "--offset", "1", "--limit", "1"})
               == "[{\"timestamp\": 10.0, \"data\": \"start\"}]\n");
  BOOST_TEST(run({"log", "audit", "range", "--order", "sideways"}).complains("one of ASC, DESC"));
  BOOST_TEST(out({"log", "audit", "tail", "1"}).ends_with("\"data\": \"late\"}]\n"));
  BOOST_TEST(out({"log", "audit", "count"}) == "3\n");
  BOOST_TEST(out({"log", "audit", "count", "--start", "0", "--end", "10"}) == "1\n");
  const std::string has_n = R"([{"path": "n", "operator": "<=", "value": 1}])";
  BOOST_TEST(out({"log", "audit", "range", "--where", has_n})
             == R"([{"timestamp": -1.5, "data": {"n": 1}}])"
                "\n");
  BOOST_TEST(out({"log", "audit", "count", "--where", has_n}) == "1\n");
  BOOST_TEST(
    run({"log", "audit", "tail", "1", "--where", "{}"}).complains("where.path is missing"));
  BOOST_TEST(out({"log", "audit", "count", "--where", "n <= 1"}) == "1\n");
  BOOST_TEST(run({"log", "audit", "count", "--where", "n"}).complains("'n' is no condition"));
  BOOST_TEST(out({"log", "audit", "aggregate", "--field", "n", "--functions", R"(["sum", "p50"])",
                  "--end", "10", "--group-by", "none"})
             == R"([{"count": 2, "sum": 1.0, "p50": 1.0}])"
                "\n");
  BOOST_TEST(run({"log", "audit", "aggregate", "--bucket", "0"}).complains("bucket must be"));
  BOOST_TEST(out({"log", "audit", "create_index", "n"}) == "true\n");
  BOOST_TEST(out({"log", "audit", "indexes"})
             == "[{\"field\": \"n\", \"complete\": false, \"entries\": 0}]\n");
  BOOST_TEST(out({"log", "audit", "reindex"}) == "indexed 3 rows\n");
  BOOST_TEST(out({"log", "audit", "explain", has_n})
             == R"({"indexed": [], "scanned": true, "estimated_rows": 3, "dirty": 0})"
                "\n");
  BOOST_TEST(run({"log", "audit", "reindex", "--field", "m"}).complains("no index of the field"));
  BOOST_TEST(run({"log", "audit", "drop_index", "m"}).status == 1);
  BOOST_TEST(run({"log", "audit", "erase"}).complains("before, keep or where must be given"));
  BOOST_TEST(out({"log", "audit", "erase", "--before", "0"}) == "1\n");
  BOOST_TEST(out({"log", "audit", "erase", "--keep", "1"}) == "1\n");
  BOOST_TEST(out({"log", "audit", "info"}).starts_with("{\"entries\": 1, \"bytes\": 6, "));
  BOOST_TEST(run({"log", "audit", "append", "x", "--timestamp", "soon"}).status == 2);
  BOOST_TEST(out({"log"}) == "[\"audit\"]\n");
  out({"log", "audit", "clear"});
  BOOST_TEST(out({"log", "audit", "count"}) == "0\n");
}

BOOST_AUTO_TEST_CASE(documents_are_found_from_the_shell) {
  BOOST_TEST(run({"docs", "papers", "open", "--fuzzy"}).status == 0);
  BOOST_TEST(out({"docs", "papers", "index", R"({"title": "Actors", "year": 1973})", "--id", "a"})
             == "\"a\"\n");
  BOOST_TEST(out({"docs", "papers", "put", R"({"title": "Logging", "year": 1992})", "--id", "b"})
             == "\"b\"\n");
  BOOST_TEST(out({"docs", "papers", "search", "actor -logs", "--highlight"})
               .find(R"("fragments": [{"path": "title", "text": "<b>Actors</b>"}])")
             != std::string::npos);
  BOOST_TEST(out({"docs", "papers", "search", "loging", "--fuzzy"}).find(R"("id": "b")")
             != std::string::npos);
  BOOST_TEST(out({"docs", "papers", "count", "--where", "year>=1970 && title=Actors"}) == "1\n");
  BOOST_TEST(out({"docs", "papers", "count", "--where", "year in [1992, 1]"}) == "1\n");
  BOOST_TEST(out({"docs", "papers", "count", "--where", "year exists"}) == "2\n");
  BOOST_TEST(out({"docs", "papers", "patch", "a", R"({"year": null})"})
             == "{\"title\": \"Actors\"}\n");
  BOOST_TEST(run({"docs", "papers", "search", "a AND", "--fts5"}).complains("fts5"));
  BOOST_TEST(run({"docs", "papers", "drop", "none"}).status == 1);
}

BOOST_AUTO_TEST_CASE(global_options_stand_anywhere) {
  const auto set = running_cli{{"dict", "cfg", "--db=" + db, "set", "k", "1", "--raw"}}.finish();
  BOOST_TEST(set.status == 0);
  const auto get = running_cli{{"dict", "cfg", "get", "k", "--db", db}}.finish();
  BOOST_TEST(get.out == "1\n");
  BOOST_TEST(running_cli({"dict", "cfg", "get", "k"}, db.c_str()).finish().out == "1\n");
  const auto none = running_cli{{"dict", "cfg", "get", "k"}}.finish();
  BOOST_TEST(none.status == 2);
  BOOST_TEST(none.complains("--db PATH or in BEAVER_DB"));
  BOOST_TEST(run({"--db", db, "dict"}).complains("--db is given twice"));
}

BOOST_AUTO_TEST_CASE(options_may_be_shortened_while_they_are_unambiguous) {
  out({"dict", "cfg", "set", "k", "1", "--ttl", "3600"});
  BOOST_TEST(out({"dict", "cfg", "ttl", "k"}).starts_with("{\"ttl_seconds\": 35"));
  out({"dict", "cfg", "set", "a", "2"});
  BOOST_TEST(out({"dict", "cfg", "keys", "--desc", "--lim=1"}) == "[\"k\"]\n");
  const auto r = run({"dict", "cfg", "keys", "--d"});
  BOOST_TEST(r.status == 2);
  BOOST_TEST(r.complains("ambiguous: --descending, --db"));
}

BOOST_AUTO_TEST_CASE(absent_empty_and_false_end_with_status_one) {
  out({"dict", "cfg", "set", "k", "false"});
  BOOST_TEST(out({"dict", "cfg", "get", "k"}) == "false\n"); // a stored value, not an answer
  const auto expect = [&](const std::vector<std::string>& arguments, int status,
                          const std::string& printed) {
    const auto r = run(arguments);
    BOOST_TEST_CONTEXT(arguments[2]) {
      BOOST_TEST(r.status == status);
      BOOST_TEST(r.out == printed);
      BOOST_TEST(r.err == "");
    }
  };
  expect({"dict", "cfg", "get", "none"}, 1, "");
  expect({"dict", "cfg", "fetch", "none"}, 1, "");
  expect({"dict", "cfg", "pop", "none"}, 1, "");
  expect({"dict", "cfg", "contains", "none"}, 1, "false\n");
  expect({"dict", "cfg", "contains", "k"}, 0, "true\n");
  expect({"dict", "cfg", "set_if_absent", "k", "1"}, 1, "false\n");
  expect({"dict", "cfg", "keys", "--prefix", "x"}, 1, "[]\n");
  expect({"dict", "cfg", "count", "--prefix", "x"}, 0, "0\n");
  expect({"dict", "cfg", "pop", "k"}, 0, "false\n");
  expect({"dict", "cfg", "erase", "k"}, 1, "false\n");
  expect({"dict", "cfg", "clear"}, 0, "");
}

BOOST_AUTO_TEST_CASE(without_a_verb_it_lists_names_or_describes_one) {
  out({"dict", "b", "set", "k", "1"});
  out({"dict", "a", "set", "k", "1"});
  BOOST_TEST(out({"dict"}) == "[\"a\", \"b\"]\n");
  BOOST_TEST(out({"dict", "names"}) == "[\"a\", \"b\"]\n");
  BOOST_TEST(out({"dict", "a"})
             == "{\"entries\": 1, \"expired\": 0, \"with_expiry\": 0, \"bytes\": 2}\n");
  out({"dict", "names", "set", "k", "1"}); // it is a name like any other
  BOOST_TEST(out({"dict", "names", "get", "k"}) == "1\n");
}

BOOST_AUTO_TEST_CASE(a_reading_verb_on_a_missing_file_does_not_make_it) {
  for (const std::vector<std::string>& verb : {std::vector<std::string>{"dict", "cfg", "get", "k"},
                                               {"dict"},
                                               {"info"},
                                               {"blob", "f", "get", "k"},
                                               {"dump", "-", "--dict", "cfg"}}) {
    const auto r = run(verb);
    BOOST_TEST(r.status == 3);
    BOOST_TEST(r.complains("there is no database '" + db + "'"));
    BOOST_TEST(r.out == "");
  }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_before_anything_is_opened) {
  const auto expect = [&](const std::vector<std::string>& arguments, const std::string& text) {
    const auto r = run(arguments);
    BOOST_TEST(r.status == 2);
    BOOST_TEST_CONTEXT(r.err) { BOOST_TEST(r.complains(text)); }
    BOOST_TEST(std::count(r.err.begin(), r.err.end(), '\n') == 1);
  };
  expect({}, "no command is given (see beaver --help)");
  expect({"dict", "cfg", "set", "k"}, "VALUE is missing (see beaver dict NAME set --help)");
  expect({"dict", "cfg", "get", "k", "more"}, "'more' is one argument too many");
  expect({"dict", "cfg", "set", "k", "1", "--ttl", "soon"}, "ttl_seconds must be a number");
  expect({"dict", "cfg", "set", "k", "1", "--ttl", "-1"}, "ttl_seconds must be a number > 0");
  expect({"dict", "cfg", "set", "k", "1", "--ttl"}, "--ttl needs a value");
  expect({"dict", "cfg", "set", "k", "1", "--ttl", "1", "--ttl=2"}, "--ttl-seconds is given twice");
  expect({"dict", "cfg", "set", "", "1"}, "key must not be empty");
  expect({"dict", std::string(1'025, 'n'), "keys"}, "at most 1024 bytes");
  expect({"dict", "cfg", "keys", "--limit", "x"}, "limit must be an integer");
  expect({"dict", "cfg", "set", "k", "\xff"}, "UTF-8");
  expect({"dict", "cfg", "--raw=1"}, "--raw takes no value");
  BOOST_TEST(!std::filesystem::exists(db));
}

BOOST_AUTO_TEST_CASE(unknown_words_suggest_the_nearest) {
  const auto expect = [&](const std::vector<std::string>& arguments, const std::string& text) {
    const auto r = run(arguments);
    BOOST_TEST(r.status == 2);
    BOOST_TEST_CONTEXT(r.err) { BOOST_TEST(r.complains(text)); }
  };
  expect({"dcit"}, "unknown command 'dcit'; did you mean 'dict'?");
  expect({"improt", "f"}, "did you mean 'import'?");
  expect({"dict", "cfg", "gte", "k"}, "unknown verb 'gte' of dict; did you mean 'get'?");
  expect({"dict", "cfg", "delte", "k"}, "did you mean 'delete'?");
  expect({"blob", "f", "lst"}, "did you mean 'list'?");
  expect({"dict", "cfg", "keys", "--prefx", "a"}, "did you mean '--prefix'?");
  expect({"dict", "cfg", "zzzzzz"}, "known are: set, find, get");
}

BOOST_AUTO_TEST_CASE(a_failure_is_one_line_and_status_three) {
  out({"dict", "cfg", "set", "word", "dark"});
  const auto mismatch = run({"dict", "cfg", "increment", "word"});
  BOOST_TEST(mismatch.status == 3);
  BOOST_TEST(mismatch.out == "");
  const auto other = folder.file("other\nname.txt");
  write_file(other, std::string(4'096, 'x'));
  const auto r = running_cli{{"--db", other, "dict", "cfg", "set", "k", "1"}}.finish();
  BOOST_TEST(r.status == 3);
  BOOST_TEST(std::count(r.err.begin(), r.err.end(), '\n') == 1);
  BOOST_TEST(r.complains("other\\x0aname.txt"));
  BOOST_TEST(read_file(other) == std::string(4'096, 'x'));
}

BOOST_AUTO_TEST_CASE(output_is_pretty_on_a_terminal_and_else_on_one_line,
                     *boost::unit_test::precondition(has_terminals)) {
  const std::string value = R"({"a": [1, {"b": {}}, []], "c": "x, {y}: \"[\""})";
  out({"dict", "cfg", "set", "k", value});
  const auto get = on_db({"dict", "cfg", "get", "k"});
  BOOST_TEST(run_on_terminal(get).out == R"({
  "a": [
    1,
    {
      "b": {}
    },
    []
  ],
  "c": "x, {y}: \"[\""
}
)");
  out({"dict", "cfg", "set", "numbers", "[[1, -2.5e-07], [3], [\"4\", 5]]"});
  BOOST_TEST(run_on_terminal(on_db({"dict", "cfg", "get", "numbers"})).out == R"([
  [1, -2.5e-07],
  [3],
  [
    "4",
    5
  ]
]
)");
  BOOST_TEST(run_on_terminal(on_db({"--raw", "dict", "cfg", "get", "k"})).out == value + '\n');
  BOOST_TEST(out({"dict", "cfg", "get", "k"}) == value + '\n');
}

BOOST_AUTO_TEST_CASE(output_that_cannot_be_written_is_a_failure) {
  out({"dict", "cfg", "set", "k", "1"});
  const auto command = "exec " BEAVER_CLI " --db " + db + " dict cfg get k >/dev/full 2>/dev/null";
  BOOST_TEST(WEXITSTATUS(std::system(command.c_str())) == 3);
}

BOOST_AUTO_TEST_CASE(the_database_itself_has_info_sweep_and_batch) {
  const std::string steps =
    R"([{"operation": "dict_set", "arguments": {"name": "d", "key": "k", "value": [1]}},
          {"operation": "blob_put", "arguments": {"name": "b", "key": "k", "data": "aGk="}}])";
  BOOST_TEST(out({"batch", "-"}, steps) == "");
  BOOST_TEST(out({"dict", "d", "get", "k"}) == "[1]\n");
  BOOST_TEST(out({"blob", "b", "get", "k"}) == "hi");
  BOOST_TEST(out({"sweep"})
             == "{\"dict_entries\": 0, \"blob_uploads\": 0, \"queue_items\": 0, "
                "\"queue_notes\": 0, \"lock_waiters\": 0, \"channel_messages\": 0, "
                "\"log_entries\": 0, \"changes\": 0}\n");
  BOOST_TEST(out({"info"}).find(R"("managers": [{"type": "dict", "name": "d", "count": 1}, )"
                                R"({"type": "blob", "name": "b", "count": 1}])")
             != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
