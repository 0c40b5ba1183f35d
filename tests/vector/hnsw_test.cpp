#include "beaver/vector/hnsw_walk.hpp"
#include "beaver/vector/scan.hpp"
#include "vector/hnsw_support.hpp"

#include "support/settings.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr metric all_metrics[]{metric::cosine, metric::euclid, metric::manhattan,
                               metric::inner_product};

/// How near things are found by a graph only while it is cheaper than a scan: so small an effort,
/// for few rows.
constexpr std::size_t small_effort = 5;

const hnsw_graph& graph_of(const vector_index& index) {
  return dynamic_cast<const hnsw_index&>(index).graph();
}

std::vector<std::uint32_t> rows_of(const std::vector<near_row>& found) {
  std::vector<std::uint32_t> rows;
  for (const auto& each : found)
    rows.push_back(each.row);
  return rows;
}

/// Whether rows are different, allowed, in order and scored exactly.
bool is_answer(const std::vector<near_row>& found, const vector_rows& rows,
               const near_query& query) {
  auto only = query;
  row_mask mask{rows.count()};
  for (const auto& each : found) {
    if (each.row >= rows.count() || (query.among != nullptr && !(*query.among)[each.row]))
      return false;
    mask.set(each.row);
  }
  only.among = &mask;
  only.k = found.size();
  return mask.count() == found.size() && by_hand(rows, only) == found;
}

} // namespace

namespace beaver {

std::ostream& operator<<(std::ostream& out, metric by) { return out << static_cast<int>(by); }

} // namespace beaver

#if defined(__SANITIZE_THREAD__)
#define BEAVER_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BEAVER_THREAD_SANITIZER
#endif
#endif
#ifdef BEAVER_THREAD_SANITIZER
// The library that builds graphs has a mutex for each node and holds one while it takes many
// others: looking for cycles among them takes minutes. Races are looked for as ever.
extern "C" const char* __tsan_default_options() { return "detect_deadlocks=0"; }
#endif

BOOST_AUTO_TEST_SUITE(hnsw)

BOOST_AUTO_TEST_CASE(the_nearest_row_of_a_line_is_found) {
  auto rows = std::make_shared<vector_rows>(2);
  for (int i = 0; i < 1'000; ++i)
    rows->add(std::vector<float>{static_cast<float>(i), 1});
  const auto index = make_hnsw(hnsw_config(metric::euclid), rows);
  const std::vector<float> at{432.2F, 1};
  const auto found = index->search({at, metric::euclid, 3, nullptr, small_effort});
  BOOST_TEST(rows_of(found) == (std::vector<std::uint32_t>{432, 433, 431}),
             boost::test_tools::per_element());
  BOOST_TEST((index->how() == strategy::hnsw));
  BOOST_TEST(!index->exact(metric::euclid));
  BOOST_TEST(index->exact(metric::cosine));
}

BOOST_AUTO_TEST_CASE(no_rows_are_found_among_none) {
  auto rows = std::make_shared<vector_rows>(3);
  const auto index = make_hnsw(hnsw_config(metric::cosine), rows);
  const std::vector<float> query{1, 2, 3};
  BOOST_TEST(index->search({query}).empty());
  const auto loaded = load_hnsw(hnsw_config(metric::cosine), rows, index->save());
  BOOST_TEST(loaded->search({query}).empty());
}

BOOST_DATA_TEST_CASE(one_row_is_always_the_nearest, all_metrics, by) {
  auto rows = std::make_shared<vector_rows>(3);
  rows->add(std::vector<float>{1, -2, 3});
  const auto index = make_hnsw(hnsw_config(by), rows);
  const std::vector<float> query{3, 3, 3};
  BOOST_TEST(rows_of(index->search({query, by, 1})) == std::vector<std::uint32_t>{0});
  BOOST_TEST(rows_of(index->search({query, by, 100})) == std::vector<std::uint32_t>{0});
  BOOST_TEST(index->search({query, by, 0}).empty());
}

BOOST_DATA_TEST_CASE(nearly_all_of_the_ten_nearest_are_found, all_metrics, by) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    vector_maker make{seed, 32};
    const auto rows = make.rows(12'000);
    auto config = hnsw_config(by);
    config.threads = 2;
    const auto index = make_hnsw(config, rows);
    double sum = 0;
    constexpr int queries = 50;
    for (int i = 0; i < queries; ++i) {
      const auto v = make.next();
      const near_query query{v, by, 10, nullptr, 200};
      const auto found = index->search(query);
      BOOST_REQUIRE(is_answer(found, *rows, query));
      sum += recall(found, by_hand(*rows, query));
    }
    BOOST_TEST(sum / queries >= 0.95);
    BOOST_TEST(graph_of(*index).unreached.size() < rows->count() / 100);
  }
}

