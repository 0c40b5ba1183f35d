#pragma once
#include "table_fixture.hpp"

#include <string>
#include <string_view>

namespace beaver::test {

/// What a program with beaver-db 2.3 does to the rows of a lock, with SQL of its own. Each function
/// is one of its transactions; the caller opens it.
class python_lock {
public:
  enum class answer { acquired, waiting, gone };

  python_lock(connection& c, std::string name, std::string waiter)
    : connection_(&c), name_(std::move(name)), waiter_(std::move(waiter)) {}

  /// Its clock is read before it waits for the write lock, so `at` may be in the past. Fails with
  /// already_exists if another row of the lock has the very same time.
  void request(unix_seconds at, double ttl_seconds) {
    connection_->prepare("INSERT INTO __beaver_lock_waiters__ VALUES(?1, ?2, ?3, ?4)")
      .bind(name_, waiter_, at, at + ttl_seconds)
      .run();
  }

  [[nodiscard]] answer poll(unix_seconds now) {
    connection_
      ->prepare("DELETE FROM __beaver_lock_waiters__ WHERE lock_name = ?1 AND expires_at < ?2")
      .bind(name_, now)
      .run();
    statement own = connection_->prepare("SELECT 1 FROM __beaver_lock_waiters__ "
                                         "WHERE waiter_id = ?1");
    own.bind(waiter_);
    if (!own.step())
      return answer::gone;
    statement first =
      connection_->prepare("SELECT waiter_id FROM __beaver_lock_waiters__ WHERE lock_name = ?1 "
                           "ORDER BY requested_at ASC, rowid ASC LIMIT 1");
    first.bind(name_);
    return first.step() && first.text(0) == waiter_ ? answer::acquired : answer::waiting;
  }

  /// Its time of request counts for nothing here: even a row that is over lives again.
  bool renew(unix_seconds now, double ttl_seconds) {
    connection_
      ->prepare("UPDATE __beaver_lock_waiters__ SET expires_at = ?3 "
                "WHERE lock_name = ?1 AND waiter_id = ?2")
      .bind(name_, waiter_, now + ttl_seconds)
      .run();
    return connection_->changes() > 0;
  }

  /// Also what it does when a wait ends without the lock.
  void release() {
    connection_
      ->prepare("DELETE FROM __beaver_lock_waiters__ WHERE lock_name = ?1 AND waiter_id = ?2")
      .bind(name_, waiter_)
      .run();
  }

private:
  connection* connection_;
  std::string name_;
  std::string waiter_;
};

} // namespace beaver::test
