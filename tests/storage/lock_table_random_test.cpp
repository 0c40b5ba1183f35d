#include "beaver/storage/lock_table.hpp"

#include "lock_oracle.hpp"
#include "python_lock.hpp"
#include "random_comparison.hpp"
#include "support/failure.hpp"

#include <tuple>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr double ttl = 20;
constexpr double lease = 6;
using answer = python_lock::answer;

/// Waiters of ours and Python processes, under a clock that jumps.
class comparison : public random_comparison<> {
  void step() override {
    move_clock();
    name_ = dice_.of(names_);
    waiter_ = dice_.of(waiters_);
    if (dice_.one_in(20))
      do_in_vain();
    act();
    look();
  }

  void compare_all() override {
    std::vector<std::string> in_use;
    std::int64_t rows = 0;
    for (const auto& name : names_) {
      name_ = name;
      const auto listed = lock_table::waiters(c(), name, at_);
      std::size_t i = 0;
      for (const auto& [key, row] : lock().rows) {
        ++rows;
        if (!lock().is_alive(row))
          continue;
        BOOST_REQUIRE(i < listed.size());
        check(listed[i].waiter, row.waiter);
        check(listed[i].expires_at, row.expires_at);
        check(listed[i].token.value_or(0), row.token);
        check(listed[i].requested_at.has_value(), row.token == 0);
        if (row.token == 0)
          BOOST_REQUIRE((key.second == 0 ? *listed[i].requested_at == key.first
                                         : *listed[i].requested_at > key.first));
        ++i;
      }
      check(listed.size(), i);
      if (i > 0)
        in_use.push_back(name);
      for (const auto token : lock().tokens)
        check_token(token);
    }
    check(lock_table::names(c(), at_), in_use);
    check(c().integer("SELECT count(*) FROM __beaver_lock_waiters__"), rows);
  }

  void end() override {
    for (const char* what : {"grant", "renewal", "gone", "jump", "moved behind", "Python acquired",
                             "Python pushed in"})
      BOOST_TEST(seen_[what] > 50, what);
  }

  lock_oracle& lock() {
    auto& result = locks_[name_];
    result.at = at_;
    return result;
  }

  void believe(unix_seconds expires_at, bool python) {
    BOOST_REQUIRE(lock().believe(waiter_, expires_at, python));
  }

  void move_clock() {
    if (dice_.one_in(60)) {
      now_ = std::max(300.0, now_ + static_cast<double>(dice_.below(400)) - 200);
      ++seen_["jump"];
    } else {
      now_ += static_cast<double>(dice_.below(4)) / 2;
    }
    // Some read the clock before they wait for the write lock.
    at_ = now_ - (dice_.one_in(4) ? static_cast<double>(dice_.below(4)) / 2 : 0);
    for (auto& each : locks_)
      std::erase_if(each.second.beliefs, [&](const auto& b) { return b.expires_at <= now_; });
  }

  void act() {
    switch (dice_.below(24)) {
    case 0:
    case 1:
    case 2:
      return try_lock();
    case 3:
    case 4:
    case 5:
    case 6:
      return request();
    case 7:
    case 8:
    case 9:
    case 10:
      return poll();
    case 11:
    case 12:
    case 13:
      return keep_waiting();
    case 14:
    case 15:
      return renew();
    case 16:
      return leave();
    case 17:
      return python_request();
    case 18:
    case 19:
    case 20:
      return python_poll();
    case 21:
      return python_renew();
    case 22:
      return python_release();
    default:
      return clear_or_sweep();
    }
  }

  /// A job that is rolled back.
  void do_in_vain() {
    savepoint undone{c()};
    lock_table::request(c(), name_, waiter_, at_, lease);
    std::ignore = lock_table::poll(c(), name_, waiter_, at_, ttl);
    lock_table::clear(c(), name_);
    std::ignore = lock_table::try_lock(c(), name_, waiter_, at_, ttl);
  }

