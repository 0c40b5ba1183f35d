#pragma once
#include "beaver/storage/lock_table.hpp"

#include "support/failure.hpp"
#include "table_fixture.hpp"

namespace beaver::test {

/// An empty database and the operations of its lock "l".
struct lock_fixture : table_fixture {
  static constexpr unix_seconds now = 1000;
  static constexpr double ttl = 60;
  static constexpr double lease = 5;
  using names = std::vector<std::string>;

  std::optional<lock_grant> try_lock(std::string_view waiter, unix_seconds at = now) {
    return write([&] { return lock_table::try_lock(c(), "l", waiter, at, ttl); });
  }
  std::optional<lock_place> poll(std::string_view waiter, unix_seconds at = now) {
    return write([&] { return lock_table::poll(c(), "l", waiter, at, ttl); });
  }
  std::optional<lock_place> place(std::string_view waiter, unix_seconds at = now) {
    return lock_table::place(c(), "l", waiter, at);
  }
  void request(std::string_view waiter, unix_seconds at = now) {
    write([&] { lock_table::request(c(), "l", waiter, at, lease); });
  }
  bool keep_waiting(std::string_view waiter, unix_seconds at) {
    return write([&] { return lock_table::keep_waiting(c(), "l", waiter, at, lease); });
  }
  bool renew(std::string_view waiter, unix_seconds at) {
    return write([&] { return lock_table::renew(c(), "l", waiter, at, ttl); });
  }
  bool leave(std::string_view waiter, unix_seconds at = now) {
    return write([&] { return lock_table::leave(c(), "l", waiter, at); });
  }
  /// Why a fence with `token` is refused; empty if it is not.
  std::string refusal(std::uint64_t token, unix_seconds at = now) {
    const outcome end = outcome_of([&] { lock_table::check_fence(c(), "l", token, at); });
    BOOST_TEST((!end.failed || end.code == errc::lost_lock));
    return end.text;
  }
  bool holds(std::uint64_t token, unix_seconds at = now) { return refusal(token, at).empty(); }
  std::vector<std::string> queue(unix_seconds at = now) {
    std::vector<std::string> result;
    for (const auto& each : lock_table::waiters(c(), "l", at))
      result.push_back(each.waiter);
    return result;
  }
  std::int64_t rows() { return c().integer("SELECT count(*) FROM __beaver_lock_waiters__"); }
};

} // namespace beaver::test
