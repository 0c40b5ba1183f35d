#include "beaver/vector/kernels.hpp"

#include "fenced_memory.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace beaver;
using namespace beaver::test;

// The sums of floats. Every set that the machine can run is compared with sums in double.

namespace {

struct float_kernel {
  const char* name;
  void (*kernel_set::*run)(const float*, const float*, std::size_t, std::size_t, float*);
  double (*term)(double, double);
};

const float_kernel float_kernels[] = {
  {"dot", &kernel_set::dot, [](double a, double b) { return a * b; }},
  {"squared", &kernel_set::squared, [](double a, double b) { return (a - b) * (a - b); }},
  {"absolute", &kernel_set::absolute, [](double a, double b) { return std::abs(a - b); }},
};

/// A query and rows somewhere in memory.
struct matrix {
  std::span<const float> query;
  std::span<const float> rows;

  [[nodiscard]] std::size_t dims() const { return query.size(); }
  [[nodiscard]] std::size_t count() const { return rows.size() / dims(); }
};

struct sum {
  double value = 0;
  double size = 0; // the sum of the absolute terms
};

sum in_double(const float_kernel& kernel, const matrix& m, std::size_t row) {
  sum total;
  for (std::size_t j = 0; j < m.dims(); ++j) {
    const auto term = kernel.term(m.query[j], m.rows[row * m.dims() + j]);
    total.value += term;
    total.size += std::abs(term);
  }
  return total;
}

/// What the header promises, and what the sum in double may be wrong by.
double bound(std::size_t n, double size) {
  const auto terms = static_cast<double>(n);
  return (terms + 2) * 0x1p-24 * size + terms * 0x1p-149 + terms * 0x1p-52 * size;
}

/// Compares what each kernel of each set makes of it. The results stand at the end of memory.
void check(const matrix& m, const fenced_memory<float>& results, bool exactly = false) {
  for (const auto& kernel : float_kernels) {
    std::vector<sum> expected(m.count());
    for (std::size_t i = 0; i < m.count(); ++i)
      expected[i] = in_double(kernel, m, i);
    for (const auto* set : available_kernels()) {
      const auto got = results.last(m.count());
      std::fill(got.begin(), got.end(), std::numeric_limits<float>::quiet_NaN());
      (set->*kernel.run)(m.query.data(), m.rows.data(), m.count(), m.dims(), got.data());
      for (std::size_t i = 0; i < m.count(); ++i) {
        const auto most = exactly ? 0 : bound(m.dims(), expected[i].size);
        BOOST_TEST_INFO(set->name << ' ' << kernel.name << " of " << m.dims() << " in row " << i
                                  << " of " << m.count() << ": " << got[i] << ", in double "
                                  << expected[i].value << " +- " << most);
        BOOST_REQUIRE(std::abs(static_cast<double>(got[i]) - expected[i].value) <= most);
      }
    }
  }
}

using random_bits = std::mt19937_64;

/// Odd numbers whose products and sums a float holds exactly, so that a term that is missing or
/// counted twice shows.
float small_integer(random_bits& random) {
  return static_cast<float>(static_cast<int>(random() % 8) * 2 - 7);
}

float usual(random_bits& random) { return std::normal_distribution<float>{}(random); }

/// Of any size, denormals and zeros of both signs among them, such that no sum of squares of 2048
/// overflows.
float of_any_size(random_bits& random) {
  const auto exponent = static_cast<int>(random() % 205) - 150;
  const auto mantissa = std::uniform_real_distribution<float>{-1, 1}(random);
  return random() % 16 == 0 ? std::copysign(0.0F, mantissa) : std::ldexp(mantissa, exponent);
}

template <class Number>
void fill(std::span<float> numbers, random_bits& random, Number number) {
  for (auto& x : numbers)
    x = number(random);
}

constexpr std::size_t longest = 2048;

/// Rows of every length at the end of memory, the query as well.
template <class Number>
void check_all_lengths(std::size_t count, Number number, bool exactly = false) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    random_bits random{seed};
    const fenced_memory<float> query{longest};
    const fenced_memory<float> rows{count * longest};
    const fenced_memory<float> results{count};
    fill(query.last(longest), random, number);
    fill(rows.last(count * longest), random, number);
    for (std::size_t dims = 1; dims <= longest; ++dims)
      check({query.last(dims), rows.last(count * dims)}, results, exactly);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(float_kernels_suite)

BOOST_AUTO_TEST_CASE(sums_are_taken_over_each_row) {
  const float query[] = {1, 2, 3};
  const float rows[] = {4, 5, 6, -1, 0, 1};
  for (const auto* set : available_kernels()) {
    BOOST_TEST_CONTEXT(set->name) {
      float out[2];
      set->dot(query, rows, 2, 3, out);
      BOOST_TEST(out[0] == 32);
      BOOST_TEST(out[1] == 2);
      set->squared(query, rows, 2, 3, out);
      BOOST_TEST(out[0] == 27);
      BOOST_TEST(out[1] == 12);
      set->absolute(query, rows, 2, 3, out);
      BOOST_TEST(out[0] == 9);
      BOOST_TEST(out[1] == 6);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_vector_is_at_no_distance_from_itself) {
  random_bits random{1};
  std::vector<float> v(333);
  fill(v, random, of_any_size);
  for (const auto* set : available_kernels()) {
    float out = 1;
    set->squared(v.data(), v.data(), 1, v.size(), &out);
    BOOST_TEST(out == 0);
    out = 1;
    set->absolute(v.data(), v.data(), 1, v.size(), &out);
    BOOST_TEST(out == 0);
  }
}

BOOST_AUTO_TEST_CASE(no_term_is_lost_at_any_length) { check_all_lengths(5, small_integer, true); }

BOOST_AUTO_TEST_CASE(sums_are_within_their_bound_at_any_length) { check_all_lengths(5, usual); }

BOOST_AUTO_TEST_CASE(numbers_may_be_of_any_size) { check_all_lengths(3, of_any_size); }

BOOST_AUTO_TEST_CASE(single_differences_are_within_the_bound) {
  // With one term there is nothing but the rounding of that.
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    random_bits random{seed};
    const fenced_memory<float> results{1000};
    std::vector<float> query(1);
    std::vector<float> rows(1000);
    for (int i = 0; i < 200; ++i) {
      fill(query, random, i % 2 == 0 ? of_any_size : usual);
      fill(rows, random, i % 2 == 0 ? of_any_size : usual);
      check({query, rows}, results);
    }
  }
}

BOOST_AUTO_TEST_CASE(rows_may_begin_anywhere_and_be_of_any_number) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    random_bits random{seed};
    const fenced_memory<float> query{200};
    const fenced_memory<float> rows{16 + 9 * 150};
    const fenced_memory<float> results{9};
    fill(query.first(200), random, small_integer);
    fill(rows.first(16 + 9 * 150), random, small_integer);
    for (std::size_t dims : {1U, 3U, 8U, 15U, 16U, 17U, 31U, 33U, 64U, 100U, 150U})
      for (std::size_t shift = 0; shift < 16; ++shift)
        for (std::size_t count = 0; count <= 9; ++count) {
          BOOST_TEST_INFO("shifted by " << shift);
          check({query.first(200).subspan((5 * shift) % 16, dims),
                 rows.first(16 + 9 * 150).subspan(shift, count * dims)},
                results, true);
        }
  }
}

BOOST_AUTO_TEST_SUITE_END()
