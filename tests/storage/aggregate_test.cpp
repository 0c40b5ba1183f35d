#include "beaver/storage/aggregation.hpp"

#include "support/failure.hpp"
#include "support/json_tree.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

using function = aggregate_function;
using rational = boost::multiprecision::cpp_rational;

const std::vector<function> everything{
  function::count,  function::sum, function::min, function::max, function::avg,
  function::stddev, function::p50, function::p90, function::p99, function::distinct};

aggregate_values over(const std::vector<std::string>& values) {
  accumulator a{aggregate_set{everything}};
  for (const auto& v : values)
    a.add(v);
  return a.values();
}

aggregation of_x(std::vector<function> functions = everything) {
  return {.field = "x", .functions = std::move(functions)};
}

std::string group_of(const aggregate_row& row) {
  return row.group ? std::string{row.group->text()} : "none";
}

/// Whether `text` is the value, in any spelling of numbers.
bool is_named(const json_tree& value, std::string_view text) {
  if (!value.is_number())
    return text == value.normal();
  if (text.find_first_not_of("-0123456789.e+") != text.npos)
    return false;
  const std::string number{text};
  return value.number()
         == (number.find_first_of(".e") == number.npos
               ? rational{boost::multiprecision::cpp_int{number}}
               : rational{std::strtod(number.c_str(), nullptr)});
}

