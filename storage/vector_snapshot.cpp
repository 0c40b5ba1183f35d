#include "beaver/storage/vector_snapshot.hpp"

#include "beaver/storage/crc32c.hpp"
#include "beaver/storage/json_cursor.hpp"
#include "beaver/storage/json_format.hpp"
#include "beaver/storage/our_tables.hpp"
#include "beaver/storage/vector_log.hpp"

#include <algorithm>

// States of a snapshot: writing, live (the head), previous (the head before it), dead.
#define OF_CLAIM "WHERE collection = ?1 AND snap = ?2 AND owner = ?3 AND state = 'writing'"

namespace beaver::vector_snapshot {
namespace {

/// An entry of the log with its index takes about so much.
constexpr std::uint64_t log_entry_bytes = 64;

std::uint64_t unsigned_in(const statement& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}

std::string snapshot_name(std::string_view name, std::uint64_t snap) {
  return "vectors '" + std::string{name} + "': snapshot " + std::to_string(snap);
}

error lost(std::string_view name, const snapshot_claim& claim) {
  return error(errc::lost_lock, snapshot_name(name, claim.snap)
                                  + " is no longer ours to write: its lease ended and it was "
                                    "taken over, or the collection was changed; begin anew");
}

/// {"ids": 2, "rows": 17}
std::string json_of(std::span<const snapshot_part> parts) {
  std::string text = "{";
  for (const auto& part : parts) {
    text += text.size() > 1 ? ", " : "";
    json::append_string(text, part.name);
    text += ": " + std::to_string(part.chunks);
  }
  return text + '}';
}

std::vector<snapshot_part> parts_of(std::string_view name, std::uint64_t snap,
                                    std::string_view json) {
  try {
    std::vector<snapshot_part> parts;
    json_cursor in{json};
    for (in.enter_object(); const auto part = in.next_member();) {
      parts.push_back({std::string{*part}, 0});
      parts.back().chunks = in.read_uint64().value_or(0);
    }
    return parts;
  } catch (const error& e) {
    throw error(errc::corrupt, snapshot_name(name, snap) + ": its list of parts is " + e.what());
  }
}

/// The parts that there are, in the order of their names. Chunks are counted without reading them.
std::vector<snapshot_part> written_parts(connection& c, std::string_view name, std::uint64_t snap) {
  statement rows = c.prepare("SELECT part, count(*), max(no) FROM __beaver_vector_chunks__ "
                             "WHERE collection = ?1 AND snap = ?2 GROUP BY part ORDER BY part");
  rows.bind(name, snap);
  std::vector<snapshot_part> parts;
  while (rows.step()) {
    const bool gap = unsigned_in(rows, 2) + 1 != unsigned_in(rows, 1);
    parts.push_back({std::string{rows.text(0)}, gap ? 0 : unsigned_in(rows, 1)});
  }
  return parts;
}

} // namespace

std::optional<snapshot_claim> claim(connection& c, std::string_view name, std::string_view owner,
                                    unix_seconds now, double lease_seconds) {
  {
    statement other = c.prepare("SELECT 1 FROM __beaver_vector_snapshots__ WHERE collection = ?1 "
                                "AND state = 'writing' AND lease_until > ?2 AND owner <> ?3");
    if (other.bind(name, now, owner).step())
      return std::nullopt;
  }
  c.prepare("UPDATE __beaver_vector_snapshots__ SET state = 'dead' WHERE collection = ?1 "
            "AND state = 'writing'")
    .bind(name)
    .run();
  snapshot_claim made{std::string{owner}, lease_seconds, 1, vector_log::last(c), epoch(c, name)};
  {
    statement newest =
      c.prepare("SELECT max(snap) FROM __beaver_vector_snapshots__ WHERE collection = ?1");
    newest.bind(name).step();
    made.snap = unsigned_in(newest, 0) + 1;
  }
  c.prepare("INSERT INTO __beaver_vector_snapshots__(collection, snap, state, base_seq, owner, "
            "lease_until) VALUES(?1, ?2, 'writing', ?3, ?4, ?5)")
    .bind(name, made.snap, made.base_seq, owner, now + lease_seconds)
    .run();
  return made;
}

void renew(connection& c, std::string_view name, const snapshot_claim& claim, unix_seconds now) {
  c.prepare("UPDATE __beaver_vector_snapshots__ SET lease_until = ?4 " OF_CLAIM)
    .bind(name, claim.snap, claim.owner, now + claim.lease_seconds)
    .run();
  if (c.changes() == 0)
    throw lost(name, claim);
}

void write_chunk(connection& c, std::string_view name, const snapshot_claim& claim,
                 std::string_view part, std::uint64_t no, std::span<const std::byte> data,
                 unix_seconds now) {
  if (data.size() > chunk_bytes)
    throw error(errc::invalid_argument, snapshot_name(name, claim.snap) + ": a chunk of "
                                          + std::to_string(data.size()) + " bytes, of which "
                                          + std::to_string(chunk_bytes) + " are allowed");
  renew(c, name, claim, now);
  c.prepare("INSERT INTO __beaver_vector_chunks__(collection, snap, part, no, crc, data) "
            "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
    .bind(name, claim.snap, part, no, std::int64_t{crc32c(data)}, data)
    .run();
}

void publish(connection& c, std::string_view name, const snapshot_claim& claim,
             const snapshot_facts& facts, std::span<const snapshot_part> parts, unix_seconds now) {
  renew(c, name, claim, now);
  if (epoch(c, name) != claim.epoch)
    throw lost(name, claim);
  std::vector<snapshot_part> expected{parts.begin(), parts.end()};
  std::sort(expected.begin(), expected.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  auto found = written_parts(c, name, claim.snap);
  for (const auto& part : expected) // a part may have none
    if (part.chunks == 0)
      found.push_back(part);
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  if (found != expected)
    throw error(errc::corrupt, snapshot_name(name, claim.snap) + " has the chunks " + json_of(found)
                                 + " where " + json_of(expected) + " were written");

  c.prepare("UPDATE __beaver_vector_snapshots__ SET "
            "state = CASE state WHEN 'live' THEN 'previous' ELSE 'dead' END "
            "WHERE collection = ?1 AND snap <> ?2 AND state <> 'writing'")
    .bind(name, claim.snap)
    .run();
  c.prepare("UPDATE __beaver_vector_snapshots__ SET state = 'live', rows = ?4, dims = ?5, "
            "metric = ?6, strategy = ?7, format = ?8, parts = ?9 " OF_CLAIM)
    .bind(name, claim.snap, claim.owner, facts.rows, facts.dims, facts.metric, facts.strategy,
          facts.format, json_of(expected))
    .run();
  c.prepare("INSERT INTO __beaver_vector_heads__(collection, epoch, snap, base_seq, recall, bytes, "
            "seconds, published_at) VALUES(?1, ?2, ?3, ?4, ?5, "
            "(SELECT coalesce(sum(length(data)), 0) FROM __beaver_vector_chunks__ "
            "WHERE collection = ?1 AND snap = ?3), ?6, ?7) ON CONFLICT DO UPDATE SET "
            "epoch = excluded.epoch, snap = excluded.snap, base_seq = excluded.base_seq, "
            "recall = excluded.recall, bytes = excluded.bytes, seconds = excluded.seconds, "
            "published_at = excluded.published_at")
    .bind(name, claim.epoch + 1, claim.snap, claim.base_seq, facts.recall, facts.seconds, now)
    .run();
}

void abandon(connection& c, std::string_view name, const snapshot_claim& claim) {
  c.prepare("UPDATE __beaver_vector_snapshots__ SET state = 'dead' " OF_CLAIM)
    .bind(name, claim.snap, claim.owner)
    .run();
}

std::uint64_t epoch(connection& c, std::string_view name) {
  return from_ours(c, "__beaver_vector_heads__", [&] {
    statement row = c.prepare("SELECT epoch FROM __beaver_vector_heads__ WHERE collection = ?1");
    return row.bind(name).step() ? unsigned_in(row, 0) : 0;
  });
}

std::optional<snapshot_head> head(connection& c, std::string_view name) {
  return from_ours(c, "__beaver_vector_heads__", [&]() -> std::optional<snapshot_head> {
    // A log that is shorter than it was lacks changes: somebody has emptied it.
    statement row =
      c.prepare("SELECT h.epoch, h.snap, h.base_seq, s.rows, s.dims, s.metric, s.strategy, "
                "s.format, h.recall, h.seconds, s.parts, h.bytes, h.published_at "
                "FROM __beaver_vector_heads__ h JOIN __beaver_vector_snapshots__ s "
                "ON s.collection = h.collection AND s.snap = h.snap "
                "WHERE h.collection = ?1 AND s.state = 'live' AND h.base_seq <= "
                "(SELECT coalesce(max(seq), 0) FROM __beaver_vector_change_log__)");
    if (!row.bind(name).step())
      return std::nullopt;
    std::vector<snapshot_part> parts;
    try {
      parts = parts_of(name, unsigned_in(row, 1), row.text(10));
    } catch (const error&) {
      return std::nullopt;
    }
    snapshot_head result{unsigned_in(row, 0),
                         unsigned_in(row, 1),
                         unsigned_in(row, 2),
                         {unsigned_in(row, 3), unsigned_in(row, 4), std::string{row.text(5)},
                          std::string{row.text(6)}, unsigned_in(row, 7)},
                         std::move(parts),
                         unsigned_in(row, 11),
                         row.real(12)};
    if (!row.is_null(8))
      result.facts.recall = row.real(8);
    result.facts.seconds = row.real(9);
    return result;
  });
}

void read_part(connection& c, std::string_view name, std::uint64_t snap, std::string_view part,
               const std::function<void(std::span<const std::byte>)>& visit) {
  const auto broken = [&](const std::string& how) {
    return error(errc::corrupt, snapshot_name(name, snap) + ", part '" + std::string{part} + "', "
                                  + how + "; the collection can be loaded from its rows");
  };
  std::optional<std::uint64_t> chunks;
  {
    statement row = c.prepare("SELECT parts FROM __beaver_vector_snapshots__ "
                              "WHERE collection = ?1 AND snap = ?2 AND parts IS NOT NULL");
    if (row.bind(name, snap).step())
      for (const auto& p : parts_of(name, snap, row.text(0)))
        if (p.name == part)
          chunks = p.chunks;
  }
  if (!chunks)
    throw broken("is not there");
  statement rows = c.prepare("SELECT no, crc, data FROM __beaver_vector_chunks__ "
                             "WHERE collection = ?1 AND snap = ?2 AND part = ?3 ORDER BY no");
  rows.bind(name, snap, part);
  std::uint64_t next = 0;
  for (; rows.step(); ++next) {
    const auto data = rows.blob(2);
    const auto number = std::to_string(next);
    if (unsigned_in(rows, 0) != next)
      throw broken("lacks chunk " + number);
    if (!rows.is_blob(2) || rows.integer(1) != std::int64_t{crc32c(data)})
      throw broken("has a chunk " + number + " with a wrong checksum");
    visit(data);
  }
  if (next != *chunks)
    throw broken("has " + std::to_string(next) + " chunks where " + std::to_string(*chunks)
                 + " were written");
}

bool prune(connection& c, std::string_view name, unix_seconds now, std::uint64_t max_bytes) {
  std::uint64_t bytes = 0;
  {
    std::vector<std::int64_t> chunks;
    statement rows =
      c.prepare("SELECT k.rowid, length(k.data) FROM __beaver_vector_snapshots__ s "
                "CROSS JOIN __beaver_vector_chunks__ k "
                "WHERE s.collection = ?1 AND (s.state = 'dead' OR (s.state = 'writing' "
                "AND s.lease_until <= ?2)) AND k.collection = ?1 AND k.snap = s.snap");
    for (rows.bind(name, now); rows.step();) {
      if (!chunks.empty() && bytes >= max_bytes)
        break;
      chunks.push_back(rows.integer(0));
      bytes += unsigned_in(rows, 1);
    }
    rows.reset();
    statement removal = c.prepare("DELETE FROM __beaver_vector_chunks__ WHERE rowid = ?1");
    for (const auto chunk : chunks)
      removal.bind(chunk).run();
  }
  c.prepare("DELETE FROM __beaver_vector_snapshots__ AS s WHERE collection = ?1 "
            "AND (state = 'dead' OR (state = 'writing' AND lease_until <= ?2)) AND NOT EXISTS "
            "(SELECT 1 FROM __beaver_vector_chunks__ k "
            "WHERE k.collection = ?1 AND k.snap = s.snap)")
    .bind(name, now)
    .run();
  if (bytes >= max_bytes)
    return true;
  const auto newest = head(c, name);
  if (!newest)
    return false;
  const auto limit = (max_bytes - bytes) / log_entry_bytes + 1;
  return vector_log::prune(c, name, newest->base_seq, limit) == limit;
}

void invalidate(connection& c, std::string_view name) {
  c.prepare("UPDATE __beaver_vector_snapshots__ SET state = 'dead' WHERE collection = ?1")
    .bind(name)
    .run();
}

} // namespace beaver::vector_snapshot
