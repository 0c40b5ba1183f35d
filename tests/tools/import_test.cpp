#include "beaver/tools/import.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/progress.hpp"
#include "run_cli.hpp"
#include "support/failure.hpp"
#include "support/machine.hpp"
#include "support/pieces_of.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

using namespace beaver;
using namespace beaver::test;

namespace {

std::string numbered_lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i)
    text += "{\"id\": " + std::to_string(i) + ", \"v\": [" + std::to_string(i) + "]}\n";
  return text;
}

const std::string wordnet = BEAVER_TEST_DATA "/../../examples/data/wordnet-sample.jsonl";

struct open_fixture : cli_fixture {
  database file{db};
  dict<> target = file.dict("d");
};

} // namespace

BOOST_AUTO_TEST_SUITE(imports)

BOOST_FIXTURE_TEST_CASE(the_sample_is_imported_verbatim, cli_fixture) {
  const auto text = out({"import", wordnet, "--dict", "wordnet", "--key", "id"});
  BOOST_TEST(text.starts_with("imported 1500 rows in "));
  BOOST_TEST(text.ends_with(" s, 0 bad lines\n"));
  const auto lines = read_file(wordnet);
  BOOST_TEST(out({"dict", "wordnet", "get", "n02365657"}) == lines.substr(0, lines.find('\n') + 1));
  BOOST_TEST(out({"dict", "wordnet", "count"}) == "1500\n");
  out({"import", "-", "--dict", "gloss", "--key", "id", "--value", "gloss"}, lines);
  BOOST_TEST(out({"dict", "gloss", "get", "n02365657"})
             == "\"large semiaquatic rodent with webbed hind feet and a broad flat tail; construct "
                "complex dams and underwater lodges\"\n");
}

BOOST_FIXTURE_TEST_CASE(a_dump_is_imported_back_as_it_was, cli_fixture) {
  out({"import", wordnet, "--dict", "a", "--key", "id"});
  out({"dict", "a", "set", "k\"\\\n\xc3\xa9", R"(["\ud83d\ude00", 1e-7, 12345678901234567890])"});
  const auto path = folder.file("out.jsonl");
  BOOST_TEST(out({"dump", path, "--dict", "a"}).starts_with("dumped 1501 items in "));
  BOOST_TEST(read_file(path).find(
               R"({"key": "k\"\\\n\u00e9", "value": ["\ud83d\ude00", 1e-07, 12345678901234567890]})"
               "\n")
             != std::string::npos);
  out({"import", path, "--dict", "b", "--key", "key", "--value", "value"});
  BOOST_CHECK(out({"dict", "a", "items"}) == out({"dict", "b", "items"}));
  const auto piped = run({"dump", "-", "--dict", "b"});
  BOOST_TEST(piped.status == 0);
  BOOST_TEST(piped.err.starts_with("dumped 1501 items")); // standard output has the data
  BOOST_CHECK(piped.out == read_file(path));
}

BOOST_FIXTURE_TEST_CASE(bad_lines_are_reported_with_number_and_reason_and_skipped, cli_fixture) {
  const std::string text = "\xef\xbb\xbf{\"id\": \"a\"}\r\n"
                           "\n"
                           "{\"id\": \"b\",}\n"
                           "[1]\n"
                           "{\"name\": \"c\"}\n"
                           "{\"id\": null}\n"
                           "{\"id\": \"\"}\n"
                           "{\"id\": \""
                           + std::string(1'025, 'k')
                           + "\"}\n"
                             "{\"id\": 1.50, \"x\": NaN}\n"
                             "{\"id\": 1.50}\n"
                             "{\"id\": -7}";
  const auto r = run({"import", "-", "--dict", "d", "--key", "id"}, text);
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out.starts_with("imported 3 rows in "));
  BOOST_TEST(r.out.ends_with(", 7 bad lines\n"));
  for (const auto* line : {"beaver: line 3: not JSON: ", "beaver: line 4: not a JSON object\n",
                           "beaver: line 5: no field 'id'\n",
                           "beaver: line 6: field 'id' is neither a string nor a number\n",
                           "beaver: line 7: key must not be empty\n",
                           "beaver: line 8: key must have at most 1024 bytes, not 1025\n",
                           "beaver: line 9: not JSON: NaN and infinities are not allowed"})
    BOOST_TEST(r.err.find(line) != std::string::npos, r.err);
  BOOST_TEST(std::count(r.err.begin(), r.err.end(), '\n') == 7);
  BOOST_TEST(out({"dict", "d", "keys"}) == "[\"-7\", \"1.5\", \"a\"]\n");
}

