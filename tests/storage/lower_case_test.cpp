#include "beaver/storage/lower_case.hpp"

#include "beaver/storage/utf8.hpp"
#include "lower_case_digest.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <vector>

using namespace beaver;
using namespace beaver::test;

namespace {

std::string text_of(char32_t c) {
  std::string text;
  utf8::append(text, c);
  return text;
}

/// FNV-1a of all lower cases.
class digest {
public:
  void add(const std::string& text) {
    for (const char byte : lower_case(text))
      hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// That of the texts that `make` gives for each character.
template <class Make>
std::uint64_t digest_of(Make make) {
  digest result;
  for (char32_t c = 0; c < 0x110000; ++c)
    if (c < 0xd800 || c >= 0xe000)
      result.add(make(text_of(c)));
  return result.value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(lower_cases)

BOOST_AUTO_TEST_CASE(letters_of_every_script_become_small) {
  BOOST_TEST(lower_case("") == "");
  BOOST_TEST(lower_case("Hello, World [@Z`{] 0123456789") == "hello, world [@z`{] 0123456789");
  BOOST_TEST(lower_case("NAÏVE CAFÉ, Straße, ÅNGSTRÖM") == "naïve café, straße, ångström");
  BOOST_TEST(lower_case("НИЖНИЙ Новгород") == "нижний новгород");
  BOOST_TEST(lower_case("ΑΒΓ ΔΙΑ") == "αβγ δια");
  BOOST_TEST(lower_case("日本語 🦫") == "日本語 🦫");
  BOOST_TEST(lower_case("\U00010400") == "\U00010428"); // Deseret: beyond 16 bits
}

BOOST_AUTO_TEST_CASE(the_turkish_i_keeps_its_dot_whatever_the_locale) {
  BOOST_TEST(lower_case("İSTANBUL") == "i\u0307stanbul");
  BOOST_TEST(lower_case("ISPARTA ı") == "isparta ı");
}

BOOST_AUTO_TEST_CASE(lower_case_may_be_longer_or_shorter) {
  BOOST_TEST(lower_case("\u023a") == "\u2c65"); // 2 bytes become 3
  BOOST_TEST(lower_case("\u212a") == "k");      // the Kelvin sign
  BOOST_TEST(lower_case("\u1e9e") == "ß");
}

BOOST_AUTO_TEST_CASE(a_sigma_that_ends_a_word_is_a_final_one) {
  BOOST_TEST(lower_case("ΟΔΥΣΣΕΥΣ") == "οδυσσευς");
  BOOST_TEST(lower_case("ΟΔΟΣ ΣΟΦΟΣ.") == "οδος σοφος.");
  BOOST_TEST(lower_case("Σ") == "σ"); // no letter before it
  BOOST_TEST(lower_case("1Σ") == "1σ");
  BOOST_TEST(lower_case("AΣ1") == "aς1");
  BOOST_TEST(lower_case("AΣB") == "aσb");
  BOOST_TEST(lower_case("A.Σ") == "a.ς"); // a full stop counts for nothing
  BOOST_TEST(lower_case("AΣ.B") == "aσ.b");
  BOOST_TEST(lower_case("AΣ\u0301") == "aς\u0301");
  BOOST_TEST(lower_case(".Σ") == ".σ");
  BOOST_TEST(lower_case("ΣΣ") == "σς");
}

BOOST_AUTO_TEST_CASE(invalid_bytes_are_copied_and_end_words) {
  BOOST_TEST(lower_case("A\xff\xc3") == "a\xff\xc3");
  BOOST_TEST(lower_case("\x80\xbf"
                        "B")
             == "\x80\xbf"
                "b");
  BOOST_TEST(lower_case("\xed\xa0\x80X") == "\xed\xa0\x80x"); // half a surrogate pair
  BOOST_TEST(lower_case("\xc0\x81") == "\xc0\x81");           // no other spelling of U+0001
  BOOST_TEST(lower_case("A\xffΣ") == "a\xffσ");
  BOOST_TEST(lower_case("A\x80Σ") == "a\x80σ");
  BOOST_TEST(lower_case("AΣ\xff") == "aς\xff");
  BOOST_TEST(lower_case("AΣ\xff"
                        "B")
             == "aς\xff"
                "b");
}

BOOST_AUTO_TEST_CASE(every_character_is_as_python_has_it) {
  BOOST_TEST(digest_of([](const std::string& c) { return c; }) == lower_case_digest);
}

BOOST_AUTO_TEST_CASE(every_character_counts_for_sigmas_as_python_has_it) {
  const auto sigmas = [](const std::string& c) {
    return c + "Σ A" + c + "Σ AΣ" + c + " AΣ" + c + "B ";
  };
  BOOST_TEST(digest_of(sigmas) == final_sigma_digest);
}

BOOST_AUTO_TEST_CASE(sigmas_in_any_company_are_as_python_has_them) {
  const char* const letters[]{"A", "Σ", ".", "1"};
  digest words;
  for (unsigned word = 0; word < 1u << 12; ++word) {
    std::string text;
    for (int shift = 10; shift >= 0; shift -= 2)
      text += letters[word >> shift & 3];
    words.add(text);
  }
  BOOST_TEST(words.value() == sigma_words_digest);
}

BOOST_AUTO_TEST_CASE(texts_without_sigmas_are_their_characters_one_by_one) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 dice{seed};
    const std::vector<std::string> pieces{"A", "Z",    "z",    "[",      "@",      "É",  "Ж",
                                          "İ", "\xff", "\x80", "\u023a", "\u212a", "日", "🦫"};
    for (int round = 0; round < 20'000; ++round) {
      std::string text;
      std::string expected;
      for (auto n = dice() % 40; n > 0; --n) {
        // Mostly ASCII, so that its runs begin and end at every place of a word of 8 bytes.
        const auto& piece = pieces[dice() % (dice() % 4 == 0 ? pieces.size() : 5)];
        text += piece;
        expected += lower_case(piece);
      }
      BOOST_REQUIRE_EQUAL(lower_case(text), expected);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
