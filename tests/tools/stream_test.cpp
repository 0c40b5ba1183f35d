#include "beaver/api/database.hpp"
#include "run_cli.hpp"
#include "support/machine.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(streams, cli_fixture)

BOOST_AUTO_TEST_CASE(messages_are_printed_one_a_line) {
  BOOST_TEST(run({"channel", "c", "publish", "hello"}).status == 0);
  BOOST_TEST(run({"channel", "c", "publish", "{\"a\":1}"}).status == 0);
  const auto r = run({"channel", "c", "subscribe", "--beginning", "--count", "2"});
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.err == "");
  BOOST_TEST(r.out.starts_with("{\"channel\": \"c\", \"payload\": \"hello\", \"timestamp\": "));
  BOOST_TEST(r.out.find("\n{\"channel\": \"c\", \"payload\": {\"a\": 1}, ") != r.out.npos);
  const auto all = run({"channel_pattern", "?", "subscribe", "--beginning", "--count", "2"});
  BOOST_TEST(all.out == r.out);
}

BOOST_AUTO_TEST_CASE(a_cursor_moves_behind_what_was_printed) {
  for (const auto* n : {"1", "2", "3"})
    run({"channel", "c", "publish", n});
  const std::vector<std::string> next{"channel", "c",           "subscribe", "--cursor",
                                      "x",       "--beginning", "--count",   "2"};
  BOOST_TEST(run(next).out.find("\"payload\": 2") != std::string::npos);
  BOOST_TEST(run({"channel", "c", "get_cursor", "x"}).out == "2\n");
  const auto rest = run({"channel", "c", "subscribe", "--cursor", "x", "--timeout", "0"});
  BOOST_TEST(rest.status == 0);
  BOOST_TEST(rest.out.find("\"payload\": 3") != std::string::npos);
  BOOST_TEST(rest.out.find("\"payload\": 2") == std::string::npos);
  BOOST_TEST(run({"channel", "c", "subscribe", "--cursor", "x", "--timeout", "0"}).status == 1);
}

BOOST_AUTO_TEST_CASE(a_subscriber_hears_another_process_until_it_is_interrupted) {
  beaver::database other{db};
  auto c = other.channel<int>("c");
  // Its cursor shows that it follows.
  running_cli running{on_db({"channel", "c", "subscribe", "--cursor", "x", "--raw"})};
  while (!c.cursor("x"))
    std::this_thread::yield();
  c.publish(7);
  while (*c.cursor("x") == 0)
    std::this_thread::yield();
  running.press_ctrl_c();
  const auto r = running.finish();
  BOOST_TEST(r.status == 130);
  BOOST_TEST(r.out.find("\"payload\": 7") != r.out.npos);
}

BOOST_AUTO_TEST_CASE(entries_of_a_log_are_followed) {
  run({"log", "l", "append", "{\"ms\": 5}", "--timestamp", "1"});
  run({"log", "l", "append", "{\"ms\": 50}", "--timestamp", "2"});
  const auto r = run({"log", "l", "follow", "--beginning", "--where",
                      "[{\"path\": \"ms\", \"operator\": \">\", \"value\": 9}]", "--count", "1"});
  BOOST_TEST(r.out == "{\"timestamp\": 2.0, \"data\": {\"ms\": 50}}\n");
}

BOOST_AUTO_TEST_CASE(frames_of_a_log_are_printed) {
  run({"log", "l", "append", "{\"ms\": 5}"});
  const auto r = run({"log", "l", "live", "--window-seconds", "600", "--field", "ms", "--functions",
                      "[\"sum\"]", "--count", "1"});
  BOOST_TEST(r.err == "");
  BOOST_TEST(r.out.find("\"rows\": [{\"count\": 1, \"sum\": 5.0}]}\n") != r.out.npos, r.out);
  BOOST_TEST(run({"log", "l", "live", "--period-seconds", "0"}).status == 2);
}

BOOST_AUTO_TEST_CASE(a_log_is_watched) {
  run({"log", "l", "append", "{\"ms\": 5, \"path\": \"/a\"}"});
  run({"log", "l", "append", "{\"ms\": 7, \"path\": \"/b\"}"});
  const auto r = run({"log", "l", "watch", "--window", "600", "--period", "0.01", "--count", "2",
                      "--field", "ms", "--functions", "sum,p50"});
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.err == "");
  BOOST_TEST(r.out.find("\"rows\": [{\"count\": 2, \"sum\": 12.0, \"p50\": 6.0}]}\n{\"time\": ")
               != r.out.npos,
             r.out);
  BOOST_TEST(run({"log", "l", "watch", "--window", "0"}).status == 2);
  BOOST_TEST(run({"log", "l", "watch", "--functions", "most"}).complains("functions"));
}

BOOST_AUTO_TEST_CASE(a_watched_log_is_a_table_on_a_terminal,
                     *boost::unit_test::precondition(has_terminals)) {
  run({"log", "l", "append", "{\"ms\": 7, \"path\": \"/b\"}"});
  const auto table = run_on_terminal(on_db({"log", "l", "watch", "--window", "600", "--count", "1",
                                            "--field", "ms", "--group", "path"}))
                       .out;
  BOOST_TEST(table.find("group  count  sum  min  max  avg") != table.npos, table);
  BOOST_TEST(table.find("\"/b\"      1    7    7    7    7") != table.npos, table);
}

BOOST_AUTO_TEST_CASE(mistakes_are_told) {
  run({"channel", "c", "publish", "1"});
  BOOST_TEST(run({"channel", "c", "subscribe", "--count", "x"}).status == 2);
  BOOST_TEST(run({"channel", "c", "subscribe", "--timeout", "-1"}).status == 2);
  BOOST_TEST(run({"channel", "c", "subscribe", "--capacity", "0"}).complains("capacity"));
  BOOST_TEST(run({"channel", "c", "subscribe", "--overflow", "never"}).complains("drop_oldest"));
  BOOST_TEST(run({"channel", "c", "subscribe", "--help"}).out.find("--count N")
             != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
