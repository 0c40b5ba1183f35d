#include "beaver/vector/kernels.hpp"

#include "fenced_memory.hpp"
#include "support/settings.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace beaver;
using namespace beaver::test;

// Kernels over bytes, bits and results, compared with plain loops. All data stands at the end of
// memory.

namespace {

using random_bits = std::mt19937_64;

// bytes

void check_dot_int8(const std::vector<std::uint8_t>& query, const std::vector<std::int8_t>& rows) {
  const auto stride = query.size();
  const auto count = rows.size() / stride;
  const fenced_memory<std::uint8_t> query_memory{stride};
  const fenced_memory<std::int8_t> row_memory{rows.size()};
  const fenced_memory<std::int32_t> results{count};
  const auto* q = query_memory.last(query);
  const auto* r = row_memory.last(rows);
  for (const auto* set : available_kernels()) {
    const auto got = results.last(count);
    std::fill(got.begin(), got.end(), 77);
    set->dot_int8(q, r, count, stride, got.data());
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t expected = 0;
      for (std::size_t j = 0; j < stride; ++j)
        expected += std::int64_t{query[j]} * rows[i * stride + j];
      BOOST_TEST_INFO(set->name << ", row " << i << " of " << count << ", stride " << stride);
      BOOST_REQUIRE(got[i] == expected);
    }
  }
}

// signatures

/// A signature scan and the memory of its parts.
class scan_example {
public:
  scan_example(std::size_t words, std::size_t block_count, random_bits& random)
    : words_(words), planes_(2 * words), blocks_(block_count * words * 8), scale_(8 * block_count),
      base_(8 * block_count), results_(8 * block_count) {
    for (auto& word : planes_.last(2 * words))
      word = random();
    for (auto& word : blocks_.last(block_count * words * 8))
      word = random();
    std::normal_distribution<float> any{0, 10};
    for (auto* floats : {&scale_, &base_})
      for (auto& x : floats->last(8 * block_count))
        x = any(random);
    what = {planes_.last(2 * words).data(),
            words,
            blocks_.last(block_count * words * 8).data(),
            scale_.last(8 * block_count).data(),
            base_.last(8 * block_count).data(),
            any(random),
            any(random)};
    block_count_ = block_count;
  }

  /// Such that the results are the weighed bits.
  void only_bits() {
    for (auto& x : scale_.last(8 * block_count_))
      x = 1;
    for (auto& x : base_.last(8 * block_count_))
      x = 0;
    what.weight = 1;
    what.constant = 0;
  }

  void all_differ() {
    for (auto& word : planes_.last(2 * words_))
      word = 0;
    for (auto& word : blocks_.last(block_count_ * words_ * 8))
      word = ~std::uint64_t{0};
  }

  /// The sum over the bits of the query's numbers that are not those of a row's signature.
  [[nodiscard]] std::size_t bits(std::size_t row) const {
    std::size_t sum = 0;
    for (std::size_t bit = 0; bit < 64 * words_; ++bit) {
      const auto w = bit / 64;
      const auto sign = what.blocks[(row / 8 * words_ + w) * 8 + row % 8] >> bit % 64 & 1;
      for (std::size_t k = 0; k < 2; ++k)
        if ((what.planes[k * words_ + w] >> bit % 64 & 1) != sign)
          sum += std::size_t{1} << k;
    }
    return sum;
  }

  /// Compares all rows, as every set scans them.
  void check(bool exactly) const {
    for (const auto* set : available_kernels()) {
      const auto got = results_.last(8 * block_count_);
      std::fill(got.begin(), got.end(), std::numeric_limits<float>::quiet_NaN());
      set->scan_signatures(what, block_count_, got.data());
      for (std::size_t i = 0; i < got.size(); ++i) {
        const auto weighed = double{what.weight} * static_cast<double>(bits(i));
        const auto value = what.scale[i] * (weighed + what.constant) + what.base[i];
        const auto size = std::abs(what.scale[i]) * (std::abs(weighed) + std::abs(what.constant))
                          + std::abs(what.base[i]);
        const auto most = exactly ? 0 : 8 * 0x1p-24 * size;
        BOOST_TEST_INFO(set->name << ", " << words_ << " words, row " << i << " of " << got.size()
                                  << ": " << got[i] << ", in double " << value);
        BOOST_REQUIRE(std::abs(got[i] - value) <= most);
      }
    }
  }

  signature_scan what{};

private:
  std::size_t words_;
  std::size_t block_count_ = 0;
  fenced_memory<std::uint64_t> planes_;
  fenced_memory<std::uint64_t> blocks_;
  fenced_memory<float> scale_;
  fenced_memory<float> base_;
  fenced_memory<float> results_;
};

// selections

void check_select(const std::vector<float>& values, float limit, std::uint32_t first) {
  std::vector<std::uint32_t> expected;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] <= limit)
      expected.push_back(first + static_cast<std::uint32_t>(i));
  const fenced_memory<float> memory{values.size()};
  const fenced_memory<std::uint32_t> results{values.size()};
  const auto* v = memory.last(values);
  for (const auto* set : available_kernels()) {
    auto* got = results.last(values.size()).data();
    const auto count = set->select(v, values.size(), limit, first, got);
    BOOST_TEST_INFO(set->name << ", " << values.size() << " values, limit " << limit);
    BOOST_REQUIRE(std::vector<std::uint32_t>(got, got + count) == expected);
  }
}

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

} // namespace

