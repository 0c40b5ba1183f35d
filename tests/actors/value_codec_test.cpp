#include "beaver/actors/value_codec.hpp"

#include "actors/codec_support.hpp"
#include "beaver/storage/base64.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <cstring>
#include <list>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

namespace beaver {

struct probe_tree {
  int n{};
  std::vector<probe_tree> kids;
};
BOOST_DESCRIBE_STRUCT(probe_tree, (), (n, kids))

struct probe_point {
  int x{}, y{};
  friend bool operator==(const probe_point&, const probe_point&) = default;
};

/// A type of somebody else, written as "x/y".
template <>
struct codec::custom<probe_point> {
  static void encode(std::string& out, const probe_point& p) {
    json::append_string(out, std::to_string(p.x) + "/" + std::to_string(p.y));
  }
  static void decode(json_cursor& in, probe_point& p, const place& at) {
    const std::string text{in.read_string()};
    const auto slash = text.find('/');
    if (slash == text.npos)
      at.fail("must be x/y");
    p = {std::stoi(text.substr(0, slash)), std::stoi(text.substr(slash + 1))};
  }
};

} // namespace beaver

using namespace beaver;
using test::encoded;
using test::refusal;

namespace {

template <class T>
T decoded(std::string_view text, codec::surplus policy = codec::surplus::refuse) {
  json_cursor in{text};
  T x{};
  codec::decode(in, x, codec::place{"body", policy});
  in.finish();
  return x;
}

template <class T>
std::string decode_refusal(std::string_view text) {
  return refusal([&] { (void)decoded<T>(text); });
}

template <class T>
void check_both_ways(const T& x, std::string_view text) {
  BOOST_TEST(encoded(x) == text);
  BOOST_CHECK(decoded<T>(text) == x);
  BOOST_TEST(json_text{text}.normalised().text() == text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(codec_values)

BOOST_AUTO_TEST_CASE(scalars_go_both_ways) {
  check_both_ways(true, "true");
  check_both_ways(-7, "-7");
  check_both_ways(std::uint64_t{18446744073709551615u}, "18446744073709551615");
  check_both_ways(std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
  check_both_ways(0.1, "0.1");
  check_both_ways(5.0, "5.0");
  check_both_ways(0.1f, "0.1");
  check_both_ways(1e-7f, "1e-07");
  check_both_ways(std::string{"é\n"}, R"("\u00e9\n")");
  check_both_ways(probe_colour::green, R"("green")");
  check_both_ways(std::monostate{}, "null");
  check_both_ways(probe_point{1, 2}, R"("1/2")");
  BOOST_TEST(encoded(std::string_view{"x"}) == R"("x")");
  BOOST_TEST(encoded("literal") == R"("literal")");
  BOOST_TEST(encoded(nullptr) == "null");
}

BOOST_AUTO_TEST_CASE(containers_go_both_ways) {
  check_both_ways(std::vector<int>{1, 2}, "[1, 2]");
  check_both_ways(std::vector<int>{}, "[]");
  check_both_ways(std::vector<bool>{true, false}, "[true, false]");
  check_both_ways(std::list<std::string>{"a"}, R"(["a"])");
  check_both_ways(std::set<int>{1, 3}, "[1, 3]");
  check_both_ways(std::array<int, 2>{1, 2}, "[1, 2]");
  check_both_ways(std::pair<int, std::string>{1, "x"}, R"([1, "x"])");
  check_both_ways(std::tuple<int, bool, double>{1, true, 0.5}, "[1, true, 0.5]");
  check_both_ways(std::map<std::string, int>{{"a", 1}, {"é", 2}}, R"({"a": 1, "\u00e9": 2})");
  check_both_ways(std::unordered_map<std::string, bool>{{"a", true}}, R"({"a": true})");
  check_both_ways(std::map<std::string, std::vector<probe_point>>{{"p", {{1, 2}}}},
                  R"({"p": ["1/2"]})");
  check_both_ways(std::vector<std::optional<int>>{1, {}}, "[1, null]");
  check_both_ways(std::optional<int>{}, "null");
}

BOOST_AUTO_TEST_CASE(a_variant_is_its_first_alternative_that_fits) {
  using any = std::variant<std::monostate, int, double, std::string, std::vector<int>>;
  check_both_ways(any{}, "null");
  check_both_ways(any{1}, "1");
  check_both_ways(any{1.5}, "1.5");
  check_both_ways(any{std::string{"x"}}, R"("x")");
  check_both_ways(any{std::vector<int>{1}}, "[1]");
  BOOST_TEST(decode_refusal<any>("{}") == "body fits no alternative");
  // The attempt at the array is undone before the next alternative is tried.
  using lists = std::variant<std::vector<int>, std::vector<std::string>>;
  BOOST_CHECK((decoded<std::vector<lists>>(R"([[1], ["a", "b"]])")
               == std::vector<lists>{std::vector<int>{1}, std::vector<std::string>{"a", "b"}}));
}

BOOST_AUTO_TEST_CASE(times_are_seconds) {
  using namespace std::chrono_literals;
  check_both_ways(1500ms, "1.5");
  check_both_ways(290ms, "0.29");
  check_both_ways(-290ms, "-0.29");
  check_both_ways(2min, "120.0");
  check_both_ways(std::chrono::duration<double>{0.25}, "0.25");
  check_both_ways(std::chrono::sys_time<std::chrono::milliseconds>{1'700'000'000'250ms},
                  "1700000000.25");
  BOOST_CHECK(decoded<std::chrono::milliseconds>("2") == 2s);
  BOOST_TEST(decode_refusal<std::chrono::nanoseconds>("1e10") == "body is out of range");
  BOOST_TEST(decode_refusal<std::chrono::nanoseconds>("-1e10") == "body is out of range");
  BOOST_TEST(decode_refusal<std::chrono::seconds>("\"1s\"") == "body must be a number");
}

BOOST_AUTO_TEST_CASE(seconds_come_out_as_they_went_in) {
  const unsigned seed = 3;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 2000; ++i) {
    const double seconds = 1.6e9 + static_cast<double>(random() >> 11) * 0x1p-24;
    const std::string text = encoded(seconds);
    BOOST_TEST((encoded(decoded<std::chrono::system_clock::time_point>(text)) == text),
               "seed " << seed << ", " << text);
  }
}

BOOST_AUTO_TEST_CASE(bytes_are_base64_text) {
  for (const auto& [data, text] :
       {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}})
    check_both_ways(bytes{std::string_view{data}}, "\"" + std::string{text} + "\"");
  BOOST_TEST(encoded(bytes{std::string_view{"\xfb\xff\x00", 3}}) == R"("+/8A")");
  for (const std::string_view text : {R"("Zg")", R"("Zg=")", R"("Zh==")", R"("Z===")", R"("====")",
                                      R"("Zg==Zg==")", R"("Zm 9")", R"("Zm9_")", "1", "null"})
    BOOST_TEST(decode_refusal<bytes>(text) == "body must be base64 text");
}

BOOST_AUTO_TEST_CASE(random_bytes_survive_base64) {
  const unsigned seed = 5;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random{seed};
  for (int i = 0; i < 500; ++i) {
    std::string data(random() % 70, '\0');
    for (char& c : data)
      c = static_cast<char>(random());
    std::string text;
    base64::append(text, data);
    BOOST_TEST((base64::decode(text) == data), "seed " << seed << ", case " << i);
  }
}

BOOST_AUTO_TEST_CASE(floats_are_short_and_exact) {
  const unsigned seed = 9;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random{seed};
  std::vector<float> values{0.1f, -0.0f, 3.4028235e38f, 1e-45f, 16777216.0f};
  while (values.size() < 2000) {
    const auto bits = static_cast<std::uint32_t>(random());
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value))
      values.push_back(value);
  }
  const floats x{values};
  const std::string text = encoded(x);
  BOOST_TEST(text.starts_with("[0.1, -0.0, 3.4028235e+38, 1e-45, 16777216.0, "));
  BOOST_TEST(json_text{text}.normalised().text() == text);
  BOOST_CHECK(decoded<floats>(text) == x);
  BOOST_TEST(decode_refusal<floats>("[1, 1e39]") == "body[1] is out of range");
  BOOST_TEST(decode_refusal<floats>("[1, null]") == "body[1] must be a number");
  BOOST_TEST(decode_refusal<floats>("1") == "body must be an array");
  BOOST_TEST(decoded<floats>("[1e-50]").view()[0] == 0.0f);
}

