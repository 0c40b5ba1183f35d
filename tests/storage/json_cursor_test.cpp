#include "beaver/storage/json_cursor.hpp"

#include "beaver/storage/error.hpp"
#include "support/random_json.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

using namespace beaver;

namespace {

/// What an action on a cursor over `text` says when it throws; "accepted" if it does not.
template <class Action>
std::string refusal(std::string_view text, Action action) {
  json_cursor in{text};
  try {
    action(in);
  } catch (const error& e) {
    return e.code() == errc::invalid_argument ? e.what() : "another code";
  }
  return "accepted";
}

std::string skip_refusal(std::string_view text) {
  return refusal(text, [](json_cursor& in) {
    in.skip();
    in.finish();
  });
}

/// Writes what a cursor reads in normal form: a normaliser by another way.
void rewrite(json_cursor& in, std::string& out) {
  bool first = true;
  const auto separate = [&] { out += std::exchange(first, false) ? "" : ", "; };
  switch (in.peek()) {
  case json_kind::null:
    in.read_null();
    out += "null";
    break;
  case json_kind::boolean:
    out += in.read_bool() ? "true" : "false";
    break;
  case json_kind::number:
    json::append_normalised(out, in.read_number());
    break;
  case json_kind::string:
    json::append_string(out, in.read_string());
    break;
  case json_kind::array:
    out += '[';
    for (in.enter_array(); in.next_element();) {
      separate();
      rewrite(in, out);
    }
    out += ']';
    break;
  case json_kind::object:
    out += '{';
    in.enter_object();
    while (const auto name = in.next_member()) {
      separate();
      json::append_string(out, *name);
      out += ": ";
      rewrite(in, out);
    }
    out += '}';
    break;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_cursor_reading)

BOOST_AUTO_TEST_CASE(an_object_is_read_member_by_member) {
  for (const std::string_view text :
       {R"({"name": "Ada", "age": 36, "tags": ["x", "y"], "on": true, "no": null, "w": 1.5})",
        "{\"name\":\"Ada\",\"age\":36,\"tags\":[\"x\",\"y\"],\"on\":true,\"no\":null,\"w\":1.5}",
        " {\n\"name\" :\"Ada\" ,\t\"age\" : 36,\"tags\":[ \"x\" ,\"y\" ],\r\n\"on\":true , "
        "\"no\":null,\"w\":1.5 } "}) {
    json_cursor in{text};
    std::vector<std::string> seen;
    in.enter_object();
    while (const auto name = in.next_member()) {
      seen.emplace_back(*name);
      if (*name == "name")
        BOOST_TEST(in.read_string() == "Ada");
      else if (*name == "age")
        BOOST_TEST(in.read_int64().value() == 36);
      else if (*name == "tags") {
        in.enter_array();
        BOOST_TEST(in.next_element());
        BOOST_TEST(in.read_string() == "x");
        BOOST_TEST(in.next_element());
        BOOST_TEST(in.read_string() == "y");
        BOOST_TEST(!in.next_element());
      } else if (*name == "on")
        BOOST_TEST(in.read_bool());
      else if (*name == "no")
        in.read_null();
      else
        BOOST_TEST(in.read_double() == 1.5);
    }
    in.finish();
    const std::vector<std::string> names{"name", "age", "tags", "on", "no", "w"};
    BOOST_TEST(seen == names, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(kinds_are_told_by_the_first_character) {
  json_cursor in{R"([null, true, false, -1, 2, NaN, Infinity, "x", [], {}])"};
  using enum json_kind;
  in.enter_array();
  for (const auto kind :
       {null, boolean, boolean, number, number, number, number, string, array, object}) {
    BOOST_REQUIRE(in.next_element());
    BOOST_CHECK(in.peek() == kind);
    in.skip();
  }
  BOOST_TEST(!in.next_element());
}

BOOST_AUTO_TEST_CASE(escapes_become_utf8) {
  json_cursor in{R"(["a\"\\\/\b\f\n\r\tz", "\u00e9\u20AC\ud83d\uDE00", "", "é", "\u0000"])"};
  in.enter_array();
  for (const std::string_view text :
       {std::string_view{"a\"\\/\b\f\n\r\tz"}, std::string_view{"é€😀"}, std::string_view{},
        std::string_view{"é"}, std::string_view{"\0", 1}}) {
    BOOST_REQUIRE(in.next_element());
    BOOST_TEST(in.read_string() == text);
  }
  BOOST_TEST(!in.next_element());
}

BOOST_AUTO_TEST_CASE(a_lone_surrogate_can_be_skipped_but_not_read) {
  const auto read = [](json_cursor& in) { (void)in.read_string(); };
  const std::string what = "half of a surrogate pair is no character at byte 2";
  for (const std::string_view text :
       {R"("x\ud83d")", R"("x\ude00")", R"("x\ud83dy")", R"("x\ud83d\u0041")", R"("x\ud83d\n")",
        R"("x\ud83d\ud83d")"}) {
    BOOST_TEST(refusal(text, read) == what);
    BOOST_TEST(skip_refusal(text) == "accepted");
  }
  BOOST_TEST(skip_refusal(R"({"\ud83d": 1})") == "accepted");
}

BOOST_AUTO_TEST_CASE(integers_are_read_up_to_their_limits) {
  const auto int64 = [](std::string_view text) { return json_cursor{text}.read_int64(); };
  const auto uint64 = [](std::string_view text) { return json_cursor{text}.read_uint64(); };
  BOOST_CHECK(int64("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  BOOST_CHECK(int64("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  BOOST_CHECK(int64("9223372036854775808") == std::nullopt);
  BOOST_CHECK(int64("1.0") == std::nullopt);
  BOOST_CHECK(int64("1e3") == std::nullopt);
  BOOST_CHECK(int64("NaN") == std::nullopt);
  BOOST_CHECK(int64("-0") == 0);
  BOOST_CHECK(uint64("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  BOOST_CHECK(uint64("18446744073709551616") == std::nullopt);
  BOOST_CHECK(uint64("-1") == std::nullopt);
  BOOST_CHECK(uint64("-0") == 0u);
}

BOOST_AUTO_TEST_CASE(doubles_are_read_as_the_original_stores_them) {
  const auto read = [](std::string_view text) { return json_cursor{text}.read_double(); };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  BOOST_TEST(read("0.1") == 0.1);
  BOOST_TEST(read("-1E+2") == -100);
  BOOST_TEST(read("12345678901234567890") == 12345678901234567890.0);
  BOOST_TEST(read("5e-324") == 5e-324);
  BOOST_TEST(read("1e-400") == 0);
  BOOST_TEST(std::signbit(read("-1e-400")));
  BOOST_TEST(read("1e400") == infinity);
  BOOST_TEST(read("-1e400") == -infinity);
  BOOST_TEST(read("Infinity") == infinity);
  BOOST_TEST(read("-Infinity") == -infinity);
  BOOST_TEST(std::isnan(read("NaN")));
}

BOOST_AUTO_TEST_CASE(a_skipped_value_is_given_verbatim) {
  json_cursor in{R"([ {"a":[1,{"b":"]}\""}] , "c" :1e5}  ,  "x\u00e9" , -1.50 , null ])"};
  in.enter_array();
  for (const std::string_view text :
       {R"({"a":[1,{"b":"]}\""}] , "c" :1e5})", R"("x\u00e9")", "-1.50", "null"}) {
    BOOST_REQUIRE(in.next_element());
    BOOST_TEST(in.skip() == text);
  }
  BOOST_TEST(!in.next_element());
  in.finish();
}

