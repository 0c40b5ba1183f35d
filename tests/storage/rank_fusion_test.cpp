#include "beaver/storage/rank_fusion.hpp"

#include "support/failure.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <sstream>

using namespace beaver;
using namespace beaver::test;

namespace {

using list = std::vector<ranked>;
using lists = std::vector<list>;

constexpr double infinity = std::numeric_limits<double>::infinity();

fusion_options by_rank(std::vector<double> weights = {}, double k = 60) {
  return {fusion_method::reciprocal_rank, k, std::move(weights)};
}

fusion_options by_score(std::vector<double> weights = {}) {
  return {fusion_method::weighted_scores, 60, std::move(weights)};
}

/// As "a 0.5, b 0.25".
std::string shown(const list& all) {
  std::ostringstream out;
  for (const auto& r : all)
    out << (out.tellp() > 0 ? ", " : "") << r.id << ' ' << r.score;
  return out.str();
}

std::string ids_of(const list& all) {
  std::string ids;
  for (const auto& r : all)
    ids += r.id;
  return ids;
}

/// By definition: for each id, what each list gives it.
std::map<std::string, double> by_hand(const lists& all, const fusion_options& options) {
  std::map<std::string, double> result;
  for (std::size_t l = 0; l < all.size(); ++l) {
    const double weight = options.weights.empty() ? 1 : options.weights[l];
    if (weight == 0)
      continue;
    list seen;
    for (const auto& r : all[l])
      if (ids_of(seen).find(r.id) == std::string::npos)
        seen.push_back(r);
    double low = infinity;
    double high = -infinity;
    for (const auto& r : seen) {
      low = std::min(low, r.score);
      high = std::max(high, r.score);
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const double score = options.method == fusion_method::reciprocal_rank
                             ? 1 / (options.k + static_cast<double>(i + 1))
                           : low == high ? 1
                                         : (seen[i].score - low) / (high - low);
      result[seen[i].id] += weight * score;
    }
  }
  return result;
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(a)); }

} // namespace

BOOST_AUTO_TEST_SUITE(rank_fusions)

BOOST_AUTO_TEST_CASE(reciprocal_ranks_are_added_from_place_one_on) {
  const lists all{{{"a", 9}, {"b", 8}}, {{"b", 0.5}, {"c", 0.25}}};
  // With k = 1: a 1/2, b 1/3 + 1/2, c 1/3.
  BOOST_TEST(shown(fuse(all, by_rank({}, 1))) == "b 0.833333, a 0.5, c 0.333333");
  BOOST_TEST(fuse(all).at(0).score == 1.0 / 62 + 1.0 / 61); // 60 unless said otherwise
  BOOST_TEST(fuse(all).at(1).score == 1.0 / 61);
}

BOOST_AUTO_TEST_CASE(weights_make_a_list_count_more) {
  const lists all{{{"a", 1}, {"b", 1}}, {{"b", 1}, {"a", 1}}};
  BOOST_TEST(shown(fuse(all, by_rank({3, 1}, 1))) == "a 1.83333, b 1.5");
  BOOST_TEST(shown(fuse(all, by_rank({1, 3}, 1))) == "b 1.83333, a 1.5");
}

BOOST_AUTO_TEST_CASE(scores_are_brought_to_0_and_1_before_they_are_added) {
  const lists all{{{"a", 30}, {"b", 15}, {"c", 10}}, {{"c", -1}, {"a", -4}, {"d", -5}}};
  // a 1 + 1/4, b 1/4 + 0, c 0 + 1, d 0.
  BOOST_TEST(shown(fuse(all, by_score())) == "a 1.25, c 1, b 0.25, d 0");
  BOOST_TEST(shown(fuse(all, by_score({0.5, 2}))) == "c 2, a 1, b 0.125, d 0");
}

BOOST_AUTO_TEST_CASE(a_list_of_equal_scores_counts_as_one) {
  BOOST_TEST(shown(fuse(lists{{{"b", 7}, {"a", 7}}, {{"a", 0}}}, by_score({0.5, 0.25})))
             == "a 0.75, b 0.5");
}

BOOST_AUTO_TEST_CASE(scores_at_the_ends_of_double_neither_overflow_nor_vanish) {
  constexpr double most = std::numeric_limits<double>::max();
  constexpr double least = std::numeric_limits<double>::denorm_min();
  BOOST_TEST(shown(fuse(lists{{{"a", most}, {"b", 0}, {"c", -most}}}, by_score()))
             == "a 1, b 0.5, c 0");
  BOOST_TEST(shown(fuse(lists{{{"a", least}, {"b", 0}}}, by_score())) == "a 1, b 0");
}