BOOST_FIXTURE_TEST_CASE(strict_stops_at_the_first_bad_line_and_says_what_stays, cli_fixture) {
  const auto text = numbered_lines(0, 25) + "oops\n" + numbered_lines(25, 50);
  const auto r =
    run({"import", "-", "--dict", "d", "--key", "id", "--batch", "10", "--strict"}, text);
  BOOST_TEST(r.status == 3);
  BOOST_TEST(r.out == "");
  BOOST_TEST(r.err.find("beaver: line 26: not JSON") == 0);
  BOOST_TEST(r.err.find("beaver: stopped at line 26; 20 rows of the batches before stay\n")
             != std::string::npos);
  BOOST_TEST(out({"dict", "d", "count"}) == "20\n");
}

BOOST_FIXTURE_TEST_CASE(edges_are_imported_and_a_dump_is_imported_back, cli_fixture) {
  const std::string text =
    "{\"source\": \"a\", \"target\": 7, \"label\": \"x\"}\n"
    "{\"label\": \"y\", \"metadata\": {\"w\": 1.50}, \"target\": \"b\", "
    "\"source\": \"a\", \"more\": [1]}\n"
    "{\"source\": \"a\", \"target\": \"b\"}\n"
    "{\"source\": \"a\", \"target\": \"\", \"label\": \"x\"}\n"
    "{\"source\": \"a\", \"target\": [], \"label\": \"x\"}\n"
    "{\"source\": \"a\", \"target\": \"c\", \"label\": \"x\", \"metadata\": {}}\n";
  const auto r = run({"import", "-", "--graph", "g", "--batch", "2"}, text);
  BOOST_TEST(r.out.starts_with("imported 3 rows in "));
  BOOST_TEST(r.out.ends_with(", 3 bad lines\n"));
  for (const auto* line :
       {"beaver: line 3: no field 'label'\n", "beaver: line 4: target must not be empty\n",
        "beaver: line 5: field 'target' is neither a string nor a number\n"})
    BOOST_TEST(r.err.find(line) != std::string::npos, r.err);
  const std::string dumped =
    R"({"source": "a", "target": "7", "label": "x"})"
    "\n"
    R"({"source": "a", "target": "b", "label": "y", "metadata": {"w": 1.5}})"
    "\n"
    R"({"source": "a", "target": "c", "label": "x"})"
    "\n";
  BOOST_TEST(run({"dump", "-", "--graph", "g"}).out == dumped);
  out({"import", "-", "--graph", "h"}, dumped);
  BOOST_TEST(run({"dump", "-", "--graph", "h"}).out == dumped);
  BOOST_TEST(out({"graph", "h", "path", "a", "b"})
             == R"({"nodes": ["a", "b"], "edges": [{"source": "a", "target": "b", "label": "y", )"
                R"("metadata": {"w": 1.5}}], "length": 1.0})"
                "\n");
  BOOST_TEST(out({"graph", "h", "dot", "--labels", R"(["y"])"})
             == "digraph \"h\" {\n  \"a\" -> \"b\" [label=\"y\"];\n}\n");
}

