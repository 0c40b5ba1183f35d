#include "beaver/api/model.hpp"

#include "beaver/api/boost_json.hpp"
#include "beaver/api/nlohmann.hpp"

#include <boost/describe/enum.hpp>
#include <boost/json/src.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>

using namespace beaver;

namespace {

enum class role { reader, writer };
BOOST_DESCRIBE_ENUM(role, reader, writer)

struct user {
  std::string name;
  int age{};
  std::optional<std::string> mail{};
  role is = role::reader;
  friend bool operator==(const user&, const user&) = default;
};
BOOST_DESCRIBE_STRUCT(user, (), (name, age, mail, is))

/// A type that only nlohmann::json knows.
struct point {
  int x{};
  int y{};
  friend bool operator==(const point&, const point&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(point, x, y)

enum class side { left, right };
NLOHMANN_JSON_SERIALIZE_ENUM(side, {{side::left, "l"}, {side::right, "r"}})

struct placed {
  std::string name;
  point at;
};
BOOST_DESCRIBE_STRUCT(placed, (), (name, at))

/// A type with a model of its own.
struct celsius {
  double degrees;
};

template <class T>
std::string stored(const T& value) {
  const auto text = to_json_text(value);
  BOOST_TEST(text.normal());
  BOOST_TEST(json_text{text.text()}.normalised().text() == text.text());
  return std::string{text.text()};
}

template <class T>
T loaded(std::string_view text) {
  return model<T>::decode(json_text{text});
}

template <class T>
std::pair<errc, std::string> refusal(std::string_view text) {
  try {
    (void)loaded<T>(text);
  } catch (const error& e) {
    return {e.code(), e.what()};
  }
  return {errc::internal, "accepted"};
}

template <class T>
void check_refusal(std::string_view text, errc code, std::string_view why) {
  const auto found = refusal<T>(text);
  BOOST_CHECK(found.first == code);
  BOOST_TEST(found.second == why);
}

} // namespace

template <>
struct beaver::model<celsius> {
  static json_text encode(const celsius& c) {
    return json_text{std::to_string(static_cast<int>(c.degrees)) + ".0"};
  }
  static celsius decode(const json_text& text) { return {json_cursor{text}.read_double()}; }
};

BOOST_AUTO_TEST_SUITE(models)

BOOST_AUTO_TEST_CASE(a_described_struct_is_stored_as_an_object) {
  const user ada{"Ada", 36, {}, role::writer};
  BOOST_TEST(stored(ada) == R"({"name": "Ada", "age": 36, "is": "writer"})");
  BOOST_CHECK(loaded<user>(stored(ada)) == ada);
  const user grace{"Gräce", 85, "g@x", role::reader};
  BOOST_CHECK(loaded<user>(stored(grace)) == grace);
}

BOOST_AUTO_TEST_CASE(standard_types_are_models) {
  BOOST_TEST(stored(5) == "5");
  BOOST_TEST(stored(std::string{"x"}) == "\"x\"");
  BOOST_TEST(stored("literal") == "\"literal\"");
  const char* text = "pointer";
  BOOST_TEST(stored(text) == "\"pointer\"");
  BOOST_TEST(stored(std::vector<user>{{"a", 1}}) == R"([{"name": "a", "age": 1, "is": "reader"}])");
  BOOST_TEST(stored(std::chrono::milliseconds{250}) == "0.25");
  BOOST_TEST(
    (loaded<std::map<std::string, std::vector<int>>>(R"({"a":[1,2]})").at("a").size() == 2));
  BOOST_CHECK(loaded<std::optional<int>>("null") == std::nullopt);
}

BOOST_AUTO_TEST_CASE(json_text_is_its_own_model) {
  const json_text foreign{"[1,2]"};
  BOOST_TEST(model<json_text>::encode(foreign).text() == "[1,2]");
  BOOST_TEST(model<json_text>::decode(foreign).text() == "[1,2]");
  BOOST_TEST(model<json_text>::decode(foreign).text().data() == foreign.text().data());
}

BOOST_AUTO_TEST_CASE(text_with_foreign_json_inside_is_not_called_normal) {
  BOOST_TEST(!to_json_text(std::vector<json_text>{json_text{"[1,2]"}}).normal());
  BOOST_TEST(to_json_text(std::vector<json_text>{json_text{"[1,2]"}.normalised()}).normal());
}

BOOST_AUTO_TEST_CASE(foreign_spelling_and_members_are_read) {
  // As pydantic writes it, with a member that this program does not know.
  const auto ada = loaded<user>("{\"name\":\"Gr\xc3\xa4"
                                "ce\",\"new\":[{}],\"age\":36,\"is\":\"reader\",\"mail\":null}");
  BOOST_CHECK((ada == user{"Gräce", 36, {}, role::reader}));
  BOOST_TEST(std::isnan(loaded<double>("NaN")));
}

BOOST_AUTO_TEST_CASE(another_shape_is_a_type_mismatch) {
  check_refusal<user>(R"({"name": "x", "age": "old"})", errc::type_mismatch,
                      "value does not fit 'user': user.age must be an integer");
  check_refusal<user>(R"({"name": "x", "is": "reader"})", errc::type_mismatch,
                      "value does not fit 'user': user.age is missing");
  check_refusal<user>("[]", errc::type_mismatch,
                      "value does not fit 'user': user must be an object");
  check_refusal<std::vector<int>>("[1, 2.5]", errc::type_mismatch,
                                  "value does not fit 'value': value[1] must be an integer");
  check_refusal<std::string>(R"("\ud83d")", errc::type_mismatch,
                             "value does not fit 'value': value is no text: half of a surrogate "
                             "pair is no character at byte 1");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_json_is_corrupt) {
  check_refusal<user>(R"({"name": "x)", errc::corrupt,
                      "value does not fit 'user': not JSON: string without an end at byte 9");
  check_refusal<int>("1 2", errc::corrupt,
                     "value does not fit 'value': not JSON: extra data at byte 2");
  check_refusal<int>("", errc::corrupt,
                     "value does not fit 'value': not JSON: expected a value at byte 0");
}

BOOST_AUTO_TEST_CASE(what_json_lacks_is_an_invalid_argument) {
  const auto is_invalid = [](const error& e) { return e.code() == errc::invalid_argument; };
  BOOST_CHECK_EXCEPTION((void)to_json_text(std::string{"\xff"}), error, is_invalid);
  BOOST_CHECK_EXCEPTION((void)to_json_text(std::nan("")), error, is_invalid);
}

BOOST_AUTO_TEST_CASE(a_model_can_be_specialised) {
  BOOST_TEST(to_json_text(celsius{21}).text() == "21.0");
  BOOST_TEST(loaded<celsius>("21.5").degrees == 21.5);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(nlohmann_models)

BOOST_AUTO_TEST_CASE(its_values_are_models) {
  const nlohmann::json value{{"b", {1, 2.5, "é", nullptr}}, {"a", 1e20}};
  BOOST_TEST(stored(value) == R"({"a": 1e+20, "b": [1, 2.5, "\u00e9", null]})");
  BOOST_CHECK(loaded<nlohmann::json>(stored(value)) == value);
  const auto ordered = loaded<nlohmann::ordered_json>(R"({"b":1,"a":[]})");
  BOOST_TEST(stored(ordered) == R"({"b": 1, "a": []})");
  BOOST_TEST(stored(std::vector<nlohmann::json>{value, 1}).ends_with(", 1]"));
}

BOOST_AUTO_TEST_CASE(its_macros_make_models) {
  const point p{1, -2};
  BOOST_TEST(stored(p) == R"({"x": 1, "y": -2})");
  BOOST_CHECK(loaded<point>(R"({"y":-2,"x":1})") == p);
  BOOST_TEST(stored(side::right) == R"("r")");
  BOOST_CHECK(loaded<side>(R"("r")") == side::right);
}

BOOST_AUTO_TEST_CASE(such_types_nest_in_others) {
  BOOST_TEST(stored(std::vector<point>{{1, 2}}) == R"([{"x": 1, "y": 2}])");
  BOOST_TEST(stored(placed{"p", {3, 4}}) == R"({"name": "p", "at": {"x": 3, "y": 4}})");
  BOOST_CHECK((loaded<placed>(R"({"name":"p","at":{"x":3,"y":4}})").at == point{3, 4}));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_with_its_path) {
  const auto [code, why] = refusal<placed>(R"({"name": "p", "at": {"x": 3}})");
  BOOST_CHECK(code == errc::type_mismatch);
  BOOST_TEST(why.starts_with("value does not fit 'placed': placed.at does not fit: "));
  BOOST_CHECK(refusal<nlohmann::json>("NaN").first == errc::type_mismatch);
  BOOST_CHECK(refusal<nlohmann::json>("{").first == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(its_invalid_utf8_is_an_invalid_argument) {
  BOOST_CHECK_EXCEPTION((void)to_json_text(nlohmann::json("\xff")), error,
                        [](const error& e) { return e.code() == errc::invalid_argument; });
}

BOOST_AUTO_TEST_CASE(its_not_a_number_is_null_as_that_library_has_it) {
  BOOST_TEST(stored(nlohmann::json(std::nan(""))) == "null");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(boost_json_models)

BOOST_AUTO_TEST_CASE(its_values_are_models) {
  const boost::json::value value{{"b", {1, 2.5, "é", nullptr}}, {"a", 1e20}};
  BOOST_TEST(stored(value) == R"({"b": [1, 2.5, "\u00e9", null], "a": 1e+20})");
  BOOST_CHECK(loaded<boost::json::value>(stored(value)) == value);
  BOOST_TEST(stored(std::vector<boost::json::value>{1, "x"}) == R"([1, "x"])");
}

BOOST_AUTO_TEST_CASE(deep_values_are_read) {
  const std::string text = std::string(500, '[') + std::string(500, ']');
  BOOST_TEST(stored(loaded<boost::json::value>(text)) == text);
}

BOOST_AUTO_TEST_CASE(what_it_cannot_read_is_refused) {
  BOOST_CHECK(refusal<boost::json::value>("NaN").first == errc::type_mismatch);
  BOOST_CHECK(refusal<boost::json::value>("[").first == errc::corrupt);
}

BOOST_AUTO_TEST_SUITE_END()
