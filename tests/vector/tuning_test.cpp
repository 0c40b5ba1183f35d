#include "beaver/vector/tuning.hpp"

#include "beaver/vector/scan.hpp"
#include "lsh_support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

/// Finds each of the nearest rows with a chance of effort / 1,000, or `most` if that is less.
class chance_index final : public vector_index {
public:
  chance_index(shared_rows rows, std::size_t effort, double most = 1)
    : rows_(std::move(rows)), effort_(effort), most_(most) {}

  std::vector<near_row> search(const near_query& query) const override {
    ++searches;
    auto found = scan_rows(*rows_, query);
    const auto chance = std::min(static_cast<double>(query.effort) / 1'000, most_);
    std::mt19937_64 dice{found.front().row}; // the more effort, the more of the same rows
    std::erase_if(found, [&](const near_row&) {
      return std::uniform_real_distribution<double>{0, 1}(dice) >= chance;
    });
    return found;
  }

  strategy how() const noexcept override { return strategy::lsh; }
  bool exact(metric) const noexcept override { return false; }
  std::vector<index_part> save() const override { return {}; }
  std::size_t effort() const noexcept override { return effort_; }
  void tune(std::size_t effort) override { effort_ = effort; }
  std::size_t bytes() const noexcept override { return 0; }

  mutable std::size_t searches = 0;

private:
  shared_rows rows_;
  std::size_t effort_;
  double most_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(effort_tuning)

BOOST_DATA_TEST_CASE(the_least_effort_is_found_from_above_and_from_below,
                     (std::vector<std::size_t>{50, 400, 500, 600, 3'000}), first) {
  gaussian_source next{8, 1};
  const auto rows = next.rows(2'000);
  chance_index index{rows, first};
  const auto recall = tune_recall(index, *rows, metric::euclid, 0.5);
  BOOST_TEST(recall >= 0.5);
  BOOST_TEST(recall < 0.56);
  BOOST_TEST(index.effort() >= 480);
  BOOST_TEST(index.effort() < 570);
  BOOST_TEST(index.searches <= 9 * 256);
}

BOOST_AUTO_TEST_CASE(an_effort_that_is_more_than_enough_falls_to_that_of_the_neighbours) {
  gaussian_source next{8, 1};
  const auto rows = next.rows(500);
  chance_index index{rows, 5'000};
  BOOST_TEST(tune_recall(index, *rows, metric::euclid, 0) > 0);
  BOOST_TEST(index.effort() == tuned_neighbours);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_reached_is_not_sought_for_ever) {
  gaussian_source next{8, 1};
  const auto rows = next.rows(500);
  chance_index index{rows, 100, 0.5};
  const auto recall = tune_recall(index, *rows, metric::euclid, 0.9);
  BOOST_TEST(recall > 0.4);
  BOOST_TEST(recall < 0.6);
  BOOST_TEST(index.effort() == 1'600);
}

BOOST_DATA_TEST_CASE(few_rows_and_equal_ones_are_found_whole,
                     (std::vector<std::size_t>{0, 1, 2, 11, 300}), count) {
  auto rows = std::make_shared<vector_rows>(std::size_t{3});
  for (std::size_t i = 0; i < count; ++i)
    rows->add(floats{1, 2, 3});
  const auto index = lsh_of(rows, metric::cosine);
  BOOST_TEST(tune_recall(*index, *rows, metric::cosine, 0.95) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tuned_indexes)

BOOST_AUTO_TEST_CASE(other_queries_find_the_share_that_is_wanted_of_ten_neighbours_and_of_more) {
  std::vector<strategy> all{strategy::lsh};
  if (has_hnsw())
    all.push_back(strategy::hnsw);
  for (const auto how : all) {
    cluster_source next{64, 9};
    const auto rows = next.rows(20'000);
    const auto index = make_index({.how = how}, rows);
    const auto before = index->effort();
    for (const double target : {0.95, 0.99}) {
      const auto measured = tune_recall(*index, *rows, metric::cosine, target);
      BOOST_TEST_CONTEXT(static_cast<int>(how)
                         << ", target " << target << ", effort " << index->effort()) {
        BOOST_TEST(measured >= target);
        BOOST_TEST(index->effort() < before);
        // Less by what 200 queries may find less by chance, and the queries of the tuning more.
        for (const std::size_t k : {1, 10, 30, 100})
          BOOST_TEST(recall(*index, *rows, next, looking_for({}, metric::cosine, k), 200)
                     >= target - 0.015);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