BOOST_FIXTURE_TEST_CASE(documents_are_imported_with_their_ids_or_new_ones, cli_fixture) {
  const std::string lines = "{\"id\": \"a\", \"title\": \"Actors\"}\n{\"id\": 7}\n{\"no\": 1}\n";
  const auto r = run({"import", "-", "--docs", "d", "--key", "id"}, lines);
  BOOST_TEST(r.out.starts_with("imported 2 rows in "), r.out);
  BOOST_TEST(run({"docs", "d", "search", "actor"}).out.find("\"id\": \"a\"") != std::string::npos);
  BOOST_TEST(run({"dump", "-", "--docs", "d"}).out
             == "{\"id\": \"7\", \"body\": {\"id\": 7}}\n"
                "{\"id\": \"a\", \"body\": {\"id\": \"a\", \"title\": \"Actors\"}}\n");
  BOOST_TEST(run({"import", "-", "--docs", "new", "--value", "no"}, lines)
               .out.starts_with("imported 1 row in "));
  BOOST_TEST(run({"docs", "new", "count"}).out == "1\n");
}

BOOST_FIXTURE_TEST_CASE(wrong_usage_of_import_opens_nothing, cli_fixture) {
  BOOST_TEST(run({"import", "-", "--key", "id"}).complains("exactly one of --dict"));
  BOOST_TEST(
    run({"import", "-", "--dict", "d", "--graph", "g"}).complains("exactly one of --dict"));
  BOOST_TEST(run({"import", "-", "--graph", "g", "--key", "id"}).complains("are for --dict"));
  BOOST_TEST(run({"import", "-", "--graph", ""}).complains("must not be empty"));
  BOOST_TEST(run({"dump", "-"}).complains("exactly one of --dict"));
  BOOST_TEST(run({"import", "-", "--dict", "d"}).complains("--key is missing"));
  BOOST_TEST(run({"import", "-", "--dict", "", "--key", "id"}).complains("must not be empty"));
  BOOST_TEST(run({"import", "-", "--dict", "d", "--key", "id", "--batch", "0"}).status == 2);
  const auto missing = run({"import", folder.file("none"), "--dict", "d", "--key", "id"});
  BOOST_TEST(missing.status == 3);
  BOOST_TEST(missing.complains("No such file"));
  BOOST_TEST(!std::filesystem::exists(db));
}

BOOST_FIXTURE_TEST_CASE(ctrl_c_keeps_whole_batches_and_says_how_far_it_came, cli_fixture) {
  running_cli import{on_db({"import", "-", "--dict", "d", "--key", "id", "--batch", "10"})};
  import.write(numbered_lines(0, 95));
  {
    database file{db};
    while (file.dict("d").count() < 90) // what comes after may still be in the pipe
      std::this_thread::yield();
  }
  import.press_ctrl_c();
  const auto r = import.wait();
  import.close_input();
  BOOST_TEST(r.status == 130);
  const auto count = std::stoi(out({"dict", "d", "count"}));
  BOOST_TEST(count >= 90);
  BOOST_TEST(r.complains("interrupted; imported " + std::to_string(count) + " rows up to line "
                         + std::to_string(count)));
}

