#pragma once
#include "beaver/actors/message.hpp"

namespace beaver {

/// A token as everybody may see it.
struct token_entry {
  std::string id;
  std::vector<std::string> scopes;
  std::optional<std::string> label{};
  double created_at;
  std::optional<double> expires_at{}; // absent: never
};
BOOST_DESCRIBE_STRUCT(token_entry, (), (id, scopes, label, created_at, expires_at))

/// A token with its secret.
struct new_token {
  std::string id;    // names it from here on
  std::string token; // what its owner shows
  std::optional<double> expires_at{};
};
BOOST_DESCRIBE_STRUCT(new_token, (), (id, token, expires_at))

// The messages of the data type `token`: who may come over a network, and what they may do. A token
// is "bvr_", its id, "_" and a secret of which the file keeps only a digest. Every message may fail
// with invalid_argument, closed, busy, io, full, corrupt; not_supported in a build without
// BEAVER_WITH_SERVER where a digest is needed.

/// Makes a token with these rights (see `scope`); its secret is shown this once. Errors:
/// invalid_argument (no scope, one that is none, ttl <= 0).
struct token_create {
  using reply = new_token;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/tokens",
                                  .summary = "Make a token and show it, this once.",
                                  .aliases = "new add"};
  std::vector<std::string> scopes;
  std::optional<std::string> label;  // for people
  std::optional<double> ttl_seconds; // > 0; absent: valid until it is revoked
};
BOOST_DESCRIBE_STRUCT(token_create, (), (scopes, label, ttl_seconds))

/// All tokens, those that have expired too, in the order of their making.
struct token_list {
  using reply = std::vector<token_entry>;
  static constexpr endpoint route{
    .method = verb::get, .path = "/tokens", .summary = "List all tokens.", .aliases = "names ls"};
};
BOOST_DESCRIBE_STRUCT(token_list, (), ())

/// Ends a token at once, for every process; whether there was one.
struct token_revoke {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/tokens/{id}",
                                  .summary = "Revoke a token; tell whether it was there.",
                                  .aliases = "erase delete del remove"};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(token_revoke, (), (id))

/// What somebody who shows this token may do; empty if there is none such, or it has expired. Reads
/// the file each time, so that it is right when another process has just revoked it. O(log n).
struct token_verify {
  using reply = std::optional<token_entry>;
  static constexpr endpoint route = local_only("tokens are verified where the file is");
  std::string token;
};
BOOST_DESCRIBE_STRUCT(token_verify, (), (token))

using token_messages = boost::mp11::mp_list<token_create, token_list, token_revoke, token_verify>;

} // namespace beaver
