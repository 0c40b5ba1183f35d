#include "beaver/storage/filter.hpp"

#include "support/filter_oracle.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

BOOST_AUTO_TEST_SUITE(filters_random)

BOOST_AUTO_TEST_CASE(random_filters_over_random_rows_agree_with_trees) {
  const auto seed = fresh_seed();
  random_tree source{seed};
  const auto spelling = [&](std::uint64_t n) { return source.below(n); };
  const int filters = long_tests() ? 200'000 : 5'000;
  int matching = 0;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < filters; ++i) {
      const auto oracle = random_filter(source, 3);
      std::string wire;
      oracle.write(wire, spelling);
      const auto tree = filter_wire::parse(json_text{wire});
      BOOST_REQUIRE((filter_wire::parse(filter_wire::print(tree)) == tree));
      row_filter filter{tree};
      for (int n = 0; n < 20; ++n) {
        const auto row = source.value(3);
        std::string text;
        row.write(text, spelling);
        const bool expected = oracle.matches(row);
        matching += expected ? 1 : 0;
        BOOST_REQUIRE_MESSAGE(filter.matches(text) == expected,
                              wire << " over " << text << " should be " << expected);
      }
    }
  }
  BOOST_TEST(matching > filters * 2); // a test of something
  BOOST_TEST(matching < filters * 18);
}

BOOST_AUTO_TEST_CASE(random_conditions_on_whole_values_agree_with_trees) {
  const auto seed = fresh_seed();
  random_tree source{seed};
  const auto spelling = [&](std::uint64_t n) { return source.below(n); };
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < (long_tests() ? 2'000'000 : 50'000); ++i) {
      filter_oracle oracle{.what = filter_oracle::kind::condition};
      static const std::string operators[] = {"==", "!=", "<", "<=", ">", ">="};
      oracle.op = operators[source.below(std::size(operators))];
      oracle.value = source.scalar();
      const auto row = source.scalar();
      std::string wire;
      oracle.write(wire, spelling);
      std::string text;
      row.write(text, spelling);
      BOOST_REQUIRE_MESSAGE(row_filter{json_text{wire}}.matches(text) == oracle.matches(row),
                            wire << " over " << text);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