void refuses(const aggregation& what, const std::string& words) {
  const auto result = outcome_of([&] { aggregator{what}; });
  BOOST_TEST(result.is(errc::invalid_argument));
  BOOST_TEST(result.says(words), result.text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(aggregates)

BOOST_AUTO_TEST_CASE(functions_have_their_usual_values) {
  const auto v = over({"4", "1.0", "3", "2", "2.0"});
  BOOST_TEST(v.count == 5u);
  BOOST_TEST((v.sum == 12.0 && v.min == 1.0 && v.max == 4.0 && v.avg == 2.4));
  BOOST_TEST(*v.stddev == std::sqrt(5.2 / 4), boost::test_tools::tolerance(1e-15));
  BOOST_TEST(*v.p50 == 2);
  BOOST_TEST(*v.p90 == 3.6, boost::test_tools::tolerance(1e-15)); // as numpy.percentile
  BOOST_TEST(*v.p99 == 3.96, boost::test_tools::tolerance(1e-15));
  BOOST_TEST((v.distinct == 4u));
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_counted_and_may_be_distinct_and_nothing_else) {
  const auto v = over({"\"a\"", "\"\\u0061\"", "null", "true", "[1]", "[1 ]", "NaN",
                       "1" + std::string(400, '0'), "Infinity"});
  BOOST_TEST(v.count == 9u);
  BOOST_TEST((v.distinct == 5u)); // the long integer too
  BOOST_TEST((!v.sum && !v.min && !v.max && !v.avg && !v.stddev && !v.p50));
  const auto one = over({"7", "\"x\""});
  BOOST_TEST((one.sum == 7.0 && one.p99 == 7.0 && !one.stddev));
  const auto none = over({});
  BOOST_TEST((none.count == 0u && none.distinct == 0u && !none.sum));
}

BOOST_AUTO_TEST_CASE(only_what_was_asked_for_is_there) {
  accumulator cheap{aggregate_set{}};
  cheap.add("1");
  cheap.add("2");
  const auto v = cheap.values();
  BOOST_TEST((v.sum && v.min && v.max && v.avg && v.stddev));
  BOOST_TEST((!v.p50 && !v.p90 && !v.p99 && !v.distinct));
  const std::vector<function> some{function::p90};
  accumulator one{aggregate_set{some}};
  one.add("1");
  const auto w = one.values();
  BOOST_TEST((w.p90 == 1.0 && w.count == 1u && !w.sum && !w.p50 && !w.distinct));
}

BOOST_AUTO_TEST_CASE(sums_do_not_lose_what_is_small) {
  std::vector<std::string> values{"1e100", "1"};
  values.insert(values.end(), 10'000, "0.1");
  values.push_back("-1e100");
  BOOST_TEST(*over(values).sum == 1'001.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(*over({"1e308", "1e308"}).avg == 1e308);
  BOOST_TEST(std::isinf(*over({"1e308", "1e308"}).sum));
  BOOST_TEST(*over({"-1.7e308", "1.7e308"}).p50 == 0);
  // Far from zero the variance is as exact as near it.
  BOOST_TEST(*over({"1000000004", "1000000007", "1000000013", "1000000016"}).stddev
               == std::sqrt(30.0),
             boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(rows_are_grouped_by_equal_values) {
  auto what = of_x({function::sum});
  what.group_by = "g";
  aggregator a{what};
  for (const auto* row :
       {R"({"g": "b", "x": 1})", R"({"g": 5, "x": 2})", R"({"g": 5.0, "x": 4})", R"({"x": 8})",
        R"({"g": null, "x": 16})", R"({"g": "\u0062", "x": 32})", R"({"g": 40, "x": 64})",
        R"({"g": NaN, "x": 128})", R"({"g": [1], "x": 256})", R"({"g": true, "x": 512})"})
    a.add(row, 0);
  std::string seen;
  for (const auto& row : a.rows())
    seen += group_of(row) + '=' + std::to_string(static_cast<int>(*row.sum)) + ' ';
  BOOST_TEST(seen == R"(none=136 null=16 true=512 5=6 40=64 "b"=33 [1]=256 )");
}

BOOST_AUTO_TEST_CASE(buckets_begin_at_multiples_of_their_length) {
  auto what = of_x({function::count});
  what.bucket = 10;
  aggregator a{what};
  for (const double t : {-0.5, 0.0, 9.99, 10.0, 35.0, -10.0, 1e300})
    a.add("{}", t);
  std::string seen;
  for (const auto& row : a.rows())
    seen += std::to_string(*row.bucket).substr(0, 3) + '=' + std::to_string(row.count) + ' ';
  BOOST_TEST(seen == "-10=2 0.0=2 10.=1 30.=1 100=1 ");
}

BOOST_AUTO_TEST_CASE(a_time_is_never_outside_of_its_bucket) {
  random_tree source{fresh_seed()};
  for (int i = 0; i < 100'000; ++i) {
    const double length = static_cast<double>(1 + source.below(1'000)) / 1'000;
    const double t = static_cast<double>(source.below(2'000'000)) / 1'000 - 1'000;
    aggregator a{{.bucket = length}};
    a.add("", t); // not looked at
    const double from = *a.rows().at(0).bucket;
    BOOST_REQUIRE(from <= t);
    BOOST_REQUIRE(t < (std::round(from / length) + 1) * length);
  }
}

BOOST_AUTO_TEST_CASE(without_groups_there_is_one_row_also_of_nothing) {
  BOOST_TEST(aggregator{of_x()}.rows().size() == 1u);
  BOOST_TEST(aggregator{{}}.rows().at(0).count == 0u);
  BOOST_TEST(aggregator{{.group_by = "g"}}.rows().empty());
  BOOST_TEST(aggregator{{.bucket = 1.0}}.rows().empty());
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused_by_member) {
  refuses({.field = ""}, "field: a path must not be empty");
  refuses({.group_by = "a..b"}, "group_by: path 'a..b' has");
  refuses({.functions = std::vector{function::sum}}, "field must be given");
  for (const double bucket : {0.0, -1.0, std::nan(""), HUGE_VAL})
    refuses({.bucket = bucket}, "bucket must be a number > 0");
  aggregator{{.functions = std::vector{function::count}}};
}

BOOST_AUTO_TEST_CASE(random_rows_agree_with_exact_arithmetic) {
  const auto seed = fresh_seed();
  random_tree source{seed};
  const auto spelling = [&](std::uint64_t n) { return source.below(n); };
  const auto near = [](std::optional<double> got, const rational& expected, const rational& size) {
    BOOST_REQUIRE(got);
    const rational error = abs(rational{*got} - expected);
    BOOST_REQUIRE_MESSAGE(error <= size * rational{1e-14} + rational{5e-324},
                          *got << " is not " << expected);
  };
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int round = 0; round < (long_tests() ? 20'000 : 500); ++round) {
      auto what = of_x();
      what.group_by = "g";
      aggregator a{what};
      struct group {
        json_tree key;
        std::vector<json_tree> values;
      };
      std::vector<group> expected;
      for (auto n = source.below(60); n > 0; --n) {
        const json_tree x = source.below(4) == 0 ? source.value(1) : source.number();
        json_tree g = source.below(3) == 0 ? source.scalar() : json_tree{source.below(2) == 0};
        std::string text;
        json_tree{json_tree::object{{U"x", x}, {U"g", g}}}.write(text, spelling);
        a.add(text, 0);
        const auto found = std::find_if(expected.begin(), expected.end(),
                                        [&](const group& e) { return e.key.equals(g); });
        (found == expected.end() ? expected.emplace_back(group{std::move(g), {}}) : *found)
          .values.push_back(x);
      }
      const auto rows = a.rows();
      BOOST_REQUIRE_EQUAL(rows.size(), expected.size());
      for (const auto& row : rows)
        BOOST_REQUIRE_EQUAL(std::count_if(expected.begin(), expected.end(),
                                          [&](const group& e) {
                                            return is_named(e.key, row.group->text())
                                                   && e.values.size() == row.count;
                                          }),
                            1);
      // All groups together as one.
      accumulator all{aggregate_set{everything}};
      std::vector<rational> numbers;
      std::vector<json_tree> different;
      for (const auto& e : expected)
        for (const auto& x : e.values) {
          std::string text;
          x.write(text, [](std::uint64_t) { return std::uint64_t{0}; });
          all.add(text);
          if (std::none_of(different.begin(), different.end(),
                           [&](const json_tree& d) { return d.equals(x); }))
            different.push_back(x);
          if (!x.is_number() || abs(x.number()) > rational{1e308})
            continue;
          numbers.emplace_back(x.number().convert_to<double>());
        }
      const auto got = all.values();
      BOOST_REQUIRE(got.distinct == different.size());
      if (numbers.empty()) {
        BOOST_REQUIRE(!got.sum);
        continue;
      }
      std::sort(numbers.begin(), numbers.end());
      rational sum = 0;
      rational size = 0;
      for (const auto& x : numbers) {
        sum += x;
        size += abs(x);
      }
      near(got.sum, sum, size);
      near(got.avg, sum / numbers.size(), size);
      near(got.min, numbers.front(), 0);
      near(got.max, numbers.back(), 0);
      for (const auto& [part, value] :
           {std::pair{50, got.p50}, std::pair{90, got.p90}, std::pair{99, got.p99}}) {
        const auto rank = (numbers.size() - 1) * static_cast<std::size_t>(part);
        const auto below = numbers[rank / 100];
        const auto above = numbers[std::min(rank / 100 + 1, numbers.size() - 1)];
        near(value, below + (above - below) * rational(rank % 100, 100),
             (abs(below) + abs(above)) * 10);
      }
      if (numbers.size() > 1) {
        rational squares = 0;
        for (const auto& x : numbers)
          squares += (x - sum / numbers.size()) * (x - sum / numbers.size());
        const rational variance = squares / (numbers.size() - 1);
        const rational square = rational{*got.stddev} * rational{*got.stddev};
        BOOST_REQUIRE(abs(square - variance) <= variance * rational{1e-12} + rational{1e-300});
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
