#include "beaver/storage/order_key.hpp"

#include "fracdex_port.hpp"
#include "support/settings.hpp"
#include "table_fixture.hpp"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <map>
#include <ostream>
#include <set>

using namespace beaver;
using namespace beaver::test;
namespace data = boost::unit_test::data;

namespace {

/// Checks `key` and that Python could continue on both sides of it. The neighbours may be absent.
void check_between(const std::string& left, const std::string& key, const std::string& right) {
  BOOST_TEST_INFO("between '" << left << "' and '" << right << "': '" << key << "'");
  BOOST_REQUIRE(order_key::valid(key));
  BOOST_REQUIRE((left.empty() || left < key));
  BOOST_REQUIRE((right.empty() || key < right));
}

std::optional<std::string_view> side(const std::string& key) {
  return key.empty() ? std::nullopt : std::optional<std::string_view>{key};
}

/// What our functions answer for neighbours that may be absent.
std::string ours(const std::string& left, const std::string& right) {
  if (left.empty())
    return right.empty() ? order_key::first() : order_key::before(right);
  return right.empty() ? order_key::after(left) : order_key::between(left, right);
}

std::string python(const std::string& left, const std::string& right) {
  return python_key_between(side(left), side(right));
}

void check_pythons_midpoint(const std::string& left, const std::string& right) {
  check_between(left, python(left, right), right);
}

struct step {
  const char* from;
  const char* to;

  friend std::ostream& operator<<(std::ostream& out, const step& s) {
    return out << s.from << " to " << s.to;
  }
};

struct gap {
  const char* left;
  const char* right;
  const char* ours;
  const char* pythons;

  friend std::ostream& operator<<(std::ostream& out, const gap& g) {
    return out << g.left << " .. " << g.right;
  }
};

/// How the place of the next insertion follows from the last one.
enum class pattern { ascending, descending, alternating };

/// Longest key after `n` insertions between "V" and "W".
std::size_t longest_of(pattern p, int n) {
  std::string left = "V";
  std::string right = "W";
  std::size_t longest = 0;
  for (int i = 0; i < n; ++i) {
    const std::string key = order_key::between(left, right);
    check_between(left, key, right);
    check_pythons_midpoint(left, key);
    check_pythons_midpoint(key, right);
    longest = std::max(longest, key.size());
    if (p == pattern::ascending || (p == pattern::alternating && i % 2 == 0))
      left = key;
    else
      right = key;
  }
  return longest;
}

} // namespace

BOOST_AUTO_TEST_SUITE(order_key_suite)

BOOST_AUTO_TEST_CASE(a_key_is_digits_of_which_the_last_is_not_zero) {
  for (const char* text : {"V", "0V", "z01", "zzzz", "AZaz09"})
    BOOST_TEST(order_key::valid(text), text);
  for (const char* text :
       {"", "0", "V0", "a-b", "a b", "\xc3\xa9", "V\n", "@", "[", "`", "{", "/", ":"})
    BOOST_TEST(!order_key::valid(text), text);
  BOOST_TEST(!order_key::valid(std::string_view{"V\0V", 3}));
}

// clang-format off
const auto successors = data::make(std::vector<step>{
  {"V", "W"}, {"9", "A"}, {"Z", "a"}, {"y", "z01"}, {"z01", "z02"}, {"z0z", "z11"}, {"zyz", "zz0001"}, {"zzyzzz", "zzz00000001"},
  {"zzzyzzzzzzz", "zzzz00000001"}, {"zzzzyzzzzzzz", "zzzzz00000001"}, {"zz0zzz", "zz1001"},
  // of other shapes, as Python leaves them
  {"z", "z01"}, {"zz", "zz0001"}, {"zV", "zV1"}, {"zzV", "zzV001"}, {"zk5x", "zk6"}, {"Vk", "W"}, {"yk", "z01"}, {"00V", "1"}});
