#include "queue_fixture.hpp"
#include "support/failure.hpp"
#include "support/raw_file.hpp"

#include <cmath>
#include <filesystem>
#include <set>
#include <tuple>

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(queue_table_suite, queue_fixture)

BOOST_AUTO_TEST_CASE(items_come_by_priority_and_then_in_the_order_of_their_puts) {
  put(2, "\"c\"");
  put(1, "\"a\"");
  put(infinity, "\"e\"");
  put(2, "\"d\"");
  put(-infinity, "\"0\"");
  put(1, "\"b\"");
  const auto first = queue_table::peek(c(), "q", now);
  BOOST_REQUIRE(first);
  BOOST_TEST(
    (first->data.text() == "\"0\"" && first->priority == -infinity && first->timestamp == now));
  BOOST_TEST((rest() == texts{"\"0\"", "\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"e\""}));
  BOOST_TEST(get() == "none");
  BOOST_TEST(!queue_table::peek(c(), "q", now));
}

BOOST_AUTO_TEST_CASE(equal_priorities_keep_their_order_when_the_clock_stands_or_goes_back) {
  BOOST_TEST(put(1, "1") == now);
  const auto second = put(1, "2");
  BOOST_TEST(second == std::nextafter(now, infinity));
  const auto third = put(1, "3", {}, now - 500);
  BOOST_TEST(third > second);
  BOOST_TEST(put(0, "0", {}, now - 500) == now - 500); // another priority has no need
  put_like_python(1, now + 7, "4");
  BOOST_TEST(put(1, "5", {}, now + 1) > now + 7);
  BOOST_TEST(put(1, "6", {}, now + 8) == now + 8);
  BOOST_TEST((rest() == texts{"0", "1", "2", "3", "4", "5", "6"}));
}

BOOST_AUTO_TEST_CASE(many_items_are_put_as_one_by_one) {
  put(1, "0");
  std::vector<queue_put_item> items;
  for (int i = 1; i <= 6; ++i)
    items.push_back({static_cast<double>(i % 2), json_text{std::to_string(i)}, {}});
  items[2].due = now + 1;
  queue_table::put_many(c(), "q", items, now);
  BOOST_TEST((listed() == texts{"2", "4", "6", "0", "1", "5"}));
  BOOST_TEST((listed(queue_view::ready, now + 1) == texts{"2", "4", "6", "0", "1", "3", "5"}));
  std::set<double> stamps;
  for (const auto& entry : queue_table::list(c(), "q", queue_view::all, {}, 100, now))
    if (entry.position.priority == 1)
      stamps.insert(entry.position.timestamp);
  BOOST_TEST(stamps.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_priority_that_is_no_number_is_refused_before_anything_is_put) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto alone = outcome_of([&] { put(nan, "1"); });
  BOOST_TEST(alone.is(errc::invalid_argument));
  BOOST_TEST(alone.says("queue 'q'"));
  const std::vector<queue_put_item> items{{1, json_text{"1"}}, {nan, json_text{"2"}}};
  BOOST_TEST(
    outcome_of([&] { queue_table::put_many(c(), "q", items, now); }).is(errc::invalid_argument));
  BOOST_TEST(counts() == "0 ready, 0 delayed, 0 leased, 0 dead");
}

BOOST_AUTO_TEST_CASE(a_delayed_item_is_not_there_until_it_is_due) {
  put(1, "1", now + 10);
  put(1, "2", now);     // due at once
  put(1, "3", now - 3); // likewise
  BOOST_TEST(counts() == "2 ready, 1 delayed, 0 leased, 0 dead");
  BOOST_TEST(get_like_python() == "2");
  BOOST_TEST(queue_table::next_due(c(), "q").value() == now + 10);
  BOOST_TEST(counts(now + 10) == "2 ready, 0 delayed, 0 leased, 0 dead"); // nobody has settled
  BOOST_TEST((listed(queue_view::ready, now + 10) == texts{"1", "3"}));
  BOOST_TEST((queue_table::peek(c(), "q", now + 10)->data.text() == "1"));
  BOOST_TEST((queue_table::peek(c(), "q", now + 9)->data.text() == "3"));
  BOOST_TEST((rest(now + 10) == texts{"1", "3"})); // at the place of its put
  BOOST_TEST(!queue_table::next_due(c(), "q"));
}

