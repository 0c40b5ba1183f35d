#include "beaver/storage/dict_table.hpp"

#include "key_range_oracle.hpp"
#include "support/failure.hpp"
#include "table_fixture.hpp"

#include <boost/test/data/test_case.hpp>
#include <ostream>
#include <tuple>

using namespace beaver;
using namespace beaver::test;
namespace data = boost::unit_test::data;

namespace {

constexpr unix_seconds now = 1000;

json_text json_of(std::string_view text) { return json_text{text}; }

struct addition {
  const char* stored;
  const char* by;
  const char* sum;

  friend std::ostream& operator<<(std::ostream& out, const addition& a) {
    return out << a.stored << " + " << a.by;
  }
};

struct fixture : table_fixture {
  void set(std::string_view key, std::string_view value, std::optional<unix_seconds> expiry = {}) {
    dict_table::set(c(), "d", key, json_of(value), expiry);
  }
  std::optional<std::string> find(std::string_view key, unix_seconds at = now) {
    return text_of(dict_table::find(c(), "d", key, at));
  }
  std::string increment(std::string_view key, std::string_view by) {
    return std::string{dict_table::increment(c(), "d", key, json_of(by), now).text()};
  }
  std::int64_t rows() { return c().integer("SELECT count(*) FROM __beaver_dicts__"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dict_table_suite, fixture)

BOOST_AUTO_TEST_CASE(a_value_is_found_as_it_was_stored) {
  write([&] { set("k", R"({"a":1})"); });
  BOOST_TEST((find("k") == R"({"a":1})"));
  BOOST_TEST(!find("K"));
  BOOST_TEST(!dict_table::find(c(), "other", "k", now));
  BOOST_TEST(dict_table::contains(c(), "d", "k", now));
  BOOST_TEST(!dict_table::contains(c(), "d", "", now));
}

BOOST_AUTO_TEST_CASE(setting_again_replaces_value_and_expiry) {
  set("k", "1", now + 5);
  set("k", "2");
  BOOST_TEST((find("k", now + 50) == "2"));
  BOOST_TEST(rows() == 1);
}

BOOST_AUTO_TEST_CASE(an_entry_is_absent_for_every_read_from_the_moment_it_expires) {
  set("k", "1", now);
  set("later", "2", now + 0.001);
  BOOST_TEST(!find("k"));
  BOOST_TEST(!dict_table::contains(c(), "d", "k", now));
  BOOST_TEST(dict_table::count(c(), "d", {}, now) == 1u);
  BOOST_TEST(dict_table::count(c(), "d", "k", now) == 0u);
  BOOST_TEST((dict_table::keys(c(), "d", {}, now) == std::vector<std::string>{"later"}));
  BOOST_TEST(dict_table::values(c(), "d", {}, now).size() == 1u);
  BOOST_TEST(dict_table::items(c(), "d", {}, now).at(0).key == "later");
  BOOST_TEST(!dict_table::ttl(c(), "d", "k", now));
  BOOST_TEST(!dict_table::touch(c(), "d", "k", now + 9, now));
  BOOST_TEST(!dict_table::persist(c(), "d", "k", now));
  BOOST_TEST(!dict_table::compare_and_set(c(), "d", "k", json_of("3"), json_of("1"), {}, now));
  BOOST_TEST(!find("k"));
  BOOST_TEST(dict_table::names(c(), now + 1).empty());
}

BOOST_AUTO_TEST_CASE(erase_and_pop_take_an_expired_row_away_but_say_there_was_none) {
  set("a", "1", now);
  set("b", "2", now);
  BOOST_TEST(!dict_table::erase(c(), "d", "a", now));
  BOOST_TEST(!dict_table::pop(c(), "d", "b", now));
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_CASE(erase_and_pop_take_an_entry_once) {
  set("a", "1");
  set("b", "2", now + 1);
  BOOST_TEST(dict_table::erase(c(), "d", "a", now));
  BOOST_TEST(!dict_table::erase(c(), "d", "a", now));
  BOOST_TEST((text_of(dict_table::pop(c(), "d", "b", now)) == "2"));
  BOOST_TEST(!dict_table::pop(c(), "d", "b", now));
}

BOOST_AUTO_TEST_CASE(pages_follow_each_other_in_both_orders) {
  for (const char* key : {"a1", "a2", "a3", "b1"})
    set(key, "0");
  const auto page = [&](const key_range& range) { return dict_table::keys(c(), "d", range, now); };
  using keys = std::vector<std::string>;
  BOOST_TEST((page({.prefix = "a", .limit = 2}) == (keys{"a1", "a2"})));
  BOOST_TEST((page({.prefix = "a", .after = "a2", .limit = 2}) == (keys{"a3"})));
  BOOST_TEST((page({.descending = true, .limit = 2}) == (keys{"b1", "a3"})));
  BOOST_TEST((page({.after = "a3", .descending = true}) == (keys{"a2", "a1"})));
  BOOST_TEST((page({.from = "a2", .to = "b1"}) == (keys{"a2", "a3"})));
  BOOST_TEST(page({.limit = 0}).empty());
  BOOST_TEST(page({.from = "b", .to = "a"}).empty());
}

BOOST_AUTO_TEST_CASE(a_page_ends_with_the_entry_that_fills_it) {
  for (const char* key : {"a1", "a2", "a3", "b1"})
    set(key, "12345678");
  const auto sizes = [&](std::uint64_t most) {
    const key_range range{.max_bytes = most};
    return std::vector{dict_table::keys(c(), "d", range, now).size(),
                       dict_table::values(c(), "d", range, now).size(),
                       dict_table::items(c(), "d", range, now).size()};
  };
  using counts = std::vector<std::size_t>;
  BOOST_TEST((sizes(0) == counts{1, 1, 1})); // or nobody would get on
  BOOST_TEST((sizes(2) == counts{1, 1, 1}));
  BOOST_TEST((sizes(10) == counts{4, 2, 1}));
  BOOST_TEST((sizes(11) == counts{4, 2, 2}));
  BOOST_TEST((sizes(1'000) == counts{4, 4, 4}));
}

// clang-format off
const auto additions = data::make(std::vector<addition>{
  {"1", "2", "3"}, {"-1", "1", "0"}, {" 41\n", "1", "42"}, {"1", "0.5", "1.5"}, {"1.0", "1", "2.0"},
  {"0.1", "0.2", "0.30000000000000004"}, {"1e3", "1", "1001.0"}, {"9223372036854775806", "1", "9223372036854775807"},
  {"-9223372036854775807", "-1", "-9223372036854775808"}, {"1e-400", "1", "1.0"}, {"5e-324", "0.0", "5e-324"},
  {"12345678901234567890", "1.0", "refused"}, {"9223372036854775807", "1", "refused"}, {"-9223372036854775808", "-1", "refused"},
  {"1.7e308", "1.7e308", "refused"}, {"1e400", "1", "refused"}, {"1", "1e400", "refused"}, {"1", "9223372036854775808", "refused"},
  {"1", "\"1\"", "refused"}, {"1", "01", "refused"}, {"1", "+1", "refused"}, {"1", "1.", "refused"}, {"1", ".5", "refused"},
  {"1", "1e", "refused"}, {"1", "", "refused"}, {"1", "inf", "refused"}, {"1", "0x10", "refused"}, {"1", "-", "refused"},
  {"\"1\"", "1", "no number"}, {"[1]", "1", "no number"}, {"null", "1", "no number"}, {"true", "1", "no number"},
  {"NaN", "1", "no number"}, {"-Infinity", "1", "no number"}});
// clang-format on

BOOST_DATA_TEST_CASE(increment_adds_integers_exactly_and_the_rest_as_double, additions, add) {
  set("n", add.stored, now + 7);
  std::string outcome;
  try {
    outcome = increment("n", add.by);
    BOOST_TEST((find("n") == outcome));
  } catch (const error& e) {
    outcome = e.code() == errc::type_mismatch      ? "no number"
              : e.code() == errc::invalid_argument ? "refused"
                                                   : e.what();
    BOOST_TEST((find("n") == add.stored)); // nothing was written
  }
  BOOST_TEST(outcome == add.sum);
  BOOST_TEST(!find("n", now + 7)); // the expiry stayed
}

BOOST_AUTO_TEST_CASE(increment_starts_an_absent_or_expired_number_at_zero_without_expiry) {
  set("old", "40", now);
  BOOST_TEST(increment("old", "2") == "2");
  BOOST_TEST(increment("new", "2.0") == "2.0");
  BOOST_TEST((find("old", now + 1e6) == "2"));
  BOOST_TEST(dict_table::increment(c(), "d", "n", json_of("1"), now).normal());
}

BOOST_AUTO_TEST_CASE(set_if_absent_stores_over_nothing_but_what_expired) {
  const auto attempt = [&](std::string_view value, std::optional<unix_seconds> expiry) {
    return dict_table::set_if_absent(c(), "d", "k", json_of(value), expiry, now);
  };
  BOOST_TEST(attempt("1", now)); // expired at once
  BOOST_TEST(attempt("2", now + 1));
  BOOST_TEST(!attempt("3", {}));
  BOOST_TEST((find("k") == "2"));
  BOOST_TEST(!find("k", now + 1));
}

BOOST_AUTO_TEST_CASE(compare_and_set_compares_values_not_spellings) {
  const auto swap = [&](std::string_view value, const std::optional<json_text>& expected) {
    return dict_table::compare_and_set(c(), "d", "k", json_of(value), expected, {}, now);
  };
  BOOST_TEST(!swap("1", json_of("0")));
  BOOST_TEST(swap(R"({"é":[1,2.50]})", std::nullopt)); // as another program may store it
  BOOST_TEST(!swap("1", std::nullopt));
  BOOST_TEST(!swap("1", json_of(R"({"é":[1,2.51]})")));
  BOOST_TEST(swap("NaN", json_of(R"({"\u00e9": [1, 2.5]})")));
  BOOST_TEST(!swap("1", json_of("null")));
  BOOST_TEST(outcome_of([&] { swap("1", json_of("{")); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_lifetime_can_be_given_asked_and_taken_away) {
  set("k", "1");
  BOOST_TEST(!dict_table::ttl(c(), "d", "k", now)->ttl_seconds);
  BOOST_TEST(dict_table::touch(c(), "d", "k", now + 10, now));
  BOOST_TEST(*dict_table::ttl(c(), "d", "k", now + 4)->ttl_seconds == 6.0);
  BOOST_TEST(dict_table::persist(c(), "d", "k", now + 9));
  BOOST_TEST(!dict_table::ttl(c(), "d", "k", now + 99)->ttl_seconds);
  BOOST_TEST((find("k") == "1"));
  BOOST_TEST(!dict_table::touch(c(), "d", "x", now + 10, now));
  BOOST_TEST(!dict_table::persist(c(), "d", "x", now));
  BOOST_TEST(!dict_table::ttl(c(), "d", "x", now));
}

BOOST_AUTO_TEST_CASE(a_sweep_removes_what_expired_and_says_when_to_come_back) {
  set("a", "1", now - 1);
  set("b", "1", now);
  set("c", "1", now + 5);
  set("d", "1");
  dict_table::set(c(), "e", "x", json_of("1"), now - 2);
  auto swept = dict_table::sweep(c(), "d", now, 1);
  BOOST_TEST(swept.removed == 1u);
  BOOST_TEST(*swept.next_expiry <= now);
  swept = dict_table::sweep(c(), "d", now, 100);
  BOOST_TEST(swept.removed == 1u);
  BOOST_TEST(*swept.next_expiry == now + 5);
  swept = dict_table::sweep(c(), std::nullopt, now, ~std::uint64_t{0});
  BOOST_TEST(swept.removed == 1u); // the one of the other dict
  swept = dict_table::sweep(c(), std::nullopt, now + 5, 100);
  BOOST_TEST(swept.removed == 1u);
  BOOST_TEST(!swept.next_expiry);
  BOOST_TEST((find("d") == "1"));
}

BOOST_AUTO_TEST_CASE(a_summary_counts_bytes_and_expiries) {
  set("é", "\"é\"", now + 1);
  set("b", "22", now);
  set("c", "333");
  const auto sum = dict_table::info(c(), "d", now);
  BOOST_TEST(sum.entries == 2u);
  BOOST_TEST(sum.expired == 1u);
  BOOST_TEST(sum.with_expiry == 1u);
  BOOST_TEST(sum.bytes == 2u + 4 + 1 + 2 + 1 + 3);
  const auto none = dict_table::info(c(), "none", now);
  BOOST_TEST(none.entries + none.expired + none.with_expiry + none.bytes == 0u);
}

BOOST_AUTO_TEST_CASE(names_are_of_dicts_with_entries_and_clear_empties_only_one) {
  for (const char* name : {"b", "a", "é", "gone"})
    dict_table::set(c(), name, "k", json_of("1"),
                    name == std::string_view{"gone"} ? std::optional{now} : std::nullopt);
  dict_table::set(c(), "a", "l", json_of("1"), {});
  BOOST_TEST((dict_table::names(c(), now) == (std::vector<std::string>{"a", "b", "é"})));
  BOOST_TEST(dict_table::clear(c(), "a") == 2u);
  BOOST_TEST((dict_table::names(c(), now) == (std::vector<std::string>{"b", "é"})));
}

BOOST_AUTO_TEST_CASE(names_and_keys_that_are_blobs_are_passed_over) {
  set("k", "1");
  c().prepare("INSERT INTO __beaver_dicts__(dict_name, key, value) VALUES(x'64', 'k', '2')").run();
  c().prepare("INSERT INTO __beaver_dicts__(dict_name, key, value) VALUES('d', x'6b', '3')").run();
  BOOST_TEST((dict_table::names(c(), now) == std::vector<std::string>{"d"}));
  BOOST_TEST((dict_table::keys(c(), "d", {}, now) == std::vector<std::string>{"k"}));
}

BOOST_AUTO_TEST_CASE(every_statement_searches_an_index_and_none_sorts) {
  set("k", "1", now + 1);
  find("k");
  for (const bool down : {false, true}) {
    std::ignore = dict_table::keys(c(), "d", {.prefix = "k", .descending = down}, now);
    std::ignore = dict_table::values(c(), "d", {.descending = down}, now);
    std::ignore = dict_table::items(c(), "d", {.after = "a", .descending = down}, now);
  }
  std::ignore = dict_table::count(c(), "d", "k", now);
  increment("k", "1");
  dict_table::compare_and_set(c(), "d", "k", json_of("1"), {}, {}, now);
  dict_table::touch(c(), "d", "k", now + 1, now);
  dict_table::persist(c(), "d", "k", now);
  std::ignore = dict_table::ttl(c(), "d", "k", now);
  std::ignore = dict_table::info(c(), "d", now);
  std::ignore = dict_table::names(c(), now);
  dict_table::sweep(c(), "d", now, 1);
  dict_table::sweep(c(), {}, now, 1);
  dict_table::pop(c(), "d", "k", now);
  dict_table::erase(c(), "d", "k", now);
  dict_table::clear(c(), "d");
  int listings = 0;
  int counts_of_due = 0;
  for (const auto& plan : plans("__beaver_dicts__")) {
    BOOST_TEST(plan.find("SCAN __beaver") == std::string::npos, plan);
    BOOST_TEST(plan.find("TEMP B-TREE") == std::string::npos, plan);
    if (plan.find("ORDER BY key") != std::string::npos) {
      ++listings;
      BOOST_TEST(plan.find("(dict_name=? AND key>? AND key<?)") != std::string::npos, plan);
    }
    if (plan.find("+dict_name") != std::string::npos)
      counts_of_due += plan.find("__beaver_dicts_expiry__ (expires_at") != std::string::npos;
  }
  BOOST_TEST(listings == 6);
  BOOST_TEST(counts_of_due == 1);
}

BOOST_AUTO_TEST_SUITE_END()