  void granted(const lock_grant& grant) {
    BOOST_REQUIRE(grant.token > last_token_);
    check(grant.expires_at, at_ + ttl);
    last_token_ = grant.token;
    BOOST_REQUIRE(lock().grant(waiter_, grant.token, grant.expires_at));
    believe(grant.expires_at, false);
    ++seen_["grant"];
  }

  void join() { seen_["moved behind"] += lock().join(waiter_, lease, ++requests_); }

  void try_lock() {
    const auto grant = lock_table::try_lock(c(), name_, waiter_, at_, ttl);
    const bool nobody = !lock().first();
    BOOST_REQUIRE(grant.has_value() == (nobody || lock().is_first(waiter_)));
    if (!grant)
      return;
    if (nobody)
      join();
    if (lock().alive(waiter_)->token == 0)
      return granted(*grant);
    check(grant->token, lock().alive(waiter_)->token);
    check(grant->expires_at, lock().alive(waiter_)->expires_at);
  }

  void request() {
    lock_table::request(c(), name_, waiter_, at_, lease);
    if (auto* own = lock().alive(waiter_); !own)
      join();
    else if (own->token == 0)
      own->expires_at = at_ + lease;
  }

  void check_place(const std::optional<lock_place>& place) {
    const auto* own = lock().alive(waiter_);
    check(place.has_value(), own != nullptr);
    if (!own)
      return;
    std::uint64_t ahead = 0;
    for (const auto& each : lock().rows) {
      if (&each.second == own)
        break;
      ahead += lock().is_alive(each.second);
    }
    check(place->ahead, ahead);
    check(place->next_change, lock().first()->expires_at);
    check(place->grant.has_value(), own->token != 0 && ahead == 0);
    if (place->grant) {
      check(place->grant->token, own->token);
      check(place->grant->expires_at, own->expires_at);
    }
  }

  void poll() {
    const auto place = lock_table::poll(c(), name_, waiter_, at_, ttl);
    if (!place) {
      lock().forget(waiter_);
      ++seen_["gone"];
    }
    if (lock().is_first(waiter_) && lock().alive(waiter_)->token == 0) {
      BOOST_REQUIRE((place && place->grant));
      granted(*place->grant);
    }
    check_place(place);
  }

  void keep_waiting() {
    auto* own = lock().alive(waiter_);
    check(lock_table::keep_waiting(c(), name_, waiter_, at_, lease), own != nullptr);
    if (own && own->token == 0)
      own->expires_at = at_ + lease;
  }

  void renew() {
    auto* own = lock().alive(waiter_);
    const bool expected = own && own->token != 0 && lock().is_first(waiter_);
    check(lock_table::renew(c(), name_, waiter_, at_, ttl), expected);
    if (!expected)
      return lock().forget(waiter_);
    own->expires_at = at_ + ttl;
    believe(own->expires_at, false);
    ++seen_["renewal"];
  }

  void leave() {
    check(lock_table::leave(c(), name_, waiter_, at_), lock().alive(waiter_) != nullptr);
    lock().remove(waiter_);
    lock().forget(waiter_);
  }

  void clear_or_sweep() {
    if (dice_.one_in(2)) {
      check(lock_table::clear(c(), name_), std::uint64_t{lock().rows.size()});
      lock().rows.clear();
      lock().beliefs.clear();
      return;
    }
    std::uint64_t removed = 0;
    for (const auto& name : names_) {
      name_ = name;
      removed += lock().purge();
    }
    check(lock_table::sweep(c(), at_), removed);
  }

  void python_request() {
    const std::string waiter = "pid:" + std::to_string(++requests_);
    const bool taken = lock().rows.count({at_, 0}) > 0;
    const outcome end = outcome_of([&] { python_lock{c(), name_, waiter}.request(at_, ttl); });
    check(end.is(errc::already_exists), taken);
    check(end.failed, taken);
    if (taken)
      return;
    lock().rows[{at_, 0}] = {waiter, at_ + ttl};
    lock().python.insert(waiter);
    if (!lock().rows.rbegin()->second.waiter.starts_with("pid"))
      ++seen_["Python pushed in"];
  }

