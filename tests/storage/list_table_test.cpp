#include "beaver/storage/list_table.hpp"

#include "list_support.hpp"

#include <boost/test/data/test_case.hpp>
#include <limits>
#include <ostream>
#include <tuple>

using namespace beaver;
using namespace beaver::test;
namespace data = boost::unit_test::data;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

struct fixture : list_fixture {
  std::string joined(std::string_view name = "l") {
    std::string result;
    for (const auto& text : all(name))
      result += text;
    return result;
  }
};

struct insertion {
  std::int64_t index;
  const char* result;

  friend std::ostream& operator<<(std::ostream& out, const insertion& i) { return out << i.index; }
};

struct transfer {
  std::int64_t from;
  std::int64_t to;
  const char* result;

  friend std::ostream& operator<<(std::ostream& out, const transfer& t) {
    return out << t.from << " to " << t.to;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(list_table_suite, fixture)

BOOST_AUTO_TEST_CASE(both_ends_can_be_added_to_and_taken_from) {
  write([&] {
    list_table::push(c(), "l", json_text{R"({"a":1})"});
    list_table::push(c(), "l", json_text{"2"});
    list_table::prepend(c(), "l", json_text{"3"});
    list_table::push(c(), "other", json_text{"4"});
  });
  BOOST_TEST((all() == texts{"3", R"({"a":1})", "2"}));
  BOOST_TEST(list_table::count(c(), "l") == 3u);
  BOOST_TEST((text_of(list_table::pop_front(c(), "l")) == "3"));
  BOOST_TEST((text_of(list_table::pop_back(c(), "l")) == "2"));
  BOOST_TEST((text_of(list_table::pop_back(c(), "l")) == R"({"a":1})"));
  BOOST_TEST(!list_table::pop_back(c(), "l"));
  BOOST_TEST(!list_table::pop_front(c(), "l"));
  BOOST_TEST(list_table::count(c(), "l") == 0u);
  BOOST_TEST(joined("other") == "4");
}

BOOST_AUTO_TEST_CASE(extend_keeps_the_order_and_may_add_nothing) {
  list_table::extend(c(), "l", {});
  BOOST_TEST(list_table::names(c()).empty());
  fill("abc");
  list_table::extend(c(), "l", {});
  list_table::extend(c(), "l", std::vector<json_text>{json_text{"d"}, json_text{"d"}});
  BOOST_TEST(joined() == "abcdd");
}

BOOST_AUTO_TEST_CASE(an_index_counts_from_either_end_and_may_name_no_item) {
  fill("abc");
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::string expected(1, "abc"[i]);
    BOOST_TEST((text_of(list_table::at(c(), "l", i)) == expected));
    BOOST_TEST((text_of(list_table::at(c(), "l", i - 3)) == expected));
  }
  for (const std::int64_t nothing : {std::int64_t{3}, std::int64_t{-4}, least, most}) {
    BOOST_TEST(!list_table::at(c(), "l", nothing));
    BOOST_TEST(!list_table::set(c(), "l", nothing, json_text{"x"}));
    BOOST_TEST(!list_table::erase(c(), "l", nothing));
    BOOST_TEST(!list_table::pop(c(), "l", nothing));
    BOOST_TEST(!list_table::move(c(), "l", nothing, 0));
    BOOST_TEST(!list_table::move(c(), "l", 0, nothing));
  }
  BOOST_TEST(joined() == "abc");
  BOOST_TEST(list_table::set(c(), "l", 1, json_text{"x"}));
  BOOST_TEST(list_table::set(c(), "l", -1, json_text{"y"}));
  BOOST_TEST(joined() == "axy");
  BOOST_TEST(list_table::erase(c(), "l", -2));
  BOOST_TEST((text_of(list_table::pop(c(), "l", 1)) == "y"));
  BOOST_TEST(joined() == "a");
}

const auto insertions = data::make(std::vector<insertion>{{0, "xabc"},
                                                          {1, "axbc"},
                                                          {2, "abxc"},
                                                          {3, "abcx"},
                                                          {4, "abcx"},
                                                          {-1, "abxc"},
                                                          {-2, "axbc"},
                                                          {-3, "xabc"},
                                                          {-4, "xabc"},
                                                          {most, "abcx"},
                                                          {least, "xabc"}});

BOOST_DATA_TEST_CASE(insert_puts_in_front_of_an_index_or_at_an_end, insertions, i) {
  fill("abc");
  insert(i.index, "x");
  BOOST_TEST(joined() == i.result);
  fill("");
  insert(i.index, "x");
  BOOST_TEST(joined() == "x");
}

const auto transfers = data::make(std::vector<transfer>{{0, 0, "abcd"},
                                                        {0, 1, "bacd"},
                                                        {0, 3, "bcda"},
                                                        {3, 0, "dabc"},
                                                        {1, 2, "acbd"},
                                                        {2, 1, "acbd"},
                                                        {3, 2, "abdc"},
                                                        {-1, 0, "dabc"},
                                                        {0, -1, "bcda"},
                                                        {-4, -2, "bcad"},
                                                        {-2, 3, "abdc"}});

BOOST_DATA_TEST_CASE(a_moved_item_has_its_new_index_afterwards, transfers, way) {
  fill("abcd");
  BOOST_TEST(list_table::move(c(), "l", way.from, way.to));
  BOOST_TEST(joined() == way.result);
}

BOOST_AUTO_TEST_CASE(a_range_is_a_python_slice) {
  for (const std::string_view items : {"", "a", "abcde"}) {
    fill(items);
    const texts expected = all();
    std::vector<std::optional<std::int64_t>> bounds{{}, least, least + 1, most};
    for (std::int64_t i = -7; i <= 7; ++i)
      bounds.emplace_back(i);
    for (const auto& start : bounds)
      for (const auto& stop : bounds) {
        BOOST_TEST_INFO(items << " " << start.value_or(99) << ":" << stop.value_or(99));
        BOOST_TEST(
          (texts_of(list_table::range(c(), "l", start, stop)) == slice_of(expected, start, stop)));
      }
  }
}

BOOST_AUTO_TEST_CASE(trim_keeps_exactly_the_slice) {
  std::vector<std::optional<std::int64_t>> bounds{{}, least, most};
  for (std::int64_t i = -6; i <= 6; ++i)
    bounds.emplace_back(i);
  for (const auto& start : bounds)
    for (const auto& stop : bounds) {
      fill("abcde");
      const texts expected = slice_of(all(), start, stop);
      const auto removed = list_table::trim(c(), "l", start, stop);
      BOOST_TEST_INFO(start.value_or(99) << ":" << stop.value_or(99));
      BOOST_TEST((all() == expected));
      BOOST_TEST(removed == 5 - expected.size());
    }
}

BOOST_AUTO_TEST_CASE(values_are_looked_for_by_their_text) {
  list_table::extend(c(), "l",
                     std::vector<json_text>{json_text{"1.0"}, json_text{"1"}, json_text{"[1, 2]"},
                                            json_text{"1"}, json_text{R"("\u00e9")"}});
  foreign_row("l", "zz", "[1,2]"); // a typed list of Python writes no blanks
  BOOST_TEST((list_table::find(c(), "l", json_text{"1"}) == 1u));
  BOOST_TEST((list_table::find(c(), "l", json_text{"[1,2]"}) == 5u));
  BOOST_TEST((list_table::find(c(), "l", json_text{"\"é\""}.normalised()) == 4u));
  BOOST_TEST(!list_table::find(c(), "l", json_text{"2"}));
  BOOST_TEST(!list_table::find(c(), "other", json_text{"1"}));
  BOOST_TEST(list_table::contains(c(), "l", json_text{"1.0"}));
  BOOST_TEST(!list_table::contains(c(), "l", json_text{"[1,  2]"}));
  BOOST_TEST(list_table::remove(c(), "l", json_text{"1"}));
  BOOST_TEST((list_table::find(c(), "l", json_text{"1"}) == 2u));
  BOOST_TEST(list_table::remove(c(), "l", json_text{"1"}));
  BOOST_TEST(!list_table::remove(c(), "l", json_text{"1"}));
  BOOST_TEST(list_table::count(c(), "l") == 4u);
}

BOOST_AUTO_TEST_CASE(a_summary_counts_items_bytes_and_the_longest_key) {
  fill("ab");
  foreign_row("l", "zzV", "\"é\"");
  const auto sum = list_table::info(c(), "l");
  BOOST_TEST(sum.items == 3u);
  BOOST_TEST(sum.bytes == 1u + 1 + 1 + 1 + 3 + 4);
  BOOST_TEST(sum.longest_key == 3u);
  const auto none = list_table::info(c(), "none");
  BOOST_TEST(none.items + none.bytes + none.longest_key == 0u);
}

BOOST_AUTO_TEST_CASE(names_are_of_lists_with_items_and_clear_empties_only_one) {
  for (const char* name : {"b", "a", "é", "gone"})
    list_table::push(c(), name, json_text{"1"});
  list_table::push(c(), "a", json_text{"1"});
  std::ignore = list_table::pop_front(c(), "gone");
  BOOST_TEST((list_table::names(c()) == texts{"a", "b", "é"}));
  BOOST_TEST(list_table::clear(c(), "a") == 2u);
  BOOST_TEST((list_table::names(c()) == texts{"b", "é"}));
}

BOOST_AUTO_TEST_CASE(every_statement_searches_an_index_and_none_sorts) {
  python_push("l", 500);
  list_table::push(c(), "l", json_text{"1"});
  list_table::insert(c(), "l", 2, json_text{"1"});
  list_table::insert(c(), "l", -2, json_text{"1"});
  for (const std::int64_t i : {1, -1}) {
    std::ignore = list_table::at(c(), "l", i);
    list_table::set(c(), "l", i, json_text{"2"});
    list_table::move(c(), "l", i, -i);
    std::ignore = list_table::range(c(), "l", i);
    list_table::erase(c(), "l", i);
    list_table::pop(c(), "l", i);
  }
  std::ignore = list_table::find(c(), "l", json_text{"1"});
  list_table::remove(c(), "l", json_text{"1"});
  list_table::trim(c(), "l", 1, -1);
  std::ignore = list_table::info(c(), "l");
  std::ignore = list_table::names(c());
  c().execute("INSERT INTO __beaver_lists__ VALUES('l', 'zzz~', '1')");
  list_table::push(c(), "l", json_text{"1"});
  list_table::clear(c(), "l");
  int walks = 0;
  for (const auto& plan : plans("__beaver_lists__")) {
    BOOST_TEST(plan.find("SCAN __beaver") == std::string::npos, plan);
    BOOST_TEST(plan.find("TEMP B-TREE") == std::string::npos, plan);
    // Where no value is wanted the index alone is enough.
    if (plan.find("item_value") == std::string::npos && plan.find("OFFSET") != std::string::npos) {
      ++walks;
      BOOST_TEST(plan.find("COVERING INDEX") != std::string::npos, plan);
    }
  }
  BOOST_TEST(walks == 4);
}

BOOST_AUTO_TEST_SUITE_END()
