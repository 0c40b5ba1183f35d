#include "beaver/storage/trigrams.hpp"

#include "beaver/storage/json_cursor.hpp"
#include "beaver/storage/lower_case.hpp"
#include "support/settings.hpp"
#include "table_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <random>
#include <set>

using namespace beaver;
using namespace beaver::test;

namespace {

using texts = std::vector<std::string>;

texts with_distinct(const std::string& text) { return trigrams(lower_case(text)); }

/// Appends the strings of the value that comes next, each with a space before it.
void append_strings(std::string& out, json_cursor& from) {
  switch (from.peek()) {
  case json_kind::object:
    for (from.enter_object(); from.next_member();)
      append_strings(out, from);
    return;
  case json_kind::array:
    for (from.enter_array(); from.next_element();)
      append_strings(out, from);
    return;
  case json_kind::string:
    (out += ' ') += from.read_string();
    return;
  default:
    from.skip();
  }
}

std::string text_of(const std::string& document) {
  json_cursor cursor{document};
  std::string text;
  append_strings(text, cursor);
  return text.substr(1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(trigrams_of_texts)

BOOST_AUTO_TEST_CASE(each_window_of_three_characters_is_there_once_in_the_order_of_bytes) {
  BOOST_TEST(trigrams("banana") == (texts{"ana", "ban", "nan"}), boost::test_tools::per_element());
  BOOST_TEST(trigrams("a b") == texts{"a b"}, boost::test_tools::per_element());
  BOOST_TEST(trigrams("aaaaaa") == texts{"aaa"}, boost::test_tools::per_element());
  BOOST_TEST(trigrams("zé日🦫a") == (texts{"zé日", "é日🦫", "日🦫a"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_text_of_less_than_three_characters_has_none) {
  BOOST_TEST(trigrams("").empty());
  BOOST_TEST(trigrams("ab").empty());
  BOOST_TEST(trigrams("🦫🦫").empty());
  BOOST_TEST(trigrams("🦫🦫🦫").size() == 1u);
}

BOOST_AUTO_TEST_CASE(lower_case_comes_first) {
  BOOST_TEST(with_distinct("İx") == texts{"i\u0307x"}, boost::test_tools::per_element());
  BOOST_TEST(with_distinct("ΟΣΟΣ") == (texts{"οσο", "σος"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(zero_bytes_and_bytes_that_are_no_utf_8_are_characters) {
  using namespace std::string_literals;
  BOOST_TEST(trigrams("a\0\0b"s) == (texts{"\0\0b"s, "a\0\0"s}), boost::test_tools::per_element());
  BOOST_TEST(trigrams("a\xff\xc3\x80\x80") == (texts{"a\xff\xc3\x80", "\xff\xc3\x80\x80"}),
             boost::test_tools::per_element());
  BOOST_TEST(trigrams("\xed\xa0\x80").size() == 1u); // half a surrogate pair
}

BOOST_AUTO_TEST_CASE(documents_have_the_trigrams_that_the_python_original_stored) {
  const temp_folder folder;
  std::filesystem::copy_file(BEAVER_TEST_DATA "/beaver-2.3.0.db", folder.file());
  connection_options options;
  options.read_only = true;
  connection theirs{folder.file(), options};
  std::map<std::string, std::set<std::string>> stored;
  statement rows = theirs.prepare("SELECT item_id, trigram FROM __beaver_trigrams__");
  while (rows.step())
    stored[std::string{rows.text(0)}].emplace(rows.text(1));
  BOOST_TEST(stored.size() == 5u);
  statement documents = theirs.prepare("SELECT item_id, data FROM __beaver_documents__");
  while (documents.step()) {
    BOOST_TEST_CONTEXT("document " << documents.text(0)) {
      const auto ours = with_distinct(text_of(std::string{documents.text(1)}));
      const auto& of_python = stored.at(std::string{documents.text(0)});
      BOOST_TEST(ours == texts(of_python.begin(), of_python.end()),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(random_texts_have_the_windows_that_sets_of_strings_have) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937_64 random{seed};
    const texts alphabet{"a", "b", " ", "é", "ж", "日", "\U0010ffff", "🦫", "\xff", "\x80"};
    for (int round = 0; round < 10'000; ++round) {
      texts characters(random() % 40);
      std::string text;
      for (auto& c : characters)
        text += c = alphabet[random() % alphabet.size()];
      std::set<std::string> expected;
      for (std::size_t i = 2; i < characters.size(); ++i)
        expected.insert(characters[i - 2] + characters[i - 1] + characters[i]);
      const auto got = trigrams(text);
      BOOST_REQUIRE_EQUAL(got.size(), expected.size());
      BOOST_REQUIRE((std::set<std::string>(got.begin(), got.end()) == expected));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
