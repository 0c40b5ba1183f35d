#include "beaver/api/log.hpp"

#include "support/open_database.hpp"

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

using function = aggregate_function;

struct call_record {
  std::string path;
  int ms;
};
BOOST_DESCRIBE_STRUCT(call_record, (), (path, ms))

struct aggregate_fixture {
  open_database opened;
  database& db = opened.db;
  beaver::log<call_record> calls = db.log<call_record>("calls");

  /// Ten minutes with a call each.
  aggregate_fixture() {
    for (int i = 0; i < 10; ++i)
      calls.append({i % 2 ? "/odd" : "/even", i * 10}, 60.0 * i);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_aggregates, aggregate_fixture)

BOOST_AUTO_TEST_CASE(a_whole_log_has_one_row) {
  const auto rows = calls.aggregate({.field = "ms"});
  BOOST_REQUIRE_EQUAL(rows.size(), 1u);
  const auto& all = rows[0];
  BOOST_TEST(all.count == 10u);
  BOOST_TEST((all.sum == 450.0 && all.min == 0.0 && all.max == 90.0 && all.avg == 45.0));
  BOOST_TEST(*all.stddev == 30.2765, boost::test_tools::tolerance(1e-5));
  BOOST_TEST((!all.group && !all.bucket && !all.p50 && !all.distinct));
  BOOST_TEST(calls.aggregate({}).at(0).count == 10u);
  BOOST_TEST(db.log("none").aggregate({}).at(0).count == 0u);
}

BOOST_AUTO_TEST_CASE(rows_come_by_bucket_then_by_group) {
  using namespace std::chrono_literals;
  const auto rows = calls.aggregate({.start = 60,
                                     .end = 480,
                                     .where = field("ms") != 50,
                                     .field = "ms",
                                     .functions = {function::sum, function::distinct},
                                     .group_by = "path",
                                     .bucket = 5min});
  std::string seen;
  for (const auto& row : rows)
    seen += std::to_string(static_cast<int>(*row.bucket)) + std::string{row.group->text()}
            + std::to_string(row.count) + ':' + std::to_string(static_cast<int>(*row.sum)) + ' ';
  BOOST_TEST(seen == R"(0"/even"2:60 0"/odd"2:40 300"/even"2:140 300"/odd"1:70 )");
  BOOST_TEST((rows[0].distinct == 2u && !rows[0].avg));
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused_by_member) {
  const auto refused = [&](log_aggregation what) {
    return outcome_of([&] { (void)calls.aggregate(std::move(what)); }).text;
  };
  BOOST_TEST(refused({.field = "a..b"}).starts_with("field: path 'a..b'"));
  BOOST_TEST(refused({.functions = {function::p50}}).starts_with("field must be given"));
  BOOST_TEST(refused({.bucket = std::chrono::seconds{0}}) == "bucket must be a number > 0");
  BOOST_TEST(refused({.start = HUGE_VAL}) == "start must be a finite number");
  BOOST_TEST(refused({.where = filter{json_text{"{}"}}}) == "where[0].path is missing");
}

BOOST_AUTO_TEST_CASE(snapshots_and_futures_can_aggregate, *in_this_process()) {
  const auto before = db.snapshot();
  calls.append({"/new", 1'000'000}, 10'000);
  BOOST_TEST((before.log("calls").aggregate({.field = "ms"}).at(0).max == 90.0));
  BOOST_TEST((db.async().log("calls").aggregate({.field = "ms"}).get().value().at(0).max == 1e6));
}

BOOST_AUTO_TEST_SUITE_END()
