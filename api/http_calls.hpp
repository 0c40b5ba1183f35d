#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/api/byte_range.hpp"
#include "beaver/api/http_message.hpp"
#include "beaver/api/router.hpp"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beaver {

/// A request on its way to being a message and back: made out of its head by `http_calls`, it takes
/// the body, is carried out by somebody, and turns what came of that into a response.
class http_call {
public:
  [[nodiscard]] const operation& op() const noexcept { return *op_; }
  /// The name of the manager in the path; "" if there is none.
  [[nodiscard]] std::string_view manager() const { return op_->manager_name(message_.get()); }

  /// The body, and a last check of the whole; gives the response if it is not as it should be.
  [[nodiscard]] std::optional<http_response> take_body(std::string_view body);

  /// Whether it goes on as a WebSocket: a stream, or a call that waits and was asked for so.
  [[nodiscard]] bool wants_socket() const noexcept { return op_->streams || over_socket_; }

  [[nodiscard]] void* message() noexcept { return message_.get(); }
  [[nodiscard]] void* slot() noexcept { return slot_.get(); } ///< null for void

  /// The response to what is in the slot, or to a failure.
  [[nodiscard]] http_response reply() const;
  [[nodiscard]] http_response failed(errc code, std::string_view text) const;
  /// Gives back what is in the slot, which a response may wait for long behind.
  void forget_reply() noexcept { slot_.reset(); }

private:
  friend class http_calls;
  http_call(const router::route& route, const http_request& head, bool over_socket);

  void take_path(const std::vector<std::pair<std::string_view, std::string>>& members);
  void take_query(std::string_view query);
  void set(const member_info& m, std::string_view text);
  void note(const member_info& m);
  void miss_none() const;
  [[nodiscard]] bool takes_default(std::string_view name) const;
  [[nodiscard]] bool has_json_body() const noexcept;
  std::string members_in(std::string_view body);
  void take_vector(std::string_view body);
  [[nodiscard]] http_response empty_reply() const;

  const router::route* route_;
  const operation* op_;
  std::shared_ptr<void> message_;
  std::shared_ptr<void> slot_;
  std::vector<bool> given_;              // by member
  std::optional<std::string> otherwise_; // JSON for an empty reply
  bool waits_;                           // until there is something to give
  bool all_in_body_;                     // also what would stand in the query
  bool as_json_;                         // also bytes
  bool as_bytes_;                        // also a vector
  bool vector_in_body_;                  // as bytes, so that the others are in the query
  bool over_socket_;                     // a call that waits, with all members in the query
  std::optional<byte_range> range_;      // of a reply that is bytes
};

/// Makes messages out of requests over HTTP. Knows no network. What it speaks for dict, list, queue
/// and log is the wire of beaver-db 2.3, and all other types follow its shapes:
///
/// - 200 with the reply as JSON; `null` for none; bytes as they are, also where they have metadata
///   beside them, unless the request accepts application/json; a GET may ask for one range of them;
/// - an empty reply is 404, on some routes of the original `null`; with a parameter `default` that;
///   where a call has waited in vain, 409;
/// - a message with one vector may have it as its body, 32-bit floats, little-endian, if that is
///   application/octet-stream; a reply with one is given so to who accepts that, and not JSON;
/// - a `put` or `delete` whose reply says that there was nothing is 404, else `null`;
/// - where the body is not the reply, the header Beaver-Reply has it as JSON, or `none` if empty;
/// - values in a query are JSON; a text that does not begin with a quote is a string as it stands;
/// - `null` for a member that may be absent means that it is, unless it may be any JSON;
/// - what has no room in a query travels as a JSON body, in a POST that says
///   `X-HTTP-Method-Override: GET`;
/// - a call that waits may be a WebSocket at the same path, with its members in the query.
///
/// Immutable; usable from any thread.
class http_calls {
public:
  http_calls();

  /// The call that the head of a request is about, or why there is none. Never throws but
  /// std::bad_alloc.
  [[nodiscard]] std::variant<http_call, http_response> begin(const http_request& head) const;

  /// All of it: carries the call out over `to` and waits for the end. `stop` withdraws a call that
  /// waits. A stream is 426, since it needs a WebSocket.
  [[nodiscard]] http_response answer(backend& to, const http_request& request,
                                     std::stop_token stop = {}) const;

  [[nodiscard]] const router& routes() const noexcept { return routes_; }

private:
  router routes_;
};

} // namespace beaver
