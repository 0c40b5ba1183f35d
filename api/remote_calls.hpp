#pragma once
#include "beaver/actors/operation.hpp"
#include "beaver/api/http_message.hpp"
#include "beaver/api/router.hpp"
#include "beaver/storage/error.hpp"

namespace beaver {

/// Makes requests out of messages and replies out of responses: the inverse of `http_calls`. Knows
/// no network. Immutable; usable from any thread.
class remote_calls {
public:
  remote_calls();

  /// The request that carries a checked message. Throws `error` not_supported for one that cannot
  /// leave the process, with its reason.
  [[nodiscard]] http_request request_of(const operation& op, const void* message) const;

  /// Fills a slot (null: nobody wants the reply) from a response. Throws the `error` that the
  /// server sent, or `error` remote for what no server of ours sends.
  static void take_reply(const operation& op, void* slot, const http_response& from);

private:
  router routes_;
};

/// The failure that a response tells of.
[[nodiscard]] error failure_in(const http_response& from);

} // namespace beaver
