#include "beaver/api/net/client_connection.hpp"

#include "beaver/storage/error.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <limits>
#include <openssl/ssl.h>

namespace beaver::net {

namespace {

constexpr http_limits response_limits{64 << 10, 2ull << 30};
constexpr std::size_t piece = 64 << 10;
constexpr auto endless = std::numeric_limits<std::uint64_t>::max();

[[noreturn]] void lost(const char* what, const error_code& why) {
  throw error(errc::remote, std::string{what} + ": " + why.message());
}

} // namespace

server_address server_address::of(const std::string& url) {
  const auto wrong = [&] {
    return error(errc::invalid_argument,
                 "'" + url + "' is no address of a server: http://host:port or https://host:port");
  };
  server_address to;
  std::string_view rest = url;
  if (rest.starts_with("http://"))
    to.tls = false;
  else if (rest.starts_with("https://"))
    to.tls = true;
  else
    throw wrong();
  rest.remove_prefix(rest.find("//") + 2);
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@ ") != rest.npos)
    throw wrong();
  to.name = rest;
  const auto bracket = rest.rfind(']');
  const auto colon = rest.rfind(':');
  const bool has_port = colon != rest.npos && (bracket == rest.npos || colon > bracket);
  auto host = rest.substr(0, has_port ? colon : rest.size());
  to.port = has_port ? std::string{rest.substr(colon + 1)} : to.tls ? "443" : "80";
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  to.host = host;
  if (to.host.empty() || to.port.empty()
      || to.port.find_first_not_of("0123456789") != std::string::npos || to.port.size() > 5)
    throw wrong();
  return to;
}

void expect_host(asio::ssl::stream<socket>& of, const std::string& host) {
  SSL_set_tlsext_host_name(of.native_handle(), host.c_str());
  error_code ignored; // only of memory, and then the handshake fails
  if (SSL_get_verify_mode(of.native_handle()) != SSL_VERIFY_NONE)
    of.set_verify_callback(asio::ssl::host_name_verification{host}, ignored);
}

client_connection::client_connection(const server_address& to, asio::ssl::context* tls,
                                     time_point deadline) {
  error_code why;
  asio::ip::basic_resolver<tcp, asio::io_context::executor_type> resolver{context_};
  const auto found = resolver.resolve(to.host, to.port, why);
  if (why)
    lost(("no address of '" + to.host + "' is known").c_str(), why);
  socket plain{context_};
  std::optional<error_code> done;
  asio::async_connect(plain, found, [&](const error_code& e, const tcp::endpoint&) { done = e; });
  const auto what = "cannot connect to " + to.name;
  context_.restart();
  context_.run_until(deadline);
  if (!done) {
    plain.close(why);
    context_.run();
    throw error(errc::timeout, what + " in time");
  }
  if (*done)
    lost(what.c_str(), *done);
  plain.set_option(tcp::no_delay{true}, why);
  plain.set_option(asio::socket_base::keep_alive{true}, why);
  if (tls == nullptr) {
    over_.emplace(std::move(plain));
    return;
  }
  over_.emplace(std::move(plain), *tls);
  auto& secure = *over_->tls();
  expect_host(secure, to.host);
  done.reset();
  secure.async_handshake(asio::ssl::stream_base::client, [&](const error_code& e) { done = e; });
  run(done, deadline, "TLS with the server failed");
}

/// Works until `done` is set.
void client_connection::run(const std::optional<error_code>& done, time_point deadline,
                            const char* what) {
  context_.restart();
  while (!done && std::chrono::steady_clock::now() < deadline && !context_.stopped())
    context_.run_one_until(deadline);
  if (!done) {
    alive_ = false;
    error_code ignored;
    over_->bare().close(ignored);
    context_.restart();
    context_.run();
    throw error(errc::timeout, std::string{what} + ": it took too long");
  }
  if (*done) {
    alive_ = false;
    lost(what, *done);
  }
}

void client_connection::begin_read() {
  if (reading_ || read_)
    return;
  reading_ = true;
  in_.resize(std::max(in_.size(), filled_ + piece));
  over_->async_read_some(asio::buffer(in_.data() + filled_, in_.size() - filled_),
                         [this](const error_code& why, std::size_t n) {
                           reading_ = false;
                           read_ = why;
                           filled_ += n;
                         });
}

template <class Buffers>
void client_connection::write(const Buffers& what, time_point deadline) {
  std::optional<error_code> done;
  asio::async_write(*over_, what, [&](const error_code& why, std::size_t) { done = why; });
  run(done, deadline, "the request was not sent");
}

/// Ends early, and with it the connection's use, if the server answers before it has all of it.
void client_connection::write_pieces(const http_transport::flow& pieces) {
  const auto in_time = [&] { return std::chrono::steady_clock::now() + pieces.patience; };
  std::string part(piece, '\0');
  begin_read();
  while (const auto n = (*pieces.up)(part)) {
    const auto head = head_of_chunk(n);
    write(std::array<asio::const_buffer, 3>{asio::buffer(head), asio::buffer(part.data(), n),
                                            asio::buffer(line_end)},
          in_time());
    if (!reading_) {
      alive_ = false;
      return;
    }
  }
  const auto last = "0\r\n" + std::string{line_end};
  write(asio::buffer(last), in_time());
}

http_response client_connection::exchange(const http_request& request, time_point deadline,
                                          const std::stop_token& stop,
                                          const http_transport::flow& pieces) {
  heard_ = false;
  filled_ = 0;
  read_.reset();
  const auto head = head_of(request, pieces.up ? body_form::chunks : body_form::whole);
  write(std::array{asio::buffer(head), asio::buffer(request.body)}, deadline);
  if (pieces.up)
    write_pieces(pieces);
  const std::stop_callback withdraw{stop, [this] {
                                      asio::post(context_, [this] {
                                        error_code ignored;
                                        over_->bare().shutdown(socket::shutdown_send, ignored);
                                      });
                                      alive_ = false;
                                    }};
  response_reader reader{pieces.down ? http_limits{response_limits.head, endless}
                                     : response_limits};
  while (!reader.done()) {
    begin_read();
    try {
      run(read_, deadline, "no response came");
    } catch (const error&) {
      if (!read_ || (*read_ != asio::error::eof && *read_ != asio::ssl::error::stream_truncated)
          || !heard_)
        throw;
      reader.put_end();
      break;
    }
    read_.reset();
    heard_ = true;
    const auto used = reader.put({in_.data(), filled_});
    in_.erase(0, used);
    filled_ -= used;
    if (pieces.down && reader.status() == 200) {
      if (const auto some = reader.take_body(); !some.empty())
        (*pieces.down)(some);
      deadline = std::chrono::steady_clock::now() + pieces.patience;
    }
    if (reader.done() && filled_ != 0)
      alive_ = false; // nobody has asked for more
  }
  if (!reader.keeps_alive()) // not `alive_ = alive_ && ...`: a withdrawal may come meanwhile
    alive_ = false;
  return std::move(reader.response());
}

bool client_connection::usable() noexcept {
  if (!alive_)
    return false;
  // Bytes, or the end, that came while nobody asked: the server has closed it.
  error_code why;
  auto& bare = over_->bare();
  bare.non_blocking(true, why);
  char byte;
  const auto n = bare.receive(asio::buffer(&byte, 1), socket::message_peek, why);
  return n == 0 && why == asio::error::would_block;
}

void client_connection::abort() noexcept {
  asio::post(context_, [this] {
    error_code ignored;
    over_->bare().close(ignored);
  });
}

} // namespace beaver::net
