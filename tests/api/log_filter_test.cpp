#include "beaver/api/log.hpp"

#include "support/open_database.hpp"

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace beaver;
using namespace beaver::test;

namespace {

struct call_record {
  std::string path;
  int ms;
  std::vector<std::string> tags{};
};
BOOST_DESCRIBE_STRUCT(call_record, (), (path, ms, tags))

struct filter_fixture {
  open_database opened;
  database& db = opened.db;
  beaver::log<call_record> calls = db.log<call_record>("calls");

  filter_fixture() {
    for (int i = 0; i < 10; ++i)
      calls.append({i % 2 ? "/odd" : "/even", i * 10,
                    i == 3 ? std::vector<std::string>{"slow"} : std::vector<std::string>{}},
                   i);
  }
  std::string found(const log_page& page) {
    std::string result;
    for (const auto& e : calls.range(page))
      result += std::to_string(e.data.ms / 10);
    return result;
  }
};

std::string wire(const filter& f) { return std::string{f.wire().text()}; }

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_filters, filter_fixture)

BOOST_AUTO_TEST_CASE(conditions_and_combinations_have_a_wire_form) {
  const std::string a = R"({"path": "a", "operator": "==", "value": 1})";
  const std::string b = R"({"path": "b.c", "operator": "<", "value": "x"})";
  const auto is_a = field("a") == 1;
  const auto is_b = field("b.c") < "x";
  BOOST_TEST(wire(is_a) == '[' + a + ']');
  BOOST_TEST(wire(is_a && is_b) == '[' + a + ", " + b + ']');
  BOOST_TEST(wire(is_a && is_b && is_a) == '[' + a + ", " + b + ", " + a + ']');
  BOOST_TEST(wire(is_a || is_b) == R"([{"or": [)" + a + ", " + b + "]}]");
  BOOST_TEST(wire(!is_a) == R"([{"not": )" + a + "}]");
  BOOST_TEST(wire(is_a && (is_b || !is_a))
             == '[' + a + R"(, {"or": [)" + b + R"(, {"not": )" + a + "}]}]");
  BOOST_TEST(wire(!(is_a && is_b)) == R"([{"not": {"and": [)" + a + ", " + b + "]}}]");
  BOOST_TEST(wire(!!is_a) == R"([{"not": {"not": )" + a + "}}]");
  BOOST_TEST(wire(filter{json_text{'[' + a + ",\n" + b + ']'}} && is_a)
             == "[[" + a + ", " + b + "], " + a + ']');
}

BOOST_AUTO_TEST_CASE(values_of_every_modelled_type_can_be_compared_with) {
  const auto value = [](const filter& f) {
    const auto text = wire(f);
    const auto from = text.find("\"value\": ") + 9;
    return text.substr(from, text.size() - from - 2);
  };
  BOOST_TEST(value(field("x") != std::string{"é"}) == R"("\u00e9")");
  BOOST_TEST(value(field("x") <= 2.0) == "2.0");
  BOOST_TEST(value(field("x") > true) == "true");
  BOOST_TEST(value(field("x") >= nullptr) == "null");
  BOOST_TEST(value(field("x") == std::vector{1, 2}) == "[1, 2]");
  BOOST_TEST(value(field("x") == call_record{"/", 1}) == R"({"path": "/", "ms": 1, "tags": []})");
  BOOST_TEST(value(field("x") == json_text{"{\"a\":1}"}) == R"({"a": 1})");
  BOOST_TEST(value(field("x").in({1, 2})) == "[1, 2]");
  BOOST_TEST(value(field("x").in({"a", "b"})) == R"(["a", "b"])");
  BOOST_TEST(value(field("x").in(std::vector<bool>{true})) == "[true]");
  BOOST_TEST(value(field("x").contains("a")) == R"("a")");
  BOOST_TEST(value(field("x").exists()) == "true");
  BOOST_TEST(value(field("x").exists(false)) == "false");
  BOOST_TEST(outcome_of([] { (void)(field("x") == std::nan("")); }).is(errc::invalid_argument));
  BOOST_TEST(
    outcome_of([] { (void)(field("x") == json_text{"1}, {"}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([] { filter{json_text{"1], ["}}; }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_range_gives_what_satisfies_its_filter) {
  BOOST_TEST(found({.where = field("ms") > 60}) == "789");
  BOOST_TEST(found({.where = field("ms") > 20 && field("path") == "/even", .limit = 2}) == "46");
  BOOST_TEST(found({.where = field("tags").contains("slow") || field("ms").in({0, 90})}) == "039");
  BOOST_TEST(found({.where = field("tags.0").exists()}) == "3");
  BOOST_TEST(found({.start = 2, .where = !(field("path") == "/odd"), .order = sort_order::desc})
             == "8642");
  BOOST_TEST(calls.count(field("ms") >= 50) == 5u);
  BOOST_TEST(calls.count(field("ms") >= 50, 6, 7) == 2u);
  BOOST_TEST(calls.tail(1, field("path") == "/odd").at(0).data.ms == 90);
  BOOST_TEST(calls.erase_where(field("path") == "/odd") == 5u);
  BOOST_TEST(calls.count() == 5u);
  auto batch = calls.batched();
  batch.erase_where(field("ms") == 0);
  batch.commit();
  BOOST_TEST(found({}) == "2468");
}

BOOST_AUTO_TEST_CASE(a_loop_pages_through_what_satisfies_its_filter) {
  auto numbers = db.log<int>("numbers");
  std::vector<int> all(2'000);
  for (int i = 0; i < 2'000; ++i)
    all[static_cast<std::size_t>(i)] = i;
  numbers.append_many(all);
  int next = 1'000;
  for (const auto& e : numbers.entries({.where = field(".") >= 990, .limit = 900, .offset = 10}))
    BOOST_REQUIRE(e.data == next++);
  BOOST_TEST(next == 1'900);
}

BOOST_AUTO_TEST_CASE(a_bad_filter_is_refused_by_its_place) {
  const auto refused = [](auto call) { return outcome_of(call).text; };
  const auto path = field("a..b") == 1;
  for (const auto& text :
       {refused([&] { (void)calls.range({.where = path}); }),
        refused([&] { (void)calls.count(path); }), refused([&] { (void)calls.tail(1, path); }),
        refused([&] { calls.erase_where(path); }),
        refused([&] { calls.batched().erase_where(path); })})
    BOOST_TEST(text.starts_with("where[0].path: path 'a..b' has an empty part"), text);
  BOOST_TEST(refused([&] { (void)calls.count(filter{json_text{"{}"}}); })
             == "where[0].path is missing");
}

BOOST_AUTO_TEST_CASE(futures_transactions_and_snapshots_have_filters, *in_this_process()) {
  const auto before = db.snapshot();
  db.transaction([](beaver::transaction& tx) {
    auto inside = tx.log<call_record>("calls");
    inside.append({"/even", 1'000});
    BOOST_TEST(inside.count(field("ms") > 70) == 3u);
  });
  BOOST_TEST(before.log("calls").count(field("ms") > 70) == 2u);
  BOOST_TEST(db.async().log("calls").count(field("ms") > 70).get().value() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
