#include "beaver/actors/token.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/scope.hpp"
#include "beaver/actors/secret.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"

namespace beaver {
using token_wire = detail::wire_block<token_messages, 22400>;
}
BEAVER_WIRE_BLOCK(beaver::token_wire)

namespace beaver {

namespace {

constexpr std::string_view prefix = "bvr_";
constexpr std::size_t id_bytes = 6;
constexpr std::size_t secret_bytes = 32;

/// A random text that ends at the first '_' behind it, and that no program takes for an option.
std::string make_id() {
  for (;;)
    if (auto id = secret::random_text(id_bytes); id.find_first_of("-_") == id.npos)
      return id;
}

struct shown_token {
  std::string_view id;
  std::string_view secret;
};

std::optional<shown_token> parts_of(std::string_view token) {
  if (!token.starts_with(prefix))
    return std::nullopt;
  token.remove_prefix(prefix.size());
  const auto end = token.find('_');
  if (end == token.npos)
    return std::nullopt;
  return shown_token{token.substr(0, end), token.substr(end + 1)};
}

token_entry entry_of(token_table::row&& r) {
  return {std::move(r.id), std::move(r.scopes), std::move(r.label), r.created_at, r.expires_at};
}

struct token_operations {
  template <class M>
  static void check(M&) {}

  static void check(token_create& m) {
    if (m.scopes.empty())
      throw error(errc::invalid_argument, "a token without scopes may do nothing; give it one");
    for (const auto& text : m.scopes)
      static_cast<void>(scope{text});
    if (m.label)
      check_key("label", *m.label);
    check_ttl(m.ttl_seconds);
  }

  static new_token run(job_context& x, const token_create& m) {
    auto secret = secret::random_text(secret_bytes);
    const auto digest = secret::digest_of(secret);
    token_table::row row{.id = make_id(),
                         .scopes = m.scopes,
                         .label = m.label,
                         .created_at = x.now,
                         .expires_at =
                           m.ttl_seconds ? std::optional{x.now + *m.ttl_seconds} : std::nullopt};
    while (!token_table::insert(x.db, row, digest))
      row.id = make_id();
    auto token = std::string{prefix} + row.id + '_' + secret;
    return {std::move(row.id), std::move(token), row.expires_at};
  }

  static std::vector<token_entry> run(job_context& x, const token_list&) {
    std::vector<token_entry> all;
    for (auto& row : token_table::list(x.db))
      all.push_back(entry_of(std::move(row)));
    return all;
  }

  static bool run(job_context& x, const token_revoke& m) { return token_table::erase(x.db, m.id); }

  static std::optional<token_entry> run(job_context& x, const token_verify& m) {
    const auto shown = parts_of(m.token);
    if (!shown)
      return std::nullopt;
    auto row = token_table::find(x.db, shown->id);
    if (!row || !secret::same(secret::digest_of(shown->secret), row->secret_digest)
        || (row->expires_at && *row->expires_at <= x.now))
      return std::nullopt;
    return entry_of(std::move(*row));
  }
};

} // namespace

const data_type& token_type() {
  return detail::describe_table_type<token_operations, token_wire, token_messages>("token",
                                                                                   "tokens");
}

} // namespace beaver
