#include "beaver/actors/codec.hpp"

#include "actors/codec_support.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>

namespace beaver {

// Messages live in namespace beaver directly, and so do those of this test.

struct probe_base {
  std::optional<std::uint64_t> limit{};
};
BOOST_DESCRIBE_STRUCT(probe_base, (), (limit))

struct probe_get : probe_base {
  using reply = std::optional<std::vector<probe_item>>;
  static constexpr endpoint route{verb::get, "/probes/{name}/{key}", "Get."};
  std::string name;
  std::string key;
  std::optional<bool> deep;
};
BOOST_DESCRIBE_STRUCT(probe_get, (probe_base), (name, key, deep))

struct probe_put {
  using reply = void;
  static constexpr endpoint route{verb::put, "/probes/{name}", "Put."};
  std::string name;
  std::vector<probe_item> items;
  std::int8_t small{};
  json_text value;
  std::optional<json_text> extra;
  std::optional<double> ratio;
  std::optional<probe_colour> colour;
  std::optional<bytes> data;
  std::optional<floats> vector;
};
BOOST_DESCRIBE_STRUCT(probe_put, (),
                      (name, items, small, value, extra, ratio, colour, data, vector))

struct probe_empty {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/probes", "Nothing."};
};
BOOST_DESCRIBE_STRUCT(probe_empty, (), ())

} // namespace beaver

using namespace beaver;
using test::encoded;
using test::refusal;

