#include "beaver/storage/lock_table.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/listing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

// The plus sign keeps SQLite on the primary key, whose order is that of the queue.
#define QUEUE "FROM __beaver_lock_waiters__ WHERE lock_name = ?1 AND +expires_at > ?2"
#define QUEUE_ROWS \
  "SELECT rowid, waiter_id, requested_at, expires_at " QUEUE " ORDER BY requested_at"

namespace beaver::lock_table {
namespace {

constexpr std::int64_t max_token = std::int64_t{1} << 53; // a double holds every integer up to here

/// One row. `order` is 2.3's requested_at, except that the row of a grant has minus its token
/// there. So the grant dies with the row, whoever deletes it, and no other program's row can come
/// before it: 2.3 takes its time of request before it waits for the write lock, so it may insert a
/// row that is older than a holder's request.
struct row {
  std::int64_t rowid;
  std::string waiter;
  double order;
  unix_seconds expires_at;

  [[nodiscard]] std::optional<lock_grant> grant() const {
    if (order > -1 || order < -static_cast<double>(max_token))
      return std::nullopt;
    return lock_grant{static_cast<std::uint64_t>(-order), expires_at};
  }
};

row read(statement& s) { return {s.integer(0), std::string{s.text(1)}, s.real(2), s.real(3)}; }

std::optional<row> first(connection& c, std::string_view name, unix_seconds now) {
  statement s = c.prepare(QUEUE_ROWS " LIMIT 1");
  s.bind(name, now);
  if (!s.step())
    return std::nullopt;
  return read(s);
}

std::optional<row> find(connection& c, std::string_view name, std::string_view waiter,
                        unix_seconds now) {
  statement s = c.prepare("SELECT rowid, requested_at, expires_at FROM __beaver_lock_waiters__ "
                          "WHERE lock_name = ?1 AND waiter_id = ?2 AND +expires_at > ?3");
  s.bind(name, waiter, now);
  if (!s.step())
    return std::nullopt;
  return row{s.integer(0), std::string{waiter}, s.real(1), s.real(2)};
}

void set_expiry(connection& c, const row& of, unix_seconds expires_at) {
  c.prepare("UPDATE __beaver_lock_waiters__ SET expires_at = ?2 WHERE rowid = ?1")
    .bind(of.rowid, expires_at)
    .run();
}

void insert(connection& c, std::string_view name, std::string_view waiter, double order,
            unix_seconds expires_at) {
  c.prepare("INSERT INTO __beaver_lock_waiters__(lock_name, waiter_id, requested_at, expires_at) "
            "VALUES(?1, ?2, ?3, ?4)")
    .bind(name, waiter, order, expires_at)
    .run();
}

/// Deletes what is over, as everybody has to before a row may count as holder: a former holder
/// whose clock is late must not find its row again.
void purge(connection& c, std::string_view name, unix_seconds now) {
  c.prepare("DELETE FROM __beaver_lock_waiters__ WHERE lock_name = ?1 AND expires_at <= ?2")
    .bind(name, now)
    .run();
}

/// One counter for all locks, so that nothing has to be kept of a lock that nobody holds.
std::uint64_t next_token(connection& c) {
  std::int64_t last = 0;
  {
    statement s = c.prepare("SELECT value FROM __beaver_meta__ WHERE key = 'lock_token'");
    if (s.step()) {
      last = s.is_integer(0) ? s.integer(0) : -1;
      if (last < 0 || last >= max_token)
        throw error(errc::corrupt,
                    "'" + c.path() + "': lock_token in __beaver_meta__ is '"
                      + std::string{s.text(0)}
                      + "', not a count; set it to the greatest token that was ever given");
    }
  }
  c.prepare("INSERT INTO __beaver_meta__(key, value) VALUES('lock_token', ?1) "
            "ON CONFLICT(key) DO UPDATE SET value = excluded.value")
    .bind(last + 1)
    .run();
  return static_cast<std::uint64_t>(last) + 1;
}

/// A grant that begins now; the caller puts it into a row.
lock_grant new_grant(connection& c, std::string_view name, unix_seconds now, double ttl_seconds) {
  purge(c, name, now);
  return {next_token(c), now + ttl_seconds};
}

double order_of(const lock_grant& grant) { return -static_cast<double>(grant.token); }

lock_grant give_to(connection& c, const row& to, std::string_view name, unix_seconds now,
                   double ttl_seconds) {
  const lock_grant grant = new_grant(c, name, now, ttl_seconds);
  c.prepare("UPDATE __beaver_lock_waiters__ SET requested_at = ?2, expires_at = ?3 "
            "WHERE rowid = ?1")
    .bind(to.rowid, order_of(grant), grant.expires_at)
    .run();
  return grant;
}

std::optional<lock_place> place_of(connection& c, const std::optional<row>& head,
                                   std::string_view name, std::string_view waiter,
                                   unix_seconds now) {
  if (!head)
    return std::nullopt;
  if (head->waiter == waiter)
    return lock_place{0, head->expires_at, head->grant()};
  const auto own = find(c, name, waiter, now);
  if (!own)
    return std::nullopt;
  statement s = c.prepare("SELECT count(*) " QUEUE " AND requested_at < ?3");
  s.bind(name, now, own->order);
  s.step();
  return lock_place{static_cast<std::uint64_t>(s.integer(0)), head->expires_at, std::nullopt};
}

lock_waiter public_form(row of) {
  lock_waiter result{std::move(of.waiter), of.expires_at, std::nullopt, std::nullopt};
  if (const auto grant = of.grant())
    result.token = grant->token;
  else
    result.requested_at = of.order;
  return result;
}

} // namespace

std::string manager_lock(std::string_view type, std::string_view name) {
  std::string result = "__lock__";
  result.append(type).append("__").append(name);
  return result;
}

std::optional<lock_grant> try_lock(connection& c, std::string_view name, std::string_view waiter,
                                   unix_seconds now, double ttl_seconds) {
  const auto head = first(c, name, now);
  if (!head) {
    const lock_grant grant = new_grant(c, name, now, ttl_seconds);
    insert(c, name, waiter, order_of(grant), grant.expires_at);
    return grant;
  }
  if (head->waiter != waiter)
    return std::nullopt;
  const auto grant = head->grant();
  return grant ? *grant : give_to(c, *head, name, now, ttl_seconds);
}

void request(connection& c, std::string_view name, std::string_view waiter, unix_seconds now,
             double lease_seconds) {
  if (keep_waiting(c, name, waiter, now, lease_seconds))
    return;
  purge(c, name, now);
  double order = std::max(now, 0.0); // below zero are the grants
  {
    statement s =
      c.prepare("SELECT max(requested_at) FROM __beaver_lock_waiters__ WHERE lock_name = ?1");
    s.bind(name);
    if (s.step() && !s.is_null(0))
      order = std::max(order, std::nextafter(s.real(0), std::numeric_limits<double>::infinity()));
  }
  insert(c, name, waiter, order, now + lease_seconds);
}

std::optional<lock_place> poll(connection& c, std::string_view name, std::string_view waiter,
                               unix_seconds now, double ttl_seconds) {
  const auto head = first(c, name, now);
  if (!head || head->waiter != waiter || head->grant())
    return place_of(c, head, name, waiter, now);
  const lock_grant grant = give_to(c, *head, name, now, ttl_seconds);
  return lock_place{0, grant.expires_at, grant};
}

std::optional<lock_place> place(connection& c, std::string_view name, std::string_view waiter,
                                unix_seconds now) {
  return place_of(c, first(c, name, now), name, waiter, now);
}

bool keep_waiting(connection& c, std::string_view name, std::string_view waiter, unix_seconds now,
                  double lease_seconds) {
  const auto own = find(c, name, waiter, now);
  if (own && !own->grant())
    set_expiry(c, *own, now + lease_seconds);
  return own.has_value();
}

bool renew(connection& c, std::string_view name, std::string_view waiter, unix_seconds now,
           double ttl_seconds) {
  const auto head = first(c, name, now);
  if (!head || head->waiter != waiter || !head->grant())
    return false;
  set_expiry(c, *head, now + ttl_seconds);
  return true;
}

bool leave(connection& c, std::string_view name, std::string_view waiter, unix_seconds now) {
  const bool present = find(c, name, waiter, now).has_value();
  c.prepare("DELETE FROM __beaver_lock_waiters__ WHERE lock_name = ?1 AND waiter_id = ?2")
    .bind(name, waiter)
    .run();
  return present;
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_lock_waiters__ WHERE lock_name = ?1").bind(name).run();
  return static_cast<std::uint64_t>(c.changes());
}

void check_fence(connection& c, std::string_view name, std::uint64_t token, unix_seconds now) {
  const auto head = first(c, name, now);
  const auto grant = head ? head->grant() : std::nullopt;
  if (grant && grant->token == token)
    return;
  throw error(errc::lost_lock,
              "lock '" + std::string{name} + "' is not held with fencing token "
                + std::to_string(token) + " any more: "
                + (head ? "now it is the turn of '" + head->waiter + "'"
                        : std::string{"its time ended, or it was released or cleared"})
                + "; acquire it again");
}

std::optional<lock_waiter> holder(connection& c, std::string_view name, unix_seconds now) {
  auto head = first(c, name, now);
  if (!head)
    return std::nullopt;
  return public_form(std::move(*head));
}

std::vector<lock_waiter> waiters(connection& c, std::string_view name, unix_seconds now) {
  std::vector<lock_waiter> result;
  statement s = c.prepare(QUEUE_ROWS);
  s.bind(name, now);
  while (s.step())
    result.push_back(public_form(read(s)));
  return result;
}

std::vector<std::string> names(connection& c, unix_seconds now) {
  auto result =
    collect_names(c, "SELECT min(lock_name) FROM __beaver_lock_waiters__ WHERE lock_name >= ?1");
  std::erase_if(result, [&](const std::string& name) {
    return name.starts_with(internal_prefix) || !first(c, name, now);
  });
  return result;
}

std::uint64_t sweep(connection& c, unix_seconds now) {
  c.prepare("DELETE FROM __beaver_lock_waiters__ WHERE expires_at <= ?1 "
            "AND substr(lock_name, 1, length(?2)) <> ?2")
    .bind(now, internal_prefix)
    .run();
  return static_cast<std::uint64_t>(c.changes());
}

} // namespace beaver::lock_table