BOOST_AUTO_TEST_CASE(ties_are_in_the_order_of_ids) {
  BOOST_TEST(ids_of(fuse(lists{{{"b", 1}}, {{"a", 1}}, {{"c", 1}}})) == "abc");
  // Each has the places 1, 2 and 3: their sums are equal to the last bit in any order.
  const lists round{
    {{"b", 1}, {"c", 1}, {"a", 1}}, {{"a", 1}, {"b", 1}, {"c", 1}}, {{"c", 1}, {"a", 1}, {"b", 1}}};
  for (const double k : {60.0, 2.0, 5.0, 44.0}) {
    const auto fused = fuse(round, by_rank({}, k));
    BOOST_TEST(ids_of(fused) == "abc");
    BOOST_TEST(fused.front().score == fused.back().score);
  }
}

BOOST_AUTO_TEST_CASE(an_id_counts_once_in_a_list_and_takes_one_place) {
  const lists all{{{"a", 4}, {"a", 3}, {"b", 2}, {"a", 0}}};
  BOOST_TEST(shown(fuse(all, by_rank({}, 1))) == "a 0.5, b 0.333333");
  BOOST_TEST(shown(fuse(all, by_score())) == "a 1, b 0"); // 0 is not among the scores
}

BOOST_AUTO_TEST_CASE(a_list_of_weight_0_is_left_out) {
  const lists all{{{"a", 1}}, {{"b", infinity}}};
  BOOST_TEST(ids_of(fuse(all, by_rank({1, 0}))) == "a");
  BOOST_TEST(ids_of(fuse(all, by_score({1, 0}))) == "a");
}

BOOST_AUTO_TEST_CASE(nothing_is_fused_to_nothing) {
  for (const auto& options : {by_rank(), by_score()}) {
    BOOST_TEST(fuse({}, options).empty());
    BOOST_TEST(fuse(lists{{}, {}}, options).empty());
    BOOST_TEST(ids_of(fuse(lists{{}, {{"a", 1}}}, options)) == "a");
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_fused_is_refused) {
  const lists two{{{"a", 1}}, {{"b", 1}}};
  const auto outcome = [&](const fusion_options& options) {
    return outcome_of([&] { static_cast<void>(fuse(two, options)); });
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double k : {0.0, -1.0, nan, infinity})
    BOOST_TEST(outcome(by_rank({}, k)).is(errc::invalid_argument));
  for (const auto& weights : std::vector<std::vector<double>>{
         {1}, {1, 1, 1}, {1, -1}, {1, nan}, {infinity, 1}, {0, 0}, {1e308, 1e308}}) {
    BOOST_TEST(outcome(by_rank(weights)).is(errc::invalid_argument));
    BOOST_TEST(outcome(by_score(weights)).is(errc::invalid_argument));
  }
  BOOST_TEST(outcome(by_rank({1})).says("2 lists has 1 weights"));
  const lists endless{{{"x", infinity}, {"y", nan}}};
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(fuse(endless, by_score()));
             }).says("the score of 'x' is not finite"));
  BOOST_TEST(ids_of(fuse(endless)) == "xy"); // scores are not looked at
}

BOOST_AUTO_TEST_CASE(random_lists_are_fused_as_by_definition) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 random{seed};
    for (int round = 0; round < 20'000; ++round) {
      lists all(random() % 4);
      for (auto& l : all) {
        l.resize(random() % 12);
        for (auto& r : l)
          r = {std::string(1, static_cast<char>('a' + random() % 10)),
               static_cast<double>(random() % 9) - 4};
        std::stable_sort(l.begin(), l.end(),
                         [](const ranked& a, const ranked& b) { return a.score > b.score; });
      }
      fusion_options options =
        random() % 2 ? by_score() : by_rank({}, 0.5 * static_cast<double>(1 + random() % 200));
      if (!all.empty() && random() % 2) {
        for (std::size_t i = 0; i < all.size(); ++i)
          options.weights.push_back(0.25 * static_cast<double>(random() % 5));
        options.weights[random() % all.size()] = 1;
      }
      const auto expected = by_hand(all, options);
      const auto got = fuse(all, options);
      BOOST_REQUIRE_EQUAL(got.size(), expected.size());
      std::set<std::string> ids;
      for (std::size_t i = 0; i < got.size(); ++i) {
        BOOST_REQUIRE(ids.insert(got[i].id).second);
        BOOST_REQUIRE(near(got[i].score, expected.at(got[i].id)));
        if (i > 0)
          BOOST_REQUIRE((got[i - 1].score > got[i].score
                         || (got[i - 1].score == got[i].score && got[i - 1].id < got[i].id)));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
