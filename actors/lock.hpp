#pragma once
#include "beaver/actors/may_wait.hpp"
#include "beaver/storage/lock_table.hpp"

namespace beaver {

BOOST_DESCRIBE_STRUCT(lock_grant, (), (token, expires_at))
BOOST_DESCRIBE_STRUCT(lock_waiter, (), (waiter, expires_at, requested_at, token))

/// What there is of a lock.
struct lock_summary {
  std::uint64_t waiters;             // the holder among them
  std::optional<lock_waiter> holder; // or the one whose turn it is
};
BOOST_DESCRIBE_STRUCT(lock_summary, (), (waiters, holder))

// The messages of the data type `lock`: at most one waiter holds it, and those who ask get it in
// the order of their asking, over all threads and processes, programs with beaver-db 2.3 among
// them. `waiter` is a text that nobody else uses, a new one for each time of holding. A holder has
// the lock until it releases it or its time to live ends without a renewal. A name that begins with
// "__internal_lock__" is refused. Every message may fail with invalid_argument, closed, busy, io,
// full; more is said where it applies.

/// Times to live in messages: > 0 and finite; absent: a minute, as in the Python original.
inline constexpr double default_lock_ttl = 60;

/// Takes the lock if nobody holds it or waits for it. Empty: somebody does. The present grant if
/// this waiter holds it already.
struct lock_try {
  using reply = std::optional<lock_grant>;
  static constexpr endpoint route{verb::post, "/locks/{name}/try",
                                  "Take the lock if nobody holds it or waits for it."};
  std::string name;
  std::string waiter;
  std::optional<double> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(lock_try, (), (name, waiter, ttl_seconds))

/// Waits for the lock behind all who asked before; then its time to live begins. Empty when the
/// timeout is over, and nobody has to wait for this waiter. Without waiting it is `lock_try`.
struct lock_acquire : may_wait {
  using reply = std::optional<lock_grant>;
  static constexpr endpoint route{verb::post, "/locks/{name}/acquire",
                                  "Wait for the lock and take it."};
  std::string name;
  std::string waiter;
  std::optional<double> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(lock_acquire, (may_wait), (name, waiter, ttl_seconds))

/// Lets the holder's time to live begin anew; false if this waiter does not hold the lock, or not
/// any more.
struct lock_renew {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/locks/{name}/renew",
                                  "Let the holder's time to live begin anew."};
  std::string name;
  std::string waiter;
  std::optional<double> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(lock_renew, (), (name, waiter, ttl_seconds))

/// Gives the lock, or the place in its queue, back; false if this waiter had neither, or not any
/// more.
struct lock_release {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/locks/{name}/release",
                                  "Release the lock or leave its queue."};
  std::string name;
  std::string waiter;
};
BOOST_DESCRIBE_STRUCT(lock_release, (), (name, waiter))

/// Fails unless the grant with this fencing token still holds the lock. For batches and
/// transactions: nobody takes the lock while they run, so all of their writes happen under it or
/// none. Changes nothing. Errors: lost_lock.
struct lock_check {
  using reply = void;
  static constexpr endpoint route{verb::post, "/locks/{name}/check",
                                  "Fail unless a fencing token still holds the lock."};
  std::string name;
  std::uint64_t token;
};
BOOST_DESCRIBE_STRUCT(lock_check, (), (name, token))

/// Removes the holder and all waiters, whosever they are, and gives their number. The holder has
/// lost the lock; who waits through this library asks again by itself.
struct lock_clear {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::post, "/locks/{name}/clear",
                                  "Remove the holder and all waiters."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(lock_clear, (), (name))

/// The holder, or the one whose turn it is; empty if the lock is free.
struct lock_holder {
  using reply = std::optional<lock_waiter>;
  static constexpr endpoint route{verb::get, "/locks/{name}/holder", "Tell who holds the lock."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(lock_holder, (), (name))

/// All who hold the lock or wait for it, in the order in which they get it.
struct lock_waiters {
  using reply = std::vector<lock_waiter>;
  static constexpr endpoint route{verb::get, "/locks/{name}/waiters",
                                  "List the holder and those who wait, in order."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(lock_waiters, (), (name))

/// Number of `lock_waiters`.
struct lock_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/locks/{name}/count",
                                  "Count the holder and those who wait."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(lock_count, (), (name))

struct lock_info {
  using reply = lock_summary;
  static constexpr endpoint route{verb::get, "/locks/{name}/info", "Describe the lock."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(lock_info, (), (name))

/// The names of all locks that somebody holds or waits for, in order.
struct lock_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/locks", "List all locks in use."};
};
BOOST_DESCRIBE_STRUCT(lock_names, (), ())

using lock_messages =
  boost::mp11::mp_list<lock_try, lock_acquire, lock_renew, lock_release, lock_check, lock_clear,
                       lock_holder, lock_waiters, lock_count, lock_info, lock_names>;

} // namespace beaver
