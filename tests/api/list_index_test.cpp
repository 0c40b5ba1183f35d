#include "beaver/api/list.hpp"

#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>
#include <random>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr int length = 3'000; // long enough for several steps of the index

/// A list that holds `length` consecutive numbers at any time, from one that only grows.
struct rolling_list : open_database {
  rolling_list() {
    std::vector<int> numbers(length);
    std::iota(numbers.begin(), numbers.end(), 0);
    db.list<int>("l").extend(numbers);
  }

  /// Moves the list on by `steps`, in one commit.
  static void roll(database& through, int& first, int steps) {
    through.transaction([&](transaction& tx) {
      auto l = tx.list<int>("l");
      for (int i = 0; i < steps; ++i) {
        static_cast<void>(l.pop_front());
        l.push(first + length + i);
      }
    });
    first += steps;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(reads_of_long_lists, rolling_list)

BOOST_AUTO_TEST_CASE(an_index_is_right_after_every_kind_of_change) {
  auto l = db.list<int>("l");
  BOOST_TEST(l.get(2'000) == 2'000);
  l.insert(10, -1);
  BOOST_TEST(l.get(2'000) == 1'999);
  BOOST_TEST(l.erase(0));
  BOOST_TEST(l.get(2'000) == 2'000);
  db.dict<int>("other").set("k", 1); // which changes nothing here
  BOOST_TEST(l.get(2'000) == 2'000);
  auto batch = l.batched();
  batch.prepend(-2);
  batch.commit();
  BOOST_TEST(l.get(2'000) == 1'999);
  auto everything = db.batched();
  everything.list<int>("l").prepend(-3);
  everything.commit();
  BOOST_TEST(l.get(2'000) == 1'998);
  BOOST_TEST(l.trim(3, {}) == 3u);
  BOOST_TEST(l.get(2'000) == 2'001);
  BOOST_TEST(l.count() == unsigned{length} + 3u - 1u - 3u);
  l.clear();
  BOOST_TEST(!l.find_at(2'000));
  BOOST_TEST(l.count() == 0u);
}

BOOST_AUTO_TEST_CASE(an_index_is_right_after_a_change_by_somebody_else, *in_this_process()) {
  database other(folder.file(), quick());
  auto l = db.list<int>("l");
  BOOST_TEST(l.get(2'000) == 2'000);
  int first = 0;
  roll(other, first, 1);
  BOOST_TEST(l.get(2'000) == 2'001);
  db.dict<int>("other").set("k", 1); // a commit of ours right behind
  BOOST_TEST(l.get(2'000) == 2'001);
  roll(db, first, 1);
  BOOST_TEST(l.get(2'000) == 2'002);
  BOOST_TEST(other.list<int>("l").get(2'000) == 2'002);
}

BOOST_AUTO_TEST_CASE(many_lists_share_a_bounded_memory) {
  std::vector<int> numbers(length);
  for (int i = 0; i < 30; ++i) {
    auto l = db.list<int>("l" + std::to_string(i));
    l.extend(numbers);
    BOOST_TEST(l.count() == unsigned{length});
    BOOST_TEST(l.get(-1) == 0);
  }
  const auto bytes = db.info().list_index_bytes;
  BOOST_TEST(bytes > 0u);
  BOOST_TEST(bytes <= 2 * 8 * (1u << 20)); // readers, lists of each, at most
}

BOOST_AUTO_TEST_CASE(readers_see_one_state_while_others_write, *in_this_process()) {
  // What a reader gets lies between what was there when it asked and when it had its answer.
  std::atomic<int> first{0};
  std::atomic<int> foreign_first{0};
  database other(folder.file(), quick());
  std::atomic<int> writers{2};
  std::mutex turn; // keeps the writers' own count right
  std::atomic<int> wrong{0};
  std::atomic<int> reads{0};
  const auto write = [&](database& through) {
    for (int i = 0; i < 150; ++i) {
      std::lock_guard guard{turn};
      int now = first;
      foreign_first = now + 3; // at most, from here on
      roll(through, now, 1 + i % 3);
      first = now;
    }
    --writers;
  };
  const auto read = [&](unsigned seed) {
    std::mt19937 random(seed);
    auto l = db.list<int>("l");
    while (writers > 0) {
      const int index = static_cast<int>(random() % length);
      const int before = first;
      const auto got = l.range(index, index + 3);
      const int after = foreign_first;
      ++reads;
      const auto expected = static_cast<std::size_t>(std::min(3, length - index));
      bool good = got.size() == expected && !got.empty() && got[0] >= before + index
                  && got[0] <= after + index;
      for (std::size_t i = 1; good && i < got.size(); ++i)
        good = got[i] == got[0] + static_cast<int>(i);
      if (!good)
        ++wrong;
    }
  };
  const auto failed = failures_of_threads(4, [&](int i) {
    if (i == 0)
      write(db);
    else if (i == 1)
      write(other);
    else
      read(static_cast<unsigned>(i));
  });
  BOOST_TEST(failed == 0);
  BOOST_TEST(wrong == 0);
  BOOST_TEST(reads > 0);
}

BOOST_AUTO_TEST_SUITE_END()
