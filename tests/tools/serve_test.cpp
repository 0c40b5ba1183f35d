#include "run_cli.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver::test;

namespace {

/// The program as a server of a file of its own, and a file beside it.
struct serving_fixture : cli_fixture {
  running_cli serving{{"--db", folder.file("served.db"), "serve", "--port", "0", "--log"}};
  std::string url = url_in(serving.read_line());

  ~serving_fixture() {
    if (!ended)
      end();
  }

  finished end() {
    ended = true;
    serving.press_ctrl_c();
    return serving.finish();
  }

  bool ended = false;

  static std::string url_in(const std::string& line) { return line.substr(line.rfind(' ') + 1); }

  finished run_far(std::vector<std::string> arguments, std::string_view input = {}) const {
    arguments.insert(arguments.begin(), {"--url", url});
    return running_cli{arguments}.finish(input);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(serve_command, serving_fixture)

BOOST_AUTO_TEST_CASE(verbs_do_over_a_network_what_they_do_to_a_file) {
  const std::vector<std::string> lines[] = {
    {"dict", "d", "set", "a b/c?", R"({"x": [1.50, null, "\u00e9"]})"},
    {"dict", "d", "get", "a b/c?"},
    {"dict", "d", "get", "none"},
    {"dict", "d", "set", "count", "7"},
    {"dict", "d", "increment", "count", "--by", "-2.5"},
    {"dict", "d", "items", "--descending"},
    {"dict", "d", "erase", "none"},
    {"dict", "d", "erase", "count"},
    {"dict", "names"},
    {"blob", "b", "put", "k", "-", "--metadata", R"({"n": 1})"},
    {"blob", "b", "get", "k"},
    {"blob", "b", "stat", "k"},
    {"blob", "b", "read", "k", "1", "3"},
    {"list", "l", "push", "x"},
    {"list", "l", "prepend", "null"},
    {"list", "l", "range"},
    {"list", "l", "pop"},
    {"list", "l", "deque"},
    {"list", "l", "pop"},
    {"queue", "q", "put", "--priority=-1", "work"},
    {"queue", "q", "count"},
    {"queue", "q", "get", "--block=false", "--raw", "--help"},
    {"log", "l", "append", "{\"ms\": 5}", "--timestamp", "1"},
    {"log", "l", "range", "--where", "ms>=5"},
    {"log", "l", "aggregate", "--field", "ms", "--functions", R"(["sum", "p99"])"},
    {"log", "l", "follow", "--beginning", "--count", "1"},
    {"channel", "c", "publish_ephemeral", "x"},
    {"channel", "c", "count"},
    {"docs", "n", "index", R"({"title": "a dam of beavers"})", "--id", "1"},
    {"docs", "n", "search", "beavers"},
    {"docs", "n", "search", "baevers", "--fuzzy"},
    {"graph", "g", "link", "a", "b", "knows", "--metadata", R"({"since": 1})"},
    {"graph", "g", "walk", "a"},
    {"graph", "g", "dot"},
    {"vectors", "v", "set", "a", "[1, 0]"},
    {"vectors", "v", "set", "b", "[0, 1]"},
    {"vectors", "v", "near", "[1, 0.1]"},
    {"sketch", "s", "add", "x"},
    {"sketch", "s", "count"},
    {"sketch", "s", "bytes"},
    {"lock", "l", "holder"},
    {"lock", "l", "run", "--", "echo", "held"},
    {"no", "such"},
    {"dict", "", "count"},
  };
  for (const auto& line : lines) {
    const auto input = line[1] == "b" ? "bytes\xff" : "";
    const auto here = run(line, input);
    const auto there = run_far(line, input);
    BOOST_TEST_CONTEXT(line[0] << ' ' << line[1] << ' ' << (line.size() > 2 ? line[2] : "")) {
      BOOST_TEST(here.status == there.status);
      BOOST_TEST(here.out == there.out);
      BOOST_TEST(here.err == there.err);
    }
  }
}

BOOST_AUTO_TEST_CASE(it_is_published_over_cafs_network_when_that_is_wanted) {
  const std::string tls = BEAVER_TEST_DATA "/tls/";
  for (const bool secure : {false, true}) {
    std::vector<std::string> words{
      "--db", folder.file("nodes.db"), "serve", "--port", "0", "--actors", "0"};
    if (secure)
      words.insert(words.end(), {"--tls-ca", tls + "certificate.pem", "--tls-cert",
                                 tls + "certificate.pem", "--tls-key", tls + "key.pem"});
    running_cli nodes{words};
    const auto line = nodes.read_line();
    BOOST_TEST(line.find(secure ? " at https://" : " at http://") != std::string::npos);
    const auto at = url_in(line);
    BOOST_TEST(at.starts_with(secure ? "cafs://127.0.0.1:" : "caf://127.0.0.1:"), line);
    if (!secure)
      BOOST_TEST(running_cli({"--url", at, "dict", "d", "set", "k", "1"}).finish().status == 0);
    else
      BOOST_TEST(running_cli({"--url", at, "dict", "d", "get", "k"})
                   .finish()
                   .complains("certificate of one's own"));
    nodes.press_ctrl_c();
    BOOST_TEST(nodes.finish().status == 0);
  }
  const auto kept =
    running_cli({"--db", folder.file("nodes.db"), "dict", "d", "get", "k"}).finish();
  BOOST_TEST(kept.out == "1\n");
}

BOOST_AUTO_TEST_CASE(a_server_ends_with_a_signal_and_has_logged_its_requests) {
  BOOST_TEST(run_far({"dict", "d", "set", "k", "1"}).status == 0);
  const auto last = end();
  BOOST_TEST(last.status == 0);
  BOOST_TEST(last.err.starts_with("127.0.0.1 PUT /dicts/d/k 200 4 "), last.err);
  const auto gone = run_far({"dict", "d", "get", "k"});
  BOOST_TEST(gone.status == 3);
  BOOST_TEST(gone.complains("cannot connect to"));
}

BOOST_AUTO_TEST_CASE(one_database_is_named_and_what_needs_a_file_says_so) {
  BOOST_TEST(running_cli({"--db", db, "--url", url, "dict", "names"})
               .finish()
               .complains("are two databases"));
  BOOST_TEST(running_cli({"--url", "http://", "dict", "names"}).finish().complains("no address"));
  BOOST_TEST(run_far({"serve"}).complains("needs the file itself"));
  BOOST_TEST(run({"serve", "--host", "0.0.0.0"}).complains("other machines"));
  BOOST_TEST(run({"serve", "--port", "99999"}).complains("--port is too large"));
}

BOOST_AUTO_TEST_SUITE_END()
