#include "beaver/api/http_status.hpp"

#include "beaver/storage/json_text.hpp"

#include <algorithm>
#include <iterator>

namespace beaver {

namespace {

struct row {
  errc code;
  wire_error wire;
};

// The original tells missing keys, indexes and items apart by the class of the error.
constexpr row rows[] = {
  {errc::not_found, {404, "KeyError"}},
  {errc::already_exists, {409, "AlreadyExistsError"}},
  {errc::invalid_argument, {400, "ValueError"}},
  {errc::type_mismatch, {409, "TypeMismatchError"}},
  {errc::timeout, {409, "TimeoutError"}},
  {errc::cancelled, {409, "CancelledError"}},
  {errc::closed, {503, "ClosedError"}},
  {errc::busy, {503, "BusyError"}},
  {errc::would_deadlock, {409, "DeadlockError"}},
  {errc::read_only, {403, "ReadOnlyError"}},
  {errc::unauthorized, {401, "AuthError"}},
  {errc::lost_lock, {409, "LostLockError"}},
  {errc::corrupt, {500, "CorruptError"}},
  {errc::unsupported_version, {500, "VersionError"}},
  {errc::io, {500, "IOError"}},
  {errc::full, {507, "FullError"}},
  {errc::not_supported, {501, "NotSupportedError"}},
  {errc::remote, {502, "RemoteError"}},
  {errc::internal, {500, "InternalError"}},
};

} // namespace

wire_error wire_error_of(errc code, std::string_view type) noexcept {
  if (code == errc::not_found && (type == "list" || type == "queue"))
    return {404, "IndexError"};
  const auto* found = std::find_if(std::begin(rows), std::end(rows),
                                   [&](const row& each) { return each.code == code; });
  return found != std::end(rows) ? found->wire : wire_error{500, "InternalError"};
}

errc code_of(unsigned status, std::string_view code_name) noexcept {
  for (const auto& each : rows)
    if (to_string(each.code) == code_name)
      return each.code;
  if (status == 409)
    return errc::timeout;
  for (const auto& each : rows)
    if (each.wire.status == status && status != 500)
      return each.code;
  return status == 413 || status == 422 ? errc::invalid_argument : errc::remote;
}

http_response error_response(const wire_error& what, std::string_view text, std::string_view code) {
  http_response r{.status = what.status};
  r.body = R"({"error": ")" + std::string{what.name} + R"(", "message": )";
  try {
    json::append_string(r.body, text);
  } catch (const error&) { // it quotes bytes that are no UTF-8
    r.body += "null";
  }
  r.body += R"(, "detail": null)";
  if (!code.empty())
    r.body += R"(, "code": ")" + std::string{code} + '"';
  r.body += '}';
  if (what.status == 503)
    r.headers.emplace_back("Retry-After", "1");
  return r;
}

http_response error_response(errc code, std::string_view type, std::string_view text) {
  return error_response(wire_error_of(code, type), text, to_string(code));
}

http_response plain_response(unsigned status, std::string_view text) {
  return {.status = status, .body = R"({"detail": ")" + std::string{text} + R"("})"};
}

http_response not_allowed(std::string methods) {
  if (methods.find("GET") != std::string::npos)
    methods += ", HEAD";
  auto r = plain_response(405, "Method Not Allowed");
  r.headers.emplace_back("Allow", std::move(methods));
  return r;
}

} // namespace beaver
