#include "beaver/api/web_origins.hpp"

#include <algorithm>

namespace beaver {

/// The origin that a request names, if it is one of ours.
const std::string* web_origins::named(const http_request& head) const {
  const auto* origin = head.header("origin");
  const bool ours =
    origin != nullptr && std::find(named_.begin(), named_.end(), *origin) != named_.end();
  return ours ? origin : nullptr;
}

bool web_origins::may_change(const http_request& head, bool tls) const {
  const auto* origin = head.header("origin");
  const auto* host = head.header("host");
  return origin == nullptr || (host != nullptr && *origin == (tls ? "https://" : "http://") + *host)
         || named(head) != nullptr;
}

std::optional<http_response> web_origins::preflight(const http_request& head) const {
  if (head.method != "OPTIONS" || head.header("access-control-request-method") == nullptr
      || named(head) == nullptr)
    return std::nullopt;
  http_response r{.content_type = "text/plain"};
  r.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, PUT, POST, DELETE");
  if (const auto* headers = head.header("access-control-request-headers"))
    r.headers.emplace_back("Access-Control-Allow-Headers", *headers);
  r.headers.emplace_back("Access-Control-Max-Age", "3600");
  return r;
}

void web_origins::share(const http_request& head, http_response& response) const {
  if (named_.empty())
    return;
  response.headers.emplace_back("Vary", "Origin");
  if (const auto* origin = named(head)) {
    response.headers.emplace_back("Access-Control-Allow-Origin", *origin);
    response.headers.emplace_back("Access-Control-Expose-Headers", "*");
  }
}

} // namespace beaver
