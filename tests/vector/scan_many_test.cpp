#include "linear_support.hpp"

#include "beaver/vector/linear.hpp"
#include "beaver/vector/scan_many.hpp"

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

constexpr metric products[] = {metric::cosine, metric::euclid, metric::inner_product};

/// Rows each of which has numbers of about one size, from the least to the largest that a float
/// can have; the fast test is only good for the middle of them.
set_of_rows of_all_sizes(vector_source& random, std::size_t dims, std::size_t count) {
  set_of_rows all{dims};
  for (std::size_t i = 0; i < count; ++i) {
    const auto size = std::ldexp(1.0F, static_cast<int>(random.below(270)) - 148);
    all.add(random.chance(0.5) || i == 0 ? random.gaussian(dims, size)
                                         : random.beside(all.plain[random.below(i)]));
    for (auto& x : all.plain.back())
      BOOST_REQUIRE(std::isfinite(x));
  }
  return all;
}

std::vector<std::span<const float>> views(const std::vector<vector>& vectors) {
  return {vectors.begin(), vectors.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(several_searches_at_once)

BOOST_AUTO_TEST_CASE(each_vector_has_its_own_answer) {
  set_of_rows all{2};
  for (const auto& v : {vector{1, 0}, vector{0, 2}, vector{3, 0}, vector{-1, 0}})
    all.add(v);
  const std::vector<vector> queries{{2, 0}, {0, 1}, {-5, 0}};
  const auto found =
    scan_many(*all.rows, {.vector = {}, .by = metric::euclid, .k = 2}, views(queries));
  BOOST_REQUIRE(found.size() == 3u);
  BOOST_TEST(found[0] == (std::vector<near_row>{{0, 1}, {2, 1}}), per_element());
  BOOST_TEST(found[1] == (std::vector<near_row>{{1, 1}, {0, std::sqrt(2.0)}}), per_element());
  BOOST_TEST(found[2] == (std::vector<near_row>{{3, 4}, {1, std::sqrt(29.0)}}), per_element());
  BOOST_TEST(scan_many(*all.rows, {.vector = {}}, {}).empty());
  BOOST_TEST(scan_many(*all.rows, {.vector = {}, .k = 0}, views(queries)).at(2).empty());
}

// 10,000 vectors over rows of every kind: ids, order and scores are those of double arithmetic, bit
// by bit.
BOOST_AUTO_TEST_CASE(answers_are_those_of_double_arithmetic) {
  const auto seed = fresh_seed();
  vector_source random{seed};
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int round = 0; round < 200; ++round) {
      const auto dims = 1 + random.below(round % 10 == 0 ? 300 : 40);
      const auto count = 1 + random.below(400);
      const auto all =
        random.chance(0.7) ? adversarial(random, dims, count) : of_all_sizes(random, dims, count);
      std::vector<vector> queries;
      for (auto left = 1 + random.below(round % 10 == 0 ? 150 : 70); left > 0; --left)
        queries.push_back(random.chance(0.5)   ? all.plain[random.below(all.plain.size())]
                          : random.chance(0.3) ? random.wild(dims)
                          : random.chance(0.5) ? random.beside(all.plain.front())
                                               : random.gaussian(dims));
      row_mask some{all.plain.size()};
      const auto share = random.chance(0.5) ? 0.1 : 0.9;
      for (std::size_t row = 0; row < some.size(); ++row)
        if (random.chance(share))
          some.set(row);
      const near_query like{.vector = {},
                            .by = products[random.below(3)],
                            .k = 1 + random.below(random.chance(0.1) ? 500 : 12),
                            .among = random.chance(0.3) ? &some : nullptr};
      std::vector<std::vector<near_row>> expected;
      for (const auto& query : queries)
        expected.push_back(all.nearest(like.by, query, like.k, like.among));
      for (const auto* kernels : available_kernels()) {
        const auto found = scan_many(*all.rows, like, views(queries), *kernels);
        for (std::size_t i = 0; i < queries.size(); ++i) {
          BOOST_TEST_CONTEXT("round " << round << ", query " << i << ", " << kernels->name) {
            BOOST_REQUIRE(found[i] == expected[i]);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_whose_products_overflow_a_float_are_in_order) {
  set_of_rows all{3};
  for (const auto& v : {vector{3e38F, 3e38F, 0}, vector{3e38F, -3e38F, 1}, vector{1, 1, 1},
                        vector{-3e38F, -3e38F, -3e38F}, vector{0, 0, 0}, vector{1e-45F, 0, 0}})
    all.add(v);
  const std::vector<vector> queries{
    {3e38F, 3e38F, 3e38F}, {1, 2, 3}, {0, 0, 0}, {1e-45F, -1e-45F, 0}, {1e18F, 1e18F, 1}};
  for (const auto by : products)
    for (const auto* kernels : available_kernels())
      for (const std::size_t k : {1u, 2u, 6u}) {
        const auto found =
          scan_many(*all.rows, {.vector = {}, .by = by, .k = k}, views(queries), *kernels);
        for (std::size_t i = 0; i < queries.size(); ++i)
          BOOST_TEST(found[i] == all.nearest(by, queries[i], k, nullptr), per_element());
      }
}

// However many there are, by every metric, of many rows and of few.
BOOST_AUTO_TEST_CASE(a_linear_index_answers_several_as_it_answers_one) {
  const auto seed = fresh_seed();
  vector_source random{seed};
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (const std::size_t count : {0u, 1u, 500u, 20'000u}) {
      auto rows = std::make_shared<vector_rows>(64);
      row_mask few{count};
      for (std::size_t i = 0; i < count; ++i) {
        rows->add(random.gaussian(64));
        if (random.chance(0.1))
          few.set(i);
      }
      const auto index = make_linear({}, rows);
      std::vector<vector> queries;
      for (int i = 0; i < 70; ++i)
        queries.push_back(random.gaussian(64));
      const auto of_all = views(queries);
      for (const auto by : all_metrics)
        for (const std::size_t together : {0u, 1u, 7u, 8u, 65u})
          for (const auto* among : {static_cast<row_mask*>(nullptr), &few}) {
            const near_query like{.vector = {}, .by = by, .k = 10, .among = among};
            const auto found = index->search_many(like, {of_all.data(), together});
            BOOST_REQUIRE(found.size() == together);
            for (std::size_t i = 0; i < together; ++i)
              BOOST_REQUIRE(
                found[i]
                == index->search({.vector = queries[i], .by = by, .k = 10, .among = among}));
          }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