BOOST_AUTO_TEST_CASE(a_value_read_out_of_normal_text_is_normal) {
  const json_text normal = json_text{R"({"a":[1,2]})"}.normalised();
  json_cursor in{normal};
  in.enter_object();
  BOOST_TEST(in.next_member().has_value());
  const json_text value = in.read_value();
  BOOST_TEST(value.text() == "[1, 2]");
  BOOST_TEST(value.normal());
  json_cursor foreign{std::string_view{"[1, 2]"}};
  BOOST_TEST(!foreign.read_value().normal());
}

BOOST_AUTO_TEST_CASE(a_cursor_goes_back_to_a_mark) {
  json_cursor in{"[1, [2, 3], 4]"};
  in.enter_array();
  BOOST_TEST(in.next_element());
  in.skip();
  BOOST_TEST(in.next_element());
  const auto mark = in.position();
  in.enter_array();
  BOOST_TEST(in.next_element());
  // Also the depth: else this would soon be nested too deep.
  for (int i = 0; i <= json_text::max_depth; ++i) {
    in.go_back(mark);
    in.enter_array();
  }
  in.go_back(mark);
  BOOST_TEST(in.skip() == "[2, 3]");
  BOOST_TEST(in.next_element());
  BOOST_TEST(in.read_int64().value() == 4);
  BOOST_TEST(!in.next_element());
  in.finish();
}

