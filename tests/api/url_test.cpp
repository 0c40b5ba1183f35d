#include "beaver/api/url.hpp"

#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(urls)

BOOST_AUTO_TEST_CASE(a_target_is_taken_apart_and_left_encoded) {
  const auto parts = split_target("/dicts/a%2Fb/count?prefix=x&limit=3#here").value();
  BOOST_TEST(parts.segments == (std::vector<std::string_view>{"dicts", "a%2Fb", "count"}),
             per_element());
  BOOST_TEST(parts.query == "prefix=x&limit=3");
  BOOST_TEST(split_target("/")->segments == std::vector<std::string_view>{""}, per_element());
  BOOST_TEST(split_target("/a//")->segments == (std::vector<std::string_view>{"a", "", ""}),
             per_element());
  BOOST_TEST(!split_target(""));
  BOOST_TEST(!split_target("http://host/a"));
  BOOST_TEST(!split_target("*"));
}

BOOST_AUTO_TEST_CASE(what_is_encoded_comes_back) {
  std::mt19937_64 random{fresh_seed()};
  for (int i = 0; i < 2'000; ++i) {
    std::string text(random() % 20, ' ');
    for (auto& c : text)
      c = static_cast<char>(random());
    std::string encoded;
    append_percent_encoded(encoded, text);
    BOOST_REQUIRE(encoded.find_first_of("/?#&=+ ") == std::string::npos);
    BOOST_REQUIRE(percent_decoded(encoded).value() == text);
    BOOST_REQUIRE(percent_decoded(encoded, true).value() == text);
  }
  BOOST_TEST(percent_decoded("a+b").value() == "a+b");
  BOOST_TEST(percent_decoded("a+b", true).value() == "a b");
}

BOOST_AUTO_TEST_CASE(half_of_a_code_is_none) {
  for (const auto* bad : {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 41"})
    BOOST_TEST(!percent_decoded(bad));
  BOOST_TEST(!query_members("a=%4"));
  BOOST_TEST(!query_members("%=1"));
}

BOOST_AUTO_TEST_CASE(a_query_has_names_and_values_in_order) {
  using members = std::vector<std::pair<std::string, std::string>>;
  BOOST_TEST((query_members("a=1&b=x%26y&&c&=d&a=2==").value()
              == members{{"a", "1"}, {"b", "x&y"}, {"c", ""}, {"", "d"}, {"a", "2=="}}));
  BOOST_TEST(query_members("")->empty());
}

BOOST_AUTO_TEST_SUITE_END()
