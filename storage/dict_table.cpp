#include "beaver/storage/dict_table.hpp"

#include "beaver/storage/connection.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <variant>

// A row is alive while `expires_at` is NULL or later than now.
#define ALIVE(now) "(expires_at IS NULL OR expires_at > " now ")"
#define IN_RANGE \
  "FROM __beaver_dicts__ WHERE dict_name = ?1 AND key >= ?2 AND key < ?3 AND " ALIVE("?4")

namespace beaver::dict_table {
namespace {

/// One listing, in both orders.
struct listing {
  std::string_view ascending;
  std::string_view descending;

  [[nodiscard]] std::string_view in(const key_bounds& bounds) const {
    return bounds.descending ? descending : ascending;
  }
};

#define LISTING(columns) \
  { \
    "SELECT " columns " " IN_RANGE " ORDER BY key LIMIT ?5", \
      "SELECT " columns " " IN_RANGE " ORDER BY key DESC LIMIT ?5" \
  }

constexpr listing list_keys LISTING("key");
constexpr listing list_values LISTING("value");
constexpr listing list_items LISTING("key, value");

/// Visits the entries of a listing; `visit(rows)` gives the bytes of one.
template <class Visit>
void each(connection& c, const listing& sql, std::string_view name, const key_range& range,
          unix_seconds now, Visit visit) {
  const key_bounds bounds{range};
  statement rows = c.prepare(sql.in(bounds));
  bounds.bind(rows, name, now, bounds.limit);
  each_row(rows, bounds.max_bytes, visit);
}

std::string entry_name(std::string_view name, std::string_view key) {
  return "dict '" + std::string{name} + "' key '" + std::string{key} + "'";
}

using number = std::variant<std::int64_t, double>;

/// Whether `text` is a number by JSON's grammar, which is stricter than `from_chars`.
bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto accept = [&](std::string_view any) {
    const bool found = at < text.size() && any.find(text[at]) != std::string_view::npos;
    at += found;
    return found;
  };
  const auto accept_digits = [&] {
    const std::size_t before = at;
    while (accept("0123456789")) {}
    return at > before;
  };
  accept("-");
  if (!accept("0") && !accept_digits())
    return false;
  if (accept(".") && !accept_digits())
    return false;
  if (accept("eE")) {
    accept("+-");
    if (!accept_digits())
      return false;
  }
  return at == text.size();
}

/// Empty if `json` is no JSON number. Throws `error` invalid_argument for an integer beyond int64
/// and for a number beyond the range of a double.
std::optional<number> parse_number(const json_text& json) {
  constexpr std::string_view blanks = " \t\n\r";
  std::string_view text = json.text();
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  if (!is_json_number(text))
    return std::nullopt;
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t whole{};
    if (std::from_chars(text.data(), text.data() + text.size(), whole).ec != std::errc{})
      throw error(errc::invalid_argument,
                  "the integer " + std::string{text}
                    + " is beyond 64 bits; write it as a float to add to it");
    return whole;
  }
  double real{};
  if (std::from_chars(text.data(), text.data() + text.size(), real).ec == std::errc{})
    return real;
  // Too small or too large, which `from_chars` does not tell apart; normal form refuses the latter.
  const json_text normal = json.normalised();
  std::from_chars(normal.text().data(), normal.text().data() + normal.size(), real);
  return real;
}

double as_double(const number& n) {
  return std::visit([](auto value) { return static_cast<double>(value); }, n);
}

std::string sum_text(const number& a, const number& b, std::string_view name,
                     std::string_view key) {
  const auto* x = std::get_if<std::int64_t>(&a);
  const auto* y = std::get_if<std::int64_t>(&b);
  if (x && y) {
    std::int64_t sum{};
    if (__builtin_add_overflow(*x, *y, &sum))
      throw error(errc::invalid_argument,
                  entry_name(name, key) + ": the sum is beyond 64 bits; add a float instead");
    return std::to_string(sum);
  }
  const double sum = as_double(a) + as_double(b);
  if (!std::isfinite(sum))
    throw error(errc::invalid_argument,
                entry_name(name, key) + ": the sum is beyond the range of a double");
  std::string text;
  json::append_double(text, sum);
  return text;
}

} // namespace

void set(connection& c, std::string_view name, std::string_view key, const json_text& value,
         std::optional<unix_seconds> expires_at) {
  c.prepare("INSERT INTO __beaver_dicts__(dict_name, key, value, expires_at) "
            "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(dict_name, key) "
            "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at")
    .bind(name, key, value, expires_at)
    .run();
}

