#include "beaver/sketches/approximate_set.hpp"
#include "beaver/sketches/digest.hpp"

#include "hex.hpp"
#include "sketch_support.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <stdexcept>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

octets made_of(const approximate_set& set, int count,
               const std::function<std::string(int)>& item_of) {
  octets bytes(set.bytes());
  memory_cells cells{bytes};
  for (int i = 0; i < count; ++i)
    set.add(cells, hashed_item::of(item_of(i)));
  return bytes;
}

std::string digest_of(const octets& bytes) {
  return hex(sha1({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

std::string number(int i) { return std::to_string(i); }

} // namespace

BOOST_AUTO_TEST_SUITE(approximate_set_bytes)

BOOST_AUTO_TEST_CASE(are_as_many_as_in_the_original) {
  struct sizes {
    std::int64_t capacity;
    double error_rate;
    std::size_t bytes;
  };
  const sizes all[] = {
    {1'000'000, 0.01, 1'214'517}, {1'000'000, 0.05, 779'916},   {1'000'000, 1e-4, 2'658'409},
    {1'000, 0.01, 17'583},        {1'000, 0.001, 263'942},      {100, 0.01, 16'504},
    {1'000'000, 0.065, 711'400},  {1'000'000, 0.0325, 892'505}, {1, 0.5, 17},
    {5, 1e-300, 263'043}};
  for (const auto& s : all)
    BOOST_TEST(approximate_set({s.capacity, s.error_rate}).bytes() == s.bytes);
}

// The sketch `visitors` of tests/data/beaver-2.3.0.db, and what the original answers about it.
BOOST_AUTO_TEST_CASE(are_those_of_the_file_that_the_original_has_made) {
  const approximate_set set{{10'000, 0.01}};
  auto bytes = made_of(set, 5'000, [](int i) { return "\"user-" + number(i) + '"'; });
  BOOST_TEST(bytes.size() == 28'366);
  BOOST_TEST(digest_of(bytes) == "40bbb1af2236bbec24b3bfeab96b27c8a0d41639");
  BOOST_TEST(set.count(bytes) == 5'054);
  std::vector<int> false_positives;
  for (int i = 0; i < 10'000; ++i)
    if (set.contains(memory_cells{bytes}, hashed_item::of("\"probe-" + number(i) + '"')))
      false_positives.push_back(i);
  BOOST_TEST(false_positives == (std::vector{99, 2'073, 4'007, 5'107}),
             boost::test_tools::per_element());
}

// By a model in Python that makes the bytes of that file too.
BOOST_AUTO_TEST_CASE(are_those_of_the_original_for_all_kinds_of_parameters) {
  const auto compare = [](approximate_set_params params, int count, auto item_of,
                          std::uint64_t expected_count, std::string_view expected) {
    const approximate_set set{params};
    const auto bytes = made_of(set, count, item_of);
    BOOST_TEST(set.count(bytes) == expected_count);
    BOOST_TEST(digest_of(bytes) == expected);
    BOOST_CHECK_NO_THROW(set.check(bytes));
  };
  compare(
    {1'000, 0.001}, 300, [](int i) { return "\"user-" + number(i) + '"'; }, 300,
    "3b681b8ef065aff0b915dc3eefdc28c19d47f1e4");
  compare(
    {20'000, 1e-4}, 20'000, [](int i) { return "\"k" + number(i) + '"'; }, 20'038,
    "91f2332a490b3738f1c2d9208797cf7f764f6dd1");
  compare(
    {50, 0.2}, 200, [](int i) { return "\"item " + number(i) + '"'; }, 178,
    "a16e394cf495116f1b1ec38d9acf6cf8a4712d89");
  compare({100, 0.3}, 1'000, number, 1'251, "1f9b3f81efb0c1180e7d4ffc98f9144834c04c20");
  compare({1'000, 0.05}, 100'000, number, 102'048, "449a35e4862310b85dc1e3839cf0875e3482e898");
  compare({1, 0.9}, 1, number, 1, "0f2947a8013383be7c9cc2f8bbb4dee54b0b2f8e");
  compare(
    {3, 1e-12}, 3, [](int i) { return '"' + std::string(1, static_cast<char>('x' + i)) + '"'; }, 3,
    "3fa60bf2d35ede07b0d504b1a34c7c5587d6fe0c");
  const char* const mixed[] = {R"("a")", R"("b")", R"("\u00e4\u20ac\ud83d\ude00")",
                               "1.5",    "null",   R"([1, {"x": "y"}])"};
  compare(
    {7, 0.5}, 6, [&](int i) { return std::string{mixed[i]}; }, 5,
    "ca34f4754bcdc7056e2d276687538b9c60d4a20d");
}

BOOST_AUTO_TEST_CASE(of_another_length_are_refused_everywhere) {
  const approximate_set set{{100, 0.1}};
  octets right(set.bytes());
  for (const std::size_t size : {std::size_t{0}, right.size() - 1, right.size() + 1}) {
    octets wrong(size);
    memory_cells cells{wrong};
    const auto item = hashed_item::of("1");
    BOOST_CHECK_THROW(set.check(wrong), std::invalid_argument);
    BOOST_CHECK_THROW(set.add(cells, item), std::invalid_argument);
    BOOST_CHECK_THROW((void)set.contains(cells, item), std::invalid_argument);
    BOOST_CHECK_THROW((void)set.count(wrong), std::invalid_argument);
    BOOST_CHECK_THROW((void)set.fill(wrong), std::invalid_argument);
    BOOST_CHECK_THROW((void)set.expected_error(wrong), std::invalid_argument);
    BOOST_CHECK_THROW(set.merge(right, wrong), std::invalid_argument);
    BOOST_CHECK_THROW(set.merge(wrong, right), std::invalid_argument);
    BOOST_CHECK_THROW((void)set.union_estimate(right, wrong), std::invalid_argument);
    BOOST_CHECK_THROW((void)set.intersection_estimate(wrong, right), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(that_no_items_can_have_made_are_refused) {
  const approximate_set set{{101, 0.1}};
  BOOST_REQUIRE(set.filter().bits() % 8 != 0); // so that some of the last byte are no bits
  auto bytes = made_of(set, 50, number);
  BOOST_CHECK_NO_THROW(set.check(bytes));
  auto wrong = bytes;
  wrong[3] = static_cast<std::uint8_t>(66 - set.counter().precision());
  BOOST_CHECK_THROW(set.check(wrong), std::invalid_argument);
  wrong = bytes;
  wrong.back() = static_cast<std::uint8_t>(wrong.back() | 0x80);
  BOOST_CHECK_THROW(set.check(wrong), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(that_are_damaged_are_refused_or_of_use) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 dice{seed};
    const approximate_set set{{200, 0.2}};
    const auto whole = made_of(set, 100, number);
    int refused = 0;
    int taken = 0;
    for (int run = 0; run < 10'000; ++run) {
      auto bytes = whole;
      damage(bytes, dice);
      auto other = whole;
      if (bytes.size() != set.bytes()) {
        BOOST_REQUIRE_THROW(set.check(bytes), std::invalid_argument);
        BOOST_REQUIRE_THROW((void)set.count(bytes), std::invalid_argument);
        ++refused;
        continue;
      }
      try {
        set.check(bytes);
        ++taken;
      } catch (const std::invalid_argument&) {
        ++refused;
      }
      // Also of bytes that were not checked.
      const auto error = set.expected_error(bytes);
      BOOST_REQUIRE((error >= 0 && error <= 1));
      (void)set.count(bytes);
      BOOST_REQUIRE(set.intersection_estimate(bytes, other) <= set.count(other));
      memory_cells cells{bytes};
      const auto item = hashed_item::of(random_item(dice));
      (void)set.contains(cells, item);
      set.add(cells, item);
      BOOST_REQUIRE(set.contains(cells, item));
      set.merge(other, bytes);
      BOOST_REQUIRE(!set.merge(other, bytes));
    }
    BOOST_TEST(refused > 1'000);
    BOOST_TEST(taken > 1'000);
  }
}

BOOST_AUTO_TEST_SUITE_END()
