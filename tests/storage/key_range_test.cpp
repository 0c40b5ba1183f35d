#include "beaver/storage/key_range.hpp"

#include "beaver/storage/utf8.hpp"
#include "table_fixture.hpp"

using namespace beaver;
using namespace beaver::test;

BOOST_AUTO_TEST_SUITE(key_range_bounds)

BOOST_AUTO_TEST_CASE(the_successor_of_a_prefix_is_the_next_character) {
  BOOST_TEST((prefix_successor("ab") == "ac"));
  BOOST_TEST((prefix_successor("\x7f") == "\u0080"));
  BOOST_TEST((prefix_successor("é") == "ê"));
  BOOST_TEST((prefix_successor("\u07ff") == "\u0800"));
  BOOST_TEST((prefix_successor("\ud7ff") == "\ue000")); // the surrogates between are no characters
  BOOST_TEST((prefix_successor("\uffff") == "\U00010000"));
}

BOOST_AUTO_TEST_CASE(the_greatest_character_has_the_successor_of_what_stands_before_it) {
  BOOST_TEST((prefix_successor("a\U0010ffff") == "b"));
  BOOST_TEST((prefix_successor("é\U0010ffff\U0010ffff") == "ê"));
  BOOST_TEST(!prefix_successor("\U0010ffff"));
  BOOST_TEST(!prefix_successor(""));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_count_as_bytes) {
  BOOST_TEST((prefix_successor("a\x80") == "a\x81"));
  BOOST_TEST((prefix_successor("a\xff") == "b"));
  BOOST_TEST((prefix_successor("\xc3") == "\xc4"));
  BOOST_TEST(!prefix_successor("\xff\xff"));
}

BOOST_AUTO_TEST_CASE(the_successor_of_utf8_is_utf8_and_behind_all_that_start_with_the_prefix) {
  for (const auto& prefix : trap_keys()) {
    const auto successor = prefix_successor(prefix);
    if (!successor)
      continue;
    BOOST_TEST(utf8::find_invalid(*successor) == std::string_view::npos, prefix);
    for (const auto& key : trap_keys())
      BOOST_TEST((key >= prefix && key < *successor) == key.starts_with(prefix),
                 "prefix " << prefix << " key " << key);
  }
}

BOOST_AUTO_TEST_CASE(bounds_narrow_each_other) {
  const key_bounds up{key_range{.prefix = "b", .from = "ba", .to = "z", .after = "a"}};
  BOOST_TEST(up.lower == "ba");
  BOOST_TEST((up.upper == "c"));
  const key_bounds down{
    key_range{.prefix = "b", .from = "a", .after = "bx", .descending = true, .limit = 3}};
  BOOST_TEST(down.lower == "b");
  BOOST_TEST((down.upper == "bx"));
  BOOST_TEST(down.limit == 3);
}

BOOST_AUTO_TEST_SUITE_END()
