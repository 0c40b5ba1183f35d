#include "run_cli.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(sketch_verbs, cli_fixture)

BOOST_AUTO_TEST_CASE(sets_are_worked_from_the_shell) {
  out({"sketch", "seen", "open", "--capacity", "1000", "--error_rate", "0.01"});
  out({"sketch", "seen", "add", "user-17"});
  out({"sketch", "seen", "put", "18"});
  out({"sketch", "seen", "add_many", R"(["a", "b", "a"])"});
  BOOST_TEST(out({"sketch", "seen", "contains", "user-17"}) == "true\n");
  const auto stranger = run({"sketch", "seen", "contains", "user-18"});
  BOOST_TEST(stranger.out == "false\n");
  BOOST_TEST(stranger.status == 1);
  BOOST_TEST(out({"sketch", "seen", "count"}) == "4\n");
  BOOST_TEST(out({"sketch", "seen"}).starts_with(R"({"kind": "approximate_set", "bytes": )"));
  out({"sketch", "more", "open", "--capacity", "1000"});
  out({"sketch", "more", "add", "b"});
  BOOST_TEST(out({"sketch", "seen", "compare", "more"})
             == R"({"in_either": 4, "in_both": 1})"
                "\n");
  out({"sketch", "more", "merge", "seen"});
  BOOST_TEST(out({"sketch", "more", "count"}) == "4\n");
  BOOST_TEST(out({"sketch"}) == "[\"more\", \"seen\"]\n");
  BOOST_TEST(out({"sketch", "more", "drop"}) == "true\n");
}

BOOST_AUTO_TEST_CASE(the_other_kinds_are_too) {
  out({"sketch", "pages", "open", "--kind", "top_k", "--capacity", "2"});
  for (const auto* page : {"/a", "/b", "/a"})
    out({"sketch", "pages", "add", page});
  out({"sketch", "pages", "add", "/c", "--times", "5"});
  BOOST_TEST(
    out({"sketch", "pages", "top"})
    == R"([{"item": "/c", "count": 5, "error": 0}, {"item": "/a", "count": 2, "error": 0}])"
       "\n");
  out({"sketch", "hits", "add", "/a", "--kind", "count_min"});
  BOOST_TEST(out({"sketch", "hits", "estimate", "/a"})
             == R"({"count": 1, "error": 1})"
                "\n");
  out({"sketch", "times", "add_many", "[1, 2, 3, 4]", "--kind", "quantiles"});
  BOOST_TEST(out({"sketch", "times", "quantiles", "[0.5, 1]"}) == "[2.0, 4.0]\n");
  BOOST_TEST(out({"sketch", "times", "ranks", "[3]"}) == "[0.75]\n");
}

BOOST_AUTO_TEST_CASE(bytes_go_out_and_come_back) {
  out({"sketch", "seen", "add", "a"});
  const auto bytes = out({"sketch", "seen", "dump"});
  BOOST_TEST(bytes.size() == 1'214'517u);
  out({"sketch", "other", "open"});
  out({"sketch", "other", "load", "-"}, bytes);
  BOOST_TEST(out({"sketch", "other", "contains", "a"}) == "true\n");
  BOOST_TEST(run({"sketch", "none", "dump"}).status == 1);
}

BOOST_AUTO_TEST_CASE(mistakes_are_told) {
  out({"sketch", "seen", "add", "a"});
  const auto refused = run({"sketch", "seen", "top"});
  BOOST_TEST(refused.status == 3);
  BOOST_TEST(refused.complains("which does not tell which items have come most"), refused.err);
  const auto other = run({"sketch", "seen", "open", "--kind", "top_k"});
  BOOST_TEST(other.complains("has other options"), other.err);
  BOOST_TEST(run({"sketch", "seen", "open", "--kind", "hyper"}).complains("kind must be one of"));
}

BOOST_AUTO_TEST_SUITE_END()
