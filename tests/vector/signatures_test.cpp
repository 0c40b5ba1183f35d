#include "beaver/vector/signatures.hpp"

#include "beaver/vector/lsh.hpp"
#include "beaver/vector/rotation.hpp"
#include "lsh_support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

using namespace beaver;
using namespace beaver::test;

namespace {

signatures signed_rows(const vector_rows& rows, metric by, std::size_t bits = 256) {
  index_config config;
  config.by = by;
  return signatures::of(rows, config, bits, {}).value();
}

std::vector<double> estimates(const signatures& of, const vector_rows& rows, const floats& query) {
  const auto blocks = (rows.count() + 7) / 8;
  floats out(8 * blocks);
  of.estimate(of.prepare(query, best_kernels()), best_kernels(), 0, blocks, out.data());
  return {out.begin(), out.begin() + rows.count()};
}

/// What an estimate is one of: -cos, -a.b, or |a - b|^2 / 2.
std::vector<double> truth(metric by, const vector_rows& rows, const floats& query) {
  std::vector<double> all;
  const auto length = norm(query);
  for (std::uint32_t i = 0; i < rows.count(); ++i) {
    const auto s = score(by, query, length, rows[i], rows.norm(i));
    all.push_back(by == metric::euclid ? s * s / 2 : s);
  }
  return all;
}

double mean_of(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

/// y = slope * x + start, by least squares, and how well it fits.
struct line {
  line(const std::vector<double>& x, const std::vector<double>& y) {
    const auto mean_x = mean_of(x);
    const auto mean_y = mean_of(y);
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      xx += (x[i] - mean_x) * (x[i] - mean_x);
      xy += (x[i] - mean_x) * (y[i] - mean_y);
      yy += (y[i] - mean_y) * (y[i] - mean_y);
    }
    slope = xy / xx;
    start = mean_y - slope * mean_x;
    correlation = xy / std::sqrt(xx * yy);
    noise = std::sqrt((yy - slope * xy) / static_cast<double>(x.size()));
  }

  double slope;
  double start;
  double correlation;
  double noise; // the root of the mean squared residual
};

} // namespace

BOOST_AUTO_TEST_SUITE(random_hyperplanes)

BOOST_AUTO_TEST_CASE(normals_are_unit_vectors_at_right_angles_in_each_group) {
  for (const std::size_t dims : {1, 3, 64, 100, 300}) {
    const auto planes = random_planes(256, dims, 7);
    for (std::size_t i = 0; i < 256; ++i)
      for (auto j = i; j < std::min<std::size_t>(256, (i / dims + 1) * dims); ++j) {
        const auto product =
          std::inner_product(&planes[i * dims], &planes[i * dims] + dims, &planes[j * dims], 0.0);
        BOOST_REQUIRE_SMALL(product - (i == j ? 1 : 0), 1e-5);
      }
  }
}

BOOST_AUTO_TEST_CASE(groups_differ_and_so_do_seeds) {
  const auto planes = random_planes(128, 64, 7);
  BOOST_TEST(floats(planes.begin(), planes.begin() + 64)
             != floats(planes.end() - 64, planes.end()));
  BOOST_TEST(planes == random_planes(128, 64, 7));
  BOOST_TEST(planes != random_planes(128, 64, 8));
}

