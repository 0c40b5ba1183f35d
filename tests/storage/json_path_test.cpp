#include "beaver/storage/json_path.hpp"

#include "support/failure.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

using parts = std::vector<std::string>;

std::string value_at(std::string_view path, std::string_view json) {
  path_reader reader;
  const auto place = reader.add(json_path{path});
  reader.read(json);
  return std::string{reader[place].value_or("nothing")};
}

void refuses(std::string_view path, const std::string& words) {
  const auto result = outcome_of([&] { json_path{path}; });
  BOOST_TEST(result.is(errc::invalid_argument), path);
  BOOST_TEST(result.says(words), result.text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_paths)

BOOST_AUTO_TEST_CASE(a_path_is_names_with_dots_or_a_json_pointer) {
  BOOST_TEST((json_path{"a"}.parts() == parts{"a"}));
  BOOST_TEST((json_path{"user.id.0"}.parts() == parts{"user", "id", "0"}));
  BOOST_TEST((json_path{"a/b"}.parts() == parts{"a/b"}));
  BOOST_TEST((json_path{"/a.b/c~1d~0e"}.parts() == parts{"a.b", "c/d~e"}));
  BOOST_TEST((json_path{"/"}.parts() == parts{""}));
  BOOST_TEST((json_path{"/a//b"}.parts() == parts{"a", "", "b"}));
  BOOST_TEST(json_path{"."}.parts().empty());
  BOOST_TEST((json_path{"~"}.parts() == parts{"~"}));
}

BOOST_AUTO_TEST_CASE(bad_paths_are_refused) {
  refuses("", "must not be empty");
  for (const auto* path : {"a..b", ".a", "a.", ".."})
    refuses(path, "has an empty part");
  for (const auto* path : {"/~", "/a~2", "/~~0"})
    refuses(path, "'~' that is neither");
  refuses(std::string(1'025, 'x'), "at most 1024 bytes, not 1025");
}

BOOST_AUTO_TEST_CASE(values_are_found_in_objects_and_arrays) {
  const std::string json = R"( {"a" : {"b": [10, {"c": "x"}, null], "0": true}, "a.b": 1, "": 2} )";
  BOOST_TEST(value_at("a.b.0", json) == "10");
  BOOST_TEST(value_at("a.b.1.c", json) == "\"x\"");
  BOOST_TEST(value_at("a.b.2", json) == "null");
  BOOST_TEST(value_at("a.b.3", json) == "nothing");
  BOOST_TEST(value_at("a.b.-1", json) == "nothing");
  BOOST_TEST(value_at("a.b.00", json) == "nothing");
  BOOST_TEST(value_at("a.0", json) == "true");
  BOOST_TEST(value_at("/a.b", json) == "1");
  BOOST_TEST(value_at("/", json) == "2");
  BOOST_TEST(value_at("a.b.1", json) == R"({"c": "x"})");
  BOOST_TEST(value_at("a.b.1.c.d", json) == "nothing");
  BOOST_TEST(value_at(".", " [1, 2] ") == "[1, 2]");
  BOOST_TEST(value_at("1", "[1, 2]") == "2");
  BOOST_TEST(value_at("a", "5") == "nothing");
}

BOOST_AUTO_TEST_CASE(many_paths_are_found_in_one_pass_one_inside_the_other) {
  path_reader reader;
  const auto b0 = reader.add(json_path{"a.b.0"});
  const auto a = reader.add(json_path{"a"});
  const auto b = reader.add(json_path{"/a/b"});
  const auto x = reader.add(json_path{"x"});
  BOOST_TEST(reader.add(json_path{"a.b"}) == b);
  reader.read(R"({"x": 1, "a": {"b": [[7], 8]}})");
  BOOST_TEST(*reader[b0] == "[7]");
  BOOST_TEST(*reader[b] == "[[7], 8]");
  BOOST_TEST(*reader[a] == R"({"b": [[7], 8]})");
  BOOST_TEST(*reader[x] == "1");
  reader.read("{}");
  BOOST_TEST(!reader[b0]);
  BOOST_TEST(!reader[x]);
}

BOOST_AUTO_TEST_CASE(of_members_with_one_name_the_last_one_counts) {
  BOOST_TEST(value_at("a", R"({"a": 1, "b": 0, "a": 2})") == "2");
  BOOST_TEST(value_at("a.b", R"({"a": {"b": 1}, "a": {"c": 2}})") == "nothing");
  BOOST_TEST(value_at("a.b", R"({"a": {"b": 1}, "a": 5})") == "nothing");
  BOOST_TEST(value_at("a.b", R"({"a": {"b": 1, "b": 3}})") == "3");
}

BOOST_AUTO_TEST_CASE(names_are_compared_unescaped_and_may_hold_half_a_surrogate_pair) {
  BOOST_TEST(value_at("é", R"({"\u00e9": 1})") == "1");
  BOOST_TEST(value_at("😀", R"({"\ud83d\ude00": 1})") == "1");
  BOOST_TEST(value_at("a\"\n", R"({"\u0061\"\n": 1})") == "1");
  BOOST_TEST(value_at("a", R"({"\ud83d": {"x": "\udc00"}, "a": 1})") == "1");
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_json_has_no_values) {
  path_reader reader;
  const auto a = reader.add(json_path{"a"});
  for (const auto* text : {"", "{\"a\": 1", "{\"a\": 1} x", "{\"a\": 01}", "nul", "\xff"}) {
    reader.read(R"({"a": 1})");
    BOOST_TEST(outcome_of([&] { reader.read(text); }).is(errc::invalid_argument), text);
    BOOST_TEST(!reader[a]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
