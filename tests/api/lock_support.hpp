#pragma once
#include "beaver/api/lock.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace beaver::test {

/// A database and its lock "l", and the rows of locks as other programs see them.
struct lock_fixture : open_database {
  lock_fixture() : lock_fixture(quick()) {}
  explicit lock_fixture(options how) : open_database(std::move(how)) {}

  beaver::lock l = db.lock("l");
  raw_file raw{folder.file()};

  [[nodiscard]] std::int64_t rows() {
    return raw.integer("SELECT count(*) FROM __beaver_lock_waiters__");
  }

  /// Returns when so many hold the lock or wait for it.
  void await_waiters(std::size_t n) const {
    while (l.waiters().size() != n)
      std::this_thread::yield();
  }

  /// As a program with beaver-db 2.3 asks for it.
  void insert_row(const std::string& waiter, double requested_at, double expires_at = 1e12,
                  const std::string& lock = "l") {
    raw.execute("INSERT INTO __beaver_lock_waiters__ VALUES('" + lock + "', '" + waiter + "', "
                + std::to_string(requested_at) + ", " + std::to_string(expires_at) + ")");
  }
  void delete_row(const std::string& waiter) {
    raw.execute("DELETE FROM __beaver_lock_waiters__ WHERE waiter_id = '" + waiter + "'");
  }

  /// Something of the lock is written, so that those who wait look.
  void poke() { static_cast<void>(beaver::call(*db.style().to, lock_release{"l", "nobody"})); }
};

/// The same, in a time that the test moves.
struct clocked_fixture : lock_fixture {
  clocked_fixture() : clocked_fixture(test_clock{}) {}
  explicit clocked_fixture(const test_clock& c) : lock_fixture(with(c)), clock(c) {}

  static options with(const test_clock& c) {
    auto how = quick();
    how.clock = c.function();
    return how;
  }
  test_clock clock;
};

/// A thread that gets the lock, notes its number while it holds it, and releases it.
class asker {
public:
  asker(const lock_fixture& t, int number, std::vector<int>& order)
    : thread_([l = t.l, number, &order, this] {
        end = outcome_of([&] {
          auto held = beaver::lock{l}.acquire(stop.get_token());
          order.push_back(number); // nothing but the lock guards it
        });
      }) {}
  ~asker() { join(); }
  void join() {
    if (thread_.joinable())
      thread_.join();
  }

  std::stop_source stop;
  outcome end;

private:
  std::thread thread_;
};

} // namespace beaver::test
