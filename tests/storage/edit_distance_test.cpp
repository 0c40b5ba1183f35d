#include "beaver/storage/edit_distance.hpp"

#include "support/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <iterator>
#include <limits>
#include <random>
#include <string>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr unsigned no_limit = std::numeric_limits<unsigned>::max();

unsigned between(const std::string& a, const std::string& b) {
  return edit_pattern{a}.distance(b, no_limit).value();
}

/// Indexes of an alphabet, so that the oracle knows nothing of UTF-8.
using letters = std::vector<unsigned char>;
using alphabet = std::vector<std::string>;

std::string spelled(const letters& word, const alphabet& in) {
  std::string text;
  for (const auto letter : word)
    text += in[letter];
  return text;
}

/// The dynamic programme as textbooks have it.
unsigned by_hand(const letters& a, const letters& b) {
  const std::size_t width = b.size() + 1;
  std::vector<unsigned> d((a.size() + 1) * width);
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      unsigned* cell = d.data() + i * width + j;
      if (i == 0 || j == 0) {
        *cell = static_cast<unsigned>(i + j);
        continue;
      }
      const unsigned* above = cell - width;
      unsigned least = above[-1] + (a[i - 1] != b[j - 1] ? 1 : 0);
      least = std::min(least, std::min(above[0], cell[-1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        least = std::min(least, (above - width)[-2] + 1);
      *cell = least;
    }
  return d.back();
}

class word_maker {
public:
  word_maker(std::uint64_t seed, std::size_t different) : random_(seed), different_(different) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  letters word() {
    constexpr std::size_t longest[]{5, 5, 5, 10, 10, 10, 20, 20, 20, 70, 70, 200};
    letters result(below(longest[below(std::size(longest))] + 1));
    for (auto& c : result)
      c = letter();
    return result;
  }

  /// A few random edits; may become longer than `word` would make it.
  letters edited(letters word) {
    for (auto n = below(6); n > 0; --n) {
      const auto at = word.begin() + static_cast<std::ptrdiff_t>(below(word.size() + 1));
      if (const auto kind = below(4); kind == 0)
        word.insert(at, letter());
      else if (at == word.end())
        continue;
      else if (kind == 1)
        word.erase(at);
      else if (kind == 2)
        *at = letter();
      else if (at + 1 != word.end())
        std::iter_swap(at, at + 1);
    }
    return word;
  }

private:
  unsigned char letter() { return static_cast<unsigned char>(below(different_)); }

  std::mt19937_64 random_;
  std::size_t different_;
};

/// Whether the pattern answers `expected` just where the limit allows it, for limits about it, all
/// small ones, and some other.
bool answers(const edit_pattern& pattern, const std::string& word, unsigned expected,
             unsigned other) {
  const auto is_right = [&](unsigned limit) {
    const auto got = pattern.distance(word, limit);
    return expected <= limit ? got == expected : !got;
  };
  bool right = is_right(other) && is_right(no_limit);
  for (unsigned limit = 0; limit < std::min(expected, 10u); ++limit)
    right = right && is_right(limit);
  for (unsigned limit = expected - std::min(expected, 3u); limit <= expected + 3; ++limit)
    right = right && is_right(limit);
  return right;
}

void check_random_pairs(const alphabet& all, int pairs) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    word_maker make{seed, all.size()};
    for (int pair = 0; pair < pairs; ++pair) {
      const auto a = make.word();
      const auto b = make.below(2) ? make.edited(a) : make.word();
      const unsigned expected = by_hand(a, b);
      const edit_pattern pattern{spelled(a, all)};
      const auto word = spelled(b, all);
      BOOST_REQUIRE_EQUAL(pattern.length(), a.size());
      BOOST_REQUIRE_MESSAGE(
        answers(pattern, word, expected, static_cast<unsigned>(make.below(200))),
        "'" << spelled(a, all) << "' and '" << word << "' are " << expected << " apart");
    }
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(edit_distances)

BOOST_AUTO_TEST_CASE(edits_are_insertions_deletions_substitutions_and_transpositions) {
  BOOST_TEST(between("beaver", "beaver") == 0u);
  BOOST_TEST(between("beaver", "beavers") == 1u);
  BOOST_TEST(between("beaver", "beaer") == 1u);
  BOOST_TEST(between("beaver", "heaver") == 1u);
  BOOST_TEST(between("beaver", "baever") == 1u);
  BOOST_TEST(between("beaver", "ebaevr") == 2u);
  BOOST_TEST(between("kitten", "sitting") == 3u);
  BOOST_TEST(between("abc", "xyz") == 3u);
}

BOOST_AUTO_TEST_CASE(no_place_is_edited_twice) {
  BOOST_TEST(between("ca", "abc") == 3u);
  BOOST_TEST(between("ca", "ac") == 1u);
  BOOST_TEST(between("ac", "abc") == 1u);
  BOOST_TEST(between("abab", "baba") == 2u);
}

BOOST_AUTO_TEST_CASE(empty_words_are_as_far_as_the_other_is_long) {
  BOOST_TEST(between("", "") == 0u);
  BOOST_TEST(between("", "äbc") == 3u);
  BOOST_TEST(between("äbc", "") == 3u);
  BOOST_TEST(edit_pattern{""}.length() == 0u);
  BOOST_TEST((edit_pattern{""}.distance("abc", 2) == std::nullopt));
  BOOST_TEST((edit_pattern{"abc"}.distance("", 2) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(what_is_farther_than_the_limit_has_no_answer) {
  const edit_pattern pattern{"beaver"};
  BOOST_TEST((pattern.distance("beaver", 0) == 0u));
  BOOST_TEST((pattern.distance("weever", 1) == std::nullopt));
  BOOST_TEST((pattern.distance("weever", 2) == 2u));
  BOOST_TEST((pattern.distance("be", 3) == std::nullopt));
  BOOST_TEST((pattern.distance("be", 4) == 4u));
  BOOST_TEST((pattern.distance("beaver and much more", 13) == std::nullopt));
  BOOST_TEST((pattern.distance("beaver and much more", 14) == 14u));
}

BOOST_AUTO_TEST_CASE(characters_are_code_points) {
  BOOST_TEST(between("naïve", "naive") == 1u);
  BOOST_TEST(between("новгород", "новгоорд") == 1u);
  BOOST_TEST(between("日本語", "日語") == 1u);
  BOOST_TEST(between("🦫🦦", "🦦🦫") == 1u);
  BOOST_TEST(between("", "🦫") == 1u);
  BOOST_TEST(edit_pattern{"日本語"}.length() == 3u);
  // Few characters of many bytes: what is too long in bytes need not be too long.
  BOOST_TEST((edit_pattern{"ab"}.distance("🦫🦦", 2) == 2u));
  BOOST_TEST((edit_pattern{"🦫🦦"}.distance("ab", 2) == 2u));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf_8_are_characters_of_their_own) {
  BOOST_TEST(between("a\xff", "a\xfe") == 1u);
  BOOST_TEST(between("a\xff", "a\xff") == 0u);
  BOOST_TEST(between("\xe9", "é") == 1u); // the byte is not the character of its number
  BOOST_TEST(between("\xc3", "é") == 1u);
  BOOST_TEST(between("\x80\x80\x80", "") == 3u);
  BOOST_TEST((edit_pattern{"a"}.distance("\x80\x80\x80", 2) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(transpositions_are_seen_where_machine_words_meet) {
  for (const std::size_t from : {62u, 63u, 64u, 126u, 127u, 128u}) {
    const std::string before(from, 'x');
    BOOST_TEST_CONTEXT("from character " << from) {
      BOOST_TEST(between(before + "ab", before + "ba") == 1u);
      BOOST_TEST(between(before + "ab", before + "b") == 1u);
      BOOST_TEST(between(before + "b", before + "ab") == 1u);
      BOOST_TEST(between(before + "ca", before + "abc") == 3u);
      BOOST_TEST(between(before + "abend", before + "baend") == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(short_words_are_as_the_textbook_has_them) {
  const alphabet abc{"a", "b", "c"};
  std::vector<letters> words{{}};
  for (std::size_t i = 0; words[i].size() < 4; ++i)
    for (unsigned char c = 0; c < 3; ++c) {
      auto longer = words[i];
      longer.push_back(c);
      words.push_back(std::move(longer));
    }
  BOOST_REQUIRE(words.size() == 121u);
  for (const auto& a : words)
    for (const auto& b : words)
      BOOST_REQUIRE_MESSAGE(between(spelled(a, abc), spelled(b, abc)) == by_hand(a, b),
                            spelled(a, abc) << " and " << spelled(b, abc));
}

BOOST_AUTO_TEST_CASE(random_words_are_as_the_textbook_has_them) {
  check_random_pairs({"a", "b"}, 40'000);
  check_random_pairs({"a", "b", "c", "d"}, 40'000);
}

BOOST_AUTO_TEST_CASE(random_words_of_any_bytes_are_as_the_textbook_has_them) {
  check_random_pairs({"a", "é", "ж", "日", "🦫", "\xff", "\x80"}, 20'000);
}

BOOST_AUTO_TEST_CASE(longer_words_are_allowed_more_edits) {
  BOOST_TEST(allowed_distance(0) == 0u);
  BOOST_TEST(allowed_distance(2) == 0u);
  BOOST_TEST(allowed_distance(3) == 1u);
  BOOST_TEST(allowed_distance(5) == 1u);
  BOOST_TEST(allowed_distance(6) == 2u);
  BOOST_TEST(allowed_distance(100) == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