std::optional<json_text> find(connection& c, std::string_view name, std::string_view key,
                              unix_seconds now) {
  statement row = c.prepare(
    "SELECT value FROM __beaver_dicts__ WHERE dict_name = ?1 AND key = ?2 AND " ALIVE("?3"));
  row.bind(name, key, now);
  if (!row.step())
    return std::nullopt;
  return json_text{row.text(0)};
}

// RETURNING would do the next two in one statement each, but takes longer than two plain ones.

std::optional<json_text> pop(connection& c, std::string_view name, std::string_view key,
                             unix_seconds now) {
  std::optional<json_text> result;
  std::int64_t rowid = 0;
  {
    statement row =
      c.prepare("SELECT rowid, value, " ALIVE("?3") " FROM __beaver_dicts__ "
                                                    "WHERE dict_name = ?1 AND key = ?2");
    row.bind(name, key, now);
    if (!row.step())
      return std::nullopt;
    rowid = row.integer(0);
    if (row.integer(2))
      result.emplace(row.text(1));
  }
  c.prepare("DELETE FROM __beaver_dicts__ WHERE rowid = ?1").bind(rowid).run();
  return result;
}

bool erase(connection& c, std::string_view name, std::string_view key, unix_seconds now) {
  c.prepare("DELETE FROM __beaver_dicts__ WHERE dict_name = ?1 AND key = ?2 AND " ALIVE("?3"))
    .bind(name, key, now)
    .run();
  if (c.changes() > 0)
    return true;
  c.prepare("DELETE FROM __beaver_dicts__ WHERE dict_name = ?1 AND key = ?2").bind(name, key).run();
  return false;
}

bool contains(connection& c, std::string_view name, std::string_view key, unix_seconds now) {
  return c
    .prepare("SELECT 1 FROM __beaver_dicts__ WHERE dict_name = ?1 AND key = ?2 AND " ALIVE("?3"))
    .bind(name, key, now)
    .step();
}

std::uint64_t count(connection& c, std::string_view name, std::optional<std::string_view> prefix,
                    unix_seconds now) {
  const key_bounds bounds{prefix};
  // All entries by the primary key's index alone, less the few that wait for the sweep; the plus
  // signs leave only the index over the expiries for the latter. Looking at each row would cost
  // much more.
  statement row = c.prepare(
    "SELECT (SELECT count(*) FROM __beaver_dicts__ "
    "WHERE dict_name = ?1 AND key >= ?2 AND key < ?3) - "
    "(SELECT count(*) FROM __beaver_dicts__ WHERE expires_at IS NOT NULL AND expires_at <= ?4 "
    "AND +dict_name = ?1 AND +key >= ?2 AND +key < ?3)");
  bounds.bind(row, name, now);
  row.step();
  return static_cast<std::uint64_t>(row.integer(0));
}

std::vector<std::string> keys(connection& c, std::string_view name, const key_range& range,
                              unix_seconds now) {
  std::vector<std::string> result;
  each(c, list_keys, name, range, now,
       [&](statement& row) { return result.emplace_back(row.text(0)).size(); });
  return result;
}

std::vector<json_text> values(connection& c, std::string_view name, const key_range& range,
                              unix_seconds now) {
  std::vector<json_text> result;
  each(c, list_values, name, range, now,
       [&](statement& row) { return result.emplace_back(row.text(0)).size(); });
  return result;
}

std::vector<dict_entry> items(connection& c, std::string_view name, const key_range& range,
                              unix_seconds now) {
  std::vector<dict_entry> result;
  each(c, list_items, name, range, now, [&](statement& row) {
    result.push_back({std::string{row.text(0)}, json_text{row.text(1)}});
    return result.back().key.size() + result.back().value.size();
  });
  return result;
}

json_text increment(connection& c, std::string_view name, std::string_view key, const json_text& by,
                    unix_seconds now) {
  const auto step = parse_number(by);
  if (!step)
    throw error(errc::invalid_argument,
                entry_name(name, key) + ": the increment is no JSON number");
  const auto stored = find(c, name, key, now);
  if (!stored) {
    auto sum = json_text::from_normal(sum_text(std::int64_t{0}, *step, name, key));
    set(c, name, key, sum, std::nullopt);
    return sum;
  }
  const auto old = parse_number(*stored);
  if (!old)
    throw error(errc::type_mismatch,
                entry_name(name, key) + " holds no number; set it to one before incrementing");
  auto sum = json_text::from_normal(sum_text(*old, *step, name, key));
  c.prepare("UPDATE __beaver_dicts__ SET value = ?3 WHERE dict_name = ?1 AND key = ?2")
    .bind(name, key, sum)
    .run();
  return sum;
}

