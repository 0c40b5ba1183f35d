#include "beaver/storage/log_table.hpp"

#include "log_support.hpp"
#include "support/failure.hpp"
#include "support/filter_oracle.hpp"
#include "support/settings.hpp"

#include <algorithm>

using namespace beaver;
using namespace beaver::test;

namespace {

json_text at_least(int n) {
  return json_text{R"({"path": "n", "operator": ">=", "value": )" + std::to_string(n) + "}"};
}

struct fixture : log_fixture {
  /// Entries {"n": 0} to {"n": count - 1} at the times 0, 1, ...
  void fill(int count) {
    for (int i = 0; i < count; ++i)
      append("{\"n\": " + std::to_string(i) + '}', i);
  }
  std::vector<double> times(const log_page& page) {
    std::vector<double> result;
    for (const auto& e : log_table::range(c(), "l", page))
      result.push_back(e.timestamp);
    return result;
  }
};

using times_type = std::vector<double>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_table_filters, fixture)

BOOST_AUTO_TEST_CASE(limit_offset_and_bytes_count_what_matches) {
  fill(10);
  BOOST_TEST((times({.where = at_least(4), .limit = 3}) == times_type{4, 5, 6}));
  BOOST_TEST((times({.where = at_least(4), .limit = 2, .offset = 2}) == times_type{6, 7}));
  BOOST_TEST((times({.where = at_least(4), .order = sort_order::desc, .limit = 2, .after = 8})
              == times_type{7, 6}));
  BOOST_TEST((times({.start = 2, .end = 5, .where = at_least(4)}) == times_type{4, 5}));
  BOOST_TEST((times({.where = at_least(4), .max_bytes = 17}) == times_type{4, 5}));
  BOOST_TEST((times({.where = at_least(4), .max_bytes = 0}) == times_type{}));
  BOOST_TEST((times({.where = at_least(4), .limit = 0}).empty()));
  BOOST_TEST((times({.where = at_least(10)}).empty()));
}

BOOST_AUTO_TEST_CASE(counts_and_ends_are_of_what_matches) {
  fill(10);
  BOOST_TEST(log_table::count(c(), "l", {}, {}, at_least(4)) == 6u);
  BOOST_TEST(log_table::count(c(), "l", 2, 5, at_least(4)) == 2u);
  const auto tail = log_table::tail(
    c(), "l", 2, json_text{R"({"not": [)" + std::string{at_least(4).text()} + "]}"});
  BOOST_TEST((texts_of(tail) == timed_texts{{2, R"({"n": 2})"}, {3, R"({"n": 3})"}}));
}

BOOST_AUTO_TEST_CASE(erasing_takes_what_matches_within_the_bounds) {
  fill(10);
  BOOST_TEST(log_table::erase(c(), "l", 5, {}, at_least(4)) == 1u);
  BOOST_TEST(log_table::erase(c(), "l", {}, 2, at_least(6)) == 2u);
  BOOST_TEST((times({}) == times_type{0, 1, 2, 3, 5, 8, 9}));
  BOOST_TEST(log_table::erase(c(), "l", {}, {}, at_least(3)) == 4u);
  BOOST_TEST((times({}) == times_type{0, 1, 2}));
}

BOOST_AUTO_TEST_CASE(more_are_erased_than_are_held_at_once) {
  write([&] { fill(3'500); });
  const auto odd_ends =
    json_text{R"({"not": {"path": "n", "operator": "in", "value": [7, 2999]}})"};
  BOOST_TEST(log_table::erase(c(), "l", 3'000, {}, odd_ends) == 2'998u);
  BOOST_TEST((times({.end = 3'001}) == times_type{7, 2'999, 3'000, 3'001}));
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_not_json_is_named_where_it_is_looked_at) {
  fill(2);
  append("{", 1.5);
  const auto refused = outcome_of([&] { (void)times({.where = at_least(0)}); });
  BOOST_TEST(refused.is(errc::corrupt));
  BOOST_TEST(refused.says("log 'l': the entry of 1.5 is not JSON"));
  BOOST_TEST((times({.where = at_least(0), .limit = 2}) == times_type{0, 1}));
  BOOST_TEST((times({.end = 1, .where = at_least(0)}) == times_type{0, 1}));
}

BOOST_AUTO_TEST_CASE(a_bad_filter_is_refused) {
  BOOST_TEST(
    outcome_of([&] { (void)times({.where = json_text{"{}"}}); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_SUITE_END()