const auto predecessors = data::make(std::vector<step>{
  {"V", "U"}, {"A", "9"}, {"a", "Z"}, {"1", "0zz"}, {"0zz", "0zy"}, {"0z1", "0yz"}, {"011", "00zzzz"}, {"001001", "000zzzzzzzz"},
  {"00010000001", "0000zzzzzzzz"}, {"002001", "001zzz"},
  {"01", "00zzzz"}, {"0V", "0Uz"}, {"00V", "00Uzzz"}, {"0V01", "0Uz"}, {"1k", "0zz"}, {"zk5x", "y"}});
const auto gaps = data::make(std::vector<gap>{
  {"V", "W", "VV", "VV"}, {"VV", "W", "VW", "Vk"}, {"V", "VV", "VU", "VF"}, {"V", "X", "W", "W"}, {"Vy", "W", "Vz01", "Vz"},
  {"V", "V1", "V0zz", "V0V"}, {"V", "V01", "V00zzzz", "V00V"}, {"V5", "X", "W", "W"}, {"V", "X5", "W", "W"}, {"V5", "W3", "V6", "W1"}, {"V", "W3", "W2", "W1"}, {"z", "z01", "z00zzzz", "z00V"},
  {"Zz", "a1", "Zz01", "a0V"}, {"Zz01", "a", "Zz02", "ZzV"}, {"zyz", "zz0001", "zz0000zzzzzzzz", "zz0000V"}});
// clang-format on

BOOST_DATA_TEST_CASE(a_push_counts_upwards_from_any_key, successors, s) {
  BOOST_TEST(order_key::after(s.from) == s.to);
  check_between(s.from, s.to, "");
}

BOOST_DATA_TEST_CASE(a_prepend_counts_downwards_from_any_key, predecessors, s) {
  BOOST_TEST(order_key::before(s.from) == s.to);
  check_between("", s.to, s.from);
}

BOOST_DATA_TEST_CASE(an_insertion_takes_the_middle_or_continues_a_run, gaps, g) {
  BOOST_TEST(order_key::between(g.left, g.right) == g.ours);
  BOOST_TEST(python(g.left, g.right) == g.pythons);
  check_between(g.left, g.ours, g.right);
  check_between(g.left, g.pythons, g.right);
}

BOOST_AUTO_TEST_CASE(pythons_own_pushes_and_prepends_are_the_known_ones) {
  std::string up;
  std::string down;
  std::vector<std::string> ups;
  std::vector<std::string> downs;
  for (int i = 0; i < 8; ++i) {
    ups.push_back(up = python(up, ""));
    downs.push_back(down = python("", down));
  }
  BOOST_TEST((ups == std::vector<std::string>{"V", "k", "s", "w", "y", "z", "zV", "zk"}));
  BOOST_TEST((downs == std::vector<std::string>{"V", "F", "7", "3", "1", "0V", "0F", "07"}));
  BOOST_TEST(python("Zz", "a0") == "a0V"); // the wrong side: why no key may end in '0'
}

BOOST_AUTO_TEST_CASE(a_million_pushes_and_prepends_need_six_characters) {
  std::string last = order_key::first();
  std::string front = last;
  std::size_t longest = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    std::string next = order_key::after(last);
    BOOST_REQUIRE((last < next && next.back() != '0'));
    std::string before = order_key::before(front);
    BOOST_REQUIRE((before < front && before.back() != '0'));
    if (i % 5 == 0 || next.size() != last.size() || before.size() != front.size()) {
      check_pythons_midpoint(last, next);
      check_pythons_midpoint(before, front);
      check_between(last, order_key::between(last, next), next);
      check_between(before, order_key::between(before, front), front);
    }
    longest = std::max({longest, next.size(), before.size()});
    last = std::move(next);
    front = std::move(before);
  }
  BOOST_TEST_MESSAGE("longest key of 1,000,000 pushes and as many prepends: " << longest);
  BOOST_TEST(longest == 6u);
  BOOST_TEST(order_key::valid(last));
  BOOST_TEST(order_key::valid(front));
}

