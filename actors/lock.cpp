#include "beaver/actors/lock.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/actors/waiting_type.hpp"

namespace beaver {
using lock_wire = detail::wire_block<lock_messages, 21500>;
}
BEAVER_WIRE_BLOCK(beaver::lock_wire)

namespace beaver {

namespace {

/// How long the row of one who waits outlives its process.
constexpr double waiting_lease = 15;

struct lock_operations {
  static constexpr std::string_view type = "lock";

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_lock_name(m.name);
    if constexpr (requires { m.waiter; })
      check_key("waiter", m.waiter);
    if constexpr (requires { m.ttl_seconds; })
      check_ttl(m.ttl_seconds);
  }

  static void check_lock_name(const std::string& name) {
    check_name("lock", name);
    if (name.starts_with(lock_table::internal_prefix))
      throw error(errc::invalid_argument, "name of the lock must not begin with '"
                                            + std::string{lock_table::internal_prefix}
                                            + "', which the Python library keeps for itself");
  }

  static double ttl_of(const auto& m) { return m.ttl_seconds.value_or(default_lock_ttl); }

  // -- waiting ------------------------------------------------------------------------------------

  static constexpr std::chrono::seconds renewal{5};

  static void arrive(job_context& x, const lock_acquire& m) {
    lock_table::request(x.db, m.name, m.waiter, x.now, waiting_lease);
  }

  /// Those behind may be able to go on now.
  static void depart(job_context& x, const lock_acquire& m) {
    lock_table::leave(x.db, m.name, m.waiter, x.now);
    if (x.changed)
      x.changed->add(type, m.name);
  }

  /// The order of the rows counts, and that of the calls differs from it when a row ended early:
  /// after `clear`, or a sleep of the whole machine.
  static bool go_on(job_context& x, const lock_acquire& m) {
    const auto head = lock_table::holder(x.db, m.name, x.now);
    return head && !head->token && head->waiter != m.waiter;
  }

  static std::optional<unix_seconds> next_look(job_context& x, const std::string& name) {
    const auto head = lock_table::holder(x.db, name, x.now);
    return head ? std::optional{head->expires_at} : std::nullopt;
  }

  // Runs at every ring of the bell, so it writes only if there is something to write.
  static std::optional<lock_grant> run(job_context& x, const lock_acquire& m) {
    if (wait_limit(m) == std::chrono::steady_clock::duration::zero())
      return lock_table::try_lock(x.db, m.name, m.waiter, x.now, ttl_of(m));
    auto place = lock_table::poll(x.db, m.name, m.waiter, x.now, ttl_of(m));
    if (!place) {
      arrive(x, m);
      place = lock_table::poll(x.db, m.name, m.waiter, x.now, ttl_of(m));
    }
    return place ? place->grant : std::nullopt;
  }

  // -- at once ------------------------------------------------------------------------------------

  static auto run(job_context& x, const lock_try& m) {
    return lock_table::try_lock(x.db, m.name, m.waiter, x.now, ttl_of(m));
  }
  static auto run(job_context& x, const lock_renew& m) {
    return lock_table::renew(x.db, m.name, m.waiter, x.now, ttl_of(m));
  }
  static auto run(job_context& x, const lock_release& m) {
    return lock_table::leave(x.db, m.name, m.waiter, x.now);
  }
  static void run(job_context& x, const lock_check& m) {
    lock_table::check_fence(x.db, m.name, m.token, x.now);
  }
  static auto run(job_context& x, const lock_clear& m) { return lock_table::clear(x.db, m.name); }
  static auto run(job_context& x, const lock_holder& m) {
    return lock_table::holder(x.db, m.name, x.now);
  }
  static auto run(job_context& x, const lock_waiters& m) {
    return lock_table::waiters(x.db, m.name, x.now);
  }
  static std::uint64_t run(job_context& x, const lock_count& m) {
    return lock_table::waiters(x.db, m.name, x.now).size();
  }
  static lock_summary run(job_context& x, const lock_info& m) {
    auto all = lock_table::waiters(x.db, m.name, x.now);
    if (all.empty())
      return {};
    return {all.size(), std::move(all.front())};
  }
  static auto run(job_context& x, const lock_names&) { return lock_table::names(x.db, x.now); }
};

} // namespace

const data_type& lock_type() {
  return detail::describe_waiting_type<lock_operations, lock_wire, lock_messages>("lock", "locks");
}

} // namespace beaver