BOOST_AUTO_TEST_CASE(more_effort_finds_more) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    vector_maker make{seed, 32};
    const auto rows = make.rows(8'000);
    const auto index = make_hnsw(hnsw_config(metric::cosine), rows);
    BOOST_TEST(index->effort() > 0u);
    double sums[2]{};
    for (int i = 0; i < 100; ++i) {
      const auto v = make.next();
      const near_query query{v, metric::cosine, 5};
      const auto nearest = by_hand(*rows, query);
      index->tune(small_effort);
      BOOST_REQUIRE(index->effort() == small_effort);
      sums[0] += recall(index->search(query), nearest);
      index->tune(100);
      sums[1] += recall(index->search(query), nearest);
    }
    BOOST_TEST(sums[0] < sums[1]);
    BOOST_TEST(sums[0] > 30);
  }
}

BOOST_AUTO_TEST_CASE(another_metric_is_answered_exactly) {
  vector_maker make{1, 8};
  const auto rows = make.rows(2'000);
  const auto index = make_hnsw(hnsw_config(metric::cosine), rows);
  const auto v = make.next();
  for (const auto by : {metric::euclid, metric::manhattan, metric::inner_product}) {
    const near_query query{v, by, 10, nullptr, small_effort};
    BOOST_TEST((index->search(query) == by_hand(*rows, query)));
  }
}

BOOST_DATA_TEST_CASE(just_as_many_are_found_as_are_asked_for_and_allowed, all_metrics, by) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    vector_maker make{seed, 8};
    const auto rows = make.rows(3'000);
    const auto index = make_hnsw(hnsw_config(by), rows);
    for (int round = 0; round < 200; ++round) {
      // A query stands in the middle of what is left out, or what is left out is anywhere.
      const auto v = make.next();
      constexpr std::size_t shares[]{0, 1, 10, 1'000, 1'500, 2'000, 2'900, 3'000};
      const auto allowed = shares[make.below(std::size(shares))];
      row_mask mask{rows->count(), true};
      if (make.below(2) == 0)
        for (const auto& each : by_hand(*rows, {v, by, rows->count() - allowed}))
          mask.reset(each.row);
      while (mask.count() > allowed)
        mask.reset(make.below(rows->count()));
      const auto k = make.below(30);
      const near_query query{v, by, k, &mask, 1 + make.below(20)};
      const auto found = index->search(query);
      BOOST_REQUIRE_EQUAL(found.size(), std::min(k, allowed));
      BOOST_REQUIRE(is_answer(found, *rows, query));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_filter_loses_few_of_the_nearest) {
  vector_maker make{5, 16};
  const auto rows = make.rows(8'000);
  const auto index = make_hnsw(hnsw_config(metric::euclid), rows);
  row_mask half{rows->count()};
  for (std::uint32_t row = 0; row < rows->count(); row += 2)
    half.set(row);
  double sum = 0;
  constexpr int queries = 50;
  for (int i = 0; i < queries; ++i) {
    const auto v = make.next();
    const near_query query{v, metric::euclid, 10, &half, 30};
    sum += recall(index->search(query), by_hand(*rows, query));
  }
  BOOST_TEST(sum / queries >= 0.95);
}

BOOST_AUTO_TEST_CASE(a_walk_leads_through_rows_that_are_not_allowed) {
  vector_maker make{9, 16};
  const auto rows = make.rows(4'000);
  const auto index = make_hnsw(hnsw_config(metric::cosine), rows);
  row_mask few{rows->count()};
  for (std::uint32_t row = 0; row < rows->count(); row += 10)
    few.set(row);
  double sum = 0;
  constexpr int queries = 50;
  hnsw_scratch scratch;
  for (int i = 0; i < queries; ++i) {
    const auto v = make.next();
    const near_query query{v, metric::cosine, 10, &few};
    scratch.begin(rows->count());
    hnsw_walk walk{graph_of(*index), *rows, nullptr, best_kernels(), query, scratch};
    BOOST_REQUIRE(walk.run(20, rows->count()));
    const auto best = walk.best(10);
    BOOST_REQUIRE(best.size() >= 10u);
    for (const auto row : best)
      BOOST_REQUIRE(few[row]);
    sum += recall(nearest_of(*rows, query, best), by_hand(*rows, query));
    scratch.begin(rows->count());
    BOOST_REQUIRE(
      !hnsw_walk(graph_of(*index), *rows, nullptr, best_kernels(), query, scratch).run(20, 30));
  }
  BOOST_TEST(sum / queries >= 0.95);
}

BOOST_AUTO_TEST_CASE(all_rows_are_found_if_so_many_are_asked_for) {
  vector_maker make{2, 4};
  const auto rows = make.rows(500);
  const auto index = make_hnsw(hnsw_config(metric::manhattan), rows);
  const auto v = make.next();
  for (const std::size_t k : {std::size_t{499}, std::size_t{500}, std::size_t{501}, SIZE_MAX}) {
    const near_query query{v, metric::manhattan, k};
    BOOST_TEST((index->search(query) == by_hand(*rows, query)));
  }
}

BOOST_AUTO_TEST_CASE(equal_rows_are_one_node_and_all_found) {
  vector_maker make{3, 6};
  auto rows = make.rows(2'000);
  const auto often = make.next();
  for (int i = 0; i < 300; ++i) {
    rows->add(often);
    rows->add(make.next());
  }
  rows->add(std::vector<float>((*rows)[7].begin(), (*rows)[7].end()));
  const auto index = make_hnsw(hnsw_config(metric::euclid), rows);
  BOOST_TEST(graph_of(*index).twins.size() == 300u);
  const near_query query{often, metric::euclid, 20, nullptr, 30};
  const auto found = index->search(query);
  std::vector<std::uint32_t> first;
  for (std::uint32_t row = 2'000; first.size() < 20; row += 2)
    first.push_back(row);
  BOOST_TEST(rows_of(found) == first, boost::test_tools::per_element());
  row_mask mask{rows->count(), true};
  mask.reset(2'000);
  mask.reset(2'004);
  mask.reset(7);
  auto among = query;
  among.among = &mask;
  first.erase(first.begin());
  first.erase(first.begin() + 1);
  first.insert(first.end(), {2'040, 2'042});
  BOOST_TEST(rows_of(index->search(among)) == first, boost::test_tools::per_element());
  // The one that is left of two.
  const near_query seventh{(*rows)[7], metric::euclid, 1, &mask, small_effort};
  BOOST_TEST(rows_of(index->search(seventh)) == std::vector<std::uint32_t>{2'600});
}

BOOST_DATA_TEST_CASE(rows_of_zeros_are_rows_as_others_are, all_metrics, by) {
  vector_maker make{4, 6};
  auto rows = make.rows(500);
  const std::vector<float> zeros(6);
  for (int i = 0; i < 500; ++i)
    rows->add(i % 2 == 0 ? zeros : make.next());
  const auto index = make_hnsw(hnsw_config(by), rows);
  BOOST_TEST(graph_of(*index).twins.size() == 249u);
  for (int i = 0; i < 50; ++i) {
    const auto v = i == 0 ? zeros : make.next();
    const near_query query{v, by, 5, nullptr, 10};
    const auto found = index->search(query);
    BOOST_TEST(found.size() == 5u);
    BOOST_TEST(is_answer(found, *rows, query));
  }
  const near_query all{zeros, by, 1'000};
  BOOST_TEST((index->search(all) == by_hand(*rows, all)));
}

BOOST_AUTO_TEST_CASE(numbers_that_are_too_large_to_be_multiplied_do_no_harm) {
  for (const auto by : all_metrics) {
    vector_maker make{5, 4};
    auto rows = make.rows(300);
    for (int i = 0; i < 300; ++i) {
      auto v = make.next();
      for (auto& x : v)
        x *= i % 2 == 0 ? 1e37F : 1e-40F;
      rows->add(v);
    }
    const auto index = make_hnsw(hnsw_config(by), rows);
    for (std::uint32_t row = 200; row < 400; ++row) {
      const near_query query{(*rows)[row], by, 3, nullptr, small_effort};
      const auto found = index->search(query);
      BOOST_REQUIRE_EQUAL(found.size(), 3u);
      BOOST_REQUIRE(is_answer(found, *rows, query));
    }
  }
}

BOOST_AUTO_TEST_CASE(building_tells_how_far_it_is_and_can_be_ended) {
  vector_maker make{6, 4};
  const auto rows = make.rows(3'000);
  auto config = hnsw_config(metric::euclid);
  for (const unsigned threads : {1u, 3u}) {
    config.threads = threads;
    double last = 0;
    int calls = 0;
    const auto caller = std::this_thread::get_id();
    const auto index = make_hnsw(config, rows, [&](double share) {
      BOOST_TEST((std::this_thread::get_id() == caller));
      BOOST_TEST(share > last);
      BOOST_TEST(share <= 1.0);
      last = share;
      ++calls;
      return true;
    });
    BOOST_TEST((index != nullptr));
    BOOST_TEST(calls >= (threads == 1 ? 4 : 1)); // the caller may be slower than the others
    BOOST_TEST((make_hnsw(config, rows, [](double) { return false; }) == nullptr));
    int before_end = 2;
    const auto later = make_hnsw(config, rows, [&](double) { return --before_end > 0; });
    BOOST_TEST((later == nullptr) == (before_end == 0));
    BOOST_TEST((threads > 1 || later == nullptr));
    BOOST_CHECK_THROW(
      (void)make_hnsw(config, rows, [](double) -> bool { throw std::logic_error("x"); }),
      std::logic_error);
  }
}

BOOST_AUTO_TEST_CASE(numbers_of_links_have_bounds) {
  vector_maker make{7, 4};
  const auto rows = make.rows(400);
  auto config = hnsw_config(metric::euclid);
  for (const std::size_t links : {0u, 1u, 257u}) {
    config.links = links;
    BOOST_CHECK_THROW((void)make_hnsw(config, rows), std::invalid_argument);
  }
  for (const std::size_t links : {2u, 256u}) {
    config.links = links;
    const auto index = make_hnsw(config, rows);
    const auto v = make.next();
    const near_query query{v, metric::euclid, 5, nullptr, small_effort};
    BOOST_TEST(is_answer(index->search(query), *rows, query));
    const auto loaded = load_hnsw(config, rows, index->save());
    BOOST_TEST((loaded->search(query) == index->search(query)));
  }
}

BOOST_AUTO_TEST_CASE(threads_may_search_at_once) {
  vector_maker make{8, 8};
  const auto rows = make.rows(2'000);
  const auto index = make_hnsw(hnsw_config(metric::cosine), rows);
  std::vector<std::vector<float>> queries;
  std::vector<std::vector<near_row>> alone;
  for (int i = 0; i < 200; ++i) {
    queries.push_back(make.next());
    alone.push_back(index->search({queries.back(), metric::cosine, 5, nullptr, 10}));
  }
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> crew;
    for (auto& mine : wrong)
      crew.emplace_back([&] {
        for (std::size_t i = 0; i < queries.size(); ++i)
          mine += index->search({queries[i], metric::cosine, 5, nullptr, 10}) != alone[i] ? 1 : 0;
      });
  }
  BOOST_TEST(wrong == std::vector<int>(4), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
