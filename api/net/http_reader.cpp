#include "beaver/api/http_reader.hpp"

#include "beaver/storage/error.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <functional>
#include <utility>

namespace beaver {

namespace {

namespace http = boost::beast::http;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

template <class Fields>
http_headers headers_of(const Fields& fields) {
  http_headers all;
  for (const auto& field : fields)
    all.emplace_back(view_of(field.name_string()), view_of(field.value()));
  return all;
}

std::size_t count_of(const http_headers& all, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
    all.begin(), all.end(), [&](const auto& each) { return same_word(each.first, name); }));
}

/// Whether a line ends with LF alone, from `first` on.
bool has_bare_feed(std::string_view head, std::size_t first) {
  for (auto at = head.find('\n', first); at != head.npos; at = head.find('\n', at + 1))
    if (at == 0 || head[at - 1] != '\r')
      return true;
  return false;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Whether a line of a head goes on in the next one.
bool has_fold(std::string_view head) {
  return head.find("\n ") != head.npos || head.find("\n\t") != head.npos;
}

unsigned status_of(boost::beast::error_code why) {
  if (why == http::error::header_limit)
    return 431;
  return why == http::error::body_limit ? 413 : 400;
}

} // namespace

/// A body in a string that grows with what comes: Beast's own takes room for what a head announces,
/// which costs its sender nothing.
struct growing_body {
  using value_type = std::string;
  class reader {
  public:
    template <bool IsRequest, class Fields>
    reader(http::header<IsRequest, Fields>&, value_type& into) : into_(into) {}
    void init(const boost::optional<std::uint64_t>&, boost::beast::error_code& why) { why = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& some, boost::beast::error_code& why) {
      why = {};
      std::size_t n = 0;
      for (const boost::asio::const_buffer each : boost::beast::buffers_range_ref(some)) {
        into_.append(static_cast<const char*>(each.data()), each.size());
        n += each.size();
      }
      return n;
    }
    void finish(boost::beast::error_code& why) { why = {}; }

  private:
    value_type& into_;
  };
};

// What is left of a chunked body before its end: "0", and two line ends. Beast relies upon having
// that much at some places.
constexpr std::size_t least_of_chunks = 5;

struct request_reader::parser {
  parser() { of.on_chunk_header(look_at_chunk); }

  http::request_parser<growing_body> of;
  std::size_t longest_line = 0; // between chunks
  // Beast looks for CR LF alone, and skips what stands before it.
  std::function<void(std::uint64_t, boost::beast::string_view, boost::beast::error_code&)>
    look_at_chunk = [](auto, auto extension, auto& why) {
      if (view_of(extension).find_first_of("\r\n") != std::string_view::npos)
        why = http::error::bad_chunk_extension;
    };
};

request_reader::request_reader(const http_limits& limits) : parser_(std::make_unique<parser>()) {
  parser_->longest_line = limits.head;
  parser_->of.header_limit(static_cast<std::uint32_t>(limits.head));
  parser_->of.body_limit(limits.body);
}
request_reader::~request_reader() = default;
request_reader::request_reader(request_reader&&) noexcept = default;
request_reader& request_reader::operator=(request_reader&&) noexcept = default;

std::size_t request_reader::put(std::string_view bytes) {
  auto& p = parser_->of;
  std::size_t used = 0;
  // The parser waits for the end of the head, which may never come, and has used nothing so far.
  if (!has_head_ && has_bare_feed(bytes.substr(0, bytes.find("\r\n\r\n")), looked_at_))
    refused_ = 400;
  looked_at_ = bytes.size();
  while (refused_ == 0 && !done_ && used < bytes.size()) {
    if (has_head_ && p.chunked() && bytes.size() - used < least_of_chunks)
      break;
    boost::beast::error_code why;
    p.eager(has_head_);
    const auto now = p.put(boost::asio::buffer(bytes.substr(used)), why);
    if (why == http::error::need_more) {
      used += now;
      // The rest is a line that has no end yet, between chunks or behind them.
      if (has_head_ && bytes.size() - used > parser_->longest_line)
        refused_ = 431;
      if (has_head_ && has_bare_feed(bytes.substr(used), 0))
        refused_ = 400;
      break;
    }
    if (why) {
      refused_ = status_of(why);
      break;
    }
    const bool head_ends = !has_head_ && p.is_header_done();
    if (head_ends)
      take_head(bytes.substr(used, now));
    used += now;
    done_ = p.is_done();
    if (done_ && refused_ == 0)
      request_.body = std::move(p.get().body());
    if (head_ends || (now == 0 && !done_))
      break;
  }
  return used;
}