BOOST_FIXTURE_TEST_CASE(a_terminal_sees_progress_that_is_gone_at_the_end, cli_fixture,
                        *boost::unit_test::precondition(has_terminals)) {
  const auto r =
    run_on_terminal(on_db({"import", wordnet, "--dict", "w", "--key", "id", "--batch", "100"}));
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out.find(" rows/s") != std::string::npos);
  const auto end_of_bar = r.out.rfind("\x1b[K");
  BOOST_TEST_REQUIRE(end_of_bar != std::string::npos);
  BOOST_TEST(r.out.substr(end_of_bar).find("imported 1500 rows") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_progress_line_has_bar_rate_and_remaining_time) {
  using cli::progress_line;
  const std::chrono::duration<double> two{2.0};
  BOOST_TEST(progress_line({.rows = 3'000, .done = 25, .total = 100}, two, 64)
             == "[#####...............]  25%  3,000 rows  1,500 rows/s  0:06 left");
  BOOST_TEST(progress_line({.rows = 1'234'567, .done = 9, .total = {}}, two, 60)
             == "1,234,567 rows  617,283 rows/s");
  BOOST_TEST(progress_line({.rows = {}, .done = 1, .total = 4}, two, 40)
             == "[#####.................]  25%  0:06 left");
  BOOST_TEST(progress_line({.rows = {}, .done = 0, .total = 4}, two, 40)
             == "[.................................]   0%");
  for (unsigned width = 0; width < 100; ++width)
    BOOST_TEST(progress_line({.rows = 10, .done = 1, .total = 3}, two, width).size() <= width);
}

BOOST_FIXTURE_TEST_CASE(lines_may_come_in_any_pieces, open_fixture) {
  const auto text = numbered_lines(0, 300) + "\n{\"id\": \"last\"}"; // no line break at the end
  for (const std::size_t step : {1, 2, 7, 4'096, 1'000'000}) {
    target.clear();
    const auto r =
      import_lines(pieces_of(text, step), target, {.key = "id", .limits = {.batch_rows = 7}});
    BOOST_TEST(r.status.rows == 301u);
    BOOST_TEST(r.status.lines == 302u);
    BOOST_TEST(r.status.bytes == text.size());
    BOOST_TEST(target.count() == 301u);
    BOOST_TEST(target.get("17").text() == R"({"id": 17, "v": [17]})");
  }
}

BOOST_FIXTURE_TEST_CASE(a_line_beyond_the_limit_is_bad_and_the_next_is_not, open_fixture) {
  const auto line = [](std::size_t size) {
    return "{\"id\": \"" + std::string(size - 10, 'k') + "\"}\n";
  };
  for (const std::size_t step : {3, 1'000}) {
    target.clear();
    std::vector<std::uint64_t> bad;
    import_hooks hooks;
    hooks.bad_line = [&](std::uint64_t n, const std::string& reason) {
      bad.push_back(n);
      BOOST_TEST(reason == "longer than 50 bytes");
    };
    const auto text = line(51) + line(50) + line(500) + line(30) + std::string(60, ' ');
    const auto r = import_lines(pieces_of(text, step), target,
                                {.key = "id", .limits = {.longest_line = 50}}, hooks);
    BOOST_TEST(bad == (std::vector<std::uint64_t>{1, 3, 5}), boost::test_tools::per_element());
    BOOST_TEST(r.status.rows == 2u);
  }
}

BOOST_FIXTURE_TEST_CASE(cancelling_commits_whole_lines_only, open_fixture) {
  std::atomic<bool> cancel = false;
  const auto text = numbered_lines(0, 12) + R"({"id": 99})"; // which might go on
  auto source = pieces_of(text, 1'000'000);
  const byte_source interrupted = [&](std::span<char> buffer) {
    const auto n = source(buffer);
    cancel = n == 0;
    return n;
  };
  import_hooks hooks;
  hooks.cancel = &cancel;
  const auto r =
    import_lines(interrupted, target, {.key = "id", .limits = {.batch_rows = 5}}, hooks);
  BOOST_TEST((r.end == import_end::cancelled));
  BOOST_TEST(r.status.rows == 12u);
  BOOST_TEST(r.status.lines == 12u);
  BOOST_TEST(target.count() == 12u);
}

BOOST_FIXTURE_TEST_CASE(the_last_of_two_equal_fields_counts_and_one_may_be_both, open_fixture) {
  const std::string text = R"({"k": "a", "v": 1, "k": "b", "v": {"n": [2]}})";
  import_lines(pieces_of(text, 100), target, {.key = "k", .value = "v"});
  BOOST_TEST(target.keys() == std::vector<std::string>{"b"}, boost::test_tools::per_element());
  BOOST_TEST(target.get("b").text() == R"({"n": [2]})");
  import_lines(pieces_of(text, 100), target, {.key = "k", .value = "k"});
  BOOST_TEST(target.get("b").text() == "\"b\"");
}

BOOST_AUTO_TEST_SUITE_END()
