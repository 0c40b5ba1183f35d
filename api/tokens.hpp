#pragma once
#include "beaver/actors/token.hpp"
#include "beaver/api/style.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beaver {

/// What may be said of a token when it is made.
struct token_options {
  std::optional<std::string> label{};             // for people
  std::optional<std::chrono::seconds> lifetime{}; // > 0; absent: valid until it is revoked
};

/// Who may come to this database over a network, and what they may do there. Tokens are kept in the
/// file, of their secrets only digests. Cheap to copy, usable from any thread, and valid until the
/// database closes. Every call may fail with `error`: busy, io, full, closed. With `Style` =
/// `async` calls return futures.
template <class Style = sync>
class tokens {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  explicit tokens(Style style) : style_(std::move(style)) {}

  /// Makes a token with these rights, each KIND:TYPES/NAMES: "read:dicts/cfg",
  /// "write:queues/jobs.*", "read:*", "admin:*". What is returned has the secret, which nobody can
  /// show again. Errors: invalid_argument (no scope, one that is none), not_supported (a build
  /// without BEAVER_WITH_SERVER).
  [[nodiscard]] reply<new_token> create(std::vector<std::string> scopes,
                                        const token_options& how = {}) requires(Style::reads) {
    std::optional<double> ttl;
    if (how.lifetime)
      ttl = static_cast<double>(how.lifetime->count());
    return style_(token_create{std::move(scopes), how.label, ttl});
  }

  /// All tokens, those that have expired too, in the order of their making.
  [[nodiscard]] reply<std::vector<token_entry>> list() const requires(Style::reads) {
    return style_(token_list{});
  }

  /// Ends a token at once, for every process; whether there was one.
  reply<bool> revoke(std::string id) { return style_(token_revoke{std::move(id)}); }

private:
  Style style_;
};

} // namespace beaver
