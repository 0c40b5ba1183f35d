#include "beaver/sketches/bloom.hpp"

#include "sketch_support.hpp"
#include "support/settings.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

__extension__ using wide = unsigned __int128;

std::vector<std::uint64_t> bits_of(const bloom_filter& filter, std::uint64_t first,
                                   std::uint64_t step) {
  std::vector<std::uint64_t> out;
  filter.each_bit(first, step, [&](std::uint64_t bit) {
    out.push_back(bit);
    return true;
  });
  return out;
}

/// As it is defined.
std::vector<std::uint64_t> bits_by_definition(const bloom_filter& filter, std::uint64_t first,
                                              std::uint64_t step) {
  std::vector<std::uint64_t> out;
  for (unsigned i = 0; i < filter.hashes(); ++i)
    out.push_back(static_cast<std::uint64_t>((wide{first} + wide{i} * step) % filter.bits()));
  return out;
}

bool found(const bloom_filter& filter, octets& bytes, std::uint64_t first, std::uint64_t step) {
  return filter.contains(memory_cells{bytes}, 0, first, step);
}

} // namespace

BOOST_AUTO_TEST_SUITE(bloom_filters)

BOOST_AUTO_TEST_CASE(are_as_large_as_capacity_and_error_need) {
  struct sizes {
    std::int64_t capacity;
    double error_rate;
    std::uint64_t bits;
    unsigned hashes;
  };
  // By Python, in its own floating point.
  const sizes all[] = {{1'000'000, 0.01, 9'585'059, 7},
                       {1'000'000, 0.05, 6'235'225, 5},
                       {1'000'000, 1e-4, 19'170'117, 14},
                       {1'000, 0.01, 9'586, 7},
                       {1'000, 0.001, 14'378, 10},
                       {100, 0.01, 959, 7},
                       {1, 0.999, 1, 1},
                       {1, 0.5, 2, 1},
                       {100'000'000, 0.01, 958'505'838, 7},
                       {12'345, 0.26, 34'613, 2},
                       {777, 0.13, 3'300, 3},
                       {5, 1e-300, 7'189, 997}};
  for (const auto& s : all) {
    const auto filter = bloom_filter::sized_for(s.capacity, s.error_rate);
    BOOST_TEST(filter.bits() == s.bits);
    BOOST_TEST(filter.hashes() == s.hashes);
    BOOST_TEST(filter.bytes() == (s.bits + 7) / 8);
  }
}

BOOST_AUTO_TEST_CASE(of_senseless_or_too_large_sizes_are_refused) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const auto refused = [](std::int64_t capacity, double error_rate) {
    BOOST_CHECK_THROW((void)bloom_filter::sized_for(capacity, error_rate), std::invalid_argument);
  };
  for (const std::int64_t capacity : {std::int64_t{0}, std::int64_t{-1}, -most, most})
    refused(capacity, 0.01);
  for (const double error : {0.0, 1.0, -0.5, 2.0, std::numeric_limits<double>::quiet_NaN()})
    refused(100, error);
  BOOST_TEST(bloom_filter::sized_for(834'000'000, 0.01).bits() < bloom_filter::most_bits);
  refused(835'000'000, 0.01);
  BOOST_CHECK_THROW((bloom_filter{0, 1}), std::invalid_argument);
  BOOST_CHECK_THROW((bloom_filter{1, 0}), std::invalid_argument);
  BOOST_CHECK_THROW((bloom_filter{bloom_filter::most_bits + 1, 1}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(place_bits_without_cutting_sums_off) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 dice{seed};
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    for (int run = 0; run < 20'000; ++run) {
      const std::uint64_t edges[] = {
        1, 2, 959, 9'585'059, bloom_filter::most_bits, 1 + dice() % bloom_filter::most_bits};
      const std::uint64_t hashes[] = {0, 1, most, most - 1, most / 2, dice(), dice(), dice()};
      const bloom_filter filter{edges[dice() % 6], static_cast<unsigned>(1 + dice() % 40)};
      const auto first = hashes[dice() % 8];
      const auto step = hashes[dice() % 8];
      BOOST_REQUIRE(bits_of(filter, first, step) == bits_by_definition(filter, first, step));
    }
  }
}

BOOST_AUTO_TEST_CASE(write_only_what_changes_and_read_only_what_tells) {
  const bloom_filter filter{100, 4};
  octets bytes(5 + filter.bytes());
  noted_cells cells{bytes};
  BOOST_TEST(!filter.contains(cells, 5, 3, 20)); // bits 3, 23, 43, 63
  BOOST_TEST(cells.read == std::vector<std::size_t>{5}, boost::test_tools::per_element());
  BOOST_TEST(filter.add(cells, 5, 3, 20));
  BOOST_TEST(cells.writes == 4);
  BOOST_TEST(filter.contains(cells, 5, 3, 20));
  octets expected(bytes.size());
  expected[5 + 0] = expected[5 + 5] = 1 << 3;
  expected[5 + 2] = expected[5 + 7] = 1 << 7;
  BOOST_TEST(bytes == expected, boost::test_tools::per_element());
  BOOST_TEST(!filter.add(cells, 5, 3, 20));
  BOOST_TEST(!filter.add(cells, 5, 3, 0)); // the same bit four times, and it is there
  BOOST_TEST(cells.writes == 4);
}

BOOST_AUTO_TEST_CASE(find_everything_that_was_added) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 dice{seed};
    for (int run = 0; run < 100; ++run) {
      const auto capacity = static_cast<std::int64_t>(1 + dice() % 2'000);
      const double error = 1e-6 + static_cast<double>(dice() % 900) / 1'000;
      const auto filter = bloom_filter::sized_for(capacity, error);
      octets bytes(filter.bytes());
      memory_cells cells{bytes};
      std::vector<std::pair<std::uint64_t, std::uint64_t>> items(dice() % 3'000);
      for (auto& [first, step] : items) {
        first = dice();
        step = dice();
        const bool before = filter.contains(cells, 0, first, step);
        BOOST_REQUIRE(filter.add(cells, 0, first, step) == !before);
      }
      for (const auto& [first, step] : items)
        BOOST_REQUIRE(filter.contains(cells, 0, first, step));
      BOOST_CHECK_NO_THROW(filter.check(bytes));
    }
  }
}

BOOST_AUTO_TEST_CASE(without_items_find_nothing) {
  const bloom_filter filter{1'000, 3};
  octets bytes(filter.bytes());
  BOOST_TEST(!found(filter, bytes, 0, 0));
  BOOST_TEST(!found(filter, bytes, 17, 4));
  BOOST_TEST(filter.fill(bytes) == 0);
  BOOST_TEST(filter.false_positive_rate(bytes) == 0);
}

BOOST_AUTO_TEST_CASE(merged_are_those_of_all_items) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 dice{seed};
    for (int run = 0; run < 100; ++run) {
      const bloom_filter filter{1 + dice() % 5'000, static_cast<unsigned>(1 + dice() % 9)};
      octets a(filter.bytes());
      octets b(filter.bytes());
      octets all(filter.bytes());
      memory_cells both{all};
      for (auto count = dice() % 500; count > 0; --count) {
        const auto first = dice();
        const auto step = dice();
        memory_cells one{dice() % 2 ? a : b};
        filter.add(one, 0, first, step);
        filter.add(both, 0, first, step);
      }
      const bool new_in_a = a != all;
      BOOST_TEST(filter.merge(a, b) == new_in_a);
      BOOST_CHECK(a == all);
      BOOST_TEST(!filter.merge(a, b));
      const bool new_in_b = b != all;
      BOOST_TEST(filter.merge(b, a) == new_in_b);
      BOOST_CHECK(b == all);
    }
  }
}

BOOST_AUTO_TEST_CASE(tell_how_full_they_are) {
  const bloom_filter filter{100, 2}; // 13 bytes
  octets bytes(13);
  bytes[0] = 0x0f;
  bytes[9] = 0x80;
  bytes[12] = 0x0f;
  BOOST_TEST(filter.fill(bytes) == 0.09);
  BOOST_TEST(filter.false_positive_rate(bytes) == 0.09 * 0.09);
  for (auto& byte : bytes)
    byte = 255; // and bits behind the last
  BOOST_TEST(filter.false_positive_rate(bytes) == 1);
}

BOOST_AUTO_TEST_CASE(of_another_length_or_with_bits_behind_the_last_are_refused) {
  for (std::uint64_t bits = 1; bits <= 40; ++bits) {
    const bloom_filter filter{bits, 2};
    octets right(filter.bytes());
    for (std::uint64_t bit = 0; bit < 8 * right.size(); ++bit) {
      auto given = right;
      given[bit / 8] = static_cast<std::uint8_t>(1u << bit % 8);
      if (bit < bits)
        BOOST_CHECK_NO_THROW(filter.check(given));
      else
        BOOST_CHECK_THROW(filter.check(given), std::invalid_argument);
    }
    for (const std::size_t size : {right.size() - 1, right.size() + 1}) {
      octets wrong(size);
      BOOST_CHECK_THROW(filter.check(wrong), std::invalid_argument);
      BOOST_CHECK_THROW((void)filter.fill(wrong), std::invalid_argument);
      BOOST_CHECK_THROW((void)filter.false_positive_rate(wrong), std::invalid_argument);
      BOOST_CHECK_THROW(filter.merge(right, wrong), std::invalid_argument);
      BOOST_CHECK_THROW(filter.merge(wrong, right), std::invalid_argument);
    }
  }
}

constexpr double rates[] = {0.5, 0.25, 0.1, 0.05, 0.01, 0.001};

// 200 filters, each full and asked for what is not in it.
BOOST_DATA_TEST_CASE(at_their_capacity_find_others_as_seldom_as_stated, rates, error) {
  constexpr int trials = 200;
  constexpr int asked = 5'000;
  const auto filter = bloom_filter::sized_for(1'000, error);
  std::mt19937_64 dice{1};
  double wrong = 0;
  double expected = 0;
  double fill = 0;
  for (int trial = 0; trial < trials; ++trial) {
    octets bytes(filter.bytes());
    memory_cells cells{bytes};
    for (int i = 0; i < 1'000; ++i) {
      const auto first = dice();
      filter.add(cells, 0, first, dice());
    }
    for (int i = 0; i < asked; ++i) {
      const auto first = dice();
      wrong += filter.contains(cells, 0, first, dice());
    }
    expected += filter.false_positive_rate(bytes) / trials;
    fill += filter.fill(bytes) / trials;
  }
  const double rate = wrong / (trials * asked);
  const double margin = 4 * std::sqrt(error / (trials * asked));
  // Two hashes in place of many cost a little in so small a filter.
  BOOST_TEST(rate < error * (error < 0.1 ? 1.05 : 1.13) * 1.03 + margin);
  BOOST_TEST(std::abs(rate - expected) < 0.03 * error + margin);
  BOOST_TEST(fill > 0.4);
  BOOST_TEST(fill < 0.6);
}

BOOST_AUTO_TEST_SUITE_END()
