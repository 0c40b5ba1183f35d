#include "beaver/storage/list_index.hpp"

#include "list_support.hpp"

#include <limits>
#include <sqlite3.h>

using namespace beaver;
using namespace beaver::test;

namespace {

struct fixture : list_fixture {
  /// Makes the list hold the numbers 0 .. n-1.
  void fill(int n) {
    std::vector<json_text> values;
    for (int i = 0; i < n; ++i)
      values.emplace_back(std::to_string(i));
    write([&] { list_table::extend(c(), "l", values); });
    index.refresh("l", ++version);
  }

  std::optional<std::string> at(std::int64_t i) { return text_of(index.at(c(), i)); }

  /// Work that SQLite did for `f`, in steps of its virtual machine.
  template <class F>
  int steps_of(F f) {
    int steps = 0;
    sqlite3_progress_handler(
      c().handle(), 1,
      [](void* sum) {
        ++*static_cast<int*>(sum);
        return 0;
      },
      &steps);
    f();
    sqlite3_progress_handler(c().handle(), 0, nullptr, nullptr);
    return steps;
  }

  list_index index;
  std::uint64_t version = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(list_index_suite, fixture)

BOOST_AUTO_TEST_CASE(it_answers_as_the_table_does_for_lists_of_any_length) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  for (const int n : {0, 1, 255, 256, 257, 511, 512, 513, 1'500}) {
    list_table::clear(c(), "l");
    fill(n);
    std::vector<std::int64_t> indexes{0,       1,       255,   256, 257,   512, n / 2,
                                      n - 257, n - 256, n - 1, n,   n + 1, most};
    for (const auto i : std::vector{indexes})
      indexes.push_back(-1 - i);
    for (const auto i : indexes)
      for (const bool learnt : {false, true}) {
        BOOST_TEST_INFO("index " << i << " of " << n << (learnt ? ", learnt" : ""));
        index.refresh("l", ++version);
        if (learnt)
          BOOST_TEST(index.count(c()) == static_cast<std::uint64_t>(n));
        BOOST_TEST((at(i) == text_of(list_table::at(c(), "l", i))));
        for (const auto j : {std::optional<std::int64_t>{}, std::optional<std::int64_t>{300},
                             std::optional<std::int64_t>{-300}})
          for (const bool swap : {false, true}) {
            const auto start = swap ? j : i;
            const auto stop = swap ? std::optional{i} : j;
            BOOST_TEST_INFO("slice " << start.value_or(0) << ":" << stop.value_or(0));
            BOOST_TEST((texts_of(index.range(c(), start, stop))
                        == texts_of(list_table::range(c(), "l", start, stop))));
          }
      }
  }
}

BOOST_AUTO_TEST_CASE(the_first_touch_costs_a_pass_and_later_ones_a_few_steps) {
  fill(50'000);
  const int first = steps_of([&] { BOOST_TEST((at(40'000) == "40000")); });
  BOOST_TEST(first > 40'000);
  for (const std::int64_t i : {255, 256, 12'345, 39'999, 40'191})
    BOOST_TEST(steps_of([&] { BOOST_TEST((at(i) == std::to_string(i))); }) < 1'500, i);
  BOOST_TEST(steps_of([&] { BOOST_TEST((at(-300) == "49700")); }) > 9'000); // the rest of the pass
  BOOST_TEST(steps_of([&] { BOOST_TEST((at(-25'000) == "25000")); }) < 1'500);
  BOOST_TEST(steps_of([&] { BOOST_TEST(index.count(c()) == 50'000u); }) == 0);
  BOOST_TEST(steps_of([&] { BOOST_TEST(!at(1'000'000)); }) == 0);
  index.refresh("l", version); // the same state: nothing is forgotten
  BOOST_TEST(steps_of([&] { BOOST_TEST((at(45'000) == "45000")); }) < 1'500);
}

BOOST_AUTO_TEST_CASE(the_ends_of_a_long_list_need_no_pass) {
  fill(50'000);
  BOOST_TEST(steps_of([&] { BOOST_TEST((at(-1) == "49999")); }) < 100);
  BOOST_TEST(steps_of([&] { BOOST_TEST((at(-256) == "49744")); }) < 1'500);
  BOOST_TEST(steps_of([&] { BOOST_TEST((at(200) == "200")); }) < 1'500);
  BOOST_TEST(steps_of([&] { BOOST_TEST(index.range(c(), -10).size() == 10u); }) < 500);
  BOOST_TEST(steps_of([&] { BOOST_TEST(index.range(c(), 5, 10).size() == 5u); }) < 500);
}

BOOST_AUTO_TEST_CASE(a_new_version_or_name_forgets_what_was_learnt) {
  fill(2'000);
  BOOST_TEST((at(1'000) == "1000"));
  write([&] {
    std::ignore = list_table::pop_front(c(), "l");
    python_insert("l", 700, "\"foreign\"");
  });
  index.refresh("l", ++version);
  BOOST_TEST((at(0) == "1"));
  BOOST_TEST((at(600) == "601"));
  BOOST_TEST((at(700) == "\"foreign\""));
  BOOST_TEST((at(1'000) == "1000"));
  index.refresh("m", version);
  BOOST_TEST(!at(0));
  BOOST_TEST(index.count(c()) == 0u);
  index.refresh("l", version);
  BOOST_TEST(index.count(c()) == 2'000u);
}

BOOST_AUTO_TEST_CASE(its_memory_is_bounded_however_long_the_keys_are) {
  // Long are just those keys that it would remember.
  write([&] {
    const std::string tail(8'000, 'V');
    for (int i = 0; i < 64'000; ++i)
      foreign_row("l", std::to_string(100'000 + i) + (i % 256 == 0 ? tail : "V"),
                  std::to_string(i));
  });
  index.refresh("l", ++version);
  BOOST_TEST(index.count(c()) == 64'000u);
  BOOST_TEST(index.bytes() <= list_index::max_bytes);
  BOOST_TEST(index.bytes() > list_index::max_bytes / 4);
  for (const std::int64_t i : {0, 255, 256, 511, 512, 513, 1'023, 1'024, 45'678, 63'999})
    BOOST_TEST((at(i) == std::to_string(i)));
  BOOST_TEST((texts_of(index.range(c(), 20'000, 20'003)) == texts{"20000", "20001", "20002"}));
  index.refresh("l", ++version);
  BOOST_TEST((at(63'999) == "63999"));
}

BOOST_AUTO_TEST_CASE(keys_that_are_none_are_counted_like_others) {
  write([&] {
    c().execute(
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
      "INSERT INTO __beaver_lists__ SELECT 'l', CASE WHEN i < 500 THEN CAST(1000 + i AS TEXT) "
      "ELSE CAST(1000 + i AS BLOB) END, i FROM n");
    foreign_row("l", "", "-1");
  });
  index.refresh("l", ++version);
  for (const std::int64_t i : {0, 255, 256, 257, 500, 501, 600, 900, 1'000})
    BOOST_TEST((at(i) == std::to_string(i - 1)));
  BOOST_TEST(!at(1'001));
  BOOST_TEST(index.count(c()) == 1'001u);
  BOOST_TEST((at(-400) == "600"));
}

BOOST_AUTO_TEST_SUITE_END()
