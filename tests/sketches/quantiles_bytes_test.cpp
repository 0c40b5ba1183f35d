#include "quantiles_support.hpp"

#include <bit>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <limits>
#include <stdexcept>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using blob = std::vector<std::uint8_t>;

blob with(blob bytes, std::size_t at, std::uint64_t value, std::size_t size = 8) {
  for (std::size_t i = 0; i < size; ++i, value >>= 8)
    bytes.at(at + i) = static_cast<std::uint8_t>(value);
  return bytes;
}

blob with(blob bytes, std::size_t at, double value) {
  return with(std::move(bytes), at, std::bit_cast<std::uint64_t>(value));
}

std::uint64_t number_at(const blob& bytes, std::size_t at, std::size_t size = 8) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | bytes.at(at + i);
  return value;
}

void check_refused(const blob& bytes) {
  BOOST_CHECK_THROW((void)quantile_sketch::parse(bytes), std::invalid_argument);
}

/// A small one of several levels.
blob of_levels(std::size_t n = 5'000) {
  std::mt19937_64 dice{1};
  return sketch_of(values_of(shape::normal, n, dice), {0.1}).serialise();
}

/// One change as damage, or somebody with a plan, would make it.
void spoil(blob& bytes, std::mt19937_64& dice) {
  const auto somewhere = [&] {
    return dice()
           % std::max<std::size_t>(
             dice() % 2 ? std::min<std::size_t>(bytes.size(), 130) : bytes.size(), 1);
  };
  switch (dice() % 6) {
  case 0:
    bytes.resize(somewhere());
    break;
  case 1:
    bytes.resize(bytes.size() + 1 + dice() % 20);
    break;
  case 2:
    if (bytes.size() >= 8) {
      constexpr std::uint64_t words[] = {0, 1, 62, 63, 0xffffffff, 1ull << 62, 1ull << 63, ~0ull};
      bytes = with(bytes, std::min(somewhere(), bytes.size() - 8) / 4 * 4, words[dice() % 8],
                   dice() % 2 ? 4 : 8);
    }
    break;
  default:
    if (!bytes.empty())
      bytes[somewhere()] ^= static_cast<std::uint8_t>(1 << dice() % 8);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(quantile_bytes)

// The format, as quantiles_bytes.cpp has it.
BOOST_AUTO_TEST_CASE(bytes_are_laid_out_as_stated) {
  const auto bytes = sketch_of({3, -0.5}).serialise();
  BOOST_TEST(bytes.size() == 84 + 4 + 2 * 8);
  BOOST_TEST(blob(bytes.begin(), bytes.begin() + 8) == (blob{'B', 'Q', 'N', 'T', 1, 0, 0, 0}),
             per_element());
  BOOST_TEST(number_at(bytes, 8) == 0x5eed'ba5e'b10c'5eed);
  BOOST_TEST(std::bit_cast<double>(number_at(bytes, 16)) == 0.01);
  BOOST_TEST(number_at(bytes, 24) == 2);
  BOOST_TEST(std::bit_cast<double>(number_at(bytes, 32)) == -0.5);
  BOOST_TEST(std::bit_cast<double>(number_at(bytes, 40)) == 3);
  BOOST_TEST(number_at(bytes, 48) == number_at(bytes, 8)); // no throw yet
  BOOST_TEST(number_at(bytes, 56) == 0);
  BOOST_TEST(number_at(bytes, 64) == 0);
  BOOST_TEST(number_at(bytes, 72) == 0);
  BOOST_TEST(number_at(bytes, 80, 4) == 1);
  BOOST_TEST(number_at(bytes, 84, 4) == 2);
  BOOST_TEST(std::bit_cast<double>(number_at(bytes, 88)) == 3); // in their order
  BOOST_TEST(std::bit_cast<double>(number_at(bytes, 96)) == -0.5);
}

BOOST_AUTO_TEST_CASE(the_same_values_give_the_same_bytes_everywhere) {
  quantile_sketch sketch{{0.1}};
  for (int i = 0; i < 100'000; ++i)
    sketch.add(i * 7'919 % 100'003);
  std::uint64_t sum = 0;
  for (const auto byte : sketch.serialise())
    sum = sum * 31 + byte;
  BOOST_TEST(sum == 10'773'283'784'568'845'113u); // as it was when this was written
}

BOOST_DATA_TEST_CASE(a_sketch_that_was_stored_goes_on_as_if_it_had_not, all_shapes, how) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 dice{seed};
  for (int run = 0; run < 20; ++run) {
    quantile_sketch whole{{run % 2 ? 0.1 : 0.01}};
    auto stored = whole;
    for (int turn = 0; turn < 10; ++turn) {
      const auto values = values_of(how, of_any_length(dice, 1, 5'000), dice);
      whole.add_many(values);
      stored = quantile_sketch::parse(stored.serialise());
      stored.add_many(values);
      BOOST_REQUIRE(stored == whole);
    }
    const auto bytes = stored.serialise();
    BOOST_TEST(bytes == whole.serialise(), per_element());
    BOOST_CHECK(quantile_sketch::parse(bytes).serialise() == bytes);
  }
}

BOOST_AUTO_TEST_CASE(sketches_that_differ_in_a_value_are_not_equal) {
  BOOST_CHECK(sketch_of({1, 2, 3}) == sketch_of({1, 2, 3}));
  BOOST_CHECK(sketch_of({1, 2, 3}) != sketch_of({1, 2.5, 3}));
  BOOST_CHECK(quantile_sketch{{0.01}} != quantile_sketch{{0.02}});
}

BOOST_AUTO_TEST_CASE(an_empty_sketch_is_stored_too) {
  const quantile_sketch empty{{0.05}};
  BOOST_CHECK(quantile_sketch::parse(empty.serialise()) == empty);
  const auto bytes = empty.serialise();
  check_refused(with(bytes, 32, -1.0));
  check_refused(with(bytes, 40, 1.0));
  check_refused(with(bytes, 40, -0.0));
}

BOOST_AUTO_TEST_CASE(bytes_cut_off_anywhere_are_refused) {
  for (const auto& bytes : {of_levels(), of_levels(20), of_levels(0)})
    for (std::size_t size = 0; size < bytes.size(); ++size)
      check_refused({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
}

BOOST_AUTO_TEST_CASE(what_no_sketch_has_is_refused) {
  const auto bytes = of_levels();
  const auto levels = static_cast<std::size_t>(number_at(bytes, 80, 4));
  BOOST_REQUIRE(levels >= 5);
  const auto values = 84 + 4 * levels;
  BOOST_CHECK_NO_THROW((void)quantile_sketch::parse(bytes));
  auto longer = bytes;
  longer.push_back(0);
  check_refused(longer);
  for (std::size_t at = 0; at < 16; ++at) // head and seed
    check_refused(with(bytes, at, bytes[at] ^ 1u, 1));
  constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double wrong : {0.0, 0.2, no_number})
    check_refused(with(bytes, 16, wrong));
  for (const std::uint64_t wrong : {0u, 4'999u, 5'001u})
    check_refused(with(bytes, 24, wrong));
  for (const double wrong : {no_number, infinity, -infinity, -0.0}) {
    check_refused(with(bytes, 32, wrong));
    check_refused(with(bytes, 40, wrong));
    check_refused(with(bytes, values, wrong));
    check_refused(with(bytes, bytes.size() - 8, wrong));
  }
  check_refused(with(bytes, 32, 1.0)); // values below the least
  check_refused(with(bytes, 40, 1.0)); // and above the greatest
  for (const double wrong : {0.0, -1.0, no_number, infinity, 5'000.0 * 5'001.0})
    check_refused(with(bytes, 56, wrong));
  check_refused(with(bytes, 64, std::uint64_t{1} << (levels - 1)));
  check_refused(with(with(bytes, 64, std::uint64_t{1}), 72, std::uint64_t{2}));
  for (const std::uint64_t wrong :
       {std::uint64_t{0}, std::uint64_t{levels - 1}, std::uint64_t{levels + 1}, std::uint64_t{63},
        std::uint64_t{0xffffffff}})
    check_refused(with(bytes, 80, wrong, 4));
  for (std::size_t h = 0; h < levels; ++h)
    for (const std::uint64_t change : {std::uint64_t{1}, std::uint64_t{0xffffffff}})
      check_refused(with(bytes, 84 + 4 * h, number_at(bytes, 84 + 4 * h, 4) + change, 4));
  check_refused(with(bytes, bytes.size() - 8, std::bit_cast<double>(number_at(bytes, 32))));
}

BOOST_AUTO_TEST_CASE(exact_bytes_have_their_own_least_and_greatest_value_and_no_error) {
  const auto bytes = sketch_of({1, 2, 3}).serialise();
  check_refused(with(bytes, 32, 0.5));
  check_refused(with(bytes, 40, 3.5));
  check_refused(with(bytes, 56, 1.0));
  check_refused(with(bytes, 56, -0.0));
  check_refused(with(bytes, 64, std::uint64_t{1}));
}

BOOST_AUTO_TEST_CASE(more_values_than_there_is_room_for_are_refused) {
  const auto all = sketch_of(numbers(757, 1.0)).serialise();
  auto more = all;
  more.insert(more.end(), all.end() - 8, all.end());
  check_refused(with(with(more, 24, std::uint64_t{758}), 84, 758, 4));
}

BOOST_AUTO_TEST_CASE(bytes_that_nobody_wrote_may_go_on_up_to_no_knowledge_at_all) {
  // All at level 29, as many as there can be, and with the greatest error that is not refused.
  constexpr std::size_t levels = 30;
  constexpr std::size_t kept = 3 * 25 + 8 * levels - 1;
  constexpr auto count = std::uint64_t{kept} << (levels - 1);
  auto bytes = quantile_sketch{{0.1}}.serialise();
  bytes.resize(84 + 4 * levels + 8 * kept);
  bytes = with(with(with(bytes, 24, count), 32, 1.0), 40, 1.0);
  bytes = with(bytes, 56, static_cast<double>(count) * static_cast<double>(count));
  bytes = with(with(bytes, 80, levels, 4), 84 + 4 * (levels - 1), kept, 4);
  for (std::size_t i = 0; i < kept; ++i)
    bytes = with(bytes, 84 + 4 * levels + 8 * i, 1.0);
  auto sketch = quantile_sketch::parse(bytes);
  BOOST_TEST(sketch.rank_error() == 1);
  sketch.add(2); // which makes a level more
  BOOST_TEST(sketch.kept() < kept);
  BOOST_TEST(sketch.rank_error() == 1);
  BOOST_CHECK(quantile_sketch::parse(sketch.serialise()) == sketch);
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_or_a_sketch_that_works) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 dice{seed};
  const auto more = values_of(shape::normal, 500, dice);
  const auto other = sketch_of(more, {0.1});
  const blob wholes[] = {of_levels(), of_levels(50), of_levels(1'000'000), of_levels(0)};
  int refused = 0;
  constexpr int mutants = 10'000;
  for (int i = 0; i < mutants; ++i) {
    auto bytes = wholes[dice() % 4];
    for (auto changes = 1 + dice() % 3; changes > 0; --changes)
      spoil(bytes, dice);
    quantile_sketch sketch;
    try {
      sketch = quantile_sketch::parse(bytes);
    } catch (const std::invalid_argument&) {
      ++refused;
      continue;
    }
    BOOST_REQUIRE(sketch.serialise() == bytes);
    sketch.add_many(more);
    if (sketch.params() == other.params())
      sketch.merge(other);
    const numbers qs{0, 0.1, 0.5, 0.9, 1};
    const auto found = sketch.quantiles(qs);
    BOOST_REQUIRE(std::is_sorted(found.begin(), found.end()));
    BOOST_REQUIRE(*sketch.rank(found[4]) == 1);
    BOOST_REQUIRE(sketch.rank_error() <= 1);
    BOOST_REQUIRE(quantile_sketch::parse(sketch.serialise()) == sketch);
  }
  BOOST_TEST(refused > mutants / 2);
  BOOST_TEST(refused < mutants);
}

BOOST_AUTO_TEST_SUITE_END()