BOOST_AUTO_TEST_CASE(json_is_taken_and_given_verbatim) {
  const std::string text = R"({"x":1.0,  "y":[1e2,"\u00e9"]})";
  const auto values = decoded<std::vector<json_text>>("[" + text + " , 7]");
  BOOST_TEST(values.at(0).text() == text);
  BOOST_TEST(encoded(values) == "[" + text + ", 7]");
  std::string out;
  codec::sink to{out};
  codec::encode(to, values);
  BOOST_TEST(!to.normal);
  codec::sink good{out};
  codec::encode(good, std::vector<json_text>{json_text::from_normal("1")});
  BOOST_TEST(good.normal);
}

BOOST_AUTO_TEST_CASE(what_json_lacks_is_not_written) {
  BOOST_CHECK_THROW(encoded(std::nan("")), error);
  BOOST_CHECK_THROW(encoded(std::numeric_limits<float>::infinity()), error);
  BOOST_CHECK_THROW(encoded(std::string{"\xff"}), error);
  BOOST_TEST(refusal([] { encoded(static_cast<probe_colour>(3)); })
             == "enum value 3 has no name; known are red, green, blue");
}

BOOST_AUTO_TEST_CASE(a_wrong_kind_is_named) {
  BOOST_TEST(decode_refusal<bool>("1") == "body must be a boolean");
  BOOST_TEST(decode_refusal<int>("1.0") == "body must be an integer");
  BOOST_TEST(decode_refusal<int>("true") == "body must be an integer");
  BOOST_TEST(decode_refusal<int>("NaN") == "body must be an integer");
  BOOST_TEST(decode_refusal<double>("\"1\"") == "body must be a number");
  BOOST_TEST(decode_refusal<std::string>("1") == "body must be a string");
  BOOST_TEST(decode_refusal<std::string>(R"("\ud800")")
             == "body is no text: half of a surrogate pair is no character at byte 1");
  BOOST_TEST(decode_refusal<std::vector<int>>("{}") == "body must be an array");
  BOOST_TEST((decode_refusal<std::map<std::string, int>>("[]") == "body must be an object"));
  BOOST_TEST(decode_refusal<probe_item>("[]") == "body must be an object");
  BOOST_TEST(decode_refusal<probe_colour>(R"("pink")") == "body must be one of red, green, blue");
  BOOST_TEST(decode_refusal<probe_colour>("7") == "body must be one of red, green, blue");
  BOOST_TEST((decode_refusal<std::array<int, 2>>("[1]") == "body must have 2 elements"));
  BOOST_TEST((decode_refusal<std::pair<int, int>>("[1, 2, 3]") == "body must have 2 elements"));
  BOOST_TEST(
    (decode_refusal<std::map<std::string, int>>(R"({"a": 1, "a": 2})") == "body.a given twice"));
  BOOST_TEST((decode_refusal<std::map<std::string, int>>(R"({"a": 1, "b": "x"})")
              == "body.b must be an integer"));
}

