#include "beaver/vector/lsh.hpp"

#include "lsh_support.hpp"
#include "support/settings.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <limits>
#include <stdexcept>

using namespace beaver;
using namespace beaver::test;

BOOST_AUTO_TEST_SUITE(lsh_building)

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_signatures_however_many_threads_make_them) {
  cluster_source next{40, 6};
  const auto rows = next.rows(5'000);
  auto config = config_of(metric::cosine);
  const auto parts = make_lsh(config, rows)->save();
  config.threads = 3;
  const auto again = make_lsh(config, rows)->save();
  config.seed = 1;
  const auto others = make_lsh(config, rows)->save();
  BOOST_REQUIRE(parts.size() == 2);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    BOOST_TEST(parts[i].name == again[i].name);
    BOOST_CHECK(parts[i].bytes == again[i].bytes);
    BOOST_CHECK(parts[i].bytes != others[i].bytes);
  }
}

BOOST_AUTO_TEST_CASE(progress_rises_to_1_and_ends_the_building_when_told) {
  gaussian_source next{8, 1};
  const auto rows = next.rows(5'000);
  std::vector<double> shares;
  const auto note = [&](double share) {
    shares.push_back(share);
    return true;
  };
  BOOST_TEST(make_lsh(config_of(metric::cosine), rows, note) != nullptr);
  BOOST_TEST(shares.size() >= 5); // at least every 1,000 rows
  BOOST_TEST(std::is_sorted(shares.begin(), shares.end()));
  BOOST_TEST(shares.back() == 1);
  auto config = config_of(metric::cosine);
  for (const unsigned threads : {1, 2}) {
    config.threads = threads;
    for (const double end : {0.0, 0.5, 1.0})
      BOOST_TEST(make_lsh(config, rows, [end](double share) { return share < end; }) == nullptr);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lsh_parts)

BOOST_DATA_TEST_CASE(an_index_answers_the_same_after_it_was_stored, lsh_metrics, by) {
  cluster_source next{40, 7};
  const auto rows = next.rows(3'001);
  const auto index = lsh_of(rows, by);
  const auto parts = index->save();
  const auto loaded = load_lsh(config_of(by), rows, parts);
  for (int run = 0; run < 20; ++run) {
    const auto v = next();
    const auto query = looking_for(v, by, 10, 20);
    BOOST_TEST(loaded->search(query) == index->search(query), boost::test_tools::per_element());
  }
  const auto again = loaded->save();
  for (std::size_t i = 0; i < parts.size(); ++i)
    BOOST_CHECK(again[i].bytes == parts[i].bytes);
}

BOOST_AUTO_TEST_CASE(parts_of_other_rows_or_another_metric_are_refused) {
  gaussian_source next{16, 1};
  gaussian_source wider{17, 1};
  const auto rows = next.rows(100);
  const auto parts = lsh_of(rows, metric::cosine)->save();
  const auto refused = [&](metric by, const shared_rows& of, std::vector<index_part> given) {
    BOOST_CHECK_THROW((void)load_lsh(config_of(by), of, given), std::runtime_error);
  };
  refused(metric::euclid, rows, parts);
  refused(metric::cosine, next.rows(101), parts);
  refused(metric::cosine, wider.rows(100), parts);
  refused(metric::cosine, rows, {});
  refused(metric::cosine, rows, {parts[0]});
  refused(metric::cosine, rows, {parts[1]});
  refused(metric::cosine, rows, {{parts[0].name, parts[1].bytes}, {parts[1].name, parts[0].bytes}});
  BOOST_TEST(load_lsh(config_of(metric::cosine), rows, {parts[1], parts[0]}) != nullptr);

  // Of no rows signatures are as long with any number of bits.
  const auto none = std::make_shared<vector_rows>(std::size_t{16});
  auto other_bits = lsh_of(none, metric::cosine)->save();
  other_bits[1].bytes[24] = std::byte{64};
  refused(metric::cosine, none, other_bits);
}

BOOST_AUTO_TEST_CASE(a_byte_more_or_less_is_refused) {
  gaussian_source next{16, 1};
  const auto rows = next.rows(100);
  const auto parts = lsh_of(rows, metric::cosine)->save();
  for (std::size_t i = 0; i < 2; ++i)
    for (const int change : {-1, 1}) {
      auto given = parts;
      given[i].bytes.resize(parts[i].bytes.size() + static_cast<std::size_t>(change));
      BOOST_CHECK_THROW((void)load_lsh(config_of(metric::cosine), rows, given), std::runtime_error);
    }
}

BOOST_AUTO_TEST_CASE(a_number_that_is_not_finite_is_refused) {
  gaussian_source next{16, 1};
  const auto rows = next.rows(100);
  const auto parts = lsh_of(rows, metric::cosine)->save();
  // Unit, mean, planes; and the floats behind the signatures of 104 rows.
  const std::size_t first[] = {40, 40 + 104 * 128 / 8};
  for (std::size_t i = 0; i < 2; ++i)
    for (auto at = first[i]; at < parts[i].bytes.size(); at += i == 0 && at == 40 ? 8 : 4) {
      auto given = parts;
      if (i == 0 && at == 40) {
        const double none = std::numeric_limits<double>::quiet_NaN();
        std::memcpy(&given[i].bytes[at], &none, sizeof none);
      } else {
        const float none = -std::numeric_limits<float>::infinity();
        std::memcpy(&given[i].bytes[at], &none, sizeof none);
      }
      BOOST_REQUIRE_THROW((void)load_lsh(config_of(metric::cosine), rows, given),
                          std::runtime_error);
    }
}

BOOST_AUTO_TEST_CASE(wrong_but_finite_numbers_cost_no_rows) {
  gaussian_source next{16, 1};
  const auto rows = next.rows(400);
  auto parts = lsh_of(rows, metric::cosine)->save();
  // Estimates become infinite, or infinity less infinity.
  const float most = std::numeric_limits<float>::max();
  auto& bytes = parts[1].bytes;
  for (auto at = bytes.size() - 2 * 400 * sizeof(float); at < bytes.size(); at += sizeof(float))
    std::memcpy(&bytes[at], &most, sizeof most);
  const auto v = next();
  const auto query = looking_for(v, metric::cosine, 10, 20);
  check_answer(load_lsh(config_of(metric::cosine), rows, parts)->search(query), *rows, query);
}

BOOST_AUTO_TEST_CASE(damaged_parts_are_refused_or_answer_in_full) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 dice{seed};
  gaussian_source next{16, 1};
  const auto rows = next.rows(300);
  const auto whole = lsh_of(rows, metric::euclid)->save();
  int refused = 0;
  int answered = 0;
  for (int run = 0; run < 2'000; ++run) {
    auto parts = whole;
    auto& bytes = parts[dice() % 2].bytes;
    for (auto changes = 1 + dice() % 3; changes > 0; --changes) {
      const auto at =
        dice() % (dice() % 2 ? std::min<std::size_t>(64, bytes.size()) : bytes.size());
      const std::uint64_t words[] = {0, 1, 64, ~std::uint64_t{0}, std::uint64_t{1} << 32, dice()};
      switch (dice() % 5) {
      case 0:
        bytes.resize(at + 1);
        break;
      case 1:
        bytes.resize(bytes.size() + 1 + dice() % 100);
        break;
      case 2:
        std::memcpy(&bytes[at], &words[dice() % 6], std::min(sizeof words[0], bytes.size() - at));
        break;
      default:
        bytes[at] ^= std::byte{1} << (dice() % 8);
      }
    }
    std::unique_ptr<vector_index> index;
    try {
      index = load_lsh(config_of(metric::euclid), rows, parts);
    } catch (const std::runtime_error&) {
      ++refused;
      continue;
    }
    ++answered;
    const auto v = next();
    const auto query = looking_for(v, metric::euclid, 10, 20);
    check_answer(index->search(query), *rows, query);
  }
  BOOST_TEST(refused > 500);
  BOOST_TEST(answered > 200);
}

BOOST_AUTO_TEST_SUITE_END()
