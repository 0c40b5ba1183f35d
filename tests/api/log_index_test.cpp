#include "beaver/api/log.hpp"

#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

using namespace beaver;
using namespace beaver::test;

namespace {

struct index_fixture {
  open_database opened;
  database& db = opened.db;
  beaver::log<int> l = db.log<int>("l");

  void fill(int n) {
    std::vector<int> all(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i)
      all[static_cast<std::size_t>(i)] = i;
    l.append_many(all);
  }

  /// Another program.
  void run_elsewhere(const char* sql) {
    sqlite3* other = nullptr;
    BOOST_REQUIRE(sqlite3_open(opened.folder.file().c_str(), &other) == SQLITE_OK);
    sqlite3_busy_timeout(other, 10'000);
    BOOST_TEST(sqlite3_exec(other, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(other);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_index_calls, index_fixture)

BOOST_AUTO_TEST_CASE(an_index_is_made_filled_used_and_dropped) {
  fill(10'000);
  BOOST_TEST(l.create_index("."));
  BOOST_TEST(!l.create_index("."));
  BOOST_TEST(l.explain(field(".") == 7).scanned);
  std::vector<std::uint64_t> steps;
  BOOST_TEST(l.reindex({}, [&](std::uint64_t n) { steps.push_back(n); }) == 10'000u);
  BOOST_TEST((steps == std::vector<std::uint64_t>{4'096, 8'192, 10'000}));
  const auto plan = l.explain(field(".") == 7);
  BOOST_TEST((plan.indexed == std::vector<std::string>{"."}));
  BOOST_TEST((!plan.scanned && plan.estimated_rows == 1 && plan.dirty == 0));
  BOOST_TEST(l.range({.where = field(".") == 7}).at(0).data == 7);
  BOOST_TEST(l.count(field(".") < 100 && field(".") != 7) == 99u);
  BOOST_TEST((l.aggregate({.where = field(".") < 100, .field = "."}).at(0).max == 99.0));
  const auto list = l.indexes();
  BOOST_REQUIRE_EQUAL(list.size(), 1u);
  BOOST_TEST((list[0].field == "." && list[0].complete && list[0].entries == 10'000));
  BOOST_TEST(l.drop_index("."));
  BOOST_TEST(!l.drop_index("."));
  BOOST_TEST(l.explain(field(".") == 7).scanned);
}

BOOST_AUTO_TEST_CASE(a_stopped_reindex_goes_on_where_it_was) {
  fill(10'000);
  l.create_index(".");
  std::stop_source stop;
  const auto stopped = outcome_of([&] {
    l.reindex(
      {}, [&](std::uint64_t) { stop.request_stop(); }, stop.get_token());
  });
  BOOST_TEST(stopped.is(errc::cancelled));
  BOOST_TEST(l.explain(field(".") == 7).scanned);
  l.append(-5);
  BOOST_TEST(l.reindex() == 10'001u - 4'096);
  BOOST_TEST(!l.explain(field(".") == 7).scanned);
  BOOST_TEST(l.range({.where = field(".") < 1}).size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_another_program_writes_is_found) {
  l.create_index(".");
  fill(1'000);
  run_elsewhere("INSERT INTO __beaver_logs__ VALUES ('l', 5, '-1'); "
                "UPDATE __beaver_logs__ SET data = '-2' WHERE data = '500'");
  BOOST_TEST(l.explain(field(".") < 0).dirty == 2u);
  BOOST_TEST(l.count(field(".") < 0) == 2u);
  BOOST_TEST(l.count(field(".") == 500) == 0u);
  l.append(7);
  BOOST_TEST(l.explain(field(".") < 0).dirty == 0u);
  BOOST_TEST(l.count(field(".") < 0) == 2u);
  BOOST_TEST(l.reindex(".") == 0u);
}

BOOST_AUTO_TEST_CASE(batches_and_transactions_keep_the_index, *in_this_process()) {
  l.create_index(".");
  fill(100);
  auto batch = l.batched();
  for (int i = 0; i < 100; ++i)
    batch.append(1'000 + i);
  batch.erase_where(field(".") == 50);
  batch.commit();
  db.transaction([](beaver::transaction& tx) {
    auto inside = tx.log<int>("l");
    inside.append(-1);
    BOOST_TEST(inside.count(field(".") == -1) == 1u);
    BOOST_TEST(!inside.explain(field(".") == -1).scanned);
  });
  BOOST_TEST(outcome_of([&] {
               db.transaction([](beaver::transaction& tx) {
                 tx.log<int>("l").append(-2);
                 throw error(errc::cancelled, "undo");
               });
             }).is(errc::cancelled));
  BOOST_TEST(l.count(field(".").in({-2, -1, 50, 1'050})) == 2u);
  BOOST_TEST(l.indexes().at(0).entries == 200u);
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused) {
  const auto text = [](auto call) { return outcome_of(call).text; };
  BOOST_TEST(text([&] { l.create_index("a..b"); }).starts_with("field: path 'a..b'"));
  BOOST_TEST(text([&] { l.reindex("x"); }).starts_with("log 'l' has no index of the field 'x'"));
  BOOST_TEST(text([&] {
               call(*db.style().to, log_reindex{"l", {}, 0});
             })
             == "limit must be an integer > 0");
  BOOST_TEST(text([&] { (void)l.explain(filter{json_text{"{}"}}); }) == "where[0].path is missing");
}

BOOST_AUTO_TEST_SUITE_END()
