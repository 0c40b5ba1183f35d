#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// What a dict of integers should hold.
class oracle {
public:
  struct entry {
    std::int64_t value;
    std::optional<double> expires_at;
  };

  explicit oracle(const test_clock& clock) : clock_(clock) {}

  [[nodiscard]] const entry* find(const std::string& key) const {
    const auto at = all_.find(key);
    const bool alive =
      at != all_.end() && (!at->second.expires_at || *at->second.expires_at > clock_.now());
    return alive ? &at->second : nullptr;
  }
  [[nodiscard]] entry* find(const std::string& key) {
    return const_cast<entry*>(std::as_const(*this).find(key));
  }

  [[nodiscard]] std::optional<std::int64_t> value(const std::string& key) const {
    const auto* e = find(key);
    return e ? std::optional{e->value} : std::nullopt;
  }

  void set(const std::string& key, std::int64_t value, std::optional<lifetime> ttl) {
    all_[key] = {value, ttl ? std::optional{clock_.now() + ttl->count()} : std::nullopt};
  }

  void erase(const std::string& key) { all_.erase(key); }
  void clear() { all_.clear(); }

  /// Forgets what has expired; gives its number.
  std::size_t sweep() {
    return std::erase_if(all_, [this](const auto& item) { return !find(item.first); });
  }

  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> items() const {
    std::vector<std::pair<std::string, std::int64_t>> result;
    for (const auto& [key, e] : all_)
      if (find(key))
        result.emplace_back(key, e.value);
    return result;
  }

private:
  test_clock clock_;
  std::map<std::string, entry> all_;
};

class comparison {
public:
  comparison(std::uint64_t seed, std::uint64_t steps) : dice_(seed), steps_(steps) { open(); }

  void run() {
    for (step_ = 0; step_ < steps_; ++step_) {
      step();
      if (step_ % (steps_ / 20) == steps_ / 20 - 1) {
        compare_all();
        database_.reset();
        open();
        compare_all();
      }
    }
    database_.reset();
    BOOST_TEST(raw_file{folder_.file()}.integrity() == "ok");
  }

  [[nodiscard]] std::uint64_t at() const { return step_; }

private:
  using dict_type = dict<std::int64_t>;

  void open() {
    auto how = quick();
    how.clock = clock_.function();
    how.sweep_period = 0ms; // the oracle counts what a sweep removes
    database_ = std::make_unique<database>(folder_.file(), how);
    dict_.emplace(database_->dict<std::int64_t>("d"));
    other_.emplace(database_->dict<std::int64_t>("e"));
  }

  std::uint64_t below(std::uint64_t n) { return dice_() % n; }

  /// Equal, or the test ends: cheaper than the framework's check, a million times.
  template <class A, class B>
  void same(const A& got, const B& expected) {
    if (!(got == expected))
      BOOST_FAIL("step " << step_ << ", operation " << operation_ << ", key " << key_);
  }

  std::optional<lifetime> random_ttl() {
    return below(3) ? std::nullopt : std::optional<lifetime>{static_cast<double>(1 + below(30))};
  }

  void step() {
    if (below(64) == 0)
      clock_.advance(static_cast<double>(below(8)) / 4);
    key_ = "k" + std::to_string(below(300));
    operation_ = below(100);
    auto& d = *dict_;
    auto* e = oracle_.find(key_);
    if (operation_ < 35) {
      same(d.find(key_), oracle_.value(key_));
    } else if (operation_ < 45) {
      same(d.contains(key_), e != nullptr);
    } else if (operation_ < 65) {
      const auto value = static_cast<std::int64_t>(dice_());
      const auto ttl = random_ttl();
      d.set(key_, value, ttl);
      oracle_.set(key_, value, ttl);
    } else if (operation_ < 71) {
      same(d.pop(key_), oracle_.value(key_));
      oracle_.erase(key_);
    } else if (operation_ < 77) {
      same(d.erase(key_), e != nullptr);
      oracle_.erase(key_);
    } else {
      rare_step(d, e);
    }
  }

