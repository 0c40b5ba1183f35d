#include "beaver/api/database.hpp"
#include "run_cli.hpp"
#include "support/machine.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(dump_commands, cli_fixture)

BOOST_AUTO_TEST_CASE(the_name_of_the_file_says_the_format) {
  out({"docs", "d", "index", "{\"n\": 1}", "--id", "a"});
  const auto lines = folder.file("d.jsonl");
  const auto whole = folder.file("d.json");
  BOOST_TEST(out({"dump", lines, "--docs", "d"}).starts_with("dumped 1 item in "));
  out({"dump", whole, "--docs", "d"});
  BOOST_TEST(read_file(lines) == "{\"id\": \"a\", \"body\": {\"n\": 1}}\n");
  BOOST_TEST(read_file(whole).starts_with("{\n  \"metadata\": {\"type\": \"Documents\", "));
  BOOST_TEST(run({"dump", "-", "--docs", "d", "--format", "json"}).out == read_file(whole));

  BOOST_TEST(out({"load", whole, "--docs", "e"}).starts_with("loaded 1 item in "));
  out({"docs", "e", "index", "2", "--id", "b"});
  out({"load", "-", "--docs", "e", "--append"}, read_file(lines));
  BOOST_TEST(out({"docs", "e", "count"}) == "2\n");
  out({"load", lines, "--docs", "e"});
  BOOST_TEST(out({"docs", "e", "count"}) == "1\n");
}

BOOST_AUTO_TEST_CASE(every_type_goes_out_and_comes_back) {
  {
    database file{db};
    file.dict("x").set("k", json_text{"1"});
    file.list("x").push(json_text{"[1]"});
    file.queue("x").put(json_text{"1"}, 2);
    file.log("x").append(json_text{"1"}, 5);
    file.blob("x").put("k", "bytes");
    file.docs("x").index("k", json_text{"1"});
    file.graph("x").link("a", "b", "c");
    file.vectors("x").set("k", std::vector<float>{1, 2});
  }
  for (const std::string type :
       {"dict", "list", "queue", "log", "blob", "docs", "graph", "vectors"}) {
    const auto text = run({"dump", "-", "--" + type, "x"}).out;
    out({"load", "-", "--" + type, "y"}, text);
    const auto again = run({"dump", "-", "--" + type, "y"}).out;
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 1);
    if (type != "queue") // whose items have new times
      BOOST_TEST(again == text);
    BOOST_TEST(out({type, "y", "count"}) == "1\n");
  }
}

BOOST_AUTO_TEST_CASE(a_bad_item_or_ctrl_c_leaves_everything_as_it_was) {
  out({"dict", "d", "set", "k", "1"});
  const auto bad = run({"load", "-", "--dict", "d"}, "{\"key\": \"a\", \"value\": 1}\noops\n");
  BOOST_TEST(bad.status == 3);
  BOOST_TEST(bad.complains("dict 'd': line 2: "), bad.err);
  BOOST_TEST(bad.err.ends_with("; nothing was loaded\n"), bad.err);

  running_cli load{on_db({"load", "-", "--dict", "d"})};
  load.write("{\"key\": \"a\", \"value\": 1}\n");
  load.press_ctrl_c();
  const auto r = load.wait();
  load.close_input();
  BOOST_TEST((r.status == 130 || r.status == -SIGINT)); // the latter before it has begun
  BOOST_TEST(out({"dict", "d", "keys"}) == "[\"k\"]\n");
}

BOOST_AUTO_TEST_CASE(wrong_usage_opens_nothing) {
  BOOST_TEST(run({"dump", "-"}).complains("exactly one of --dict, --docs"));
  BOOST_TEST(run({"load", "-", "--list", "a", "--log", "b"}).complains("exactly one of"));
  BOOST_TEST(run({"load", "-", "--list", ""}).complains("must not be empty"));
  BOOST_TEST(run({"load", "-", "--list", "l", "--format", "xml"}).complains("json or jsonl"));
  BOOST_TEST(run({"load", folder.file("none"), "--list", "l"}).complains("No such file"));
  BOOST_TEST(!std::filesystem::exists(db));
}

BOOST_AUTO_TEST_CASE(a_terminal_sees_how_far_it_is,
                     *boost::unit_test::precondition(has_terminals)) {
  std::string lines;
  for (int i = 0; i < 2'000; ++i)
    lines += std::to_string(i) + '\n';
  const auto path = folder.file("lines.jsonl");
  write_file(path, lines);
  const auto r = run_on_terminal(on_db({"load", path, "--list", "l"}));
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out.find(" rows/s") != std::string::npos);
  BOOST_TEST(r.out.find("loaded 2000 items") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
