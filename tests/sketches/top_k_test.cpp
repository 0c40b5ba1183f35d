#include "stream_support.hpp"
#include "support/settings.hpp"
#include "top_k_support.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <set>
#include <stdexcept>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using top_items = std::vector<top_item>;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

bool refuses(const top_k_params& params, std::string_view naming) {
  try {
    (void)top_k{params};
    return false;
  } catch (const std::invalid_argument& e) {
    return std::string_view{e.what()}.find(naming) != std::string_view::npos;
  }
}

/// Counts of the most frequent items, highest first.
std::vector<std::uint64_t> true_counts(const exact_counts& exact) {
  std::vector<std::uint64_t> counts;
  for (const auto& [item, count] : exact)
    counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  return counts;
}

/// All that is promised about a sketch of a stream.
void check_bounds(const top_k& sketch, const exact_counts& exact) {
  std::uint64_t total = 0;
  for (const auto& [item, count] : exact)
    total += count;
  const auto m = sketch.counters();
  BOOST_REQUIRE_EQUAL(sketch.total(), total);
  const auto kept = sketch.top(m);
  BOOST_REQUIRE_LE(kept.size(), m);
  std::set<std::string_view> names;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto& [item, count, error] = kept[i];
    sum += count;
    names.insert(item);
    BOOST_REQUIRE_LE(count - error, true_count(exact, item));
    BOOST_REQUIRE_EQUAL(sketch.estimate(item), (bounded_count{count, error}));
    if (i > 0)
      BOOST_REQUIRE(
        (kept[i - 1].count > count || (kept[i - 1].count == count && kept[i - 1].item < item)));
  }
  BOOST_REQUIRE_LE(sum, total);
  for (const auto& [item, count] : exact) {
    const auto found = sketch.estimate(item);
    BOOST_REQUIRE_LE(found.count - found.error, count);
    BOOST_REQUIRE_GE(found.count, count);
    BOOST_REQUIRE_LE(found.error, total / m);
    if (count > total / m)
      BOOST_REQUIRE(names.contains(item));
    if (exact.size() <= m)
      BOOST_REQUIRE_EQUAL(found, (bounded_count{count, 0}));
  }
  const auto truth = true_counts(exact);
  for (const std::size_t n : {std::size_t{1}, std::size_t{2}, sketch.params().k, m, m + 1}) {
    if (!sketch.guaranteed(n))
      continue;
    const auto first = sketch.top(n);
    BOOST_REQUIRE_EQUAL(first.size(), std::min(n, exact.size()));
    for (const auto& item : first)
      BOOST_REQUIRE_GE(true_count(exact, item.item), truth[first.size() - 1]);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(top_items_of_a_stream)

BOOST_AUTO_TEST_CASE(few_items_are_counted_exactly) {
  top_k sketch{{.k = 2, .epsilon = 0.1}};
  BOOST_TEST(sketch.counters() == 10u);
  BOOST_TEST(sketch.top().empty());
  BOOST_TEST(sketch.guaranteed(2));
  sketch.add("\"ada\"");
  sketch.add("\"bob\"", 5);
  sketch.add("\"cyd\"", 0);
  sketch.add("\"ada\"", 7);
  sketch.add("\"dan\"", 5);
  BOOST_TEST(sketch.top() == (top_items{{"\"ada\"", 8, 0}, {"\"bob\"", 5, 0}}), per_element());
  BOOST_TEST(sketch.top(9).size() == 3u);
  BOOST_TEST(sketch.top(0).empty());
  BOOST_TEST(sketch.estimate("\"dan\"") == (bounded_count{5, 0}));
  BOOST_TEST(sketch.estimate("\"cyd\"") == (bounded_count{0, 0}));
  BOOST_TEST(sketch.total() == 18u);
  BOOST_TEST(sketch.guaranteed(9)); // there are no others
}

BOOST_AUTO_TEST_CASE(a_new_item_takes_over_the_lowest_counter_with_its_count) {
  auto sketch = sketch_of(2, {"a", "a", "a", "b", "c"});
  BOOST_TEST(sketch.top(5) == (top_items{{"a", 3, 0}, {"c", 2, 1}}), per_element());
  BOOST_TEST(sketch.estimate("b") == (bounded_count{2, 2}));
  BOOST_TEST(sketch.guaranteed(1));
  BOOST_TEST(!sketch.guaranteed(2)); // b may have come as often as c
  BOOST_TEST(!sketch.guaranteed(3));
  sketch.add("b", 4);
  BOOST_TEST(sketch.top(5) == (top_items{{"b", 6, 2}, {"a", 3, 0}}), per_element());
  BOOST_TEST(sketch.guaranteed(1));
  sketch.add("c");
  BOOST_TEST(sketch.top(5) == (top_items{{"b", 6, 2}, {"c", 4, 3}}), per_element());
  BOOST_TEST(sketch.estimate("a") == (bounded_count{4, 4}));
}

BOOST_AUTO_TEST_CASE(one_counter_is_enough_for_a_majority) {
  auto sketch = sketch_of(1, {"a", "b", "a"});
  BOOST_TEST(sketch.top(1) == (top_items{{"a", 3, 2}}), per_element());
  BOOST_TEST(!sketch.guaranteed(1));
}

BOOST_AUTO_TEST_CASE(items_and_totals_that_are_too_large_are_refused_and_change_nothing) {
  top_k sketch{counters(2)};
  sketch.add(std::string(1'024, 'x'), most - 5);
  sketch.add("");
  const auto before = sketch.serialise();
  BOOST_CHECK_THROW(sketch.add(std::string(1'025, 'x')), std::invalid_argument);
  BOOST_CHECK_THROW(sketch.add("y", 5), std::invalid_argument);
  BOOST_CHECK_THROW(sketch.merge(top_k{sketch}), std::invalid_argument);
  BOOST_TEST(sketch.serialise() == before, per_element());
  sketch.add("y", 4);
  BOOST_TEST(sketch.total() == most);
  BOOST_TEST(sketch.top(2) == (top_items{{std::string(1'024, 'x'), most - 5, 0}, {"y", 5, 1}}),
             per_element());
}

BOOST_AUTO_TEST_CASE(what_is_out_of_range_is_named) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong : {0.0, -0.1, 1.1, 9.9e-6, nan})
    BOOST_TEST(refuses({.epsilon = wrong}, "epsilon"));
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{100'001}, ~std::size_t{0}})
    BOOST_TEST(refuses({.k = wrong}, "k of"));
  BOOST_TEST(top_k({.k = 1, .epsilon = 1e-5}).counters() == 100'000u);
  BOOST_TEST(top_k({.k = 100'000, .epsilon = 1}).counters() == 100'000u);
  BOOST_TEST(top_k({.k = 1, .epsilon = 0.3}).counters() == 4u);
  BOOST_TEST(top_k({.k = 5, .epsilon = 0.3}).counters() == 5u);
}

BOOST_AUTO_TEST_CASE(random_streams_keep_the_bounds) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  int sure = 0;
  for (int trial = 0; trial < 200; ++trial) {
    BOOST_TEST_CONTEXT("seed " << seed << ", trial " << trial) {
      const bool large = trial == 199;
      top_k sketch{{.k = 1 + random() % 20, .epsilon = trial % 3 ? 0.01 : 0.1}};
      const auto size = large ? (long_tests() ? 10'000'000 : 100'000) : 1 + random() % 20'000;
      constexpr double skews[]{0, 0.8, 1.2, 2};
      item_source source{1 + random() % (large ? 50'000 : 1'000), skews[trial % 4], random()};
      exact_counts exact;
      for (std::size_t i = 0; i < size; ++i) {
        const auto item = text_of(source.next());
        const auto count = trial % 5 ? 1 : 1 + random() % 10;
        exact[item] += count;
        sketch.add(item, count);
        if (i % 5'000 == 77) // goes on from bytes as it would without
          sketch = top_k::parse(sketch.serialise());
      }
      check_bounds(sketch, exact);
      sure += sketch.guaranteed(3);
    }
  }
  BOOST_TEST_MESSAGE("sure of the first three in " << sure << " of 200 streams");
  BOOST_TEST(sure > 30);
}

BOOST_AUTO_TEST_CASE(all_counts_of_a_stream_sum_up_to_its_total) {
  item_source source{1'000, 0.5, 4};
  top_k sketch{counters(50)};
  for (int i = 0; i < 10'000; ++i)
    sketch.add(text_of(source.next()));
  std::uint64_t sum = 0;
  for (const auto& item : sketch.top(50))
    sum += item.count;
  BOOST_TEST(sum == 10'000u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(top_items_of_several_streams)

BOOST_AUTO_TEST_CASE(counts_add_up) {
  auto one = sketch_of(3, {"a", "a", "b"});
  one.merge(sketch_of(3, {"b", "c", "b"}));
  BOOST_TEST(one.top(5) == (top_items{{"b", 3, 0}, {"a", 2, 0}, {"c", 1, 0}}), per_element());
  BOOST_TEST(one.total() == 6u);
  // Full ones: what the other has no counter for may have come as often as its lowest.
  auto two = sketch_of(2, {"a", "a", "a", "b"});
  two.merge(sketch_of(2, {"c", "c", "d", "d", "d", "d"}));
  BOOST_TEST(two.top(5) == (top_items{{"a", 5, 2}, {"d", 5, 1}}), per_element());
  BOOST_TEST(two.estimate("c") == (bounded_count{5, 5}));
  BOOST_TEST(two.total() == 10u);
}

BOOST_AUTO_TEST_CASE(nothing_is_added_by_an_empty_one_and_a_double_by_itself) {
  auto sketch = sketch_of(3, {"a", "a", "b", "c", "d"});
  const auto before = sketch.top(3);
  sketch.merge(top_k{counters(3)});
  BOOST_TEST(sketch.top(3) == before, per_element());
  sketch.merge(sketch);
  BOOST_TEST(sketch.total() == 10u);
  auto doubled = before;
  for (auto& item : doubled) {
    item.count *= 2;
    item.error *= 2;
  }
  BOOST_TEST(sketch.top(3) == doubled, per_element());
}

BOOST_AUTO_TEST_CASE(either_way_gives_the_same_bytes) {
  auto one = sketch_of(3, {"a", "b", "c", "d", "e"});
  auto other = sketch_of(3, {"x", "y", "y", "a"});
  const auto kept = one;
  one.merge(other);
  other.merge(kept);
  BOOST_TEST(one.serialise() == other.serialise(), per_element());
}

BOOST_AUTO_TEST_CASE(other_params_are_refused) {
  top_k sketch{{.k = 5, .epsilon = 0.1}};
  BOOST_CHECK_THROW(sketch.merge(top_k{{.k = 5, .epsilon = 0.2}}), std::invalid_argument);
  BOOST_CHECK_THROW(sketch.merge(top_k{{.k = 6, .epsilon = 0.1}}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(random_merges_keep_the_bounds) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  for (int trial = 0; trial < 200; ++trial) {
    BOOST_TEST_CONTEXT("seed " << seed << ", trial " << trial) {
      const top_k_params params{.k = 5, .epsilon = trial % 3 ? 0.02 : 0.2};
      std::vector<top_k> parts(1 + random() % 10, top_k{params});
      exact_counts exact;
      item_source source{1 + random() % 300, trial % 2 ? 1.2 : 0, random()};
      const auto size = random() % 5'000;
      for (std::size_t i = 0; i < size; ++i) {
        const auto n = source.next();
        // Parts have items of their own, or share all.
        const auto part = (trial % 4 < 2 ? n : random()) % parts.size();
        parts[part].add(text_of(n));
        ++exact[text_of(n)];
      }
      while (parts.size() > 1) { // in any order, with more added to what has been merged
        std::swap(parts[random() % parts.size()], parts.back());
        const auto last = std::move(parts.back());
        parts.pop_back();
        auto& into = parts[random() % parts.size()];
        into.merge(last);
        for (int i = 0; i < 20; ++i) {
          const auto item = text_of(source.next());
          into.add(item);
          ++exact[item];
        }
        into = top_k::parse(into.serialise());
      }
      check_bounds(parts[0], exact);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