  void rare_step(dict_type& d, oracle::entry* e) {
    if (operation_ < 82) {
      increment(d, e);
    } else if (operation_ < 85) {
      const auto ttl = random_ttl();
      same(d.set_if_absent(key_, 5, ttl), e == nullptr);
      if (!e)
        oracle_.set(key_, 5, ttl);
    } else if (operation_ < 89) {
      const auto expected = below(4) ? oracle_.value(key_) : std::optional<std::int64_t>{5};
      const bool fits = expected == oracle_.value(key_);
      same(d.compare_and_set(key_, expected, 6), fits);
      if (fits)
        oracle_.set(key_, 6, std::nullopt);
    } else if (operation_ < 91) {
      same(d.touch(key_, 10s), e != nullptr);
      if (e)
        e->expires_at = clock_.now() + 10;
    } else if (operation_ < 92) {
      same(d.persist(key_), e != nullptr);
      if (e)
        e->expires_at.reset();
    } else if (operation_ < 94) {
      const auto got = d.ttl(key_);
      same(got.has_value(), e != nullptr);
      if (e)
        same(got->ttl_seconds.has_value(), e->expires_at.has_value());
      if (e && e->expires_at)
        same(*got->ttl_seconds, *e->expires_at - clock_.now());
    } else if (operation_ < 98) {
      several(d);
    } else if (operation_ < 99) {
      const auto some = d.items({.from = key_, .limit = 10});
      auto all = oracle_.items();
      std::erase_if(all, [&](const auto& item) { return item.first < key_; });
      all.resize(std::min<std::size_t>(all.size(), 10));
      same(some, all);
    } else {
      scarce_step(d);
    }
  }

  void increment(dict_type& d, oracle::entry* e) {
    const auto by = static_cast<std::int64_t>(below(1'000)) - 500;
    std::int64_t sum = 0;
    if (__builtin_add_overflow(e ? e->value : 0, by, &sum)) {
      same(outcome_of([&] { d.increment(key_, by); }).is(errc::invalid_argument), true);
      return;
    }
    same(d.increment(key_, by), sum);
    if (e)
      e->value = sum;
    else
      oracle_.set(key_, sum, std::nullopt);
  }

  /// Several writes at once: a batch or a transaction, which happen or do not.
  void several(dict_type& d) {
    const bool happens = below(3) != 0;
    const auto other = "k" + std::to_string(below(300));
    const auto value = static_cast<std::int64_t>(below(1'000));
    if (below(2)) {
      auto b = d.batched();
      b.set(key_, value);
      b.erase(other);
      if (happens)
        b.commit();
    } else {
      const auto end = outcome_of([&] {
        database_->transaction([&](transaction& tx) {
          auto inside = tx.dict<std::int64_t>("d");
          inside.set(key_, value);
          same(inside.get(key_), value);
          inside.erase(other);
          if (!happens)
            throw error(errc::cancelled, "the dice say no");
        });
      });
      same(end.failed, !happens);
    }
    if (happens) {
      oracle_.set(key_, value, std::nullopt);
      oracle_.erase(other);
    }
  }

  void scarce_step(dict_type& d) {
    switch (below(20)) {
    case 0:
      same(d.sweep(), oracle_.sweep());
      return;
    case 1:
      d.clear();
      oracle_.clear();
      return;
    case 2:
      compare_all();
      return;
    case 3: // the neighbour is not touched by any of this
      other_->increment("n");
      same(other_->get("n"), ++others_);
      return;
    default:
      same(d.count(), oracle_.items().size());
    }
  }

  void compare_all() {
    key_ = "of all";
    same(dict_->items(), oracle_.items());
  }

  std::mt19937_64 dice_;
  std::uint64_t steps_;
  std::uint64_t step_ = 0;
  std::uint64_t operation_ = 0;
  std::string key_;
  std::int64_t others_ = 0;
  test_clock clock_;
  oracle oracle_{clock_};
  temp_folder folder_;
  std::unique_ptr<database> database_;
  std::optional<dict_type> dict_;
  std::optional<dict_type> other_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(dict_random)

BOOST_AUTO_TEST_CASE(a_million_operations_agree_with_a_map) {
  const auto seed = fresh_seed();
  BOOST_TEST_INFO_SCOPE("BEAVER_TEST_SEED=" << seed);
  BOOST_TEST_MESSAGE("BEAVER_TEST_SEED=" << seed);
  comparison{seed, 1'000'000}.run();
}

BOOST_AUTO_TEST_SUITE_END()
