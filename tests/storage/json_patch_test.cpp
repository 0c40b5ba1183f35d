#include "beaver/storage/json_patch.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace beaver;

namespace {

struct example {
  const char* target;
  const char* patch;
  const char* result;
};

std::ostream& operator<<(std::ostream& out, const example& e) {
  return out << e.target << " with " << e.patch;
}

/// The examples of RFC 7396, appendix A.
const example of_the_standard[] = {
  {R"({"a": "b"})", R"({"a": "c"})", R"({"a": "c"})"},
  {R"({"a": "b"})", R"({"b": "c"})", R"({"a": "b", "b": "c"})"},
  {R"({"a": "b"})", R"({"a": null})", "{}"},
  {R"({"a": "b", "b": "c"})", R"({"a": null})", R"({"b": "c"})"},
  {R"({"a": ["b"]})", R"({"a": "c"})", R"({"a": "c"})"},
  {R"({"a": "c"})", R"({"a": ["b"]})", R"({"a": ["b"]})"},
  {R"({"a": {"b": "c"}})", R"({"a": {"b": "d", "c": null}})", R"({"a": {"b": "d"}})"},
  {R"({"a": [{"b": "c"}]})", R"({"a": [1]})", R"({"a": [1]})"},
  {R"(["a", "b"])", R"(["c", "d"])", R"(["c", "d"])"},
  {R"({"a": "b"})", R"(["c"])", R"(["c"])"},
  {R"({"a": "foo"})", "null", "null"},
  {R"({"a": "foo"})", "\"bar\"", "\"bar\""},
  {R"({"e": null})", R"({"a": 1})", R"({"e": null, "a": 1})"},
  {"[1, 2]", R"({"a": "b", "c": null})", R"({"a": "b"})"},
  {"{}", R"({"a": {"bb": {"ccc": null}}})", R"({"a": {"bb": {}}})"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(json_patches)

BOOST_DATA_TEST_CASE(the_examples_of_the_standard_hold, of_the_standard, sample) {
  const auto target = json_text{sample.target}.normalised();
  const auto patch = json_text{sample.patch}.normalised();
  const auto result = merge_patch(target, patch);
  BOOST_TEST(result.text() == sample.result);
  BOOST_TEST((json_text{result.text()}.normalised() == result));
}

BOOST_AUTO_TEST_CASE(of_members_with_one_name_the_last_one_counts) {
  const auto normal = [](const char* text) { return json_text{text}.normalised(); };
  BOOST_TEST(merge_patch(normal(R"({"a": 1, "a": 2, "b": 3})"), normal("{}")).text()
             == R"({"a": 2, "b": 3})");
  BOOST_TEST(merge_patch(normal(R"({"a": 1})"), normal(R"({"a": null, "a": 5})")).text()
             == R"({"a": 5})");
  BOOST_TEST(merge_patch(normal(R"({"\u00e9": 1})"), normal(R"({"é": 2})")).text()
             == R"({"\u00e9": 2})");
}

BOOST_AUTO_TEST_SUITE_END()
