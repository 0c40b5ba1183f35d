#include "beaver/api/sketch.hpp"

#include "beaver/sketches/approximate_set.hpp"
#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr std::uint64_t capacity = 20'000;

/// What the bytes of an approximate set should be.
class set_model {
public:
  void add(int item) {
    sketches::memory_cells cells{data_};
    plan_.add(cells, sketches::hashed_item::of(std::to_string(item)));
  }

  [[nodiscard]] bool is(const std::optional<bytes>& data) const {
    return data && data->size() == data_.size()
           && std::equal(data_.begin(), data_.end(),
                         reinterpret_cast<const std::uint8_t*>(data->view().data()));
  }

private:
  sketches::approximate_set plan_{{static_cast<std::int64_t>(capacity), 0.01}};
  std::vector<std::uint8_t> data_ = std::vector<std::uint8_t>(plan_.bytes());
};

sketch<int> opened(database& db) { return db.sketch<int>("s", {capacity, 0.01}); }

/// Adds items from..to-1, single ones and many at a time.
void add_range(database& db, int from, int to, std::uint64_t seed) {
  auto s = opened(db);
  std::mt19937_64 random{seed};
  while (from < to) {
    if (random() % 4) {
      s.add(from++);
      continue;
    }
    std::vector<int> some;
    for (auto n = 1 + random() % 60; n > 0 && from < to; --n)
      some.push_back(from++);
    s.add_many(some);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(sketches_random)

BOOST_AUTO_TEST_CASE(adders_on_threads_and_in_processes_lose_nothing) {
  const auto seed = fresh_seed();
  const int each = long_tests() ? 4'000 : 700;
  temp_folder folder;
  {
    database db{folder.file(), quick()};
    static_cast<void>(opened(db));
  }
  await_single_thread();
  BOOST_TEST_CONTEXT("seed " << seed) {
    BOOST_TEST(failures_of_processes(2,
                                     [&](int process) {
                                       database db{folder.file(), quick()};
                                       return failures_of_threads(3, [&](int thread) {
                                         const int from = (process * 3 + thread) * each;
                                         add_range(db, from, from + each,
                                                   seed + static_cast<unsigned>(from));
                                       });
                                     })
               == 0);
    set_model expected;
    for (int i = 0; i < 6 * each; ++i)
      expected.add(i);
    database db{folder.file(), quick()};
    BOOST_TEST(expected.is(opened(db).dump_bytes()));
  }
}

BOOST_AUTO_TEST_CASE(what_another_process_adds_is_in_the_next_answer) {
  temp_folder folder;
  child other{[&](line& io) {
    database db{folder.file(), quick()};
    auto s = opened(db);
    while (const auto item = io.receive()) {
      s.add(static_cast<int>(*item));
      io.send(*item);
    }
    return 0;
  }};
  database db{folder.file(), quick()};
  auto s = opened(db);
  for (int i = 0; i < 300; ++i) {
    BOOST_TEST(s.count() >= static_cast<std::uint64_t>(i) * 9 / 10);
    other.io().send(static_cast<std::uint64_t>(i));
    BOOST_REQUIRE(other.io().receive());
    BOOST_TEST(s.contains(i));
  }
}

BOOST_AUTO_TEST_CASE(a_killed_adder_has_added_what_was_acknowledged) {
  const auto seed = fresh_seed();
  std::mt19937_64 random{seed};
  temp_folder folder;
  BOOST_TEST_CONTEXT("seed " << seed)
  for (int round = 0; round < (long_tests() ? 40 : 5); ++round) {
    int acknowledged = 0;
    {
      child adder{[&](line& io) -> int {
        database db{folder.file()};
        auto s = opened(db);
        for (int i = round * 10'000;; ++i) {
          s.add(i);
          io.send(static_cast<std::uint64_t>(i));
        }
      }};
      for (auto n = 1 + random() % 60; n > 0; --n)
        acknowledged = static_cast<int>(adder.io().receive().value());
      adder.kill();
    }
    database db{folder.file(), quick()};
    for (int i = round * 10'000; i <= acknowledged; ++i)
      BOOST_REQUIRE(opened(db).contains(i));
    db.close();
  }
}

BOOST_AUTO_TEST_SUITE_END()
