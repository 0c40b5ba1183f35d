#include "beaver/vector/hnsw_codes.hpp"

#include "hnsw_support.hpp"
#include "vector_support.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr metric coded_metrics[] = {metric::cosine, metric::euclid, metric::inner_product};

/// What `hnsw_codes::distance` is about, and by how much it may be off: what codes lose is at most
/// half a step in each number.
struct true_distance {
  double value;
  double error;
};

true_distance distance_between(metric by, std::span<const float> q, std::span<const float> r) {
  double product = 0;
  float largest_q = 0;
  float largest_r = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    product += static_cast<double>(q[i]) * r[i];
    largest_q = std::max(largest_q, std::abs(q[i]));
    largest_r = std::max(largest_r, std::abs(r[i]));
  }
  const auto half_step = [&](float largest) {
    return std::sqrt(static_cast<double>(q.size())) * largest / 254;
  };
  const auto error =
    norm(q) * half_step(largest_r) + half_step(largest_q) * (norm(r) + half_step(largest_r));
  const auto share = by == metric::cosine ? 1 / norm(r) : by == metric::euclid ? 2 : 1;
  const auto square = by == metric::euclid ? norm(r) * norm(r) : 0;
  return {square - share * product, share * error * 1.001 + square * 1e-6};
}

} // namespace

BOOST_AUTO_TEST_SUITE(hnsw_rows_in_8_bits)

BOOST_AUTO_TEST_CASE(are_as_far_away_as_the_rows_but_for_what_codes_lose) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    vector_source source{seed};
    for (const std::size_t dims : {48u, 100u, 128u, 700u})
      for (const auto by : coded_metrics) {
        vector_rows rows{dims};
        for (int i = 0; i < 50; ++i)
          rows.add(source.gaussian(dims, i % 2 ? 1e-12F : 1e6F));
        const hnsw_codes codes{rows, by};
        BOOST_REQUIRE(codes.usable());
        hnsw_codes::probe probe;
        const auto query = source.gaussian(dims, 3);
        codes.prepare(query, probe);
        for (const auto* kernels : available_kernels())
          for (std::uint32_t row = 0; row < rows.count(); ++row) {
            const auto truth = distance_between(by, query, rows[row]);
            const auto found = static_cast<double>(codes.distance(probe, row, *kernels));
            BOOST_REQUIRE_LE(std::abs(found - truth.value), truth.error);
          }
      }
  }
}

BOOST_AUTO_TEST_CASE(find_what_the_rows_find) {
  for (const auto by : coded_metrics) {
    vector_maker make{11, 200};
    const auto rows = make.rows(6'000);
    BOOST_REQUIRE(hnsw_codes::suit(*rows, by));
    const auto index = make_hnsw(hnsw_config(by), rows);
    const auto before = index->bytes();
    double first = 0;
    double later = 0;
    constexpr int queries = 40;
    for (int i = 0; i < queries; ++i) {
      const auto v = make.next();
      const near_query query{.vector = v, .by = by, .k = 10, .effort = 60};
      const auto truth = by_hand(*rows, query);
      // The rows themselves are asked by the first search of an index only.
      const auto fresh = load_hnsw(hnsw_config(by), rows, index->save());
      first += recall(fresh->search(query), truth);
      static_cast<void>(index->search(query));
      later += recall(index->search(query), truth);
    }
    BOOST_TEST(index->bytes() >= before + 6'000 * 256);
    BOOST_TEST(first / queries >= 0.9);
    BOOST_TEST(later / queries >= first / queries - 0.01);
  }
}

BOOST_AUTO_TEST_CASE(are_left_alone_where_they_are_of_no_use) {
  const auto suit = [](std::size_t dims, std::size_t count, metric by) {
    const vector_rows rows{dims, count,
                           [](std::span<float> all) { std::fill(all.begin(), all.end(), 1.0F); }};
    return hnsw_codes::suit(rows, by);
  };
  BOOST_TEST(suit(100, 11'000, metric::cosine));
  BOOST_TEST(!suit(100, 11'000, metric::manhattan));
  BOOST_TEST(!suit(100, 9'000, metric::cosine)); // in a cache
  BOOST_TEST(!suit(8, 200'000, metric::cosine)); // in one line
  vector_rows tiny{100};
  tiny.add(vector(100, 1e-39F));
  BOOST_TEST(!hnsw_codes(tiny, metric::cosine).usable());
  tiny.replace(0, vector(100));
  BOOST_TEST(hnsw_codes(tiny, metric::cosine).usable());
}

BOOST_AUTO_TEST_SUITE_END()
