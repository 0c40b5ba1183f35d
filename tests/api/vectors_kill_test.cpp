#include "compaction_support.hpp"
#include "support/child.hpp"
#include "support/settings.hpp"

#include <array>
#include <memory>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr double lease_seconds = 30; // of a compaction

// -- killed at every step -------------------------------------------------------------------------

/// Compacts with a clock that stands still and dies behind a step; ends with 0 if there are fewer.
int die_at(int step, const std::string& file, double now) {
  auto how = quick();
  how.clock = [now] { return now; };
  database db{file, how};
  const step_watch watch{[step](int reached) {
    if (reached == step)
      ::kill(::getpid(), SIGKILL);
  }};
  db.vectors("v").compact();
  return 0;
}

/// Writes, deletes, searches and compacts a collection, as it is after somebody was killed.
class survivor {
public:
  explicit survivor(vectors_strategy how) {
    constexpr std::size_t count = 700; // a chunk has 256
    vectors_by_id all;
    for (std::size_t i = 0; i < count; ++i)
      all[id_of(i)] = random_.clustered(dims);
    database db{file(), timed()};
    auto v = db.vectors("v", {.how = how});
    set_all(v, all);
    model_ = all;
    for (int i = 0; i < 2; ++i) { // so that there is one to be removed
      change(v);
      v.compact();
    }
  }

  [[nodiscard]] std::string file() const { return folder_.file(); }
  [[nodiscard]] double now() const { return clock_.now(); }

  /// Throws if anything is not as it should be. Tells whether a lease was left.
  bool look() {
    database db{file(), timed()};
    auto v = db.vectors("v");
    check(fault_in(v, model_, random_), "opened");
    change(v);
    check(fault_in(v, model_, random_), "changed");
    raw_file raw{file()};
    const bool left = raw.integer("SELECT count(*) FROM __beaver_vector_snapshots__ "
                                  "WHERE state = 'writing'")
                      > 0;
    if (left && !outcome_of([&] { v.compact(); }).is(errc::busy))
      throw std::logic_error("a lease was taken before its end");
    if (left)
      clock_.advance(lease_seconds + 1);
    const auto report = v.compact();
    if (report.vectors != model_.size() || v.info().delta != 0)
      throw std::logic_error("not all was compacted");
    check(fault_in(v, model_, random_), "compacted");
    if (raw.integer("SELECT count(DISTINCT snap) FROM __beaver_vector_chunks__") != 2
        || raw.integer("SELECT count(*) FROM __beaver_vector_snapshots__") != 2
        || raw.integer("SELECT count(*) FROM __beaver_vector_change_log__") != 1)
      throw std::logic_error("something was left behind");
    change(v); // the next one has something to do
    return left;
  }

private:
  static constexpr std::size_t dims = 256;

  [[nodiscard]] options timed() const {
    auto how = quick();
    how.clock = clock_.function();
    return how;
  }

  void change(vectors<>& v) {
    const auto id = id_of(random_.below(800));
    model_[id] = random_.clustered(dims);
    v.set(id, model_[id]);
    const auto gone = id_of(random_.below(800));
    v.erase(gone);
    model_.erase(gone);
  }

  static void check(const std::string& fault, const std::string& when) {
    if (!fault.empty())
      throw std::logic_error(when + ": " + fault);
  }

  temp_folder folder_;
  test_clock clock_;
  number_source random_{fresh_seed()};
  vectors_by_id model_;
};

// -- killed at any time ---------------------------------------------------------------------------

enum word : std::uint64_t { worked, compared, compacted };

/// Time that makes leases short: 30 seconds last 0.3.
double fast_time() {
  const std::chrono::duration<double> since = std::chrono::steady_clock::now().time_since_epoch();
  return 1e9 + 100 * since.count();
}

options fast() {
  auto how = quick();
  how.clock = fast_time;
  return how;
}

constexpr std::size_t few_dims = 8;

/// One who writes vectors of its own into a collection that is shared.
class worker {
public:
  worker(database& db, std::string prefix, std::uint64_t seed)
    : db_(db), v_(db.vectors("v")), prefix_(std::move(prefix)), random_(seed) {
    mine_ = stored_mine(); // what one who was killed has left
  }

  word step() {
    const auto id = prefix_ + std::to_string(random_.below(30));
    switch (random_.below(8)) {
    case 0:
      if (v_.erase(id) != (mine_.erase(id) == 1))
        throw std::logic_error("erase was wrong about '" + id + "'");
      return worked;
    case 1: {
      vectors_by_id several;
      for (int i = 0; i < 5; ++i)
        several[prefix_ + std::to_string(random_.below(30))] = random_.next(few_dims);
      set_all(v_, several);
      for (auto& [key, vector] : several)
        mine_[key] = vector;
      return worked;
    }
    case 2:
      return compact();
    case 3:
      look_in_a_snapshot();
      return worked;
    case 4:
    case 5:
      return look();
    default:
      mine_[id] = random_.next(few_dims);
      v_.set(id, mine_[id]);
      return worked;
    }
  }

private:
  [[nodiscard]] vectors_by_id stored_mine() const {
    vectors_by_id all;
    for (auto& e : v_.list({.prefix = prefix_}))
      all.emplace(std::move(e.id), std::move(e.vector));
    return all;
  }

