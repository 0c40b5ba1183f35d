#include "beaver/storage/filter.hpp"

#include "support/failure.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

std::string condition(std::string_view path, std::string_view op, std::string_view value) {
  std::string text = "{\"path\": \"";
  text.append(path).append("\", \"operator\": \"").append(op).append("\", \"value\": ");
  return text.append(value) += '}';
}

bool matches(const std::string& wire, std::string_view json) {
  return row_filter{json_text{wire}}.matches(json);
}

/// Whether the value `stored` stands in this relation to `value`.
bool holds(std::string_view stored, std::string_view op, std::string_view value) {
  return matches(condition("x", op, value), R"({"w": 0, "x": )" + std::string{stored} + "}");
}

void refuses(std::string_view wire, const std::string& words) {
  const auto result = outcome_of([&] { (void)filter_wire::parse(json_text{wire}); });
  BOOST_TEST(result.is(errc::invalid_argument), wire);
  BOOST_TEST(result.text.starts_with(words), result.text);
}

std::string printed(std::string_view wire) {
  return std::string{filter_wire::print(filter_wire::parse(json_text{wire})).text()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(filters)

BOOST_AUTO_TEST_CASE(numbers_are_equal_by_value_and_integers_are_never_rounded) {
  BOOST_TEST(holds("5", "==", "5.0"));
  BOOST_TEST(holds("5.0", "==", "5"));
  BOOST_TEST(holds("50e-1", "==", "5"));
  BOOST_TEST(holds("-0.0", "==", "0"));
  BOOST_TEST(holds("-0", "==", "0"));
  BOOST_TEST(!holds("5", "==", "5.000000000000001"));
  BOOST_TEST(!holds("9007199254740993", "==", "9007199254740992.0"));
  BOOST_TEST(holds("9007199254740993", ">", "9007199254740992.0"));
  BOOST_TEST(!holds("9007199254740993", "==", "9007199254740992"));
  BOOST_TEST(holds("9007199254740992", "==", "9007199254740992.0"));
  BOOST_TEST(holds("100000000000000000000", "==", "1e20"));
  BOOST_TEST(holds("100000000000000000001", ">", "1e20"));
  BOOST_TEST(holds("1e20", "<", "100000000000000000001"));
  BOOST_TEST(holds("-100000000000000000001", "<", "-1e20"));
  BOOST_TEST(holds("1" + std::string(400, '0'), ">", "1e308"));
  BOOST_TEST(holds("1" + std::string(400, '0'), "==", "1" + std::string(400, '0')));
  BOOST_TEST(holds("1" + std::string(400, '0'), "<", "1" + std::string(399, '0') + "1"));
  BOOST_TEST(holds("0.1", "==", "0.1000000000000000055511151231257827"));
  BOOST_TEST(holds("18446744073709551616", ">", "18446744073709551615"));
  BOOST_TEST(holds("-2", "<", "-1"));
  BOOST_TEST(holds("2", "<", "10"));
}

BOOST_AUTO_TEST_CASE(what_is_no_number_of_json_equals_nothing) {
  BOOST_TEST(!holds("NaN", "==", "1"));
  BOOST_TEST(holds("NaN", "!=", "1"));
  BOOST_TEST(!holds("NaN", "<=", "1"));
  BOOST_TEST(!holds("NaN", ">=", "1"));
  BOOST_TEST(holds("Infinity", ">", "1e308"));
  BOOST_TEST(holds("-Infinity", "<", "-1" + std::string(400, '0')));
  BOOST_TEST(!holds("[NaN]", "==", "[1]"));
  BOOST_TEST(!holds("[NaN]", "contains", "1"));
  BOOST_TEST(holds("[NaN, 1]", "contains", "1"));
}

BOOST_AUTO_TEST_CASE(types_never_mix) {
  const std::vector<std::string> values{"null", "true", "1", "\"1\"", "[1]", R"({"a": 1})"};
  for (const auto& a : values)
    for (const auto& b : values) {
      BOOST_TEST(holds(a, "==", b) == (a == b), a << " == " << b);
      BOOST_TEST(holds(a, "!=", b) == (a != b), a << " != " << b);
      const bool ordered = a == b && (a == "1" || a == "\"1\"");
      BOOST_TEST(holds(a, "<=", b) == ordered, a << " <= " << b);
      BOOST_TEST(!holds(a, "<", b));
    }
  BOOST_TEST(!holds("true", "==", "false"));
  BOOST_TEST(!holds("true", ">", "false"));
}

BOOST_AUTO_TEST_CASE(strings_are_equal_and_ordered_by_code_points) {
  BOOST_TEST(holds(R"("\u00e9")", "==", "\"é\""));
  BOOST_TEST(holds("\"é\"", "==", R"("\u00E9")"));
  BOOST_TEST(holds(R"("\u0061\/")", "==", "\"a/\""));
  BOOST_TEST(!holds("\"e\u0301\"", "==", "\"é\"")); // no Unicode normalisation
  BOOST_TEST(holds("\"a\"", "<", "\"b\""));
  BOOST_TEST(holds("\"Z\"", "<", "\"a\""));
  BOOST_TEST(holds("\"\"", "<", "\"a\""));
  BOOST_TEST(holds("\"a\"", "<", R"("a\u0000")"));
  BOOST_TEST(holds("\"\uffff\"", "<", "\"😀\"")); // not the order of UTF-16
  BOOST_TEST(holds(R"("\ud800")", "<", R"("\ue000")"));
  BOOST_TEST(holds(R"("\ud800")", "==", R"("\uD800")"));
  BOOST_TEST(holds(R"("\ud83d\ude00")", "==", "\"😀\""));
  BOOST_TEST(!holds(R"("\ude00\ud83d")", "==", "\"😀\""));
}

BOOST_AUTO_TEST_CASE(arrays_and_objects_are_equal_by_their_normal_form) {
  BOOST_TEST(holds("[1,2 ]", "==", "[1, 2]"));
  BOOST_TEST(!holds("[5]", "==", "[5.0]"));
  BOOST_TEST(holds("[5e0]", "==", "[5.0]"));
  BOOST_TEST(holds(R"({"a":1,"b":2})", "==", R"({"a": 1, "b": 2})"));
  BOOST_TEST(!holds(R"({"b":2,"a":1})", "==", R"({"a": 1, "b": 2})"));
  BOOST_TEST(holds("[]", "!=", "{}"));
}

BOOST_AUTO_TEST_CASE(a_path_that_leads_nowhere_satisfies_nothing_but_its_absence) {
  for (const auto* op : {"==", "!=", "<", "<=", ">", ">=", "contains"}) {
    BOOST_TEST(!matches(condition("y", op, "1"), R"({"x": 1})"));
    BOOST_TEST(matches("{\"not\": " + condition("y", op, "1") + '}', R"({"x": 1})"));
  }
  BOOST_TEST(!matches(condition("y", "in", "[null]"), R"({"x": 1})"));
  BOOST_TEST(!matches(R"({"path": "y", "operator": "exists"})", R"({"x": 1})"));
  BOOST_TEST(matches(condition("y", "exists", "false"), R"({"x": 1})"));
  BOOST_TEST(holds("null", "exists", "true"));
  BOOST_TEST(!holds("null", "exists", "false"));
  BOOST_TEST(holds("null", "!=", "1"));
}

BOOST_AUTO_TEST_CASE(in_and_contains_use_equality) {
  BOOST_TEST(holds("2", "in", "[1, 2.0, \"3\"]"));
  BOOST_TEST(!holds("3", "in", "[1, 2.0, \"3\"]"));
  BOOST_TEST(!holds("3", "in", "[]"));
  BOOST_TEST(holds("[1]", "in", "[[1]]"));
  BOOST_TEST(holds("[1, 2.0, \"3\"]", "contains", "2"));
  BOOST_TEST(holds("[1, [2]]", "contains", "[2]"));
  BOOST_TEST(!holds("[1, [2]]", "contains", "2"));
  BOOST_TEST(!holds("\"abc\"", "contains", "\"b\""));
  BOOST_TEST(!holds(R"({"a": 1})", "contains", "1"));
}

BOOST_AUTO_TEST_CASE(conditions_are_combined) {
  const auto a = condition("a", "==", "1");
  const auto b = condition("b", "==", "1");
  const auto both = '[' + a + ", " + b + ']';
  const auto either = "{\"or\": [" + a + ", " + b + "]}";
  for (const std::string x : {"0", "1"})
    for (const std::string y : {"0", "1"}) {
      const auto json = "{\"a\": " + x + ", \"b\": " + y + '}';
      BOOST_TEST(matches(both, json) == (x == "1" && y == "1"));
      BOOST_TEST(matches("{\"and\": " + both + '}', json) == (x == "1" && y == "1"));
      BOOST_TEST(matches(either, json) == (x == "1" || y == "1"));
      BOOST_TEST(matches("{\"not\": " + either + '}', json) == (x == "0" && y == "0"));
      BOOST_TEST(matches("[{\"not\": " + both + "}]", json) == (x == "0" || y == "0"));
    }
  BOOST_TEST(matches("[]", "1"));
  BOOST_TEST(matches("{\"and\": []}", "1"));
  BOOST_TEST(!matches("{\"or\": []}", "1"));
}

BOOST_AUTO_TEST_CASE(the_whole_value_has_a_path) {
  BOOST_TEST(matches(condition(".", ">", "2"), "3"));
  BOOST_TEST(matches(condition(".", "contains", "2"), "[1, 2]"));
  BOOST_TEST(matches(condition("1", "==", "2"), "[1, 2]"));
}

BOOST_AUTO_TEST_CASE(bad_wire_forms_are_refused_by_place) {
  refuses("[", "where is not JSON: ");
  refuses("[{\"path\": \"x\", \"operator\": \"==\", \"value\": NaN}]", "where is not JSON: ");
  refuses("5", "where must be an object or an array");
  refuses("[5]", "where[0] must be an object or an array");
  refuses("[{}]", "where[0].path is missing");
  refuses(R"([{"path": "a"}])", "where[0].operator is missing");
  refuses(R"([{"path": "a", "operator": "=="}])", "where[0].value is missing");
  refuses(R"([{"path": 1, "operator": "==", "value": 1}])", "where[0].path must be a string");
  refuses(R"([{"path": "", "operator": "==", "value": 1}])", "where[0].path: a path must not be");
  refuses(R"([{"path": "a..b", "operator": "==", "value": 1}])", "where[0].path: path 'a..b' has");
  refuses(R"([[], {"path": "a", "operator": "like", "value": 1}])",
          "where[1].operator must be one of ==, !=, <, <=, >, >=, in, exists, contains");
  refuses(R"({"or": [{"path": "a", "operator": "in", "value": 1}]})",
          "where.or[0].value must be an array");
  refuses(R"({"not": {"path": "a", "operator": "exists", "value": 1}})",
          "where.not.value must be true or false");
  refuses(R"({"or": 1})", "where.or must be an array");
  refuses(R"({"or": [], "and": []})", "where.and is given twice");
  refuses(R"({"or": [], "path": "a"})", "where must have nothing beside");
  refuses(R"({"path": "a", "path": "b"})", "where.path is given twice");
  refuses(R"({"value": 1, "value": 1})", "where.value is given twice");
  refuses(R"({"xor": []})", "where.xor is unknown; known are");
  std::string deep = "[]";
  for (int i = 0; i < filter_wire::max_depth; ++i)
    deep = '[' + deep + ']';
  BOOST_TEST(matches(deep, "1"));
  BOOST_TEST(outcome_of([&] { (void)printed('[' + deep + ']'); }).says("nested deeper than 32"));
}

BOOST_AUTO_TEST_CASE(a_tree_is_printed_in_one_way) {
  BOOST_TEST(printed(R"( {"value":1 , "path":"\u0061","operator":">="} )")
             == R"([{"path": "a", "operator": ">=", "value": 1}])");
  BOOST_TEST(printed(R"({"path": "a", "operator": "exists"})")
             == R"([{"path": "a", "operator": "exists", "value": true}])");
  BOOST_TEST(printed(R"([[], {"or": []}, {"not": []}])")
             == R"([{"and": []}, {"or": []}, {"not": {"and": []}}])");
  BOOST_TEST(printed("[]") == "[]");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_not_json_is_no_answer) {
  row_filter f{json_text{"[]"}};
  BOOST_TEST(outcome_of([&] { (void)f.matches("{"); }).is(errc::invalid_argument));
  BOOST_TEST(f.matches("{}"));
}

BOOST_AUTO_TEST_SUITE_END()
