#include "beaver/api/list.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <random>

using namespace beaver;
using namespace beaver::test;

namespace {

using ints = std::vector<int>;

struct list_fixture : open_database {
  list<int> l = db.list<int>("l");

  [[nodiscard]] ints all() const { return l.range(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lists, list_fixture)

BOOST_AUTO_TEST_CASE(items_stand_where_they_were_put) {
  l.push(2);
  l.prepend(1);
  l.extend(ints{4, 5});
  l.insert(2, 3);
  l.insert(-1, 45);
  l.insert(100, 6);
  l.insert(-100, 0);
  BOOST_TEST((all() == ints{0, 1, 2, 3, 4, 45, 5, 6}));
  BOOST_TEST(l.count() == 8u);
  BOOST_TEST(db.lists() == std::vector<std::string>{"l"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_index_counts_from_either_end) {
  l.extend(ints{1, 2, 3});
  BOOST_TEST(l.get(0) == 1);
  BOOST_TEST(l.get(-1) == 3);
  BOOST_TEST((l.find_at(2) == 3));
  BOOST_TEST(!l.find_at(3));
  BOOST_TEST(!l.find_at(-4));
  const auto end = outcome_of([&] { (void)l.get(3); });
  BOOST_TEST(end.is(errc::not_found));
  BOOST_TEST(end.says("list 'l' has no item 3"));
  BOOST_TEST(l.set(-1, 30));
  BOOST_TEST(!l.set(3, 40));
  BOOST_TEST((all() == ints{1, 2, 30}));
}

BOOST_AUTO_TEST_CASE(a_range_is_a_slice) {
  l.extend(ints{0, 1, 2, 3, 4});
  BOOST_TEST((l.range(1, 3) == ints{1, 2}));
  BOOST_TEST((l.range(-2) == ints{3, 4}));
  BOOST_TEST((l.range({}, -1) == ints{0, 1, 2, 3}));
  BOOST_TEST((l.range(-100, 100) == all()));
  BOOST_TEST(l.range(3, 1).empty());
  BOOST_TEST(l.trim(1, -1) == 2u);
  BOOST_TEST((all() == ints{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(removal_gives_what_was_there) {
  l.extend(ints{1, 2, 3, 2, 4});
  BOOST_TEST((l.pop() == 4));
  BOOST_TEST((l.pop_front() == 1));
  BOOST_TEST((l.pop(1) == 3));
  BOOST_TEST(!l.pop(7));
  BOOST_TEST((all() == ints{2, 2}));
  BOOST_TEST(l.remove(2));
  BOOST_TEST(!l.remove(9));
  BOOST_TEST(l.erase(0));
  BOOST_TEST(!l.erase(0));
  BOOST_TEST(!l.pop());
  BOOST_TEST(!l.pop_front());
  BOOST_TEST(db.lists().empty());
}

BOOST_AUTO_TEST_CASE(values_are_found_by_their_normal_form) {
  auto j = db.list("j");
  j.push(json_text{R"({"a":1})"});
  j.push(json_text{"1.0"});
  BOOST_TEST((j.find(json_text{R"( { "a" : 1 } )"}) == 0u));
  BOOST_TEST(j.contains(json_text{"1.0"}));
  BOOST_TEST(!j.contains(json_text{"1"}));
  BOOST_TEST(j.get(0).text() == R"({"a": 1})");
}

BOOST_AUTO_TEST_CASE(an_item_moves_to_another_index) {
  l.extend(ints{0, 1, 2, 3});
  BOOST_TEST(l.move(0, 2));
  BOOST_TEST((all() == ints{1, 2, 0, 3}));
  BOOST_TEST(l.move(-1, 0));
  BOOST_TEST((all() == ints{3, 1, 2, 0}));
  BOOST_TEST(!l.move(0, 4));
}

BOOST_AUTO_TEST_CASE(a_loop_fetches_page_after_page_in_both_directions) {
  ints expected(1'000);
  for (int i = 0; i < 1'000; ++i)
    expected[static_cast<std::size_t>(i)] = i;
  l.extend(expected);
  const auto reads = db.info().reads;
  ints seen;
  for (const int value : l)
    seen.push_back(value);
  BOOST_TEST((seen == expected));
  BOOST_TEST(db.info().reads - reads < 10u); // pages, not items
  int next = 999;
  for (const int value : l.values(true))
    BOOST_REQUIRE(value == next--);
  BOOST_TEST(next == -1);
  auto flags = db.list<bool>("flags");
  flags.extend(std::vector<bool>{true, false, true});
  int trues = 0;
  for (const bool flag : flags)
    trues += flag;
  BOOST_TEST(trues == 2);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused_by_name_and_change_nothing) {
  auto j = db.list("j");
  const auto bad = outcome_of([&] { j.push(json_text{"[1"}); });
  BOOST_TEST(bad.is(errc::invalid_argument));
  BOOST_TEST(bad.says("value is not JSON"));
  const auto third = outcome_of([&] {
    j.extend(std::vector{json_text{"1"}, json_text{"2"}, json_text{"nan"}});
  });
  BOOST_TEST(third.says("values[2] is not JSON"));
  BOOST_TEST(j.count() == 0u);
  BOOST_TEST(outcome_of([&] { db.list("").push(json_text{"1"}); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(transactions_batches_snapshots_and_futures_have_lists, *in_this_process()) {
  l.push(1);
  const auto before = db.snapshot();
  db.transaction([](beaver::transaction& tx) {
    auto inside = tx.list<int>("l");
    inside.push(*inside.find_at(-1) + 1);
  });
  auto many = l.batched();
  many.push(3);
  many.prepend(0);
  BOOST_TEST(l.count() == 2u);
  many.commit();
  BOOST_TEST((all() == ints{0, 1, 2, 3}));
  BOOST_TEST((before.list<int>("l").range() == ints{1}));
  auto later = db.async().list<int>("l");
  later.push(4).get().value();
  BOOST_TEST((later.range(-2).get().value() == ints{3, 4}));
}

BOOST_AUTO_TEST_CASE(pushes_of_many_threads_are_all_there_and_each_thread_in_order) {
  constexpr int threads = 4;
  constexpr int each = 300;
  BOOST_TEST(failures_of_threads(threads,
                                 [&](int thread) {
                                   auto mine = l;
                                   for (int i = 0; i < each; ++i)
                                     thread % 2 ? mine.push(thread * 1'000 + i)
                                                : mine.prepend(thread * 1'000 + i);
                                 })
             == 0);
  const auto seen = all();
  BOOST_TEST(seen.size() == std::size_t{threads} * each);
  for (int thread = 0; thread < threads; ++thread) {
    ints own;
    for (const int value : seen)
      if (value / 1'000 == thread)
        own.push_back(value % 1'000);
    BOOST_TEST(own.size() == std::size_t{each});
    if (thread % 2 == 0)
      std::reverse(own.begin(), own.end());
    BOOST_TEST(std::is_sorted(own.begin(), own.end()));
  }
}

BOOST_AUTO_TEST_CASE(random_operations_agree_with_a_deque) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  const auto below = [&](std::size_t n) { return static_cast<int>(random() % n); };
  std::deque<int> model;
  const auto any_index = [&] {
    return below(2 * model.size() + 4) - static_cast<int>(model.size()) - 2;
  };
  const auto place = [&](int index) -> std::optional<std::size_t> {
    const auto size = static_cast<int>(model.size());
    const int at = index < 0 ? size + index : index;
    return at >= 0 && at < size ? std::optional{static_cast<std::size_t>(at)} : std::nullopt;
  };
  for (int step = 0; step < 4'000; ++step) {
    BOOST_TEST_INFO("seed " << seed << ", step " << step);
    const int index = any_index();
    const auto at = place(index);
    const int value = below(50);
    switch (below(10)) {
    case 0:
    case 1:
      l.push(value);
      model.push_back(value);
      break;
    case 2:
      l.prepend(value);
      model.push_front(value);
      break;
    case 3:
    case 4: {
      l.insert(index, value);
      const auto size = static_cast<int>(model.size());
      model.insert(model.begin() + std::clamp(index < 0 ? size + index : index, 0, size), value);
      break;
    }
    case 5:
      BOOST_REQUIRE(l.set(index, value) == at.has_value());
      if (at)
        model[*at] = value;
      break;
    case 6: {
      const auto got = l.pop(index);
      BOOST_REQUIRE(got.has_value() == at.has_value());
      if (at) {
        BOOST_REQUIRE(*got == model[*at]);
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(*at));
      }
      break;
    }
    case 7: {
      const auto found = std::find(model.begin(), model.end(), value);
      const auto where = l.find(value);
      BOOST_REQUIRE(where.has_value() == (found != model.end()));
      if (where)
        BOOST_REQUIRE(*where == static_cast<std::uint64_t>(found - model.begin()));
      BOOST_REQUIRE(l.remove(value) == where.has_value());
      if (where)
        model.erase(found);
      break;
    }
    case 8: {
      const int to = any_index();
      const auto target = place(to);
      BOOST_REQUIRE(l.move(index, to) == (at && target));
      if (at && target) {
        const int moved = model[*at];
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(*at));
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(*target), moved);
      }
      break;
    }
    default:
      BOOST_REQUIRE((l.find_at(index) == (at ? std::optional{model[*at]} : std::nullopt)));
    }
    if (step % 500 == 499)
      BOOST_REQUIRE((all() == ints(model.begin(), model.end())));
  }
  db.close();
  database again{folder.file(), quick()};
  BOOST_TEST((again.list<int>("l").range() == ints(model.begin(), model.end())));
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
