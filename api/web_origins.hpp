#pragma once
#include "beaver/api/http_message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace beaver {

/// Which web pages may use a server: those that come from itself, and those of named origins
/// ("https://app.example"). Browsers tell where a page came from, and send its requests from where
/// its author does not reach. Source: Fetch, "HTTP extensions", "CORS protocol",
/// https://fetch.spec.whatwg.org. Immutable.
class web_origins {
public:
  explicit web_origins(std::vector<std::string> named) : named_(std::move(named)) {}

  /// Whether a request may change something, or open a WebSocket: it is no page's, or the page's
  /// origin is this server, as the Host header has it, or named.
  [[nodiscard]] bool may_change(const http_request& head, bool tls) const;

  /// The response, if a browser asks whether a page of a named origin may send a request.
  [[nodiscard]] std::optional<http_response> preflight(const http_request& head) const;

  /// Lets the page read the response, if its origin is named.
  void share(const http_request& head, http_response& response) const;

private:
  [[nodiscard]] const std::string* named(const http_request& head) const;

  std::vector<std::string> named_;
};

} // namespace beaver