BOOST_AUTO_TEST_CASE(pages_follow_each_other_also_among_equal_places) {
  for (int i = 0; i < 7; ++i)
    put_like_python(1, now, std::to_string(i));
  put_like_python(0, now, "first");
  put_like_python(1, now + 1, "last");
  take("r", now + 3); // "first" comes back
  for (const auto view : {queue_view::ready, queue_view::all})
    for (const std::uint64_t size : {1, 2, 3, 100}) {
      texts pages;
      std::optional<queue_position> after;
      for (;;) {
        const auto page = queue_table::list(c(), "q", view, after, size, now + 3);
        for (const auto& entry : page)
          pages.emplace_back(entry.data.text());
        if (page.size() < size)
          break;
        after = page.back().position;
      }
      BOOST_TEST((pages == texts{"first", "0", "1", "2", "3", "4", "5", "6", "last"}));
    }
  BOOST_TEST(queue_table::list(c(), "q", queue_view::ready, {}, 0, now).empty());
  const queue_position far{1, now, ~std::uint64_t{0}};
  BOOST_TEST(queue_table::list(c(), "q", queue_view::ready, far, ~std::uint64_t{0}, now).size()
             == 1u);
}

BOOST_AUTO_TEST_CASE(listings_tell_the_state_of_each_item) {
  put(1, "1");
  put(2, "2", now + 5);
  put(3, "3");
  take("r", now + 7);
  const auto all = queue_table::list(c(), "q", queue_view::all, {}, 10, now);
  BOOST_REQUIRE(all.size() == 3u);
  BOOST_TEST((all[0].state == queue_state::leased && all[0].due.value() == now + 7));
  BOOST_TEST((all[0].attempts == 1u && all[1].attempts == 0u));
  BOOST_TEST((all[1].state == queue_state::delayed && all[1].due.value() == now + 5));
  BOOST_TEST((all[2].state == queue_state::ready && !all[2].due));
  BOOST_TEST((listed(queue_view::held) == texts{"1", "2"}));
  BOOST_TEST((listed(queue_view::held, now + 5) == texts{"1"}));
  BOOST_TEST((listed(queue_view::ready, now + 5) == texts{"2", "3"}));
}

BOOST_AUTO_TEST_CASE(clearing_removes_every_item_and_note_of_one_queue_but_not_its_options) {
  queue_table::set_options(c(), "q", {.max_attempts = 5});
  put(1, "1");
  put(1, "2");
  put(1, "3", now + 9);
  take("r");
  queue_table::nack(c(), "q", "r", {}, now);
  take("s");
  queue_table::put(c(), "p", {1, json_text{"4"}, now + 3}, now);
  queue_table::put(c(), "é", {1, json_text{"5"}, {}}, now);
  queue_table::put(c(), "é", {1, json_text{"6"}, now + 3}, now);
  BOOST_TEST((queue_table::names(c()) == texts{"p", "q", "é"}));
  BOOST_TEST(queue_table::clear(c(), "q") == 3u);
  BOOST_TEST(notes() == 0);
  BOOST_TEST(!queue_table::ack(c(), "q", "s", now));
  BOOST_TEST((queue_table::names(c()) == texts{"p", "é"}));
  BOOST_TEST(queue_table::options(c(), "q").max_attempts.value() == 5u);
}

BOOST_AUTO_TEST_CASE(a_summary_counts_bytes_and_tells_the_oldest_ready_item) {
  put(1, "\"é\"");
  put(2, "22", {}, now + 1);
  put(3, "333", now + 50, now - 7);
  take("r", now + 9);
  auto sum = queue_table::info(c(), "q", now + 1);
  BOOST_TEST(sum.bytes == 4u + 2 + 3);
  BOOST_TEST((sum.items.ready == 1u && sum.items.leased == 1u && sum.items.delayed == 1u));
  BOOST_TEST(sum.oldest.value() == now + 1);
  BOOST_TEST(queue_table::info(c(), "q", now + 9).oldest.value() == now);
  BOOST_TEST(queue_table::info(c(), "q", now + 50).oldest.value() == now - 7);
  BOOST_TEST(!queue_table::info(c(), "none", now).oldest);
}

BOOST_AUTO_TEST_CASE(values_are_given_back_as_they_stand) {
  const std::string odd = "{\"b\": NaN,\n \"a\":[\"\xc3\xa9\"]}"; // as another program may write
  put_like_python(1, now, odd);
  BOOST_TEST((queue_table::peek(c(), "q", now)->data.text() == odd));
  BOOST_TEST((take("r", now + 1).data.text() == odd));
  BOOST_TEST(get(now + 1) == odd);
}