namespace {

template <message M>
std::string message_refusal(std::string_view text) {
  return refusal([&] {
    M m{};
    codec::decode_message<M>(&m, text);
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(codec_messages)

BOOST_AUTO_TEST_CASE(a_message_goes_both_ways) {
  probe_put m{.name = "n",
              .items = {{"x", 1}, {"y", -2}},
              .small = 5,
              .value = json_text{R"({"a":1.50})"},
              .extra = {},
              .ratio = 0.5,
              .colour = probe_colour::blue,
              .data = bytes{std::string_view{"hi"}},
              .vector = floats{std::vector{0.5f}}};
  const std::string text =
    R"({"name": "n", "items": [{"a": "x", "b": 1}, {"a": "y", "b": -2}], "small": 5, )"
    R"("value": {"a":1.50}, "ratio": 0.5, "colour": "blue", "data": "aGk=", "vector": [0.5]})";
  std::string out;
  codec::encode_message<probe_put>(&m, out);
  BOOST_TEST(out == text);
  probe_put back{};
  codec::decode_message<probe_put>(&back, out);
  BOOST_TEST(back.value.text() == R"({"a": 1.5})"); // a decoded message is normal
  BOOST_TEST(back.value.normal());
  back.value = m.value;
  BOOST_TEST(encoded(back) == text);
}

BOOST_AUTO_TEST_CASE(members_come_in_any_order_and_spelling) {
  probe_put m{};
  codec::decode_message<probe_put>(
    &m, " {\"value\":[1,2],\"sm\\u0061ll\":-1,\n\"items\":[],\"name\":\"\xc3\xa9\"} ");
  BOOST_TEST(m.name == "é");
  BOOST_TEST(int{m.small} == -1);
  BOOST_TEST(m.value.text() == "[1, 2]");
}

BOOST_AUTO_TEST_CASE(null_is_a_value_for_json_and_absence_for_the_rest) {
  probe_put m{};
  codec::decode_message<probe_put>(
    &m, R"({"name": "n", "items": [], "small": 0, "value": null, "extra": null, "ratio": null})");
  BOOST_TEST(m.value.text() == "null");
  BOOST_REQUIRE(m.extra.has_value());
  BOOST_TEST(m.extra->text() == "null");
  BOOST_TEST(!m.ratio.has_value());
  BOOST_TEST(encoded(m)
             == R"({"name": "n", "items": [], "small": 0, "value": null, "extra": null})");
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_path) {
  const std::pair<std::string_view, std::string_view> cases[] = {
    {R"({"name": "n", "items": [{"a": "x", "b": 1}, {"a": "y", "b": "2"}]})",
     "body.items[1].b must be an integer"},
    {R"({"name": "n", "items": [{"a": "x"}]})", "body.items[0].b is missing"},
    {R"({"nam": "n"})", "body.nam is unknown; known are name, items, small, value, extra, ratio, "
                        "colour, data, vector"},
    {R"({"name": "n", "name": "m"})", "body.name given twice"},
    {R"({"name": "n", "items": [], "small": 1})", "body.value is missing"},
    {R"({"small": 300})", "body.small is out of range"},
    {R"({"name": null})", "body.name must be a string"},
    {R"({"name": "n"} x)", "body is not JSON: extra data at byte 14"},
    {R"([])", "body must be an object"},
    {"", "body is not JSON: expected a value at byte 0"},
    {R"({"items": 1})", "body.items must be an array"},
    {R"({"data": "?"})", "body.data must be base64 text"},
  };
  for (const auto& [text, why] : cases)
    BOOST_TEST(message_refusal<probe_put>(text) == why);
  BOOST_TEST(message_refusal<probe_empty>("{}") == "accepted");
  BOOST_TEST(message_refusal<probe_empty>(R"({"x": 1})")
             == "body.x is unknown; there are no members");
}

BOOST_AUTO_TEST_CASE(a_body_leaves_the_path_alone) {
  probe_put m{};
  m.name = "from the path";
  codec::decode_body<probe_put>(&m, R"({"items": [], "small": 1, "value": 2})");
  BOOST_TEST(m.name == "from the path");
  BOOST_TEST(m.value.text() == "2");
  BOOST_TEST(refusal([&] {
               codec::decode_body<probe_put>(&m, R"({"name": "x"})");
             }).starts_with("body.name is unknown; known are items, "));
  BOOST_TEST(refusal([&] { codec::decode_body<probe_put>(&m, R"({"items": []})"); })
             == "body.small is missing");
}

BOOST_AUTO_TEST_CASE(a_member_is_set_from_bare_text) {
  probe_put m{};
  const auto set = [&m](std::string_view member, std::string_view text) {
    return refusal([&] { codec::set_member<probe_put>(&m, member, text); });
  };
  BOOST_TEST(set("name", "\"1\" as it is") == "accepted");
  BOOST_TEST(m.name == "\"1\" as it is");
  BOOST_TEST(set("data", std::string_view{"\0\xff", 2}) == "accepted");
  BOOST_TEST(m.data.value().text() == (std::string_view{"\0\xff", 2}));
  BOOST_TEST(set("small", "-7") == "accepted");
  BOOST_TEST(int{m.small} == -7);
  BOOST_TEST(set("ratio", "2") == "accepted");
  BOOST_TEST(m.ratio.value() == 2.0);
  BOOST_TEST(set("value", "[1,2]") == "accepted");
  BOOST_TEST(m.value.text() == "[1, 2]");
  BOOST_TEST(m.value.normal());
  BOOST_TEST(set("extra", "null") == "accepted");
  BOOST_TEST(m.extra.value().text() == "null");
  BOOST_TEST(set("colour", "green") == "accepted");
  BOOST_CHECK(m.colour == probe_colour::green);
  BOOST_TEST(set("vector", "[1, 2.5]") == "accepted");
  BOOST_TEST(m.vector.value().view()[1] == 2.5f);
  BOOST_TEST(set("items", R"([{"a": "x", "b": 1}])") == "accepted");
  BOOST_TEST(m.items.at(0).b == 1);

  BOOST_TEST(set("small", "x") == "small must be an integer");
  BOOST_TEST(set("small", "") == "small must be an integer");
  BOOST_TEST(set("small", "1.5") == "small must be an integer");
  BOOST_TEST(set("small", "1 2") == "small must be an integer");
  BOOST_TEST(set("small", "200") == "small is out of range");
  BOOST_TEST(set("ratio", "much") == "ratio must be a number");
  BOOST_TEST(set("value", "{bad") == "value is not JSON: expected a member name at byte 1");
  BOOST_TEST(set("colour", "pink") == "colour must be one of red, green, blue");
  BOOST_TEST(set("colour", "\xff") == "colour is not UTF-8");
  BOOST_TEST(set("items", R"([{"a": 1}])") == "items[0].a must be a string");
  BOOST_TEST(set("nam", "x").starts_with("nam is unknown; known are name, items, "));
  probe_get g{};
  BOOST_TEST(refusal([&] { codec::set_member<probe_get>(&g, "deep", "yes"); })
             == "deep must be a boolean");
  codec::set_member<probe_get>(&g, "limit", "18446744073709551615");
  BOOST_TEST(g.limit.value() == 18446744073709551615u);
}

BOOST_AUTO_TEST_CASE(members_are_described_with_those_of_bases_first) {
  const auto get = codec::members<probe_get>();
  const auto put = codec::members<probe_put>();
  const auto text = [](const member_info& m) {
    const char* where[] = {"path", "query", "body"};
    return std::string{m.name} + " " + where[static_cast<int>(m.where)] + " "
           + (m.required ? "required " : "optional ") + std::string{m.type};
  };
  std::vector<std::string> lines;
  for (const auto list : {get, put})
    for (const auto& member : list)
      lines.push_back(text(member));
  const std::vector<std::string> expected{
    "limit query optional integer", "name path required string",   "key path required string",
    "deep query optional boolean",  "name path required string",   "items body required array",
    "small body required integer",  "value body required json",    "extra body optional json",
    "ratio body optional number",   "colour body optional string", "data body optional bytes",
    "vector body optional array"};
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
  BOOST_TEST(codec::members<probe_empty>().empty());
}

BOOST_AUTO_TEST_CASE(types_have_words) {
  BOOST_TEST(codec::type_word<void>() == "void");
  BOOST_TEST(codec::type_word<bool>() == "boolean");
  BOOST_TEST(codec::type_word<std::optional<std::uint64_t>>() == "integer");
  BOOST_TEST(codec::type_word<std::chrono::seconds>() == "number");
  BOOST_TEST(codec::type_word<probe_colour>() == "string");
  BOOST_TEST(codec::type_word<json_text>() == "json");
  BOOST_TEST((codec::type_word<std::variant<int, bool>>() == "json"));
  BOOST_TEST(codec::type_word<bytes>() == "bytes");
  BOOST_TEST(codec::type_word<probe_item>() == "object");
  BOOST_TEST((codec::type_word<std::map<std::string, int>>() == "object"));
  BOOST_TEST((codec::type_word<std::pair<int, int>>() == "array"));
  BOOST_TEST(codec::type_word<probe_get::reply>() == "array");
}

BOOST_AUTO_TEST_CASE(raw_content_is_the_only_bytes) {
  const bytes data{std::string_view{"x"}};
  BOOST_TEST(codec::raw_content<bytes>(data) == &data);
  const std::optional<std::optional<bytes>> slot{data};
  BOOST_TEST(codec::raw_content<bytes>(slot)->text() == "x");
  BOOST_TEST(codec::raw_content<bytes>(std::optional<std::optional<bytes>>{std::in_place})
             == nullptr);
  BOOST_TEST(codec::raw_content<bytes>(probe_item{}) == nullptr);
  BOOST_TEST(codec::raw_content<bytes>(5) == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