  word compact() {
    const auto ended = outcome_of([&] { v_.compact(); });
    // Nobody has stored a vector yet; another one is at it; another has taken over.
    if (ended.failed && !ended.is(errc::not_found) && !ended.is(errc::busy)
        && !ended.is(errc::lost_lock))
      throw std::logic_error(ended.text);
    return ended.failed ? worked : compacted;
  }

  void look_in_a_snapshot() {
    const auto instant = db_.snapshot();
    const auto v = instant.vectors("v");
    check(fault_in(v, stored_in(v), random_));
  }

  /// What is kept in memory against the rows, if nobody has changed them meanwhile.
  word look() {
    if (stored_mine() != mine_)
      throw std::logic_error("a vector of our own is not as it was set");
    for (int tries = 0; tries < 5; ++tries) {
      const auto rows = stored_in(v_);
      const auto query = random_.next(few_dims);
      const auto k = 1 + random_.below(40);
      const auto found = v_.near(query, {.k = k});
      if (stored_in(v_) == rows) {
        check(fault_in(found, rows, query, k));
        return compared;
      }
    }
    return worked;
  }

  static void check(const std::string& fault) {
    if (!fault.empty())
      throw std::logic_error(fault);
  }

  database& db_;
  vectors<> v_;
  std::string prefix_;
  number_source random_;
  vectors_by_id mine_;
};

int work_for_ever(const std::string& file, int number, std::uint64_t seed, line& parent) {
  database db{file, fast()};
  worker w{db, std::string(1, static_cast<char>('a' + number)), seed};
  while (parent.send(w.step())) {}
  return 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(vectors_killed)

BOOST_AUTO_TEST_CASE(
  a_compaction_that_is_killed_behind_any_step_is_as_if_it_had_not_begun_or_had_ended) {
  for (const auto how : strategies()) {
    survivor collection{how};
    int leases = 0;
    for (int step = 1;; ++step) {
      BOOST_TEST_CONTEXT("strategy " << static_cast<int>(how) << ", killed behind step " << step) {
        int ended = 0;
        {
          child c{[&](line&) { return die_at(step, collection.file(), collection.now()); }};
          ended = c.wait();
        }
        BOOST_REQUIRE_NO_THROW(leases += collection.look() ? 1 : 0);
        if (ended == 0) {
          BOOST_TEST(step
                     >= 8); // the claim, 4 chunks, the head, what is removed; one more lets it end
          BOOST_TEST(leases >= 4);
          break;
        }
        BOOST_REQUIRE(ended == -SIGKILL);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(processes_that_are_killed_at_any_time_never_make_an_answer_wrong) {
  const auto length = std::chrono::seconds{long_tests() ? 60 : 2};
  const auto seed = fresh_seed();
  std::mt19937_64 dice{seed};
  const temp_folder folder;
  { database{folder.file(), quick()}; }
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::array<std::uint64_t, 3> done{};
    int started = 0;
    const auto start = [&](int number) {
      const auto its_seed = seed + static_cast<std::uint64_t>(++started);
      return std::make_unique<child>([&, number, its_seed](line& parent) {
        return work_for_ever(folder.file(), number, its_seed, parent);
      });
    };
    std::array running{start(0), start(1), start(2)};
    const auto end = std::chrono::steady_clock::now() + length;
    for (int kill = 0; kill < 4 || std::chrono::steady_clock::now() < end; ++kill) {
      for (const auto& c : running)
        for (auto n = 1 + dice() % 40; n > 0; --n) {
          const auto said = c->io().receive();
          BOOST_REQUIRE(said); // or it has found something wrong
          ++done.at(*said);
        }
      const auto which = dice() % running.size();
      running[which]->kill();
      BOOST_TEST(running[which]->wait() == -SIGKILL);
      running[which] = start(static_cast<int>(which));
    }
    for (const auto& c : running)
      c->kill();
    for (const auto& c : running)
      BOOST_TEST(c->wait() == -SIGKILL);
    BOOST_TEST_MESSAGE("seed " << seed << ": " << started << " processes, " << done[compared]
                               << " answers compared, " << done[compacted] << " compactions");
    BOOST_TEST(done[compared] > 0u);
    BOOST_TEST(done[compacted] > 0u);
    database db{folder.file(), fast()};
    auto v = db.vectors("v");
    const auto rows = stored_in(v);
    number_source random{seed};
    BOOST_TEST(fault_in(v, rows, random) == "");
    BOOST_TEST(comes_true([&] { return !outcome_of([&] { v.compact(); }).is(errc::busy); }));
    BOOST_TEST(fault_in(v, rows, random) == "");
    BOOST_TEST(v.info().vectors == rows.size());
    BOOST_TEST(v.info().delta == 0u);
  }
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