BOOST_AUTO_TEST_CASE(integers_are_checked_for_their_range) {
  BOOST_TEST(decode_refusal<std::int8_t>("127") == "accepted");
  BOOST_TEST(decode_refusal<std::int8_t>("128") == "body is out of range");
  BOOST_TEST(decode_refusal<std::int8_t>("-128") == "accepted");
  BOOST_TEST(decode_refusal<std::int8_t>("-129") == "body is out of range");
  BOOST_TEST(decode_refusal<std::uint8_t>("256") == "body is out of range");
  BOOST_TEST(decode_refusal<std::uint8_t>("-1") == "body is out of range");
  BOOST_TEST(decode_refusal<std::uint8_t>("-0") == "accepted");
  BOOST_TEST(decode_refusal<std::int64_t>("9223372036854775808") == "body is out of range");
  BOOST_TEST(decode_refusal<std::uint64_t>("18446744073709551616") == "body is out of range");
  BOOST_TEST(decode_refusal<float>("1e39") == "body is out of range");
}

BOOST_AUTO_TEST_CASE(surplus_members_may_be_ignored) {
  const std::string_view text = R"({"a": "x", "z": [{"deep": 1}], "b": 1, "b": 2})";
  const auto x = decoded<probe_item>(text, codec::surplus::ignore);
  BOOST_TEST(x.a == "x");
  BOOST_TEST(x.b == 2); // as in Python, the last one counts
  BOOST_TEST(decode_refusal<probe_item>(text) == "body.z is unknown; known are a, b");
}

BOOST_AUTO_TEST_CASE(a_recursive_record_is_read_up_to_the_nesting_limit) {
  std::string text = R"({"n": 1, "kids": []})";
  for (int i = 0; i < 200; ++i)
    text = R"({"n": 1, "kids": [)" + text + "]}";
  BOOST_TEST(encoded(decoded<probe_tree>(text)) == text);
  for (int i = 0; i < 100; ++i)
    text = R"({"n": 1, "kids": [)" + text + "]}";
  BOOST_TEST(decode_refusal<probe_tree>(text).starts_with("not JSON: nested deeper than 512"));
}

BOOST_AUTO_TEST_SUITE_END()
