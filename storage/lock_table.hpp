#pragma once
#include "beaver/storage/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// A lock that a waiter holds.
struct lock_grant {
  std::uint64_t token;     // greater than every earlier one of any lock in this file
  unix_seconds expires_at; // unless renewed
};

/// Where a waiter stands in the queue of a lock.
struct lock_place {
  std::uint64_t ahead;             // waiters before this one, the holder among them
  unix_seconds next_change;        // when the first one's time ends: until then only a commit helps
  std::optional<lock_grant> grant; // present: this waiter holds the lock
};

/// One row of the queue of a lock.
struct lock_waiter {
  std::string waiter;
  unix_seconds expires_at;
  std::optional<unix_seconds> requested_at; // absent: was granted the lock by this library
  std::optional<std::uint64_t> token;       // present: was granted the lock by this library
};

/// All SQL of the data type `lock`: a queue of waiters per name, of which the first holds the lock.
///
/// The queue lies in the rows of 2.3, whose programs and ours exclude each other: they too delete
/// a row whose time is over before the next one counts as holder. A row of ours has a short lease
/// while it waits, which its owner renews; it becomes the holder by `poll` or `try_lock`, gets its
/// whole time to live from that instant, and moves before any row that another program may still
/// insert with an earlier time of request.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names, waiters and times are taken as they come: the caller has
/// checked them. `waiter` is unique over all processes. A row with `expires_at <= now` is absent
/// for every function; a `now` from before the transaction began is good enough, since whoever
/// takes over a lock deletes the former holder's row. Any may throw `error` busy, io, full or
/// corrupt from SQLite. Lookups cost O(log n).
namespace lock_table {

/// Locks of 2.3's own atomic methods. Our write transactions exclude those anyway: such rows are
/// neither written nor listed here.
inline constexpr std::string_view internal_prefix = "__internal_lock__";

/// The name of the lock of a manager, such as "__lock__dict__users". `type` is 2.3's word: dict,
/// list, queue, documents, graph, channel, blob, log, sketch, events, vectors.
[[nodiscard]] std::string manager_lock(std::string_view type, std::string_view name);

/// Takes the lock if nobody holds it or waits for it (or if it is this waiter's turn, or already
/// its own, which is left as it stands). Otherwise empty, and nothing is written.
[[nodiscard]] std::optional<lock_grant> try_lock(connection& c, std::string_view name,
                                                 std::string_view waiter, unix_seconds now,
                                                 double ttl_seconds);

/// Puts the waiter at the end of the queue, behind all others whatever the clock did, for the time
/// of a lease. One that is in the queue keeps its place and has its lease renewed; the holder stays
/// as it is.
void request(connection& c, std::string_view name, std::string_view waiter, unix_seconds now,
             double lease_seconds);

/// Gives the lock to the waiter if it is the first, else only looks. Empty: not in the queue, since
/// its time ran out, somebody cleared the lock, or it never asked. Linear in the waiters ahead.
[[nodiscard]] std::optional<lock_place> poll(connection& c, std::string_view name,
                                             std::string_view waiter, unix_seconds now,
                                             double ttl_seconds);

/// The same without taking. First and without a grant: a `poll` would give it the lock.
[[nodiscard]] std::optional<lock_place> place(connection& c, std::string_view name,
                                              std::string_view waiter, unix_seconds now);

/// Renews the lease of a waiter and leaves a holder as it is; false if it is not in the queue.
[[nodiscard]] bool keep_waiting(connection& c, std::string_view name, std::string_view waiter,
                                unix_seconds now, double lease_seconds);

/// Lets the holder's time begin anew; false if this waiter does not hold the lock, or not any more.
[[nodiscard]] bool renew(connection& c, std::string_view name, std::string_view waiter,
                         unix_seconds now, double ttl_seconds);

/// Takes the waiter out of the queue, so releases the lock if it holds it; tells whether it was
/// there. One whose time is over is removed too, but does not count.
bool leave(connection& c, std::string_view name, std::string_view waiter, unix_seconds now);

/// Removes the holder and all waiters, also those of other programs, and gives their number.
std::uint64_t clear(connection& c, std::string_view name);

/// Throws `error` lost_lock unless the grant with this token still holds the lock. Within a write
/// transaction nobody else can take the lock until that transaction ends.
void check_fence(connection& c, std::string_view name, std::uint64_t token, unix_seconds now);

/// The first of the queue: the holder, or the one whose turn it is.
[[nodiscard]] std::optional<lock_waiter> holder(connection& c, std::string_view name,
                                                unix_seconds now);

/// The queue in order, the holder first.
[[nodiscard]] std::vector<lock_waiter> waiters(connection& c, std::string_view name,
                                               unix_seconds now);

/// The names of all locks that have a waiter, in order, those of managers included.
/// A few lookups per name and per dead row, not a scan of the table.
[[nodiscard]] std::vector<std::string> names(connection& c, unix_seconds now);

/// Removes the rows whose time is over, which only matters for locks that nobody uses any more;
/// gives their number. Linear in all rows.
std::uint64_t sweep(connection& c, unix_seconds now);

} // namespace lock_table
} // namespace beaver