BOOST_AUTO_TEST_CASE(another_kind_is_refused) {
  BOOST_TEST(refusal("[1]", [](auto& in) { in.enter_object(); }) == "expected an object at byte 0");
  BOOST_TEST(refusal(" {}", [](auto& in) { in.enter_array(); }) == "expected an array at byte 1");
  BOOST_TEST(refusal("1", [](auto& in) { (void)in.read_string(); })
             == "expected a string at byte 0");
  BOOST_TEST(refusal("\"1\"", [](auto& in) { (void)in.read_number(); })
             == "expected a number at byte 0");
  BOOST_TEST(refusal("null", [](auto& in) { (void)in.read_bool(); })
             == "expected true or false at byte 0");
  BOOST_TEST(refusal("0", [](auto& in) { in.read_null(); }) == "expected null at byte 0");
}

BOOST_AUTO_TEST_CASE(broken_text_is_refused_with_its_byte) {
  const std::pair<std::string_view, std::string_view> cases[] = {
    {"", "expected a value at byte 0"},
    {"[1,]", "expected a value at byte 3"},
    {"[1 2]", "expected ',' or ']' at byte 3"},
    {"[1", "expected ',' or ']' at byte 2"},
    {"[1}", "expected ',' or ']' at byte 2"},
    {"{\"a\":1,}", "expected a member name at byte 7"},
    {"{\"a\" 1}", "expected ':' at byte 5"},
    {"{\"a\":1]", "expected ',' or '}' at byte 6"},
    {"{\"a\":", "expected a value at byte 5"},
    {"{\"a", "string without an end at byte 1"},
    {"\"a\\", "string without an end at byte 0"},
    {"\"\\q\"", "unknown escape at byte 1"},
    {"\"\\u12\"", "expected four hexadecimal digits at byte 3"},
    {"\"\x01\"", "control character in a string at byte 1"},
    {"\"\xff\"", "invalid UTF-8 at byte 1"},
    {"-", "expected a digit at byte 1"},
    {"1.", "expected a digit at byte 2"},
    {"nul", "expected a value at byte 0"},
    {"Nan", "expected a value at byte 0"},
    {"1 1", "extra data at byte 2"},
  };
  for (const auto& [text, why] : cases)
    BOOST_TEST_CONTEXT("input " << text)
  BOOST_TEST(skip_refusal(text) == "not JSON: " + std::string{why});
}

BOOST_AUTO_TEST_CASE(nesting_is_read_up_to_the_limit) {
  const std::string deep(json_text::max_depth, '[');
  BOOST_TEST(skip_refusal(deep + std::string(json_text::max_depth, ']')) == "accepted");
  BOOST_TEST(skip_refusal("[" + deep) == "not JSON: nested deeper than 512 at byte 512");
}

BOOST_AUTO_TEST_CASE(cursor_and_normaliser_agree_on_random_texts) {
  const std::uint64_t seed = 7;
  BOOST_TEST_MESSAGE("seed " << seed);
  test::random_json texts{seed};
  int read = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = texts();
    BOOST_TEST_CONTEXT("seed " << seed << ", input " << text) {
      const auto normal = json_text{text}.normalised();
      BOOST_TEST(skip_refusal(text) == "accepted");
      json_cursor in{text};
      std::string out;
      try {
        rewrite(in, out);
      } catch (const error& e) {
        BOOST_TEST(std::string_view{e.what()}.starts_with("half of a surrogate"));
        continue;
      }
      ++read;
      BOOST_TEST(out == normal.text());
    }
  }
  BOOST_TEST(read > 2000);
}

BOOST_AUTO_TEST_CASE(cursor_and_normaliser_agree_on_damaged_texts) {
  const std::uint64_t seed = 11;
  BOOST_TEST_MESSAGE("seed " << seed);
  test::random_json texts{seed};
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = texts();
    text[texts.below(text.size())] = "{}[]\",:\\u0123e.-+ \x80\xc3"[texts.below(21)];
    BOOST_TEST_CONTEXT("seed " << seed << ", input " << text) {
      std::string normal = "accepted";
      try {
        (void)json_text{text}.normalised();
      } catch (const error& e) {
        normal = e.what();
        ++refused;
      }
      // The cursor takes on purpose what the original stores: NaN, infinities and huge numbers.
      if (normal.find("NaN") == normal.npos && normal.find("out of the range") == normal.npos)
        BOOST_TEST(skip_refusal(text) == normal);
    }
  }
  BOOST_TEST(refused > 2000);
}

BOOST_AUTO_TEST_SUITE_END()
