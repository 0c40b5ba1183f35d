#include "beaver/storage/token_table.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/our_tables.hpp"
#include "beaver/storage/text_list.hpp"

#include <algorithm>

namespace beaver::token_table {
namespace {

/// The columns id, scopes, label, created_at, expires_at.
void read(statement& from, row& to) {
  to.id = from.text(0);
  try {
    to.scopes = text_list::from_json(from.text(1));
  } catch (const error&) {
    throw error(errc::corrupt, "the scopes of token '" + to.id + "' are no list of texts");
  }
  if (!from.is_null(2))
    to.label = from.text(2);
  to.created_at = from.real(3);
  if (!from.is_null(4))
    to.expires_at = from.real(4);
}

} // namespace

bool insert(connection& c, const row& token, const digest& secret_digest) {
  const auto scopes = text_list::to_json(token.scopes);
  c.prepare("INSERT INTO __beaver_tokens__(id, digest, scopes, label, created_at, expires_at) "
            "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(id) DO NOTHING")
    .bind(token.id, std::span<const std::byte>{secret_digest}, scopes, token.label,
          token.created_at, token.expires_at)
    .run();
  return c.changes() == 1;
}

std::optional<secret_row> find(connection& c, std::string_view id) {
  return from_ours(c, "__beaver_tokens__", [&]() -> std::optional<secret_row> {
    statement found = c.prepare("SELECT id, scopes, label, created_at, expires_at, digest "
                                "FROM __beaver_tokens__ WHERE id = ?1");
    if (!found.bind(id).step())
      return std::nullopt;
    secret_row token;
    read(found, token);
    const auto stored = found.blob(5);
    if (stored.size() != token.secret_digest.size())
      throw error(errc::corrupt, "the digest of token '" + token.id + "' has not 32 bytes");
    std::copy(stored.begin(), stored.end(), token.secret_digest.begin());
    return token;
  });
}

std::vector<row> list(connection& c) {
  return from_ours(c, "__beaver_tokens__", [&] {
    std::vector<row> all;
    statement rows = c.prepare("SELECT id, scopes, label, created_at, expires_at "
                               "FROM __beaver_tokens__ ORDER BY created_at, id");
    while (rows.step())
      read(rows, all.emplace_back());
    return all;
  });
}

bool erase(connection& c, std::string_view id) {
  c.prepare("DELETE FROM __beaver_tokens__ WHERE id = ?1").bind(id).run();
  return c.changes() == 1;
}

} // namespace beaver::token_table
