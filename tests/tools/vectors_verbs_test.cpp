#include "beaver/api/database.hpp"
#include "run_cli.hpp"
#include "support/machine.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(vectors_verbs, cli_fixture)

BOOST_AUTO_TEST_CASE(vectors_are_worked_from_the_shell) {
  out({"vectors", "places", "set", "east", "[1, 0]", "--metadata", R"({"year": 1})"});
  out({"vectors", "places", "set", "north", "-"}, "[0, 1]");
  out({"vectors", "places", "set_many", R"([{"id": "west", "vector": [-1, 0]}])"});
  BOOST_TEST(out({"vectors", "places", "near", "[2, 0.1]", "--by", "inner_product", "--k", "1"})
             == R"({"hits": [{"id": "east", "score": -2.0, "metadata": {"year": 1}}], )"
                R"("how": "linear", "exact": true})"
                "\n");
  BOOST_TEST(out({"vectors", "places", "search", "[0, 3]", "--by", "euclid", "--k", "1"})
             == R"({"hits": [{"id": "north", "score": 2.0}], "how": "linear", "exact": true})"
                "\n");
  BOOST_TEST(out({"vectors", "places", "near", "[-1, 0]", "--where", "year=1"})
               .starts_with(R"({"hits": [{"id": "east", "score": 0.9999)"));
  BOOST_TEST(out({"vectors", "places", "find", "west"}) == "{\"vector\": [-1.0, 0.0]}\n");
  BOOST_TEST(run({"vectors", "places", "find", "south"}).status == 1);
  BOOST_TEST(out({"vectors", "places", "create_index", "year"}) == "true\n");
  BOOST_TEST(out({"vectors", "places", "reindex"}) == "indexed 3 rows\n");
  BOOST_TEST(out({"vectors"}) == "[\"places\"]\n");
  BOOST_TEST(
    out({"vectors", "places"}).starts_with("{\"vectors\": 3, \"bytes\": 35, \"dims\": 2, "));
}

BOOST_AUTO_TEST_CASE(mistakes_are_told) {
  out({"vectors", "places", "set", "east", "[1, 0]"});
  const auto refuses = [&](const std::vector<std::string>& words, std::string_view why) {
    const auto r = run(words);
    BOOST_TEST(r.status == 2);
    BOOST_TEST(r.complains(why), r.err);
  };
  refuses({"vectors", "places", "near", "1, 0"}, "vector is not JSON");
  refuses({"vectors", "places", "near", "[1, \"0\"]"}, "vector[1] must be a number");
  refuses({"vectors", "places", "configure", "--how", "fast"},
          "how must be one of automatic, linear, lsh, hnsw");
  refuses({"vectors", "places", "configure", "--by", "manhattan", "--how", "lsh"},
          "cannot do the manhattan metric");
  const auto longer = run({"vectors", "places", "near", "[1, 0, 2]"});
  BOOST_TEST(longer.status == 3);
  BOOST_TEST(longer.complains("a vector of 3 numbers, where 2 are wanted"));
}

BOOST_AUTO_TEST_CASE(compact_tells_what_the_snapshot_holds) {
  out({"vectors", "places", "set", "east", "[1, 0]"});
  const auto report = out({"vectors", "places", "compact"});
  BOOST_TEST(report.starts_with("{\"vectors\": 1, \"bytes\": "), report);
  BOOST_TEST(report.find(", \"how\": \"linear\", \"seconds\": ") != report.npos, report);
  const auto info = out({"vectors", "places", "info"});
  BOOST_TEST(info.find("\"snapshot_bytes\": 0") == info.npos, info);
  const auto none = run({"vectors", "none", "compact"});
  BOOST_TEST(none.status == 3);
  BOOST_TEST(none.complains("hold nothing to compact"));
}

/// Vectors of which 256 are a chunk of a snapshot, with a pause behind each.
void store_many(const std::string& db, std::size_t count) {
  constexpr std::size_t dims = 256;
  std::mt19937_64 engine{1};
  std::uniform_real_distribution<float> uniform{-1, 1};
  std::vector<float> rows(count * dims);
  for (auto& x : rows)
    x = uniform(engine);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i)
    ids.push_back(std::to_string(i));
  beaver::database file{db};
  file.vectors("v", {.how = beaver::vectors_strategy::lsh}).set_many(ids, rows);
}

BOOST_AUTO_TEST_CASE(ctrl_c_withdraws_a_compaction_and_leaves_everything_as_it_was) {
  store_many(db, 40'000); // takes much longer than a look at Ctrl-C
  running_cli compact{on_db({"vectors", "v", "compact"})};
  {
    raw_file file{db};
    while (file.integer("SELECT count(*) FROM __beaver_vector_snapshots__") == 0)
      std::this_thread::yield();
  }
  compact.press_ctrl_c();
  const auto r = compact.finish();
  BOOST_TEST(r.status == 130);
  BOOST_TEST(r.out == "");
  BOOST_TEST(r.err == "beaver: interrupted; vectors 'v' are searched as before\n");
  const auto info = out({"vectors", "v"});
  BOOST_TEST(info.find("\"snapshot_bytes\": 0") != info.npos, info);
  BOOST_TEST(info.find("\"vectors\": 40000") != info.npos, info);
}

BOOST_AUTO_TEST_CASE(a_terminal_sees_how_far_a_compaction_has_come,
                     *boost::unit_test::precondition(has_terminals)) {
  store_many(db, 10'000);
  const auto r = run_on_terminal(on_db({"vectors", "v", "compact", "--raw"}));
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out.find("%") != r.out.npos, r.out);
  const auto end_of_bar = r.out.rfind("\x1b[K");
  BOOST_TEST_REQUIRE(end_of_bar != std::string::npos);
  BOOST_TEST(r.out.substr(end_of_bar).find("{\"vectors\": 10000") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
