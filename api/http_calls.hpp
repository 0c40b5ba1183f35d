#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/api/http_message.hpp"
#include "beaver/api/router.hpp"

#include <memory>
#include <stop_token>

namespace beaver {

/// Carries out requests over HTTP as messages: finds the route, makes the message of path, query
/// and body, calls the backend, and writes its reply or error. Knows no network. What it speaks for
/// dict, list, queue and log is the wire of beaver-db 2.3, and all other types follow its shapes:
///
/// - 200 with the reply as JSON; `null` for none, bytes as they are;
/// - an empty reply is 404, on some routes of the original `null`; with a parameter `default` that;
///   where a call has waited in vain, 409;
/// - a `put` or `delete` whose reply says that there was nothing is 404, else `null`;
/// - values in a query are JSON; a text that does not begin with a quote is a string as it stands;
/// - `null` for a member that may be absent means that it is, unless it may be any JSON.
///
/// Immutable; usable from any thread.
class http_calls {
public:
  explicit http_calls(std::shared_ptr<backend> to);

  /// Never throws but std::bad_alloc. `stop` withdraws a call that waits.
  [[nodiscard]] http_response answer(const http_request& request, std::stop_token stop = {}) const;

  [[nodiscard]] const router& routes() const noexcept { return routes_; }

private:
  struct call;

  http_response carry_out(call& c, std::stop_token stop) const;

  std::shared_ptr<backend> to_;
  router routes_;
};

} // namespace beaver
