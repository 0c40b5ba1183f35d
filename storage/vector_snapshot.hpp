#pragma once
#include "beaver/storage/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// The right to write a snapshot of one collection, until its lease ends.
struct snapshot_claim {
  std::string owner;    // a token that nobody else has
  double lease_seconds; // each chunk renews it
  std::uint64_t snap;
  std::uint64_t base_seq; // the snapshot must hold the effect of all entries of the log up to here
  std::uint64_t epoch;    // of the head that it is to follow
};

/// A named piece of a snapshot.
struct snapshot_part {
  std::string name;
  std::uint64_t chunks; // numbered from 0

  friend bool operator==(const snapshot_part&, const snapshot_part&) = default;
};

/// What a snapshot is, as its writer says.
struct snapshot_facts {
  std::uint64_t rows;
  std::uint64_t dims;
  std::string metric;
  std::string strategy;
  std::uint64_t format;           // of the bytes in its parts
  std::optional<double> recall{}; // as measured
  double seconds = 0;             // that it took

  friend bool operator==(const snapshot_facts&, const snapshot_facts&) = default;
};

/// The snapshot from which a collection is loaded.
struct snapshot_head {
  std::uint64_t epoch; // rises with every snapshot that is published
  std::uint64_t snap;
  std::uint64_t base_seq; // entries of the log behind it are not in the snapshot, or may not be
  snapshot_facts facts;
  std::vector<snapshot_part> parts; // in the order of their names
  std::uint64_t bytes;              // of all chunks
  unix_seconds published_at;
};

/// Snapshots of what is searched: bytes that somebody else makes and reads, in chunks, so that no
/// transaction is long, written under a lease and made visible by one row, the head.
///
/// A writer claims, writes chunks, and publishes, each in a short transaction of its own; whatever
/// it is doing, and wherever it dies, readers see the snapshot of before or the whole new one. What
/// it leaves behind, `prune` removes when the lease is over.
///
/// Functions that change something run inside the caller's write transaction; a reader calls
/// `head`, `read_part` and `vector_log::tail` inside one read transaction. A file that is only read
/// and has no such tables yet counts as one without snapshots. May throw `error` busy, io, full or
/// corrupt from SQLite.
namespace vector_snapshot {

/// The most bytes of a chunk.
inline constexpr std::size_t chunk_bytes = 256 * 1024;

// -- writing, in this order -----------------------------------------------------------------------

/// Begins a snapshot; empty while somebody else holds a lease. Takes over from those whose lease is
/// over, and from an earlier claim of the same owner.
[[nodiscard]] std::optional<snapshot_claim> claim(connection& c, std::string_view name,
                                                  std::string_view owner, unix_seconds now,
                                                  double lease_seconds);

/// Takes the lease to a new end. Throws `error` lost_lock if somebody else has taken over.
void renew(connection& c, std::string_view name, const snapshot_claim& claim, unix_seconds now);

/// Stores a chunk and renews the lease. Throws `error` lost_lock if somebody else has taken over,
/// and invalid_argument for more than `chunk_bytes`.
void write_chunk(connection& c, std::string_view name, const snapshot_claim& claim,
                 std::string_view part, std::uint64_t no, std::span<const std::byte> data,
                 unix_seconds now);

/// Makes the snapshot the head, in place of the one of before, which stays for another epoch.
/// Throws `error`, with nothing changed, lost_lock if somebody else has taken over or the head has
/// changed since the claim, and corrupt if these are not the chunks that there are.
void publish(connection& c, std::string_view name, const snapshot_claim& claim,
             const snapshot_facts& facts, std::span<const snapshot_part> parts, unix_seconds now);

/// Gives a claim up, if it still is one.
void abandon(connection& c, std::string_view name, const snapshot_claim& claim);

// -- reading --------------------------------------------------------------------------------------

/// Empty if there is no valid one: then the rows have to be read.
[[nodiscard]] std::optional<snapshot_head> head(connection& c, std::string_view name);

/// Of the newest snapshot that was published, valid or not; 0 if there never was one.
[[nodiscard]] std::uint64_t epoch(connection& c, std::string_view name);

/// Visits the chunks of a part in order. Bytes are valid during the visit. Throws `error` corrupt
/// for a part or chunk that is not there or is not what was written; the rows hold all that is in
/// a snapshot.
void read_part(connection& c, std::string_view name, std::uint64_t snap, std::string_view part,
               const std::function<void(std::span<const std::byte>)>& visit);

// -- upkeep ---------------------------------------------------------------------------------------

/// Removes up to about `max_bytes`, a chunk at least, of what is of no use: snapshots that were
/// replaced twice, given up, or whose lease is over, and entries of the log that are in the head.
/// Tells whether there may be more.
[[nodiscard]] bool prune(connection& c, std::string_view name, unix_seconds now,
                         std::uint64_t max_bytes);

/// Makes the head invalid and stops whoever is writing a snapshot: rows are no longer what it was
/// made for.
void invalidate(connection& c, std::string_view name);

} // namespace vector_snapshot
} // namespace beaver
