#include "beaver/storage/list_table.hpp"

#include "beaver/storage/order_key.hpp"
#include "list_support.hpp"
#include "support/failure.hpp"

#include <iterator>
#include <limits>

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(list_table_keys, list_fixture)

BOOST_AUTO_TEST_CASE(pushes_and_prepends_by_python_and_by_us_may_alternate) {
  for (int i = 0; i < 600; ++i) {
    list_table::push(c(), "l", json_text{std::to_string(i)});
    python_insert("l", static_cast<std::uint64_t>(2 * i + 1), std::to_string(i));
    list_table::prepend(c(), "m", json_text{std::to_string(i)});
    python_insert("m", 0, std::to_string(i));
  }
  texts expected;
  for (int i = 0; i < 600; ++i)
    expected.insert(expected.end(), 2, std::to_string(i));
  BOOST_TEST((all("l") == expected));
  std::reverse(expected.begin(), expected.end());
  BOOST_TEST((all("m") == expected));
}

BOOST_AUTO_TEST_CASE(keys_are_spaced_out_where_python_pushed_thousands_of_items) {
  write([&] { python_push("l", 3'000); });
  const texts before = all();
  BOOST_TEST(longest_key() == 500u);
  write([&] { list_table::push(c(), "l", json_text{"\"ours\""}); });
  BOOST_TEST(longest_key() <= 40u);
  write([&] {
    for (int i = 0; i < 1'000; ++i)
      list_table::push(c(), "l", json_text{std::to_string(i)});
  });
  BOOST_TEST(longest_key() <= 40u);
  texts expected = before;
  expected.emplace_back("\"ours\"");
  for (int i = 0; i < 1'000; ++i)
    expected.push_back(std::to_string(i));
  BOOST_TEST((all() == expected));
  python_push("l", 100); // and Python goes on behind ours
  BOOST_TEST(all().size() == 4'101u);
  BOOST_TEST(all().back() == "99");
}

BOOST_AUTO_TEST_CASE(ten_thousand_insertions_at_one_place_work_in_whatever_order) {
  for (const int habit : {0, 1, 2}) {
    fill("ab");
    texts expected = all();
    std::int64_t at = 1;
    const int before = sqlite3_total_changes(c().handle());
    write([&] {
      for (int i = 0; i < 10'000; ++i) {
        insert(at, std::to_string(i));
        expected.insert(expected.begin() + at, std::to_string(i));
        at += habit == 0 || (habit == 2 && i % 2 == 0);
      }
    });
    BOOST_TEST_CONTEXT("habit " << habit) {
      BOOST_TEST((all() == expected));
      BOOST_TEST(longest_key() <= (habit == 2 ? 64u : 12u));
      const int writes = sqlite3_total_changes(c().handle()) - before;
      BOOST_TEST_MESSAGE("rows written by 10,000 insertions: " << writes);
      BOOST_TEST(writes >= (habit == 2 ? 10'001 : 10'000));
      BOOST_TEST(writes <= (habit == 2 ? 100'000 : 10'000));
    }
  }
}

BOOST_AUTO_TEST_CASE(spacing_out_leaves_the_rest_of_the_list_alone) {
  std::vector<json_text> many(2'000, json_text{"0"});
  list_table::extend(c(), "l", many);
  list_table::extend(c(), "m", many);
  const texts before = keys();
  write([&] {
    for (int i = 0; i < 200; ++i)
      insert(1'000 + (i + 1) / 2, "1");
  });
  texts after = keys();
  BOOST_TEST(after.size() == 2'200u);
  BOOST_TEST(longest_key() <= 64u);
  texts kept;
  std::set_intersection(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(kept));
  BOOST_TEST(kept.size() >= 1'998u);
  BOOST_TEST((keys("m") == before));
}

BOOST_AUTO_TEST_CASE(what_is_undone_leaves_keys_and_items_as_they_were) {
  write([&] { python_push("l", 500); });
  const texts before = keys();
  {
    transaction_scope scope{c()};
    list_table::push(c(), "l", json_text{"1"});
    BOOST_TEST((keys() != before));
  }
  BOOST_TEST((keys() == before));
}

BOOST_AUTO_TEST_CASE(keys_that_are_none_are_replaced_when_they_are_in_the_way) {
  const auto spoil = [&] {
    list_table::clear(c(), "l");
    for (const char* key : {"", "0", "V", "V0", "a-b", "\xff"})
      foreign_row("l", key, key);
    c().execute("INSERT INTO __beaver_lists__ VALUES('l', x'5A', 'blob'), ('l', x'', 'empty')");
    return all();
  };
  const texts expected = spoil();
  BOOST_TEST(expected.size() == 8u);
  BOOST_TEST((expected[6] == "empty"));
  for (std::int64_t i = 0; i <= 8; ++i) {
    spoil();
    insert(i, "new");
    texts with = expected;
    with.insert(with.begin() + i, "new");
    BOOST_TEST((all() == with), "in front of " << i);
    python_insert("l", 3,
                  "python"); // its algorithm raises for what is no digit, and goes wrong after V0
    BOOST_TEST((i == 2 || i == 3 ? all().size() == 10u : all().at(3) == "python"));
  }
  // Reads, and writes that need no key, take them as they are.
  spoil();
  BOOST_TEST((texts_of(list_table::range(c(), "l")) == expected));
  BOOST_TEST((text_of(list_table::pop_back(c(), "l")) == "blob"));
  BOOST_TEST((text_of(list_table::pop(c(), "l", 3)) == "V0"));
  BOOST_TEST(list_table::trim(c(), "l", 1, -1) == 2u);
  BOOST_TEST(list_table::move(c(), "l", -1, 0));
  BOOST_TEST(list_table::info(c(), "l").items == 4u);
}

BOOST_AUTO_TEST_CASE(new_keys_may_be_the_old_ones_of_other_items) {
  constexpr std::size_t n = 200;
  const order_key::spaced keys_of{"", n};
  // The first `rising` items get the key of the next one, those behind them that of the one before.
  for (const std::size_t rising : {std::size_t{0}, n / 2, n - 1}) {
    list_table::clear(c(), "l");
    foreign_row("l", rising > 0 ? "" : keys_of[1], "0");
    for (std::size_t i = 1; i + 1 < n; ++i)
      foreign_row("l", keys_of[i <= rising ? i - 1 : i + 1], std::to_string(i));
    foreign_row("l", rising + 1 < n ? "~" : keys_of[n - 2], std::to_string(n - 1));
    texts expected = all();
    BOOST_TEST(expected.size() == n);
    insert(rising > 0 ? 0 : std::numeric_limits<std::int64_t>::max(), "new");
    expected.insert(rising > 0 ? expected.begin() : expected.end(), "new");
    BOOST_TEST((all() == expected), rising << " rising");
  }
}

BOOST_AUTO_TEST_CASE(pages_follow_each_other_by_order_key) {
  write([&] { fill("0123456789"); });
  const auto read = [&](bool down, std::uint64_t limit, std::optional<std::uint64_t> max_bytes) {
    std::string seen;
    for (list_page page{.descending = down, .limit = limit, .max_bytes = max_bytes};;) {
      const auto items = list_table::items(c(), "l", page);
      if (items.empty())
        return seen;
      for (const auto& item : items)
        seen += item.value.text();
      seen += '|';
      page.after = items.back().key;
    }
  };
  BOOST_TEST(read(false, 4, {}) == "0123|4567|89|");
  BOOST_TEST(read(true, 4, {}) == "9876|5432|10|");
  BOOST_TEST(read(false, 100, 5) == "012|345|678|9|"); // two bytes an item, the third passes five
  BOOST_TEST(list_table::items(c(), "l", {}).size() == 10u);
  BOOST_TEST(list_table::items(c(), "l", {.limit = 0}).empty());
  write([&] {
    foreign_row("l", "", "10");
    foreign_row("l", "zzzz0", "11");
  });
  BOOST_TEST(list_table::items(c(), "l", {}).size() == 12u);
  write([&] { c().execute("INSERT INTO __beaver_lists__ VALUES ('l', x'41', '12')"); });
  const auto end = outcome_of([&] { (void)list_table::items(c(), "l", {}); });
  BOOST_TEST(end.is(errc::corrupt));
  write([&] { list_table::push(c(), "l", json_text{"13"}); });
  BOOST_TEST(list_table::items(c(), "l", {}).size() == 14u);
}

BOOST_AUTO_TEST_SUITE_END()
