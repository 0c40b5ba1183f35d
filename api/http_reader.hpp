#pragma once
#include "beaver/api/http_message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace beaver {

/// Bounds of what is read.
struct http_limits {
  std::size_t head = 16 << 10;      ///< bytes of request line and headers
  std::uint64_t body = 64ull << 20; ///< bytes
};

/// Reads one request out of the bytes of a connection, strictly: whatever two readers could
/// understand in two ways is refused, since a proxy in front might be the other one. Knows no
/// socket. Source: RFC 9112, sections 2 to 7.
///
/// Refused with 400: lines that do not end with CR LF, folded headers, blanks before a colon, more
/// than one Host or none, Content-Length beside Transfer-Encoding, two that differ, a coding other
/// than chunked. Beyond the limits: 431 for the head, 413 for the body.
class request_reader {
public:
  explicit request_reader(const http_limits& limits);
  ~request_reader();
  request_reader(request_reader&&) noexcept;
  request_reader& operator=(request_reader&&) noexcept;

  /// Reads on and gives the number of bytes it has used; the others have to be offered again, with
  /// more behind them. Stops behind the head once, and behind the request.
  std::size_t put(std::string_view bytes);

  [[nodiscard]] bool has_head() const noexcept { return has_head_; }
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// The status of the response, if what was read is no request; the connection is of no more use.
  [[nodiscard]] unsigned refused() const noexcept { return refused_; }

  /// Whole once it is done, without body before.
  [[nodiscard]] http_request& request() noexcept { return request_; }

  [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }
  /// Whether the body comes only after a 100 Continue.
  [[nodiscard]] bool wants_continue() const noexcept { return wants_continue_; }
  /// Whether the other side understands a response in chunks.
  [[nodiscard]] bool takes_chunks() const noexcept { return takes_chunks_; }
  /// Whether there is a body still to come.
  [[nodiscard]] bool has_body() const noexcept { return has_body_; }

private:
  struct parser;
  void take_head(std::string_view text);

  std::unique_ptr<parser> parser_;
  http_request request_;
  std::size_t looked_at_ = 0; // bytes of the head
  unsigned refused_ = 0;
  bool has_head_ = false;
  bool done_ = false;
  bool keeps_alive_ = false;
  bool wants_continue_ = false;
  bool takes_chunks_ = false;
  bool has_body_ = false;
};

/// Reads one response.
class response_reader {
public:
  explicit response_reader(const http_limits& limits);
  ~response_reader();
  response_reader(response_reader&&) noexcept;
  response_reader& operator=(response_reader&&) noexcept;

  /// As that of `request_reader`. Throws `error` remote for what is no response, or too long.
  std::size_t put(std::string_view bytes);
  /// The connection has ended. Throws `error` remote if that is too early.
  void put_end();

  [[nodiscard]] bool done() const noexcept { return done_; }
  /// Of a response whose head has come; 0 before.
  [[nodiscard]] unsigned status() const noexcept;
  /// What has come of the body since the last call, which is then no part of the response.
  [[nodiscard]] std::string take_body();
  [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }
  [[nodiscard]] http_response& response() noexcept { return response_; }

private:
  struct parser;
  void finish();

  std::unique_ptr<parser> parser_;
  http_response response_;
  bool done_ = false;
  bool keeps_alive_ = false;
};

/// How a body is told to end: by the length it has, or in chunks, behind the last of which there
/// may be headers.
enum class body_form : std::uint8_t { whole, chunks };

/// The bytes of a request and of a response in front of their bodies.
[[nodiscard]] std::string head_of(const http_request& request, body_form form = body_form::whole);
[[nodiscard]] std::string head_of(const http_response& response, bool keep_alive,
                                  body_form form = body_form::whole);

/// What stands in front of a chunk; behind it stands a line end.
[[nodiscard]] std::string head_of_chunk(std::size_t bytes);
inline constexpr std::string_view line_end = "\r\n";

} // namespace beaver
