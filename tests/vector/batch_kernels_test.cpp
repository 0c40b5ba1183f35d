#include "beaver/vector/kernels.hpp"

#include "fenced_memory.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace beaver;
using namespace beaver::test;

// Products with several queries at once, of every set that the machine can run.

BOOST_AUTO_TEST_SUITE(batch_kernels)

BOOST_AUTO_TEST_CASE(each_row_is_multiplied_with_each_query) {
  const float rows[] = {1, 2, 3, -1, 0, 1};
  float queries[3 * 16] = {};
  queries[0 * 16 + 0] = 4; // the first query is 4, 5, 6, the last one 7, 8, 9
  queries[1 * 16 + 0] = 5;
  queries[2 * 16 + 0] = 6;
  queries[0 * 16 + 15] = 7;
  queries[1 * 16 + 15] = 8;
  queries[2 * 16 + 15] = 9;
  for (const auto* set : available_kernels()) {
    BOOST_TEST_CONTEXT(set->name) {
      float out[2 * 16];
      set->dot_batch(queries, 16, rows, 2, 3, out);
      BOOST_TEST(out[0] == 32);
      BOOST_TEST(out[1] == 0);
      BOOST_TEST(out[15] == 50);
      BOOST_TEST(out[16] == 2);
      BOOST_TEST(out[31] == 2);
    }
  }
}

// Small odd numbers, whose products and sums a float holds exactly, so that a term that is missing
// or counted twice shows; everything at the end of memory.
BOOST_AUTO_TEST_CASE(no_term_is_lost_for_any_number_of_lanes_rows_and_terms) {
  const auto seed = fresh_seed();
  std::mt19937_64 random{seed};
  constexpr std::size_t most_lanes = 144;
  constexpr std::size_t most_rows = 9;
  constexpr std::size_t most_dims = 260;
  const fenced_memory<float> queries{most_lanes * most_dims};
  const fenced_memory<float> rows{most_rows * most_dims};
  const fenced_memory<float> results{most_rows * most_lanes};
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (std::size_t lanes = 16; lanes <= most_lanes; lanes += 16)
      for (const std::size_t dims : {1U, 2U, 3U, 4U, 5U, 15U, 16U, 17U, 100U, 260U})
        for (std::size_t count = 0; count <= most_rows; ++count) {
          const auto q = queries.last(lanes * dims);
          const auto r = rows.last(count * dims);
          for (const auto numbers : {q, r})
            for (auto& x : numbers)
              x = static_cast<float>(static_cast<int>(random() % 8) * 2 - 7);
          for (const auto* set : available_kernels()) {
            const auto got = results.last(count * lanes);
            std::fill(got.begin(), got.end(), std::numeric_limits<float>::quiet_NaN());
            set->dot_batch(q.data(), lanes, r.data(), count, dims, got.data());
            for (std::size_t i = 0; i < count; ++i)
              for (std::size_t l = 0; l < lanes; ++l) {
                float expected = 0;
                for (std::size_t j = 0; j < dims; ++j)
                  expected += q[j * lanes + l] * r[i * dims + j];
                BOOST_TEST_INFO(set->name << ", " << lanes << " lanes of " << dims << ", row " << i
                                          << " of " << count << ", lane " << l);
                BOOST_REQUIRE(got[i * lanes + l] == expected);
              }
          }
        }
  }
}

BOOST_AUTO_TEST_CASE(products_are_within_their_bound) {
  const auto seed = fresh_seed();
  std::mt19937_64 random{seed};
  std::normal_distribution<float> normal;
  BOOST_TEST_CONTEXT("seed " << seed) {
    constexpr std::size_t lanes = 80;
    for (const std::size_t dims : {1U, 7U, 100U, 784U, 2048U})
      for (int round = 0; round < 20; ++round) {
        // From nearly all denormal to nearly too large.
        const int scale = round % 2 == 0 ? 0 : static_cast<int>(random() % 180) - 120;
        std::vector<float> q(lanes * dims);
        std::vector<float> r(3 * dims);
        for (auto* numbers : {&q, &r})
          for (auto& x : *numbers)
            x = std::ldexp(normal(random), scale);
        for (const auto* set : available_kernels()) {
          std::vector<float> got(3 * lanes);
          set->dot_batch(q.data(), lanes, r.data(), 3, dims, got.data());
          for (std::size_t i = 0; i < got.size(); ++i) {
            double sum = 0;
            double size = 0;
            for (std::size_t j = 0; j < dims; ++j) {
              const auto term = static_cast<double>(q[j * lanes + i % lanes])
                                * static_cast<double>(r[i / lanes * dims + j]);
              sum += term;
              size += std::abs(term);
            }
            const auto n = static_cast<double>(dims);
            const auto most = (n + 2) * 0x1p-24 * size + n * 0x1p-149 + n * 0x1p-52 * size;
            BOOST_TEST_INFO(set->name << " of " << dims << " by 2^" << scale);
            BOOST_REQUIRE(std::abs(static_cast<double>(got[i]) - sum) <= most);
          }
        }
      }
  }
}

BOOST_AUTO_TEST_SUITE_END()
