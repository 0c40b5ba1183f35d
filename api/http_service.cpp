#include "beaver/api/http_service.hpp"

#include "beaver/actors/dict.hpp"
#include "beaver/api/http_status.hpp"
#include "beaver/api/pages.hpp"

#include <algorithm>

namespace beaver {

namespace {

// What may hold up the sockets of a thread; a dictionary's value takes a few microseconds.
constexpr std::chrono::microseconds longest_quick{500};

bool changes_something(const http_request& head) noexcept {
  return head.method != "GET" || head.header("upgrade") != nullptr;
}

/// A host without its port.
std::string_view without_port(std::string_view host) noexcept {
  const auto colon = host.rfind(':');
  const bool in_brackets = host.starts_with('[') && host.ends_with(']');
  return colon == host.npos || in_brackets ? host : host.substr(0, colon);
}

/// 127.0.0.1 and its like, in four numbers: a name may begin so.
bool is_loopback_address(std::string_view host) noexcept {
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

bool is_loopback_name(std::string_view host) noexcept {
  constexpr std::string_view name = "localhost";
  const bool named = std::equal(host.begin(), host.end(), name.begin(), name.end(),
                                [](char a, char b) { return (a | 32) == b; });
  return named || host == "[::1]" || host == "::1" || is_loopback_address(host);
}

http_response text_page(unsigned status, std::string body) {
  return {.status = status, .body = std::move(body), .content_type = "text/plain; charset=utf-8"};
}

} // namespace

http_service::http_service(std::shared_ptr<backend> to, const server_options& how)
  : to_(std::move(to)), options_(how), loopback_(is_loopback_name(how.host)) {}

std::variant<http_call, http_response> http_service::begin(const http_request& head,
                                                           const origin& from) {
  if (!host_allowed(head))
    return error_response({421, "AuthError"}, "this server has another name",
                          to_string(errc::unauthorized));
  if (changes_something(head) && !origin_allowed(head, from.tls))
    return error_response({403, "AuthError"}, "pages of this origin may send no requests",
                          to_string(errc::unauthorized));
  if (auto found = page(head))
    return std::move(*found);
  return calls_.begin(head);
}

bool http_service::is_quick(const operation& op) const noexcept {
  if (!op.reads || op.waits || slow_reads_ > 0)
    return false;
  const auto usual = metrics_.usual(op);
  return usual.count() > 0 && usual < longest_quick;
}

void http_service::begins(const operation& op) noexcept {
  if (op.reads)
    ++slow_reads_;
}

void http_service::ended(const operation& op, unsigned status, std::chrono::nanoseconds took,
                         bool elsewhere) noexcept {
  if (elsewhere && op.reads)
    --slow_reads_;
  metrics_.count(op, status, took);
}

/// What is no operation.
std::optional<http_response> http_service::page(const http_request& head) {
  if (head.method != "GET")
    return std::nullopt;
  const auto path = std::string_view{head.target}.substr(0, head.target.find('?'));
  if (path == "/health/live")
    return text_page(200, "alive\n");
  if (path == "/health" || path == "/health/ready") {
    if (draining_)
      return text_page(503, "about to stop\n");
    try {
      call(*to_, dict_count{"health", {}}); // a read of the file
      return text_page(200, "ready\n");
    } catch (const error& e) {
      return text_page(503, std::string{e.what()} + '\n');
    }
  }
  const auto* known = head.header("if-none-match");
  if (auto found = static_page(path, known ? *known : std::string_view{}))
    return found;
  if (path == "/metrics") {
    try {
      auto r = text_page(200, metrics_.text(call(*to_, database_info{})));
      r.content_type = "text/plain; version=0.0.4; charset=utf-8";
      return r;
    } catch (const error& e) {
      return error_response(e.code(), {}, e.what());
    }
  }
  return std::nullopt;
}

/// Browsers tell from where a page came that sends a request, and send cookies and reach addresses
/// that the page's author does not.
bool http_service::origin_allowed(const http_request& head, bool tls) const {
  const auto* page_origin = head.header("origin");
  if (page_origin == nullptr)
    return true;
  const auto* host = head.header("host");
  if (host != nullptr && *page_origin == (tls ? "https://" : "http://") + *host)
    return true;
  return std::find(options_.origins.begin(), options_.origins.end(), *page_origin)
         != options_.origins.end();
}

/// A name that somebody else lets point at this machine would make his pages those of this server.
bool http_service::host_allowed(const http_request& head) const {
  const auto* host = head.header("host");
  return !loopback_ || host == nullptr || is_loopback_name(without_port(*host));
}

} // namespace beaver
