#include "beaver/api/log.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <set>

using namespace beaver;
using namespace beaver::test;

namespace {

struct request {
  std::string path;
  int status;
};
BOOST_DESCRIBE_STRUCT(request, (), (path, status))

using ints = std::vector<int>;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double start_of_clock = 1e9;

double raised(double t) { return std::nextafter(t, infinity); }

struct log_fixture {
  test_clock clock;
  open_database opened{with_clock(clock)};
  database& db = opened.db;
  beaver::log<int> l = db.log<int>("l");

  [[nodiscard]] static ints data_of(const std::vector<log_entry_of<int>>& entries) {
    ints result;
    for (const auto& e : entries)
      result.push_back(e.data);
    return result;
  }
  [[nodiscard]] ints all(const log_page& page = {}) const { return data_of(l.range(page)); }

  /// Entries 1 to 5 at the times 1 to 5.
  void fill() {
    for (int i = 1; i <= 5; ++i)
      l.append(i, i);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(logs, log_fixture)

BOOST_AUTO_TEST_CASE(entries_have_the_time_of_their_append) {
  BOOST_TEST(l.append(1) == start_of_clock);
  clock.advance(2.5);
  BOOST_TEST(l.append(2) == start_of_clock + 2.5);
  const auto entries = l.range();
  BOOST_REQUIRE_EQUAL(entries.size(), 2u);
  BOOST_TEST(entries[0].timestamp == start_of_clock);
  BOOST_TEST(entries[0].data == 1);
  BOOST_TEST(entries[1].timestamp == start_of_clock + 2.5);
  BOOST_TEST(db.logs() == std::vector<std::string>{"l"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_clock_that_stands_still_keeps_the_order_of_appends) {
  double last = l.append(0);
  for (int i = 1; i < 50; ++i) {
    const double t = l.append(i);
    BOOST_REQUIRE(t == raised(last));
    last = t;
  }
  clock.advance(-0.5);
  l.append(50);
  ints expected(51);
  for (int i = 0; i <= 50; ++i)
    expected[static_cast<std::size_t>(i)] = i;
  BOOST_TEST((all() == expected));
}

BOOST_AUTO_TEST_CASE(entries_can_be_given_another_time_in_either_form) {
  using namespace std::chrono;
  BOOST_TEST(l.append(1, sys_days{1970y / January / 2d}) == 86'400);
  BOOST_TEST(l.append(2, system_clock::time_point{milliseconds{1'500}}) == 1.5);
  BOOST_TEST(l.append(3, 0) == 0);
  BOOST_TEST(l.append(4, -2.5) == -2.5);
  BOOST_TEST(l.append(5, 1.5) == raised(1.5));
  BOOST_TEST((all() == ints{4, 3, 2, 5, 1}));
  BOOST_TEST(to_unix_seconds(sys_seconds{seconds{7}}) == 7);
}

BOOST_AUTO_TEST_CASE(a_batch_leaves_given_timestamps_as_they_are) {
  l.append(9, 100);
  auto back = l.batched();
  back.append(1, 10);
  back.append(2, 20);
  back.append(3, 10);
  back.append(4);
  BOOST_TEST(l.count() == 1u);
  back.commit();
  const auto entries = l.range();
  BOOST_REQUIRE_EQUAL(entries.size(), 5u);
  const double expected[] = {10, raised(10), 20, 100, start_of_clock};
  for (std::size_t i = 0; i < entries.size(); ++i)
    BOOST_TEST(entries[i].timestamp == expected[i]);
  BOOST_TEST((data_of(entries) == ints{1, 3, 2, 9, 4}));
}

BOOST_AUTO_TEST_CASE(many_are_appended_at_once_with_or_without_timestamps) {
  l.append_many(ints{1, 2, 3});
  BOOST_TEST((all() == ints{1, 2, 3}));
  auto copy = db.log<int>("copy");
  copy.append(0, start_of_clock);
  copy.append_many(l.range());
  BOOST_TEST((data_of(copy.range()) == ints{0, 1, 2, 3}));
  copy.append_many(ints{});
  auto flags = db.log<bool>("flags");
  flags.append_many(std::vector<bool>{true, false});
  BOOST_TEST(flags.tail(1).at(0).data == false);
}

BOOST_AUTO_TEST_CASE(a_range_has_bounds_an_order_and_pages) {
  fill();
  BOOST_TEST((all({.start = 2, .end = 4}) == ints{2, 3, 4}));
  BOOST_TEST((all({.order = sort_order::desc, .limit = 2}) == ints{5, 4}));
  BOOST_TEST((all({.limit = 2, .offset = 1}) == ints{2, 3}));
  BOOST_TEST((all({.limit = 2, .after = 3}) == ints{4, 5}));
  BOOST_TEST(l.count() == 5u);
  BOOST_TEST(l.count(2, 4) == 3u);
  BOOST_TEST((data_of(l.tail(2)) == ints{4, 5}));
  const auto info = l.info();
  BOOST_TEST(info.entries == 5u);
  BOOST_TEST(info.bytes == 5u);
  BOOST_TEST((info.first == 1.0 && info.last == 5.0));
}

BOOST_AUTO_TEST_CASE(old_entries_go_by_hand) {
  fill();
  BOOST_TEST(l.erase_before(2) == 1u);
  BOOST_TEST(l.erase_before(std::chrono::sys_seconds{std::chrono::seconds{3}}) == 1u);
  BOOST_TEST(l.keep_newest(2) == 1u);
  BOOST_TEST((all() == ints{4, 5}));
  l.clear();
  BOOST_TEST(db.logs().empty());
}

BOOST_AUTO_TEST_CASE(a_loop_fetches_page_after_page_in_both_directions) {
  ints expected(1'000);
  for (int i = 0; i < 1'000; ++i)
    expected[static_cast<std::size_t>(i)] = i;
  l.append_many(expected);
  const auto reads = db.info().reads;
  ints seen;
  for (const auto& e : l)
    seen.push_back(e.data);
  BOOST_TEST((seen == expected));
  BOOST_TEST(db.info().reads - reads < 10u); // pages, not entries
  int next = 989;
  for (const auto& e : l.entries({.order = sort_order::desc, .limit = 900, .offset = 10}))
    BOOST_REQUIRE(e.data == next--);
  BOOST_TEST(next == 89);
}

BOOST_AUTO_TEST_CASE(entries_have_a_type_of_their_own) {
  auto requests = db.log<request>("requests");
  requests.append({"/", 200});
  requests.append({"/missing", 404});
  BOOST_TEST(requests.tail(1).at(0).data.status == 404);
  BOOST_TEST(db.log("requests").range().at(0).data.text() == R"({"path": "/", "status": 200})");
  db.log("requests").append(json_text{"[1,2]"});
  BOOST_TEST(outcome_of([&] { (void)requests.range(); }).is(errc::type_mismatch));
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused_by_name_and_change_nothing) {
  auto j = db.log("j");
  const auto refused = [](auto call) {
    const auto result = outcome_of(call);
    return result.is(errc::invalid_argument) ? result.text : "not refused";
  };
  const auto says = [&](auto call, const std::string& words) {
    const auto text = refused(call);
    BOOST_TEST(text.find(words) != std::string::npos, text);
  };
  const json_text one{"1"};
  says([&] { j.append(json_text{"[1"}); }, "data is not JSON");
  for (const double t : {std::nan(""), infinity, -infinity}) {
    says([&] { j.append(one, t); }, "timestamp must be a finite number");
    says([&] { (void)j.range({.start = t}); }, "start must be a finite number");
    says([&] { (void)j.range({.end = t}); }, "end must be a finite number");
    says([&] { (void)j.range({.after = t}); }, "after must be a finite number");
    says([&] { (void)j.count({}, t); }, "end must be a finite number");
    says([&] { j.erase_before(t); }, "before must be a finite number");
  }
  says([&] { j.append_many(std::vector{one, json_text{"nan"}}); }, "entries[1].data is not JSON");
  says(
    [&] {
      j.append_many(std::vector<log_entry_of<json_text>>{{1, one}, {infinity, one}});
    },
    "entries[1].timestamp must be a finite number");
  says(
    [&] {
      j.append_many(
        std::vector<log_entry_of<json_text>>{{1, one},
                                             {std::numeric_limits<double>::max(), one},
                                             {std::numeric_limits<double>::max(), one}});
    },
    "no free timestamp");
  says(
    [&] {
      call(*db.style().to, log_erase{"j", {}, {}, {}});
    },
    "before, keep or where must be given");
  says([&] { db.log("").append(one); }, "name of the log");
  BOOST_TEST(j.count() == 0u);
}

BOOST_AUTO_TEST_CASE(transactions_snapshots_and_futures_have_logs, *in_this_process()) {
  l.append(1);
  const auto before = db.snapshot();
  db.transaction([](beaver::transaction& tx) {
    auto inside = tx.log<int>("l");
    inside.append(inside.tail(1).at(0).data + 1);
    inside.append(3);
  });
  BOOST_TEST(outcome_of([&] {
               db.transaction([](beaver::transaction& tx) {
                 tx.log<int>("l").append(4);
                 throw error(errc::cancelled, "undo");
               });
             }).is(errc::cancelled));
  BOOST_TEST((all() == ints{1, 2, 3}));
  BOOST_TEST((data_of(before.log<int>("l").range()) == ints{1}));
  auto later = db.async().log<int>("l");
  const double t = later.append(4).get().value();
  BOOST_TEST(later.tail(1).get().value().at(0).timestamp == t);
  BOOST_TEST(later.keep_newest(1).get().value() == 3u);
}

BOOST_AUTO_TEST_CASE(appends_of_many_threads_are_each_there_once_and_each_thread_in_order) {
  constexpr int threads = 4;
  constexpr int each = 300; // with a clock that stands still
  std::vector<std::vector<double>> times(threads);
  BOOST_TEST(failures_of_threads(threads,
                                 [&](int thread) {
                                   auto mine = l;
                                   for (int i = 0; i < each; ++i)
                                     times[static_cast<std::size_t>(thread)].push_back(
                                       mine.append(thread * 1'000 + i));
                                 })
             == 0);
  const auto seen = l.range();
  BOOST_TEST(seen.size() == std::size_t{threads} * each);
  std::set<double> unique;
  std::vector<int> next(threads);
  for (const auto& e : seen) {
    const auto thread = static_cast<std::size_t>(e.data / 1'000);
    const int i = e.data % 1'000;
    BOOST_REQUIRE(i == next[thread]++);
    BOOST_REQUIRE(times[thread][static_cast<std::size_t>(i)] == e.timestamp);
    unique.insert(e.timestamp);
  }
  BOOST_TEST(unique.size() == seen.size());
  BOOST_TEST(raw_file{opened.folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(a_sweep_removes_what_no_rule_keeps) {
  for (int i = 1; i <= 3'000; ++i)
    l.append(i, i);
  l.append(0, start_of_clock);
  l.retain({.max_count = 1'001});
  BOOST_TEST(*l.retention().max_count == 1'001u);
  BOOST_TEST(db.sweep().log_entries == 2'000u);
  BOOST_TEST(l.count() == 1'001u);
  l.retain({.max_age_seconds = 60});
  BOOST_TEST(db.sweep().log_entries == 1'000u);
  BOOST_TEST(all() == ints{0}, boost::test_tools::per_element());
  l.retain({});
  clock.advance(100);
  BOOST_TEST(db.sweep().log_entries == 0u);
  BOOST_TEST(outcome_of([&] { l.retain({.max_age_seconds = 0}); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_SUITE_END()
