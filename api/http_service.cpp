#include "beaver/api/http_service.hpp"

#include "beaver/actors/dict.hpp"
#include "beaver/actors/token.hpp"
#include "beaver/api/http_status.hpp"
#include "beaver/api/loopback.hpp"
#include "beaver/api/pages.hpp"

namespace beaver {

namespace {

// What may hold up the sockets of a thread; a dictionary's value takes a few microseconds.
constexpr std::chrono::microseconds longest_quick{500};
constexpr std::chrono::seconds token_look_period{1};

http_response refusal(unsigned status, std::string_view why) {
  auto r = error_response({status, "AuthError"}, why, to_string(errc::unauthorized));
  if (status == 401)
    r.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 429)
    r.headers.emplace_back("Retry-After", "1");
  return r;
}

bool changes_something(const http_request& head) noexcept {
  return !is_get(head) || head.header("upgrade") != nullptr;
}

/// A host without its port.
std::string_view without_port(std::string_view host) noexcept {
  const auto colon = host.rfind(':');
  const bool in_brackets = host.starts_with('[') && host.ends_with(']');
  return colon == host.npos || in_brackets ? host : host.substr(0, colon);
}

http_response text_page(unsigned status, std::string body) {
  return {.status = status, .body = std::move(body), .content_type = "text/plain; charset=utf-8"};
}

} // namespace

http_service::http_service(std::shared_ptr<backend> to, const server_options& how)
  : to_(std::move(to)), options_(how), origins_(how.origins), loopback_(is_loopback_name(how.host)),
    access_(to_), memory_(how.max_waiting) {
  access_.add_tokens(options_.tokens);
}

std::variant<http_service::admitted, http_transfer, http_response>
http_service::begin(const http_request& head, const origin& from) {
  if (!host_allowed(head))
    return refusal(421, "this server has another name");
  if (changes_something(head) && !origins_.may_change(head, from.tls))
    return refusal(403, "pages of this origin may send no requests");
  if (auto preflight = origins_.preflight(head))
    return std::move(*preflight);
  if (auto found = page(head))
    return std::move(*found);
  try {
    const bool guarded = needs_token();
    auto who = guarded ? identify(head, from) : access_list::identity{verdict::allowed};
    if (who.how == verdict::too_many)
      return refusal(429, "too many attempts");
    if (who.how != verdict::allowed)
      return refusal(401, "invalid or missing bearer token");
    if (is_get(head) && head.path() == "/metrics") {
      if (guarded && !who.who->may(operation_of<database_info>(), {}))
        return refusal(403, "the token is not good for this");
      return metrics_page();
    }
    if (auto transfer = transfer_of(head)) {
      if (auto* wrong = std::get_if<http_response>(&*transfer))
        return std::move(*wrong);
      auto& asked = std::get<http_transfer>(*transfer);
      if (guarded && !who.who->may(*asked.like, asked.name))
        return refusal(403, "the token is not good for this");
      return std::move(asked);
    }
    auto begun = calls_.begin(head);
    if (auto* response = std::get_if<http_response>(&begun))
      return std::move(*response);
    auto& call = std::get<http_call>(begun);
    if (guarded && !who.who->may(call.op(), call.manager()))
      return refusal(403, "the token is not good for this");
    return admitted{std::move(call), std::move(who.who)};
  } catch (const error& e) {
    return error_response(e.code(), {}, e.what());
  }
}

std::optional<http_response> http_service::take_body(admitted& a, std::string_view body) {
  if (auto wrong = a.call.take_body(body))
    return wrong;
  try {
    if (a.by && !a.by->may_send(a.call.op(), a.call.message()))
      return refusal(403, "the token is not good for all of this");
    return std::nullopt;
  } catch (const error& e) {
    return a.call.failed(e.code(), e.what());
  }
}

/// Tokens may be made at any time by any program, but asking the file each time would cost as much
/// as a request.
bool http_service::needs_token() {
  if (!options_.tokens.empty() || (!loopback_ && !options_.insecure))
    return true;
  const auto now = std::chrono::steady_clock::now();
  if (file_has_tokens_ || now - looked_for_tokens_.load() < token_look_period)
    return file_has_tokens_;
  looked_for_tokens_ = now;
  return file_has_tokens_ = !call(*to_, token_list{}).empty();
}

/// Pages in a browser cannot send a header with the request for a WebSocket, but name protocols.
access_list::identity http_service::identify(const http_request& head, const origin& from) {
  std::string shown;
  if (const auto* header = head.header("authorization")) {
    shown = *header;
  } else if (const auto* protocols = head.header("sec-websocket-protocol")) {
    constexpr std::string_view mark = "bearer.";
    if (const auto at = protocols->find(mark); at != std::string::npos)
      shown = "Bearer "
              + protocols->substr(at + mark.size(),
                                  protocols->find_first_of(", ", at) - at - mark.size());
  }
  return access_.authenticate(shown, from.peer);
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

/// What is no operation and open to everybody.
std::optional<http_response> http_service::page(const http_request& head) const {
  if (!is_get(head))
    return std::nullopt;
  const auto path = head.path();
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
  return static_page(path, known ? *known : std::string_view{});
}

http_response http_service::metrics_page() const {
  auto r = text_page(200, metrics_.text(call(*to_, database_info{}), memory_.used()));
  r.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return r;
}

/// A name that somebody else lets point at this machine would make his pages those of this server.
bool http_service::host_allowed(const http_request& head) const {
  const auto* host = head.header("host");
  return !loopback_ || host == nullptr || is_loopback_name(without_port(*host));
}

} // namespace beaver