bool set_if_absent(connection& c, std::string_view name, std::string_view key,
                   const json_text& value, std::optional<unix_seconds> expires_at,
                   unix_seconds now) {
  c.prepare("INSERT INTO __beaver_dicts__(dict_name, key, value, expires_at) "
            "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(dict_name, key) "
            "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at "
            "WHERE __beaver_dicts__.expires_at <= ?5")
    .bind(name, key, value, expires_at, now)
    .run();
  return c.changes() > 0;
}

bool compare_and_set(connection& c, std::string_view name, std::string_view key,
                     const json_text& value, const std::optional<json_text>& expected,
                     std::optional<unix_seconds> expires_at, unix_seconds now) {
  if (!expected)
    return set_if_absent(c, name, key, value, expires_at, now);
  const json_text wanted = expected->normalised();
  const auto stored = find(c, name, key, now);
  if (!stored)
    return false;
  if (!(*stored == wanted)) {
    try {
      if (!(stored->normalised() == wanted))
        return false;
    } catch (const error& e) {
      // Another program may have stored NaN or the like, which equals no JSON value.
      if (e.code() != errc::invalid_argument)
        throw;
      return false;
    }
  }
  set(c, name, key, value, expires_at);
  return true;
}

bool touch(connection& c, std::string_view name, std::string_view key, unix_seconds expires_at,
           unix_seconds now) {
  c.prepare("UPDATE __beaver_dicts__ SET expires_at = ?3 "
            "WHERE dict_name = ?1 AND key = ?2 AND " ALIVE("?4"))
    .bind(name, key, expires_at, now)
    .run();
  return c.changes() > 0;
}

std::optional<dict_lifetime> ttl(connection& c, std::string_view name, std::string_view key,
                                 unix_seconds now) {
  statement row = c.prepare(
    "SELECT expires_at FROM __beaver_dicts__ WHERE dict_name = ?1 AND key = ?2 AND " ALIVE("?3"));
  row.bind(name, key, now);
  if (!row.step())
    return std::nullopt;
  if (row.is_null(0))
    return dict_lifetime{};
  return dict_lifetime{row.real(0) - now};
}

bool persist(connection& c, std::string_view name, std::string_view key, unix_seconds now) {
  c.prepare("UPDATE __beaver_dicts__ SET expires_at = NULL "
            "WHERE dict_name = ?1 AND key = ?2 AND " ALIVE("?3"))
    .bind(name, key, now)
    .run();
  return c.changes() > 0;
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_dicts__ WHERE dict_name = ?1").bind(name).run();
  return static_cast<std::uint64_t>(c.changes());
}

// `expires_at IS NOT NULL` lets a partial index over the rows with an expiry serve these.
#define DUE "FROM __beaver_dicts__ WHERE expires_at IS NOT NULL"
#define DELETE_DUE(filter) \
  "DELETE FROM __beaver_dicts__ WHERE rowid IN (SELECT rowid " DUE " AND expires_at <= ?1" filter \
  " LIMIT ?2)"

swept sweep(connection& c, std::optional<std::string_view> name, unix_seconds now,
            std::uint64_t limit) {
  const std::int64_t most = as_limit(limit);
  if (name)
    c.prepare(DELETE_DUE(" AND dict_name = ?3")).bind(now, most, *name).run();
  else
    c.prepare(DELETE_DUE("")).bind(now, most).run();
  swept result{static_cast<std::uint64_t>(c.changes()), std::nullopt};

  statement next = c.prepare(name ? "SELECT min(expires_at) " DUE " AND dict_name = ?1"
                                  : "SELECT min(expires_at) " DUE);
  if (name)
    next.bind(*name);
  if (next.step() && !next.is_null(0))
    result.next_expiry = next.real(0);
  return result;
}

dict_summary info(connection& c, std::string_view name, unix_seconds now) {
  statement row =
    c.prepare("SELECT count(*), count(CASE WHEN expires_at <= ?2 THEN 1 END), count(expires_at), "
              "coalesce(sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))), 0) "
              "FROM __beaver_dicts__ WHERE dict_name = ?1");
  row.bind(name, now);
  row.step();
  const auto column = [&](int i) { return static_cast<std::uint64_t>(row.integer(i)); };
  return {.entries = column(0) - column(1),
          .expired = column(1),
          .with_expiry = column(2) - column(1),
          .bytes = column(3)};
}

std::vector<std::string> names(connection& c, unix_seconds now) {
  auto result =
    collect_names(c, "SELECT min(dict_name) FROM __beaver_dicts__ WHERE dict_name >= ?1");
  std::erase_if(result, [&](const std::string& name) {
    return !c.prepare(
               "SELECT 1 FROM __beaver_dicts__ WHERE dict_name = ?1 AND " ALIVE("?2") " LIMIT 1")
              .bind(name, now)
              .step();
  });
  return result;
}

} // namespace beaver::dict_table
