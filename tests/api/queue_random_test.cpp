#include "storage/queue_oracle.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <numeric>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* name = "q";

class comparison {
public:
  comparison(std::uint64_t seed, std::uint64_t steps) : dice_(seed), steps_(steps) { open(); }

  void run() {
    for (step_ = 0; step_ < steps_; ++step_) {
      step();
      if (step_ % (steps_ / 10) == steps_ / 10 - 1) {
        compare_all();
        database_.reset();
        open();
        compare_all();
      }
    }
    database_.reset();
    BOOST_TEST(raw_file{folder_.file()}.integrity() == "ok");
  }

private:
  using queue_type = queue<std::uint64_t>;
  using duration = queue_type::duration;

  void open() {
    auto how = quick();
    how.clock = clock_.function();
    how.sweep_period = 0ms; // the oracle counts what a sweep moves
    database_ = std::make_unique<database>(folder_.file(), how);
    queue_.emplace(database_->queue<std::uint64_t>(name));
  }

  std::uint64_t below(std::uint64_t n) { return dice_() % n; }

  /// Equal, or the test ends: cheaper than the framework's check.
  template <class A, class B>
  void same(const A& got, const B& expected) {
    if (!(got == expected))
      BOOST_FAIL("step " << step_ << ", operation " << operation_);
  }

  [[nodiscard]] double now() const { return clock_.now(); }

  double any_priority() {
    static constexpr double infinite = std::numeric_limits<double>::infinity();
    static constexpr std::array some{-infinite, -1.5, 0.0, 0.0, 0.0, 1.0, infinite};
    return some[below(some.size())];
  }
  duration any_time() { return duration{static_cast<double>(1 + below(40)) / 4}; }
  duration any_delay() { return below(3) ? duration::zero() : any_time(); }

  std::string any_receipt() {
    return receipts_.empty() || below(20) == 0 ? "none" : receipts_[below(receipts_.size())];
  }

  void step() {
    if (below(8) == 0)
      clock_.advance(static_cast<double>(below(8)) / 4);
    operation_ = below(100);
    if (operation_ < 34)
      put();
    else if (operation_ < 40)
      put_many();
    else if (operation_ < 48)
      get();
    else if (operation_ < 62)
      take();
    else if (operation_ < 84)
      settle_one();
    else if (operation_ < 98)
      look();
    else
      rare_step();
  }

  void expect_put(double priority, duration delay) {
    oracle_.put(name, priority, std::to_string(next_++), now() + delay.count(), now());
  }

  void put() {
    const auto priority = any_priority();
    const auto delay = any_delay();
    queue_->put(next_, priority, delay);
    expect_put(priority, delay);
  }

  void put_many() {
    const auto priority = any_priority();
    const auto delay = any_delay();
    std::vector<std::uint64_t> values(below(4));
    std::iota(values.begin(), values.end(), next_);
    queue_->put_many(values, priority, delay);
    for (std::size_t i = 0; i < values.size(); ++i)
      expect_put(priority, delay);
  }

  template <class Item>
  void same_item(const Item& got, const known_item& expected) {
    same(std::to_string(got.value), expected.data);
    same(got.priority, expected.priority);
    same(got.timestamp, expected.timestamp);
  }

  void get() {
    oracle_.settle(name, now());
    if (below(3) == 0) {
      const auto limit = below(4);
      const auto got = queue_->get_many(limit);
      for (const auto& item : got)
        same_item(item, *oracle_.get(name));
      same(got.size() == limit || oracle_.of(name).ready.empty(), true);
      return;
    }
    const auto got = queue_->get();
    const auto expected = oracle_.get(name);
    same(got.has_value(), expected.has_value());
    if (got)
      same_item(*got, *expected);
  }

  void expect_taken(const queue_taken_of<std::uint64_t>& got, double until) {
    const auto expected = oracle_.take(name, got.receipt, until);
    same_item(got, expected);
    same(got.attempts, expected.attempts);
    same(got.leased_until, until);
    receipts_.push_back(got.receipt);
  }

  void take() {
    const auto visibility = below(2) ? std::optional{any_time()} : std::nullopt;
    const auto usual = oracle_.of(name).options.visibility_seconds.value_or(30);
    const auto until = now() + (visibility ? visibility->count() : usual);
    oracle_.settle(name, now());
    const auto there = oracle_.of(name).ready.size();
    if (below(3) == 0) {
      const auto limit = 1 + below(4); // 0 moves nothing, not even what is due
      const auto got = queue_->take_many(limit, visibility);
      same(got.size(), std::min<std::size_t>(limit, there));
      for (const auto& item : got)
        expect_taken(item, until);
      return;
    }
    const auto got = queue_->take(visibility);
    same(got.has_value(), there > 0);
    if (got)
      expect_taken(*got, until);
  }

