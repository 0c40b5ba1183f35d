#pragma once
#include "beaver/actors/scope.hpp"
#include "beaver/actors/secret.hpp"
#include "beaver/api/attempt_limit.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class backend;
struct operation;

/// What it takes to carry out an operation. Every one that only reads, or opens a stream, takes
/// `read`; whatever writes or takes something away `write`; what belongs to no manager of any type
/// (tokens, and the database itself) `admin`.
[[nodiscard]] access_kind kind_of(const operation& op) noexcept;

/// Somebody who has been let in, and what he may do. Any thread.
class caller {
public:
  caller(std::string id, std::vector<scope> scopes)
    : id_(std::move(id)), scopes_(std::move(scopes)) {}

  /// That of the token; "line 3" for one of a token file. For logs.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  /// Whether he may carry out an operation on the manager `name`. Where there is none (lists of
  /// names), or the name is a pattern of names, he needs all managers of the type; for the change
  /// feed those of all types.
  [[nodiscard]] bool may(const operation& op, std::string_view name) const;

  /// The same for a whole message, which may name further managers (the other sketch of a merge, a
  /// queue for dead letters, the vectors of a search): each takes its own right. A batch takes
  /// those of its steps. Throws `error` invalid_argument for a batch whose steps cannot be read.
  [[nodiscard]] bool may_send(const operation& op, const void* message) const;

private:
  [[nodiscard]] bool covers(access_kind kind, std::string_view type, std::string_view name) const;
  [[nodiscard]] bool covers_all(access_kind kind, std::string_view type) const;

  std::string id_;
  std::vector<scope> scopes_;
};

/// How a request is to be met: carried out, or with 401, 403, 429 as a status of HTTP.
enum class verdict : std::uint8_t { allowed, unauthenticated, forbidden, too_many };

/// Decides who may do what, by the tokens in the file and others that are held in memory. Nothing
/// is cached: a token that some process revokes is refused by the next check. Knows nothing of
/// HTTP. Thread-safe.
class access_list {
public:
  explicit access_list(std::shared_ptr<backend> over, attempt_options attempts = {});

  /// Adds tokens out of a text with one a line: TOKEN for all rights, or TOKEN SCOPE ... Empty
  /// lines and those that begin with # count for nothing. Only digests are kept. Before the first
  /// check, on one thread. Throws `error`: invalid_argument that names the line, not_supported (a
  /// build without BEAVER_WITH_SERVER).
  void add_tokens(std::string_view lines);

  /// How it ended to ask who somebody is.
  struct identity {
    verdict how; ///< anything but forbidden
    std::optional<caller> who{};
  };

  /// Who shows this: the value of the header Authorization, "Bearer TOKEN"; empty: none. `peer` is
  /// what counts as one place that attempts come from, as an address without its port. A token that
  /// is none is a failed attempt, none at all is not; once a peer has failed too often, what it
  /// shows is not even looked at until some time has passed. Calls in flight meanwhile are looked
  /// at still. Throws `error` if the file cannot be read.
  [[nodiscard]] identity authenticate(std::string_view authorization, std::string_view peer);

  /// The same, and whether he may carry out an operation on the manager `name`.
  [[nodiscard]] verdict check(std::string_view authorization, const operation& op,
                              std::string_view name, std::string_view peer);

private:
  struct static_token {
    token_table::digest digest;
    caller who;
  };

  [[nodiscard]] std::optional<caller> find(std::string_view token) const;

  std::shared_ptr<backend> over_;
  attempt_limit attempts_;
  std::vector<static_token> static_tokens_;
};

} // namespace beaver