BOOST_AUTO_TEST_CASE(ten_thousand_insertions_at_one_place_in_a_run_need_twelve_characters) {
  const std::size_t up = longest_of(pattern::ascending, 10'000);
  const std::size_t down = longest_of(pattern::descending, 10'000);
  BOOST_TEST_MESSAGE("longest key of 10,000 insertions: upwards " << up << ", downwards " << down);
  BOOST_TEST(up <= 12u);
  BOOST_TEST(down <= 12u);
}

BOOST_AUTO_TEST_CASE(nested_insertions_stay_correct_and_grow_a_character_in_two) {
  BOOST_TEST(longest_of(pattern::alternating, 10'000) <= 5'002u);
}

BOOST_AUTO_TEST_CASE(insertions_at_random_places_need_few_characters) {
  const std::uint64_t seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    dice random{seed};
    std::vector<std::string> keys{order_key::first()};
    std::size_t longest = 0;
    for (int i = 0; i < 20'000; ++i) {
      const auto at = random.below(keys.size() + 1);
      const std::string left = at == 0 ? "" : keys[at - 1];
      const std::string right = at == keys.size() ? "" : keys[at];
      std::string key = ours(left, right);
      check_between(left, key, right);
      check_pythons_midpoint(left, key);
      check_pythons_midpoint(key, right);
      longest = std::max(longest, key.size());
      keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(at), std::move(key));
    }
    BOOST_TEST_MESSAGE("longest key of 20,000 random insertions: " << longest);
    BOOST_TEST(longest <= 24u);
  }
}

BOOST_AUTO_TEST_CASE(sequences_that_mix_both_algorithms_stay_ordered) {
  const std::uint64_t seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    dice random{seed};
    for (int sequence = 0; sequence < 300; ++sequence) {
      std::vector<std::string> keys;
      std::size_t at = 0;
      const auto habit = random.below(4);
      for (int i = 0; i < 150; ++i) {
        if (habit == 0 || random.one_in(5))
          at = random.below(keys.size() + 1);
        else if (habit == 1)
          at = random.one_in(2) ? 0 : keys.size();
        else
          at = std::min(at + random.below(2), keys.size());
        const std::string left = at == 0 ? "" : keys[at - 1];
        const std::string right = at == keys.size() ? "" : keys[at];
        std::string key = random.one_in(2) ? ours(left, right) : python(left, right);
        check_between(left, key, right);
        keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(at), std::move(key));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(after_thousands_of_pushes_by_python_a_push_adds_a_counter) {
  std::string last;
  for (int i = 0; i < 3'000; ++i)
    last = python(last, "");
  BOOST_TEST(last.size() == 501u - 1);
  const std::string next = order_key::after(last);
  check_between(last, next, "");
  BOOST_TEST(next.size() <= last.size() + 8);
}

BOOST_AUTO_TEST_CASE(spaced_keys_share_their_prefix_and_leave_room) {
  for (const std::string prefix : {"", "V", "z0", "000", "zzzzzzzz"})
    for (const std::uint64_t n : {1, 2, 60, 61, 62, 1'000, 3'843, 3'844, 100'000}) {
      const order_key::spaced keys{prefix, n};
      std::string last;
      std::size_t longest = 0;
      for (std::uint64_t i = 0; i < n; ++i) {
        std::string key = keys[i];
        BOOST_REQUIRE(key.starts_with(prefix));
        BOOST_REQUIRE(key.size() > prefix.size());
        check_between(last, key, "");
        if (i % 97 == 0)
          check_pythons_midpoint(last, key);
        longest = std::max(longest, key.size() - prefix.size());
        last = std::move(key);
      }
      BOOST_TEST(longest <= (n < 62 ? 2u : n < 3'844 ? 3u : 4u), n << " keys");
    }
  // So many that no more digits fit into the arithmetic.
  const order_key::spaced huge{"V", std::uint64_t{1} << 58};
  BOOST_TEST((huge[0] < huge[1]));
  BOOST_TEST((huge[(std::uint64_t{1} << 58) - 1] < "W"));
}

BOOST_AUTO_TEST_SUITE_END()