  void settle_one() {
    const auto receipt = any_receipt();
    auto* lease = oracle_.leased(name, receipt, now());
    if (operation_ < 72) {
      same(queue_->ack(receipt), lease != nullptr);
      if (lease)
        oracle_.release(name, lease);
    } else if (operation_ < 80) {
      const auto delay = any_delay();
      same(queue_->nack(receipt, delay), lease != nullptr);
      if (lease)
        expect_back(lease, delay);
    } else {
      const auto visibility = any_time();
      same(queue_->extend(receipt, visibility), lease != nullptr);
      if (lease)
        lease->due = now() + visibility.count();
    }
  }

  void expect_back(held_item* lease, duration delay) {
    if (delay > duration::zero() && !oracle_.is_dead(name, lease->item)) {
      lease->receipt.reset();
      lease->due = now() + delay.count();
    } else {
      auto released = oracle_.release(name, lease);
      oracle_.come_back(name, std::move(released.item), now());
    }
  }

  void look() {
    const auto ready = oracle_.list(name, queue_view::ready, now());
    same(queue_->count(), ready.size());
    const auto first = queue_->peek();
    same(first.has_value(), !ready.empty());
    if (first)
      same(std::to_string(first->value), ready.front().data.text());
  }

  void rare_step() {
    switch (below(8)) {
    case 0:
      queue_->clear();
      oracle_.of(name).ready.clear();
      oracle_.of(name).held.clear();
      break;
    case 1: {
      queue_options o;
      if (below(3))
        o.max_attempts = 1 + below(3);
      if (below(2))
        o.visibility_seconds = any_time().count();
      queue_->configure(o);
      oracle_.of(name).options = o;
      break;
    }
    case 2:
    case 3: {
      const auto limit = below(20);
      same(queue_->redrive(limit), oracle_.redrive(name, limit, now()));
      break;
    }
    case 4: {
      const auto moved = oracle_.settle(name, now());
      same(database_->sweep().queue_items, moved.ready + moved.dead);
      break;
    }
    default:
      compare_all();
    }
  }

  void compare_all() {
    for (const auto view : {queue_view::ready, queue_view::held, queue_view::all})
      compare(*queue_, name, view);
    const auto letters = oracle_.letters_of(name);
    compare(database_->queue<std::uint64_t>(letters), letters, queue_view::all);
    const auto counts = queue_->counts();
    std::map<queue_state, std::uint64_t> expected;
    for (const auto& entry : oracle_.list(name, queue_view::all, now()))
      ++expected[entry.state];
    same(counts.ready, expected[queue_state::ready]);
    same(counts.delayed, expected[queue_state::delayed]);
    same(counts.leased, expected[queue_state::leased]);
    same(counts.dead, expected[queue_state::dead] + oracle_.of(letters).ready.size());
  }

  void compare(const queue_type& got, const std::string& of, queue_view view) {
    const auto expected = oracle_.list(of, view, now());
    auto at = expected.begin();
    for (const auto& entry : got.items(view)) {
      if (at == expected.end())
        BOOST_FAIL("step " << step_ << ": more than there is");
      same(std::to_string(entry.value), at->data.text());
      same(entry.position.priority, at->position.priority);
      same(entry.position.timestamp, at->position.timestamp);
      same(entry.state, at->state);
      same(entry.attempts, at->attempts);
      same(entry.due, at->due);
      same(entry.source, at->source);
      ++at;
    }
    same(at == expected.end(), true);
  }

  std::mt19937_64 dice_;
  std::uint64_t steps_;
  std::uint64_t step_ = 0;
  std::uint64_t operation_ = 0;
  std::uint64_t next_ = 0; // values all differ
  std::vector<std::string> receipts_;
  test_clock clock_;
  queue_oracle oracle_;
  temp_folder folder_;
  std::unique_ptr<database> database_;
  std::optional<queue_type> queue_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(queue_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_containers) {
  const auto seed = fresh_seed();
  BOOST_TEST_INFO_SCOPE("BEAVER_TEST_SEED=" << seed);
  BOOST_TEST_MESSAGE("BEAVER_TEST_SEED=" << seed);
  comparison{seed, 20'000}.run();
}

BOOST_AUTO_TEST_SUITE_END()
