#include "linear_support.hpp"

#include "beaver/vector/int8_rows.hpp"
#include "beaver/vector/linear.hpp"
#include "beaver/vector/scan.hpp"

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(linear_search)

BOOST_AUTO_TEST_CASE(the_nearest_come_first_and_equal_ones_by_number) {
  set_of_rows all{2};
  for (const auto& v : {vector{1, 0}, vector{0, 2}, vector{3, 0}, vector{-1, 0}})
    all.add(v);
  const auto index = make_linear({}, all.rows);
  const vector query{2, 0};
  const auto rows = [&](metric by, std::size_t k) {
    std::vector<std::uint32_t> numbers;
    for (const auto& hit : index->search({.vector = query, .by = by, .k = k}))
      numbers.push_back(hit.row);
    return numbers;
  };
  using numbers = std::vector<std::uint32_t>;
  // What is added to the norms lets the longer one of two with one direction come first.
  BOOST_TEST(rows(metric::cosine, 9) == (numbers{2, 0, 1, 3}), per_element());
  BOOST_TEST(rows(metric::euclid, 9) == (numbers{0, 2, 1, 3}), per_element());
  BOOST_TEST(rows(metric::manhattan, 2) == (numbers{0, 2}), per_element());
  BOOST_TEST(rows(metric::inner_product, 3) == (numbers{2, 0, 1}), per_element());
  BOOST_TEST(rows(metric::cosine, 0).empty());
  BOOST_TEST(index->exact(metric::cosine));
}

BOOST_AUTO_TEST_CASE(scores_are_those_of_the_original) {
  const vector a{3, 4};
  const vector b{4, 3};
  const auto of = [&](metric by) { return score(by, a, norm(a), b, norm(b)); };
  BOOST_TEST(of(metric::cosine) == (1 - 24.0 / (25 + 1e-10)) / 2);
  BOOST_TEST(of(metric::euclid) == std::sqrt(2.0));
  BOOST_TEST(of(metric::manhattan) == 2);
  BOOST_TEST(of(metric::inner_product) == -24);
}

// 10,000 queries over rows of every kind: ids, order and scores are those of double arithmetic,
// bit by bit, by the scan and by way of 8 bits.
BOOST_AUTO_TEST_CASE(answers_are_those_of_double_arithmetic) {
  const auto seed = fresh_seed();
  vector_source random{seed};
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int round = 0; round < 100; ++round) {
      const auto dims = 1 + random.below(round % 10 == 0 ? 300 : 40);
      const auto all = adversarial(random, dims, 1 + random.below(400));
      const int8_rows small{*all.rows};
      for (int i = 0; i < 100; ++i) {
        const auto by = all_metrics[random.below(4)];
        const auto query = random.chance(0.3)   ? all.plain[random.below(all.plain.size())]
                           : random.chance(0.3) ? random.wild(dims)
                           : random.chance(0.5) ? random.beside(all.plain.front())
                                                : random.gaussian(dims);
        row_mask some{all.plain.size()};
        const auto share = random.chance(0.5) ? 0.1 : 0.9;
        for (std::size_t row = 0; row < some.size(); ++row)
          if (random.chance(share))
            some.set(row);
        const near_query what{.vector = query,
                              .by = by,
                              .k = 1 + random.below(random.chance(0.1) ? 500 : 12),
                              .among = random.chance(0.3) ? &some : nullptr};
        const auto expected = all.nearest(by, query, what.k, what.among);
        for (const auto* kernels : available_kernels()) {
          BOOST_TEST_CONTEXT("round " << round << ", query " << i << ", " << kernels->name) {
            BOOST_REQUIRE(scan_rows(*all.rows, what, *kernels) == expected);
            if (by != metric::manhattan)
              BOOST_REQUIRE(
                nearest_of(*all.rows, what, small.candidates(*all.rows, what, *kernels), *kernels)
                == expected);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_whose_products_overflow_a_float_are_in_order) {
  set_of_rows all{3};
  for (const auto& v : {vector{3e38F, 3e38F, 0}, vector{3e38F, -3e38F, 1}, vector{1, 1, 1},
                        vector{-3e38F, -3e38F, -3e38F}})
    all.add(v);
  const int8_rows small{*all.rows};
  for (const auto by : all_metrics)
    for (const auto& query : {vector{3e38F, 3e38F, 3e38F}, vector{1, 2, 3}, vector{0, 0, 0}})
      for (const auto* kernels : available_kernels()) {
        const near_query what{.vector = query, .by = by, .k = 2};
        const auto expected = all.nearest(by, query, 2, nullptr);
        BOOST_TEST(scan_rows(*all.rows, what, *kernels) == expected, per_element());
        if (by != metric::manhattan)
          BOOST_TEST(nearest_of(*all.rows, what, small.candidates(*all.rows, what, *kernels))
                       == expected,
                     per_element());
      }
}

BOOST_AUTO_TEST_CASE(many_rows_are_searched_by_their_8_bits_from_the_second_time_on) {
  vector_source random{1};
  set_of_rows all{64};
  for (int i = 0; i < 20'000; ++i)
    all.add(random.gaussian(64));
  const auto index = make_linear({}, all.rows);
  for (int i = 0; i < 5; ++i) {
    const auto query = random.gaussian(64);
    BOOST_TEST((index->bytes() > 0) == (i > 1));
    BOOST_TEST(index->search({.vector = query}) == all.nearest(metric::cosine, query, 10, nullptr),
               per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()
