#include "beaver/vector/lsh.hpp"

#include "beaver/vector/scan.hpp"
#include "beaver/vector/signatures.hpp"
#include "lsh_support.hpp"
#include "support/settings.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <numeric>
#include <stdexcept>

using namespace beaver;
using namespace beaver::test;

namespace {

row_mask some_of(std::size_t size, std::size_t count, std::mt19937_64& dice) {
  row_mask mask{size};
  while (mask.count() < count)
    mask.set(dice() % size);
  return mask;
}

/// Rows that hold no information for signatures.
shared_rows same_rows(std::size_t count, const floats& all) {
  auto rows = std::make_shared<vector_rows>(all.size());
  for (std::size_t i = 0; i < count; ++i)
    rows->add(all);
  return rows;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lsh_recall)

BOOST_DATA_TEST_CASE(nine_of_ten_neighbours_are_found_in_clusters, lsh_metrics, by) {
  cluster_source next{64, 2};
  const auto rows = next.rows(50'000);
  const auto index = lsh_of(rows, by);
  BOOST_TEST(recall(*index, *rows, next, looking_for({}, by), 40) >= 0.9);
  BOOST_TEST(recall(*index, *rows, next, looking_for({}, by, 10, 800), 20) >= 0.98);
}

BOOST_DATA_TEST_CASE(eight_of_ten_are_found_with_more_effort_if_there_is_no_structure, lsh_metrics,
                     by) {
  gaussian_source next{64, 3};
  const auto rows = next.rows(50'000);
  const auto index = lsh_of(rows, by);
  BOOST_TEST(recall(*index, *rows, next, looking_for({}, by, 10, 800), 40) >= 0.8);
}

BOOST_AUTO_TEST_CASE(the_half_that_is_allowed_is_found_as_well_as_all) {
  cluster_source next{64, 4};
  const auto rows = next.rows(20'000);
  const auto index = lsh_of(rows, metric::cosine);
  std::mt19937_64 dice{4};
  const auto half = some_of(rows->count(), 10'000, dice);
  auto query = looking_for({}, metric::cosine);
  query.among = &half;
  BOOST_TEST(recall(*index, *rows, next, query, 40) >= 0.9);
}

BOOST_AUTO_TEST_CASE(more_effort_never_finds_worse_rows) {
  gaussian_source next{32, 5};
  const auto rows = next.rows(5'000);
  const auto index = lsh_of(rows, metric::euclid);
  for (int run = 0; run < 10; ++run) {
    const auto v = next();
    auto less = index->search(looking_for(v, metric::euclid, 10, 10));
    for (const std::size_t effort : {11, 30, 100, 400, 1'600, 5'000}) {
      auto more = index->search(looking_for(v, metric::euclid, 10, effort));
      for (std::size_t i = 0; i < 10; ++i)
        BOOST_REQUIRE_LE(more[i].score, less[i].score);
      less = std::move(more);
    }
    BOOST_TEST(less == by_hand(*rows, looking_for(v, metric::euclid)), // looks at all
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lsh_search)

BOOST_AUTO_TEST_CASE(it_says_what_it_is) {
  gaussian_source next{100, 1};
  const auto index = lsh_of(next.rows(80), metric::cosine);
  BOOST_CHECK(index->how() == strategy::lsh);
  BOOST_TEST(!index->exact(metric::cosine));
  BOOST_TEST(index->exact(metric::euclid)); // by a scan
  BOOST_TEST(index->effort() == 200);
  index->tune(300);
  BOOST_TEST(index->effort() == 300);
  BOOST_TEST(index->bytes() == 4 * 100 * 257 + 80 * (256 / 8 + 8));
}

/// The nearest of the rows with the lowest estimates, equal ones by number.
std::vector<near_row> by_estimates(const vector_rows& rows, const near_query& query) {
  const auto of =
    signatures::of(rows, config_of(query.by), signature_bits(rows.dims()), {}).value();
  const auto& kernels = best_kernels();
  const auto blocks = (rows.count() + 7) / 8;
  floats estimates(8 * blocks);
  of.estimate(of.prepare(query.vector, kernels), kernels, 0, blocks, estimates.data());
  std::vector<std::uint32_t> order(rows.count());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return estimates[a] < estimates[b]; });
  order.resize(query.effort);
  std::sort(order.begin(), order.end());
  return nearest_of(rows, query, order);
}

// Whichever rows are looked at first: in the second half they are nearer than all others.
BOOST_DATA_TEST_CASE(just_the_rows_with_the_lowest_estimates_are_scored, lsh_metrics, by) {
  gaussian_source next{40, 1};
  for (const bool first_are_near : {false, true}) {
    const auto v = next();
    auto rows = std::make_shared<vector_rows>(std::size_t{40});
    for (std::uint32_t i = 0; i < 6'001; ++i) {
      auto row = next();
      if (first_are_near && i % 512 < 32)
        std::transform(row.begin(), row.end(), v.begin(), row.begin(),
                       [](float x, float near) { return 0.8F * x + near; });
      rows->add(row);
    }
    const auto index = lsh_of(rows, by);
    for (const std::size_t effort : {1, 2, 20, 150, 400, 900, 5'999}) {
      const auto query = looking_for(v, by, effort, effort);
      BOOST_TEST(index->search(query) == by_estimates(*rows, query),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_tuned_effort_is_that_of_a_search_that_states_none) {
  gaussian_source next{16, 1};
  const auto rows = next.rows(3'000);
  const auto index = lsh_of(rows, metric::cosine);
  const auto v = next();
  const auto expected = by_hand(*rows, looking_for(v, metric::cosine, 1));
  index->tune(3'000);
  BOOST_TEST(index->search(looking_for(v, metric::cosine, 1)) == expected);
  // It is for ten neighbours, and thirty times as much for 300: here all of them.
  index->tune(100);
  BOOST_TEST(index->search(looking_for(v, metric::cosine, 300))
             == by_hand(*rows, looking_for(v, metric::cosine, 300)));
}

BOOST_AUTO_TEST_CASE(manhattan_is_refused_as_its_metric_and_scanned_as_another) {
  gaussian_source next{16, 1};
  const auto rows = next.rows(1'000);
  BOOST_CHECK_THROW((void)lsh_of(rows, metric::manhattan), std::invalid_argument);
  const auto v = next();
  const auto query = looking_for(v, metric::manhattan);
  BOOST_TEST(lsh_of(rows, metric::cosine)->search(query) == by_hand(*rows, query),
             boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(random_collections_filters_and_queries_are_answered_in_full, lsh_metrics, by) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 dice{seed};
  for (int run = 0; run < 60; ++run) {
    const auto dims = 1 + dice() % 40;
    gaussian_source next{dims, dice()};
    const auto rows = next.rows(1 + dice() % (run % 2 ? 20 : 2'000));
    const std::size_t count = rows->count();
    const auto index = lsh_of(rows, by);
    for (int turn = 0; turn < 10; ++turn) {
      const auto v = turn == 0 ? floats(dims) : next();
      auto query = looking_for(v, by, dice() % 30, dice() % 60);
      const std::size_t sizes[] = {0, 1, std::min<std::size_t>(5, count), count / 2, count};
      const auto among = some_of(count, sizes[dice() % 5], dice);
      if (dice() % 3)
        query.among = &among;
      check_answer(index->search(query), *rows, query);
    }
  }
}

BOOST_AUTO_TEST_CASE(k_may_be_anything) {
  gaussian_source next{16, 1};
  const auto rows = next.rows(500);
  const auto index = lsh_of(rows, metric::euclid);
  const auto v = next();
  for (const auto k : {std::size_t{0}, std::size_t{499}, std::size_t{500}, std::size_t{501},
                       std::numeric_limits<std::size_t>::max()}) {
    const auto query = looking_for(v, metric::euclid, k, 1);
    check_answer(index->search(query), *rows, query);
  }
}

BOOST_DATA_TEST_CASE(no_rows_are_found_in_none, lsh_metrics, by) {
  const auto rows = std::make_shared<vector_rows>(std::size_t{5});
  const auto index = lsh_of(rows, by);
  BOOST_TEST(index->search(looking_for({1, 2, 3, 4, 5}, by)).empty());
  BOOST_TEST(
    load_lsh(config_of(by), rows, index->save())->search(looking_for({1, 2, 3, 4, 5}, by)).empty());
}

BOOST_DATA_TEST_CASE(rows_that_are_all_the_same_are_found_by_number, lsh_metrics, by) {
  for (const auto& row : {floats{1, 2, 3}, floats{0, 0, 0}, floats{-7, 0, 0}}) {
    const auto rows = same_rows(1'000, row);
    const auto index = lsh_of(rows, by);
    for (const auto& v : {floats{1, 2, 3}, floats{0, 0, 0}, floats{3, -2, 1}})
      BOOST_TEST(index->search(looking_for(v, by)) == by_hand(*rows, looking_for(v, by)),
                 boost::test_tools::per_element());
  }
}

BOOST_DATA_TEST_CASE(a_row_is_found_among_zero_vectors, lsh_metrics, by) {
  auto rows = std::make_shared<vector_rows>(std::size_t{20});
  for (std::uint32_t i = 0; i < 3'000; ++i)
    rows->add(floats(20, i == 1'234 ? 1.0F : 0.0F));
  const auto found = lsh_of(rows, by)->search(looking_for(floats(20, 2.0F), by, 1));
  BOOST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0].row == 1'234);
}

BOOST_DATA_TEST_CASE(numbers_at_the_ends_of_float_neither_overflow_nor_vanish, lsh_metrics, by) {
  for (const float factor :
       {std::numeric_limits<float>::max() / 8, std::numeric_limits<float>::min()}) {
    gaussian_source directions{24, 8};
    auto rows = std::make_shared<vector_rows>(std::size_t{24});
    const auto scaled = [&] {
      auto v = directions();
      for (auto& x : v)
        x *= factor;
      return v;
    };
    for (int i = 0; i < 3'000; ++i)
      rows->add(scaled());
    const auto index = lsh_of(rows, by);
    for (int run = 0; run < 20; ++run) {
      const auto v = run % 2 ? scaled() : directions();
      const auto query = looking_for(v, by, 10, 600);
      const auto found = index->search(query);
      check_answer(found, *rows, query);
      // With tiny vectors cosine is nearly the same for all: 1e-10 in it hides them.
      if (factor > 1 || (by != metric::cosine && run % 2))
        BOOST_TEST(found[0] == by_hand(*rows, query)[0]);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