BOOST_AUTO_TEST_CASE(components_are_spread_as_normal_numbers_are) {
  const auto planes = random_planes(200, 200, 11);
  double inside = 0;
  double sum = 0;
  for (const auto x : planes) {
    sum += x;
    inside += std::abs(x) < 1 / std::sqrt(200.0) ? 1 : 0;
  }
  BOOST_TEST(std::abs(sum) < 4 * std::sqrt(200.0));
  BOOST_TEST(std::abs(inside / 40'000 - 0.6827) < 0.01);
}

BOOST_AUTO_TEST_CASE(projections_are_products_with_the_normals) {
  gaussian_source next{30, 1};
  const auto rows = next.rows(17);
  const auto planes = random_planes(64, 30, 3);
  floats out(17 * 64);
  project(planes, 30, rows->data(), 17, out.data());
  for (std::uint32_t i = 0; i < 17; ++i)
    for (std::size_t j = 0; j < 64; ++j)
      BOOST_REQUIRE_SMALL(
        static_cast<double>(out[i * 64 + j])
          - std::inner_product((*rows)[i].begin(), (*rows)[i].end(), &planes[j * 30], 0.0),
        1e-5);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(row_signatures)

BOOST_AUTO_TEST_CASE(there_are_enough_bits_and_no_more) {
  BOOST_TEST(signature_bits(1) == 128);
  BOOST_TEST(signature_bits(51) == 128);
  BOOST_TEST(signature_bits(64) == 192);
  BOOST_TEST(signature_bits(100) == 256);
  BOOST_TEST(signature_bits(128) == 320);
  BOOST_TEST(signature_bits(640) == 320);
  BOOST_TEST(signature_bits(768) == 384);
  BOOST_TEST(signature_bits(1'536) == 768);
  BOOST_TEST(signature_bits(65'536) == 1'024);
}

BOOST_DATA_TEST_CASE(estimates_are_a_line_through_the_truth_without_bias, lsh_metrics, by) {
  cluster_source next{100, 5};
  const auto rows = next.rows(4'003);
  const auto of = signed_rows(*rows, by);
  for (int run = 0; run < 5; ++run) {
    const auto query = next();
    const auto seen = estimates(of, *rows, query);
    const auto true_ones = truth(by, *rows, query);
    const line fit{true_ones, seen};
    BOOST_TEST(fit.slope > 0);
    BOOST_TEST(fit.correlation > 0.955);
    // Nor are the nearest, which is where it matters, taken for nearer or farther than they are.
    std::vector<std::size_t> order(seen.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::nth_element(order.begin(), order.begin() + 400, order.end(),
                     [&](auto a, auto b) { return true_ones[a] < true_ones[b]; });
    double off = 0;
    for (std::size_t i = 0; i < 400; ++i)
      off += seen[order[i]] - fit.start - fit.slope * true_ones[order[i]];
    BOOST_TEST(std::abs(off / 400) < 0.5 * fit.noise);
  }
}

BOOST_AUTO_TEST_CASE(the_error_falls_with_the_root_of_the_bits) {
  gaussian_source next{100, 6};
  const auto rows = next.rows(2'000);
  const auto query = next();
  const auto true_ones = truth(metric::euclid, *rows, query);
  const auto noise = [&](std::size_t bits) {
    const line fit{true_ones, estimates(signed_rows(*rows, metric::euclid, bits), *rows, query)};
    return fit.noise / fit.slope;
  };
  // |t| |u| 0.88 / sqrt(B) is 5.5 with 256 bits, since both are about 10 long.
  BOOST_TEST(noise(256) < 6.2);
  BOOST_TEST(noise(1'024) < 0.6 * noise(256));
}

BOOST_DATA_TEST_CASE(the_length_of_a_query_does_not_matter_but_to_euclid,
                     (std::vector{metric::cosine, metric::inner_product}), by) {
  cluster_source next{100, 5};
  const auto rows = next.rows(1'000);
  const auto of = signed_rows(*rows, by);
  const auto query = next();
  const auto expected = estimates(of, *rows, query);
  for (const float factor : {1e-30F, 0.01F, 1'000.0F, 1e30F}) {
    auto longer = query;
    for (auto& x : longer)
      x *= factor;
    BOOST_TEST(line(expected, estimates(of, *rows, longer)).correlation > 0.9999);
  }
}

BOOST_AUTO_TEST_CASE(a_query_is_brought_near_the_mean_however_short_the_mean_is) {
  gaussian_source next{100, 5};
  const auto far_off = [&](float length) {
    auto v = next();
    for (auto& x : v)
      x = length * (x + 3);
    return v;
  };
  auto rows = std::make_shared<vector_rows>(std::size_t{100});
  rows->add(far_off(100)); // beside it all others are short, and so the mean
  for (int i = 0; i < 4'000; ++i)
    rows->add(far_off(1));
  const auto of = signed_rows(*rows, metric::inner_product);
  for (int run = 0; run < 5; ++run) {
    const auto query = far_off(1);
    auto true_ones = truth(metric::inner_product, *rows, query);
    auto seen = estimates(of, *rows, query);
    true_ones.erase(true_ones.begin());
    seen.erase(seen.begin());
    BOOST_TEST(line(true_ones, seen).correlation > 0.95);
  }
}

BOOST_DATA_TEST_CASE(a_row_that_is_the_mean_is_where_it_is, lsh_metrics, by) {
  auto rows = std::make_shared<vector_rows>(4);
  for (const auto& row :
       {floats{1, 2, 3, 4}, floats{1, 2, 3, 4}, floats{1, 2, 3, 4}, floats{1, 2, 3, 4}})
    rows->add(row);
  const auto of = signed_rows(*rows, by, 128);
  const auto seen = estimates(of, *rows, {4, 3, 2, 1});
  for (const auto e : seen)
    BOOST_TEST(std::abs(e - seen[0]) < 1e-6); // not infinite, no division by zero
}

BOOST_AUTO_TEST_CASE(manhattan_is_refused) {
  gaussian_source next{8, 1};
  const auto rows = next.rows(3);
  BOOST_CHECK_THROW(signed_rows(*rows, metric::manhattan), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
