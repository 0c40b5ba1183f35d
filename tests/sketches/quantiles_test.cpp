#include "quantiles_support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <limits>
#include <numeric>
#include <stdexcept>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// 1, 2 ... n
numbers up_to(std::size_t n) {
  numbers all(n);
  std::iota(all.begin(), all.end(), 1);
  return all;
}

/// What holds of any sketch of these values, exact or not.
void check_sense(const quantile_sketch& sketch, const numbers& values) {
  BOOST_REQUIRE(sketch.count() == values.size());
  BOOST_REQUIRE(sketch.min().has_value() == !values.empty());
  if (values.empty())
    return;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  BOOST_REQUIRE(*sketch.min() == *least);
  BOOST_REQUIRE(*sketch.max() == *most);
  BOOST_REQUIRE(*sketch.quantile(0) == *least);
  BOOST_REQUIRE(*sketch.quantile(1) == *most);
  BOOST_REQUIRE(*sketch.rank(*most) == 1);
  BOOST_REQUIRE(*sketch.rank(std::nextafter(*least, -infinity)) == 0);
  const numbers qs{0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1};
  const auto found = sketch.quantiles(qs);
  BOOST_REQUIRE(std::is_sorted(found.begin(), found.end()));
  const auto ranks = sketch.ranks(found);
  BOOST_REQUIRE(std::is_sorted(ranks.begin(), ranks.end()));
  for (std::size_t i = 1; i < qs.size(); ++i) {
    BOOST_REQUIRE(found[i] == *sketch.quantile(qs[i]));
    BOOST_REQUIRE(ranks[i] == *sketch.rank(found[i]));
    BOOST_REQUIRE_GE(ranks[i], qs[i]);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(quantile_examples)

BOOST_AUTO_TEST_CASE(ten_values_have_the_quantiles_that_one_expects) {
  const auto sketch = sketch_of({7, 1, 10, 3, 9, 2, 8, 4, 6, 5});
  BOOST_TEST(sketch.count() == 10);
  BOOST_TEST(sketch.min().value() == 1);
  BOOST_TEST(sketch.max().value() == 10);
  BOOST_TEST(sketch.quantile(0.5).value() == 5);
  BOOST_TEST(sketch.quantile(0.501).value() == 6);
  BOOST_TEST(sketch.quantile(0.7).value() == 7); // though 0.7 * 10 > 7 for some machines
  const numbers qs{1, 0, 0.9, 0.05};
  BOOST_TEST(sketch.quantiles(qs) == (numbers{10, 1, 9, 1}), per_element());
  const numbers xs{5, 0.5, 5.5, infinity, -infinity};
  BOOST_TEST(sketch.ranks(xs) == (numbers{0.5, 0, 0.5, 1, 0}), per_element());
  BOOST_TEST(sketch.rank(9.99).value() == 0.9);
  BOOST_TEST(sketch.rank_error() == 0);
}

BOOST_AUTO_TEST_CASE(no_values_have_no_quantiles) {
  const quantile_sketch sketch;
  BOOST_TEST(sketch.count() == 0);
  BOOST_TEST(!sketch.min());
  BOOST_TEST(!sketch.max());
  BOOST_TEST(!sketch.quantile(0.5));
  BOOST_TEST(!sketch.rank(1));
  const numbers some{0, 1};
  BOOST_TEST(sketch.quantiles(some).empty());
  BOOST_TEST(sketch.ranks(some).empty());
  BOOST_TEST(sketch.rank_error() == 0);
}

BOOST_AUTO_TEST_CASE(zero_has_no_sign) {
  quantile_sketch sketch;
  sketch.add(-0.0);
  BOOST_TEST(!std::signbit(sketch.min().value()));
  BOOST_TEST(!std::signbit(sketch.quantile(0.5).value()));
  quantile_sketch other;
  other.add(0.0);
  BOOST_CHECK(sketch == other);
  BOOST_TEST(sketch.rank(-0.0).value() == 1);
}

BOOST_AUTO_TEST_CASE(values_may_be_as_large_and_small_as_doubles_are) {
  constexpr double most = std::numeric_limits<double>::max();
  constexpr double tiny = std::numeric_limits<double>::denorm_min();
  const auto sketch = sketch_of({most, -most, tiny, -tiny});
  const numbers qs{0.25, 0.5, 0.75, 1};
  BOOST_TEST(sketch.quantiles(qs) == (numbers{-most, -tiny, tiny, most}), per_element());
}

BOOST_AUTO_TEST_CASE(what_is_no_number_or_no_share_is_refused) {
  quantile_sketch sketch;
  sketch.add(1);
  const auto before = sketch;
  for (const double wrong : {no_number, infinity, -infinity}) {
    BOOST_CHECK_THROW(sketch.add(wrong), std::invalid_argument);
    const numbers several{2, 3, wrong};
    BOOST_CHECK_THROW(sketch.add_many(several), std::invalid_argument);
  }
  BOOST_CHECK(sketch == before); // not even the first of several was added
  for (const double wrong : {-0.001, 1.001, no_number, infinity})
    BOOST_CHECK_THROW((void)sketch.quantile(wrong), std::invalid_argument);
  BOOST_CHECK_THROW((void)sketch.rank(no_number), std::invalid_argument);
  const quantile_sketch empty;
  BOOST_CHECK_THROW((void)empty.quantile(2), std::invalid_argument);
  BOOST_CHECK_THROW((void)empty.rank(no_number), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_rank_error_gives_the_size) {
  BOOST_TEST(quantile_params{}.k() == 250);
  BOOST_TEST(quantile_params{0.1}.k() == 25);
  BOOST_TEST(quantile_params{0.0001}.k() == 25'000);
  for (const double wrong : {0.0, -0.01, 0.00009, 0.11, 1.0, infinity, no_number})
    BOOST_CHECK_EXCEPTION(
      quantile_sketch{quantile_params{wrong}}, std::invalid_argument,
      [](const auto& e) { return std::string{e.what()}.find("rank_error") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(sketches_of_another_rank_error_are_not_merged) {
  quantile_sketch sketch{quantile_params{0.01}};
  const quantile_sketch other{quantile_params{0.02}};
  BOOST_CHECK_THROW(sketch.merge(other), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_sketch_merged_with_itself_has_each_value_twice) {
  auto sketch = sketch_of({1, 2, 3});
  sketch.merge(sketch);
  BOOST_CHECK(sketch.serialise().size() == sketch_of({1, 1, 2, 2, 3, 3}).serialise().size());
  const numbers xs{1, 2, 3};
  BOOST_TEST(sketch.ranks(xs) == (numbers{1.0 / 3, 2.0 / 3, 1}), per_element());
  BOOST_TEST(sketch.count() == 6);
}

BOOST_AUTO_TEST_CASE(more_values_than_2_to_the_62_are_refused) {
  auto sketch = sketch_of(up_to(1'024));
  for (int i = 10; i < 62; ++i)
    sketch.merge(sketch);
  BOOST_TEST(sketch.count() == quantile_sketch::max_count);
  BOOST_TEST(std::abs(sketch.quantile(0.5).value() - 512) <= 10.24);
  const auto before = sketch;
  BOOST_CHECK_THROW(sketch.add(1), std::length_error);
  BOOST_CHECK_THROW(sketch.add_many(numbers{1}), std::length_error);
  BOOST_CHECK_THROW(sketch.merge(sketch), std::length_error);
  BOOST_CHECK(sketch == before);
  BOOST_CHECK(quantile_sketch::parse(sketch.serialise()) == sketch);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(quantile_exactness)

BOOST_AUTO_TEST_CASE(all_is_exact_up_to_3_k_and_7_values) {
  auto sketch = sketch_of(up_to(757));
  BOOST_TEST(sketch.rank_error() == 0);
  BOOST_TEST(sketch.kept() == 757);
  sketch.add(758);
  BOOST_TEST(sketch.rank_error() > 0);
  BOOST_TEST(sketch.kept() == 379);
}

BOOST_DATA_TEST_CASE(few_values_have_exact_quantiles_and_ranks, all_shapes, how) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 dice{seed};
  for (int run = 0; run < 60; ++run) {
    const auto n = of_any_length(dice, 1, 757);
    const auto values = values_of(how, n, dice);
    const sorted_values truth{values};
    const auto sketch = sketch_of(values);
    check_sense(sketch, values);
    for (int turn = 0; turn < 20; ++turn) {
      const auto q = dice() % 2 ? uniform(dice) : static_cast<double>(dice() % (n + 1)) / double(n);
      BOOST_REQUIRE(*sketch.quantile(q) == truth.quantile(q));
      const auto x = dice() % 2 ? values[dice() % n] : 3 * uniform(dice) - 1;
      BOOST_REQUIRE(*sketch.rank(x) == truth.rank(x));
    }
  }
}

BOOST_AUTO_TEST_CASE(random_calls_leave_a_sketch_that_makes_sense) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 dice{seed};
  for (int run = 0; run < 60; ++run) {
    const quantile_params params{run % 2 ? 0.1 : 0.03};
    quantile_sketch sketch{params};
    numbers values;
    for (auto calls = dice() % 60; calls > 0; --calls) {
      const auto more =
        values_of(all_shapes[dice() % 5], of_any_length(dice, 1, 1'000) - dice() % 2, dice);
      switch (dice() % 4) {
      case 0:
        for (const double x : more)
          sketch.add(x);
        break;
      case 1:
        sketch.add_many(more);
        break;
      case 2:
        sketch.merge(sketch_of(more, params));
        break;
      default: { // the other way round
        auto other = sketch_of(more, params);
        other.merge(sketch);
        sketch = quantile_sketch::parse(other.serialise());
      }
      }
      values.insert(values.end(), more.begin(), more.end());
      check_sense(sketch, values);
      BOOST_REQUIRE_LE(sketch.kept(), 3 * params.k() + 8 * 20);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
