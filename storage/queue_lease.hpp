#pragma once
#include "beaver/storage/clock.hpp"
#include "beaver/storage/queue_table.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// One item under a lease.
struct queue_taken {
  std::string receipt; // for ack, nack and extend
  double priority;
  unix_seconds timestamp;
  json_text data;
  std::uint64_t attempts;    // deliveries, this one included
  unix_seconds leased_until; // then it is ready again, unless acknowledged or extended
};

/// Items that are taken for a while instead of removed: each is acknowledged, given back, or comes
/// back by itself when its lease ends. From `leased_until <= now` on the lease does not exist for
/// any function, whether or not somebody has settled since. An item that comes back after
/// `max_attempts` deliveries goes to the dead-letter queue instead.
///
/// Same rules as in `queue_table.hpp`. Everything lies in the file and moves within the caller's
/// transaction, so a crash at any point leaves every item in exactly one place.
namespace queue_table {

/// What came back into queues.
struct settled {
  std::uint64_t ready = 0;
  std::uint64_t dead = 0;
  std::string dead_letter{}; // where the dead ones went; empty if there are none
};

/// Takes the first items, one for each receipt and fewer if there are fewer, in order. Receipts are
/// the caller's and unique for ever, such as 128 random bits. Absent `until`: now and the queue's
/// default visibility. Throws `error` invalid_argument (`until` not later than now), already_exists
/// (a receipt is in use). O(log n) for each item taken or due.
std::vector<queue_taken> take(connection& c, std::string_view name,
                              std::span<const std::string> receipts,
                              std::optional<unix_seconds> until, unix_seconds now);

/// Removes a taken item for good; tells whether it was leased under this receipt. O(log n).
bool ack(connection& c, std::string_view name, std::string_view receipt, unix_seconds now);

/// Gives a taken item back: ready at its old place at once or, if `due` is later, from then on;
/// dead if it was its last attempt. Tells where it went (neither ready nor dead: delayed); empty if
/// nothing was leased under this receipt. O(log n).
std::optional<settled> nack(connection& c, std::string_view name, std::string_view receipt,
                            std::optional<unix_seconds> due, unix_seconds now);

/// Lets the lease end at `until`, sooner or later than before; tells whether there was one. Throws
/// `error` invalid_argument (`until` not later than now). O(log n).
bool extend(connection& c, std::string_view name, std::string_view receipt, unix_seconds until,
            unix_seconds now);

/// Moves what is due to where it belongs: delayed items and those whose lease is over back to their
/// old place, which their timestamps tell, or to the dead-letter queue. One index probe if nothing
/// is due, else O(log n) for each item, all of them in this call.
settled settle(connection& c, std::string_view name, unix_seconds now);

/// When `settle` has something to do next, perhaps in the past; empty if nothing is held. Without a
/// name, over all queues: then a lookup for each queue that holds something back.
[[nodiscard]] std::optional<unix_seconds> next_due(connection& c,
                                                   std::optional<std::string_view> name);

/// Puts at most `limit` ready items of the dead-letter queue back behind those in `name`, without
/// their attempts, in order; gives their number. Only letters that died in `name`; those without
/// a known source, put there by another program, count as such in "<name>.dead" and nowhere else.
/// O(log n) for each letter moved or passed over.
std::uint64_t redrive(connection& c, std::string_view name, std::uint64_t limit, unix_seconds now);

/// What a sweep did and when the next one has something to settle.
struct swept {
  settled moved;                        // `dead_letter` stays empty: there may be several
  std::uint64_t notes;                  // removed, about items that another program took
  std::vector<std::string> queues;      // that got ready items, dead-letter queues included
  std::optional<unix_seconds> next_due; // absent: nothing is held
};

/// Settles every queue, for consumers that cannot do it (the Python original), and removes at most
/// `limit` notes about items that are gone. Linear in the number of queues that hold something
/// back, in what is due and in the returned items that wait.
swept sweep(connection& c, unix_seconds now, std::uint64_t limit);

} // namespace queue_table
} // namespace beaver