BOOST_AUTO_TEST_CASE(a_file_of_the_python_original_can_be_looked_at_without_writing) {
  const auto copy = std::filesystem::path{path()}.parent_path() / "python.db";
  std::filesystem::copy_file(std::string(BEAVER_TEST_DATA) + "/beaver-2.3.0.db", copy);
  raw_file raw{copy.string()};
  raw.execute("DELETE FROM __beaver_priority_queues__; "
              "INSERT INTO __beaver_priority_queues__ VALUES ('q', 1, 5, '1'), ('q', 0, 6, '2')");
  connection_options options;
  options.read_only = true;
  connection theirs{copy.string(), options};
  schema::prepare(theirs);
  BOOST_TEST((queue_table::peek(theirs, "q", now)->data.text() == "2"));
  for (const auto view : {queue_view::ready, queue_view::all})
    BOOST_TEST(queue_table::list(theirs, "q", view, {}, 9, now).size() == 2u);
  BOOST_TEST(queue_table::list(theirs, "q", queue_view::held, {}, 9, now).empty());
  BOOST_TEST(queue_table::count(theirs, "q", now) == 2u);
  BOOST_TEST(queue_table::counts(theirs, "q", now).ready == 2u);
  BOOST_TEST(queue_table::info(theirs, "q", now).bytes == 2u);
  BOOST_TEST((queue_table::names(theirs) == texts{"q"}));
  BOOST_TEST(!queue_table::next_due(theirs, "q"));
  BOOST_TEST(!queue_table::next_due(theirs, std::nullopt));
  BOOST_TEST(!queue_table::options(theirs, "q").max_attempts);
  BOOST_TEST(outcome_of([&] { queue_table::get(theirs, "q", now); }).failed);
}

BOOST_AUTO_TEST_CASE(a_vacuum_changes_nothing) {
  for (int i = 0; i < 4; ++i)
    put_like_python(1, now, std::to_string(i));
  BOOST_TEST(get() == "0");
  take("r");
  queue_table::nack(c(), "q", "r", {}, now);
  take("s");
  c().execute("VACUUM");
  const auto rest = queue_table::take(c(), "q", texts{"a", "b"}, now + 9, now);
  BOOST_TEST((rest.at(0).data.text() == "3" && rest.at(1).data.text() == "1"));
  BOOST_TEST(rest.at(1).attempts == 2u);
  BOOST_TEST(queue_table::ack(c(), "q", "s", now));
}

BOOST_AUTO_TEST_CASE(every_statement_searches_an_index_and_only_what_is_due_is_sorted) {
  queue_table::set_options(c(), "q", {.max_attempts = 2});
  queue_table::put_many(c(), "q",
                        std::vector<queue_put_item>{{1, json_text{"1"}},
                                                    {1, json_text{"2"}},
                                                    {1, json_text{"3"}, now + 1},
                                                    {1, json_text{"4"}, now + 90}},
                        now);
  take("r");
  queue_table::extend(c(), "q", "r", now + 1, now);
  for (const auto view : {queue_view::ready, queue_view::held, queue_view::all})
    std::ignore = queue_table::list(c(), "q", view, {}, 5, now + 1);
  std::ignore = queue_table::peek(c(), "q", now + 1);
  std::ignore = queue_table::info(c(), "q", now + 1);
  std::ignore = queue_table::names(c());
  std::ignore = queue_table::next_due(c(), std::nullopt);
  get(now + 1);
  take("s");
  queue_table::nack(c(), "q", "s", now + 3, now);
  take("t");
  queue_table::nack(c(), "q", "t", {}, now);
  take("u", now + 30, now + 3);
  queue_table::ack(c(), "q", "u", now + 3);
  take("v", now + 30, now + 4);
  queue_table::nack(c(), "q", "v", {}, now + 4);
  BOOST_TEST(queue_table::redrive(c(), "q", 5, now + 4) == 1u);
  queue_table::sweep(c(), now, 5);
  queue_table::clear(c(), "q");
  int sorts = 0;
  int scans = 0;
  int pages = 0;
  for (const auto& plan : plans("queue")) {
    if (plan.starts_with("SCAN __beaver") || plan.starts_with("SCAN n ")) {
      // To look for names or for notes that have lost their item.
      BOOST_TEST((plan.find("min(queue_name)") != std::string::npos
                  || plan.find("NOT EXISTS") != std::string::npos),
                 plan);
      ++scans;
    }
    if (plan.find("TEMP B-TREE") != std::string::npos) {
      BOOST_TEST(plan.find("due <= ?5") != std::string::npos, plan);
      ++sorts;
    }
    if (plan.find("(priority, timestamp) >=") != std::string::npos
        && plan.find("(priority,timestamp)>(?,?)") != std::string::npos)
      ++pages;
    if (plan.find("receipt = ?2") != std::string::npos)
      BOOST_TEST(plan.find("__beaver_queue_held_receipt__ (receipt=?)") != std::string::npos, plan);
    if (plan.find("attempts < ?6") != std::string::npos && plan.find("SEARCH") != std::string::npos)
      BOOST_TEST(plan.find("__beaver_queue_held_due__") != std::string::npos, plan);
  }
  BOOST_TEST(sorts == 1);
  BOOST_TEST(pages == 3);
  BOOST_TEST(scans <= 4);
}

BOOST_AUTO_TEST_SUITE_END()