BOOST_AUTO_TEST_SUITE(dot_int8_suite)

BOOST_AUTO_TEST_CASE(products_of_bytes_are_exact_at_their_ends) {
  for (std::size_t stride : {64U, 128U, 65'536U})
    for (int row : {-128, -127, 127})
      for (int query : {255, 128, 1})
        check_dot_int8(std::vector<std::uint8_t>(stride, static_cast<std::uint8_t>(query)),
                       std::vector<std::int8_t>(5 * stride, static_cast<std::int8_t>(row)));
}

BOOST_AUTO_TEST_CASE(products_of_bytes_are_exact_in_rows_of_any_number) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    random_bits random{seed};
    for (std::size_t stride = 64; stride <= 1088; stride += 64)
      for (std::size_t count = 0; count <= 9; ++count) {
        std::vector<std::uint8_t> query(stride);
        std::vector<std::int8_t> rows(count * stride);
        for (auto& x : query)
          x = static_cast<std::uint8_t>(random());
        for (auto& x : rows)
          x = static_cast<std::int8_t>(random());
        check_dot_int8(query, rows);
      }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(scan_signatures_suite)

BOOST_AUTO_TEST_CASE(bits_that_differ_from_the_numbers_of_the_query_are_weighed) {
  // The numbers of the first four bits are 1, 2, 3 and 3; those of the others are 0.
  const std::uint64_t planes[] = {0b1101, 0b1110};
  std::uint64_t block[8] = {0, 0b0001, 0b0010, 0b0100, 0b1111, 0b10000, 0b1100, ~std::uint64_t{0}};
  const float ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  const float base[8] = {0, 0, 0, 0, 0, 100, 200, 300};
  const signature_scan what{planes, 1, block, ones, base, 2, 10};
  for (const auto* set : available_kernels()) {
    float out[8];
    set->scan_signatures(what, 1, out);
    // 9, 10, 8, 6, 3, 12, 3 and 183 bits
    const float expected[] = {28, 30, 26, 22, 16, 134, 216, 676};
    BOOST_TEST_CONTEXT(set->name)
    BOOST_CHECK_EQUAL_COLLECTIONS(out, out + 8, expected, expected + 8);
  }
}

BOOST_AUTO_TEST_CASE(bits_are_counted_exactly_in_signatures_of_any_length) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    random_bits random{seed};
    for (std::size_t words = 1; words <= 50; ++words)
      for (std::size_t blocks = 0; blocks <= 5; ++blocks) {
        scan_example example{words, blocks, random};
        example.only_bits();
        example.check(true);
      }
  }
}

BOOST_AUTO_TEST_CASE(no_counter_overflows) {
  random_bits random{1};
  for (std::size_t words : {1U, 15U, 16U, 17U, 64U, 137U, 1024U}) {
    scan_example example{words, 3, random};
    example.only_bits();
    example.all_differ();
    example.check(true);
  }
}

BOOST_AUTO_TEST_CASE(estimates_are_those_of_the_formula) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    random_bits random{seed};
    for (std::size_t words : {1U, 2U, 4U, 5U, 12U, 16U, 20U, 33U})
      for (std::size_t blocks : {1U, 2U, 7U, 64U})
        scan_example{words, blocks, random}.check(false);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(select_suite)

BOOST_AUTO_TEST_CASE(values_up_to_the_limit_are_selected_in_order) {
  for (const auto* set : available_kernels()) {
    const float values[] = {3, 1, 2, 2.5F, 0};
    std::uint32_t out[5];
    BOOST_REQUIRE(set->select(values, 5, 2, 100, out) == 3U);
    BOOST_TEST(out[0] == 101U);
    BOOST_TEST(out[1] == 102U);
    BOOST_TEST(out[2] == 104U);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_never_selected) {
  for (std::size_t at = 0; at < 40; ++at)
    for (std::size_t count = at + 1; count <= 40; ++count) {
      std::vector<float> values(count, 1);
      values[at] = no_number;
      check_select(values, infinity, 0);
      check_select(values, 1, 0);
      check_select(values, 0, 0);
      check_select(values, no_number, 0);
    }
}

BOOST_AUTO_TEST_CASE(values_without_end_are_selected_like_others) {
  const std::vector<float> values{-infinity, infinity, 0,      -0.0F,    no_number, 1e-45F,
                                  -1e-45F,   3e38F,    -3e38F, infinity, 1,         -infinity};
  for (float limit : {-infinity, infinity, 0.0F, -0.0F, 1e-45F, -1e-45F, 3e38F, no_number})
    check_select(values, limit, 7);
}

BOOST_AUTO_TEST_CASE(any_share_of_any_number_of_values_is_selected) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    random_bits random{seed};
    std::uniform_real_distribution<float> any{0, 1};
    for (std::size_t count = 0; count <= 300; ++count)
      for (float limit : {-1.0F, 0.01F, 0.1F, 0.5F, 0.9F, 1.0F}) {
        std::vector<float> values(count);
        for (auto& x : values)
          x = any(random);
        check_select(values, limit, static_cast<std::uint32_t>(random()) / 2);
      }
  }
}

BOOST_AUTO_TEST_SUITE_END()
