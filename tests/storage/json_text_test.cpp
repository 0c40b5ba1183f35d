#include "beaver/storage/json_text.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_format.hpp"
#include "storage/json_vectors.hpp"
#include "support/random_json.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>

using namespace beaver;

namespace {

std::string normal(std::string_view text) {
  std::string out;
  json::append_normalised(out, text);
  return out;
}

/// What the refusal of a text says; "accepted" if it is not refused.
std::string refusal(std::string_view text) {
  try {
    normal(text);
  } catch (const error& e) {
    return e.code() == errc::invalid_argument ? e.what() : "another code";
  }
  return "accepted";
}

std::string nested(int depth, std::string_view open, std::string_view close) {
  std::string out;
  for (int i = 0; i < depth; ++i)
    out += open;
  for (int i = 0; i < depth; ++i)
    out += close;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_text_form)

BOOST_AUTO_TEST_CASE(doubles_are_written_as_python_writes_them) {
  for (const auto& v : json_vectors::doubles) {
    std::string out;
    json::append_double(out, std::bit_cast<double>(v.bits));
    BOOST_TEST(out == v.text);
    BOOST_TEST(normal(v.text) == v.text);
  }
}

BOOST_AUTO_TEST_CASE(strings_are_written_as_python_writes_them) {
  for (const auto& v : json_vectors::strings) {
    std::string out;
    json::append_string(out, v.input);
    BOOST_TEST(out == v.output);
    BOOST_TEST(normal(v.output) == v.output);
  }
}

BOOST_AUTO_TEST_CASE(texts_are_normalised_as_python_does) {
  for (const auto& v : json_vectors::texts) {
    BOOST_TEST_CONTEXT("input " << v.input) {
      BOOST_TEST(normal(v.input) == v.output);
      BOOST_TEST(normal(v.output) == v.output);
    }
  }
}

BOOST_AUTO_TEST_CASE(long_integers_keep_every_digit) {
  const std::string digits(5000, '7');
  BOOST_TEST(normal(digits) == digits);
  BOOST_TEST(normal("-" + digits) == "-" + digits);
}

BOOST_AUTO_TEST_CASE(repeated_members_are_kept) {
  BOOST_TEST(normal(R"({"a":1,"a":2})") == R"({"a": 1, "a": 2})");
}

BOOST_AUTO_TEST_CASE(a_lone_surrogate_is_kept) {
  BOOST_TEST(normal(R"("\uD83D")") == R"("\ud83d")");
  BOOST_TEST(normal(R"(["\uDE00x"])") == R"(["\ude00x"])");
}

BOOST_AUTO_TEST_CASE(output_is_appended) {
  std::string out = "value=";
  json::append_normalised(out, "[1,2]");
  json::append_string(out, "é");
  json::append_double(out, 2);
  BOOST_TEST(out == "value=[1, 2]\"\\u00e9\"2.0");
}

BOOST_AUTO_TEST_CASE(a_refused_text_leaves_the_output_alone) {
  std::string out = "kept";
  BOOST_CHECK_THROW(json::append_normalised(out, "[1,\"\xc3\xa9\",x]"), error);
  BOOST_CHECK_THROW(json::append_string(out, "abc\xff"), error);
  BOOST_TEST(out == "kept");
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_byte) {
  const std::pair<std::string_view, std::string_view> cases[] = {
    {"", "expected a value at byte 0"},
    {"   ", "expected a value at byte 3"},
    {R"({"name": "x", })", "expected a member name at byte 14"},
    {R"({"a": 1, "b": })", "expected a value at byte 14"},
    {"[1,]", "expected a value at byte 3"},
    {"[,1]", "expected a value at byte 1"},
    {"[", "expected a value at byte 1"},
    {"{", "expected a member name at byte 1"},
    {"{1: 2}", "expected a member name at byte 1"},
    {R"({"a" 1})", "expected ':' at byte 5"},
    {R"({"a")", "expected ':' at byte 4"},
    {R"({"a": 1)", "expected ',' or '}' at byte 7"},
    {"[1 2]", "expected ',' or ']' at byte 3"},
    {"[1}", "expected ',' or ']' at byte 2"},
    {"{\"a\": 1]", "expected ',' or '}' at byte 7"},
    {"1 2", "extra data at byte 2"},
    {"null,", "extra data at byte 4"},
    {"]", "expected a value at byte 0"},
    {"01", "extra data at byte 1"},
    {"-", "expected a digit at byte 1"},
    {"+1", "expected a value at byte 0"},
    {".5", "expected a value at byte 0"},
    {"1.", "expected a digit at byte 2"},
    {"[1.e5]", "expected a digit at byte 3"},
    {"1e", "expected a digit at byte 2"},
    {"1e+", "expected a digit at byte 3"},
    {"[1e400]", "number out of the range of a double at byte 1"},
    {"-1e99999999999999999999", "number out of the range of a double at byte 0"},
    {"0.1e310", "number out of the range of a double at byte 0"},
    {"[NaN]", "NaN and infinities are not allowed at byte 1"},
    {"-Infinity", "expected a digit at byte 1"},
    {"nul", "expected a value at byte 0"},
    {"[tru]", "expected a value at byte 1"},
    {"True", "expected a value at byte 0"},
    {"nulll", "extra data at byte 4"},
    {"'a'", "expected a value at byte 0"},
    {"\"abc", "string without an end at byte 0"},
    {"[\"abc\\", "string without an end at byte 1"},
    {R"("ab\x")", "unknown escape at byte 3"},
    {R"("\u12g4")", "expected four hexadecimal digits at byte 3"},
    {R"("\u12)", "expected four hexadecimal digits at byte 3"},
    {"\"a\nb\"", "control character in a string at byte 2"},
    {std::string_view{"\"a\0\"", 4}, "control character in a string at byte 2"},
    {std::string_view{"1\0", 2}, "extra data at byte 1"},
    {"\"\x80\"", "invalid UTF-8 at byte 1"},
    {"\"a\xc3\"", "invalid UTF-8 at byte 2"},
    {"\"\xc0\xaf\"", "invalid UTF-8 at byte 1"},         // overlong
    {"\"\xe0\x80\xaf\"", "invalid UTF-8 at byte 1"},     // overlong
    {"\"\xf0\x8f\xbf\xbf\"", "invalid UTF-8 at byte 1"}, // overlong
    {"\"\xed\xa0\x80\"", "invalid UTF-8 at byte 1"},     // surrogate
    {"\"\xf4\x90\x80\x80\"", "invalid UTF-8 at byte 1"}, // beyond U+10FFFF
    {"\"\xf0\x9f\x98", "invalid UTF-8 at byte 1"},
    {"\xef\xbb\xbf[]", "expected a value at byte 0"},
    {"[1]/*x*/", "extra data at byte 3"},
  };
  for (const auto& [text, why] : cases)
    BOOST_TEST_CONTEXT("input " << text)
  BOOST_TEST(refusal(text) == "not JSON: " + std::string{why});
}

BOOST_AUTO_TEST_CASE(nesting_is_accepted_up_to_the_limit) {
  const int limit = json_text::max_depth;
  BOOST_TEST(normal(nested(limit, "[", "]")) == nested(limit, "[", "]"));
  BOOST_TEST(refusal(nested(limit + 1, "[", "]"))
             == "not JSON: nested deeper than 512 at byte 512");
  BOOST_TEST(refusal(nested(limit, "{\"a\":", "}")) == "not JSON: expected a value at byte 2560");
  BOOST_TEST(refusal(std::string(1'000'000, '['))
             == "not JSON: nested deeper than 512 at byte 512");
  // Depth counts open levels, not all that were ever opened.
  std::string wide = "[";
  for (int i = 0; i < 2000; ++i)
    wide += "[], ";
  wide += "{}]";
  BOOST_TEST(normal(wide) == wide);
}

BOOST_AUTO_TEST_CASE(text_of_invalid_utf8_is_no_string) {
  std::string out;
  BOOST_CHECK_EXCEPTION(json::append_string(out, "abc\xe2\x82"), error, [](const error& e) {
    return e.code() == errc::invalid_argument && e.what() == std::string{"invalid UTF-8 at byte 3"};
  });
}

BOOST_AUTO_TEST_CASE(only_finite_doubles_are_written) {
  using limits = std::numeric_limits<double>;
  std::string out;
  for (double value : {limits::infinity(), -limits::infinity(), limits::quiet_NaN()})
    BOOST_CHECK_THROW(json::append_double(out, value), error);
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(a_value_knows_whether_it_is_normal) {
  BOOST_TEST(json_text{}.text() == "null");
  BOOST_TEST(json_text{}.normal());
  const json_text foreign{"[1,2]"};
  BOOST_TEST(!foreign.normal());
  BOOST_TEST(foreign.text() == "[1,2]");
  const json_text brought = foreign.normalised();
  BOOST_TEST(brought.normal());
  BOOST_TEST(brought.text() == "[1, 2]");
  BOOST_TEST(foreign.text() == "[1,2]");
  BOOST_CHECK_THROW((void)json_text{"[1"}.normalised(), error);
}

BOOST_AUTO_TEST_CASE(a_text_found_normal_shares_its_buffer) {
  const json_text given{R"({"a": [1, 2.5, "x"]})"};
  const json_text result = given.normalised();
  BOOST_TEST(result.normal());
  BOOST_TEST(static_cast<const void*>(result.text().data())
             == static_cast<const void*>(given.text().data()));
  BOOST_TEST(static_cast<const void*>(result.normalised().text().data())
             == static_cast<const void*>(given.text().data()));
}

BOOST_AUTO_TEST_CASE(normal_form_of_normal_form_is_itself) {
  const std::uint64_t seed = 20261122;
  BOOST_TEST_MESSAGE("seed " << seed);
  test::random_json texts{seed};
  for (int i = 0; i < 5000; ++i) {
    const std::string text = texts();
    BOOST_TEST_CONTEXT("seed " << seed << ", input " << text) {
      const std::string once = normal(text);
      BOOST_TEST(normal(once) == once);
      BOOST_TEST(json_text{once}.normalised().text() == once);
      for (const char c : once)
        BOOST_REQUIRE((c >= ' ' && c <= '~'));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_fraction_taken_as_it_stands_is_what_its_double_is_written_as) {
  const std::uint64_t seed = 20261124;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  const auto digits = [&](std::size_t longest) {
    std::string text;
    for (auto n = random() % longest + 1; n > 0; --n)
      text += random() % 3 == 0 ? '0' : static_cast<char>('0' + random() % 10);
    return text;
  };
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    auto whole = digits(12);
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
    const auto number = (random() % 2 ? "-" : "") + whole + '.' + digits(12);
    if (!json::is_shortest(number))
      continue;
    ++taken;
    const json::number_text written{json::parse_double(number)};
    if (written.view() != number)
      BOOST_ERROR(number << " is written as " << written.view() << ", seed " << seed);
  }
  BOOST_TEST(taken > 50'000);
  for (const auto* number : {"0.0", "-0.0", "0.0001", "12.5", "123456789.123456", "-0.25"})
    BOOST_TEST(json::is_shortest(number), number);
  for (const auto* number : {"0.00001", "1.50", "0.00", "1e5", "1.5e3", "1234567890.123456"})
    BOOST_TEST(!json::is_shortest(number), number);
}

BOOST_AUTO_TEST_CASE(every_cut_of_a_text_is_refused) {
  const std::string text = R"({"a": [1.5e3, "\u00e9x", true, null], "b": {"c": "d"}})";
  for (std::size_t n = 0; n < text.size(); ++n)
    BOOST_TEST(refusal(std::string_view{text}.substr(0, n)) != "accepted");
  BOOST_TEST(refusal(text) == "accepted");
}

BOOST_AUTO_TEST_SUITE_END()