void request_reader::take_head(std::string_view text) {
  const auto& p = parser_->of;
  const auto& m = p.get();
  has_head_ = true;
  request_ = {std::string{view_of(m.method_string())}, std::string{view_of(m.target())},
              headers_of(m)};
  const auto* length = request_.header("content-length");
  const auto* coding = request_.header("transfer-encoding");
  if (has_fold(text) || count_of(request_.headers, "host") > 1
      || count_of(request_.headers, "transfer-encoding") > 1
      || count_of(request_.headers, "content-length") > 1
      || (length != nullptr && !is_number(*length))
      || (coding != nullptr && !same_word(*coding, "chunked"))
      || (m.version() == 10 && coding != nullptr)
      || (m.version() == 11 && request_.header("host") == nullptr))
    refused_ = 400;
  keeps_alive_ = m.keep_alive();
  takes_chunks_ = m.version() == 11;
  const auto* expected = request_.header("expect");
  wants_continue_ = expected != nullptr && same_word(*expected, "100-continue");
  has_body_ = !p.is_done();
}

struct response_reader::parser {
  http::response_parser<http::string_body> of;
};

response_reader::response_reader(const http_limits& limits) : parser_(std::make_unique<parser>()) {
  parser_->of.header_limit(static_cast<std::uint32_t>(limits.head));
  parser_->of.body_limit(limits.body);
  parser_->of.eager(true);
}
response_reader::~response_reader() = default;
response_reader::response_reader(response_reader&&) noexcept = default;
response_reader& response_reader::operator=(response_reader&&) noexcept = default;

std::size_t response_reader::put(std::string_view bytes) {
  std::size_t used = 0;
  while (!done_ && used < bytes.size()) {
    boost::beast::error_code why;
    const auto now = parser_->of.put(boost::asio::buffer(bytes.substr(used)), why);
    used += now;
    if (why == http::error::need_more)
      break;
    if (why)
      throw error(errc::remote, "the server sent no response: " + why.message());
    if (parser_->of.is_done())
      finish();
    else if (now == 0)
      break;
  }
  return used;
}

void response_reader::put_end() {
  boost::beast::error_code why;
  parser_->of.put_eof(why);
  if (why || !parser_->of.is_done())
    throw error(errc::remote, "the server ended the connection within a response");
  finish();
}

unsigned response_reader::status() const noexcept {
  return parser_->of.is_header_done() ? parser_->of.get().result_int() : 0;
}

std::string response_reader::take_body() {
  return std::exchange(done_ ? response_.body : parser_->of.get().body(), {});
}

void response_reader::finish() {
  auto& m = parser_->of.get();
  done_ = true;
  keeps_alive_ = m.keep_alive();
  response_.status = m.result_int();
  response_.headers = headers_of(m);
  response_.body = std::move(m.body());
  if (const auto* type = response_.header("content-type"))
    response_.content_type = *type;
}

std::string head_of(const http_request& request, body_form form) {
  std::string out = request.method + ' ' + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers)
    ((out += name) += ": ").append(value) += "\r\n";
  if (form == body_form::chunks)
    out += "transfer-encoding: chunked\r\n";
  else if (!request.body.empty() || request.method != "GET")
    out += "content-length: " + std::to_string(request.body.size()) + "\r\n";
  return out += "\r\n";
}

std::string head_of(const http_response& response, bool keep_alive, body_form form) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string out;
  out.reserve(256);
  ((out += "HTTP/1.1 ") += std::to_string(response.status)) += ' ';
  out.append(reason.data(), reason.size());
  if (form == body_form::chunks)
    out += "\r\nTransfer-Encoding: chunked";
  else
    (out += "\r\nContent-Length: ") += std::to_string(response.body.size());
  if (!response.content_type.empty())
    (out += "\r\nContent-Type: ") += response.content_type;
  for (const auto& [name, value] : response.headers)
    (((out += "\r\n") += name) += ": ") += value;
  if (!keep_alive)
    out += "\r\nConnection: close";
  return out += "\r\nX-Content-Type-Options: nosniff\r\n\r\n";
}

std::string head_of_chunk(std::size_t bytes) {
  std::array<char, 2 * sizeof bytes> digits{};
  const auto [end, fault] = std::to_chars(digits.begin(), digits.end(), bytes, 16);
  return std::string(digits.data(), end).append(line_end);
}

} // namespace beaver