  /// One of the Python processes; false if there is none.
  bool choose_python() {
    if (lock().python.empty())
      return false;
    waiter_ = *std::next(lock().python.begin(),
                         static_cast<std::ptrdiff_t>(dice_.below(lock().python.size())));
    return true;
  }

  void python_poll() {
    if (!choose_python())
      return;
    std::erase_if(lock().rows, [&](auto& each) { return each.second.expires_at < at_; });
    const auto own = lock().row_of(waiter_);
    const answer expected = own == lock().rows.end()     ? answer::gone
                            : own == lock().rows.begin() ? answer::acquired
                                                         : answer::waiting;
    const answer got = python_lock{c(), name_, waiter_}.poll(at_);
    BOOST_REQUIRE((got == expected));
    if (got == answer::gone) {
      lock().python.erase(waiter_);
      lock().forget(waiter_);
    } else if (got == answer::acquired) {
      believe(own->second.expires_at, true);
      ++seen_["Python acquired"];
    }
  }

  /// Only of a process that was told that it holds the lock.
  void python_renew() {
    if (!choose_python() || !lock().believes(waiter_))
      return;
    const auto own = lock().row_of(waiter_);
    check(python_lock{c(), name_, waiter_}.renew(at_, ttl), own != lock().rows.end());
    if (own == lock().rows.end())
      return lock().forget(waiter_);
    own->second.expires_at = at_ + ttl;
    believe(at_ + ttl, true);
  }

  /// Or a crash, of which nobody hears.
  void python_release() {
    if (!choose_python())
      return;
    lock().python.erase(waiter_);
    if (dice_.one_in(3))
      return;
    python_lock{c(), name_, waiter_}.release();
    lock().remove(waiter_);
    lock().forget(waiter_);
  }

  void check_token(std::uint64_t token) {
    const outcome end = outcome_of([&] { lock_table::check_fence(c(), name_, token, at_); });
    BOOST_REQUIRE((!end.failed || end.code == errc::lost_lock));
    check(!end.failed, lock().first() != nullptr && lock().first()->token == token);
    if (token != lock().tokens.back() || lock().python_holds())
      BOOST_REQUIRE(end.failed);
  }

  void look() {
    waiter_ = dice_.of(waiters_);
    check_place(lock_table::place(c(), name_, waiter_, at_));
    const auto holder = lock_table::holder(c(), name_, at_);
    check(holder.has_value(), lock().first() != nullptr);
    if (holder)
      check(holder->waiter, lock().first()->waiter);
    const auto& tokens = lock().tokens;
    if (tokens.empty())
      return;
    check_token(dice_.of(tokens));
    check_token(tokens.back());
  }

  unix_seconds now_ = 1000;
  unix_seconds at_ = 1000; // of the present step
  std::uint64_t requests_ = 0;
  std::uint64_t last_token_ = 0;
  std::vector<std::string> names_{"", "__lock__dict__l", "l"}; // in order
  std::vector<std::string> waiters_{"a", "b", "c", "d", "e"};
  std::map<std::string, lock_oracle> locks_;
  std::string name_;
  std::string waiter_;
  std::map<std::string, int> seen_; // how often what mattered has happened
};

} // namespace

BOOST_AUTO_TEST_SUITE(lock_table_random)

BOOST_AUTO_TEST_CASE(
  random_waiters_and_python_processes_agree_with_an_oracle_also_after_reopening) {
  comparison{}.run(
    {.transactions = 300, .long_transactions = 10'000, .steps = 100, .reopen_every = 10});
}

BOOST_AUTO_TEST_SUITE_END()
