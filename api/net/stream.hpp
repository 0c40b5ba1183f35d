#pragma once
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <utility>

// For the few .cpp files that hold sockets; everything else knows requests and responses only.
namespace beaver::net {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using tcp = asio::ip::tcp;
using socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;

/// What a side of TLS begins with: nothing older than TLS 1.2.
[[nodiscard]] inline asio::ssl::context new_tls(asio::ssl::context::method side) {
  asio::ssl::context made{side};
  made.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1
                   | asio::ssl::context::no_tlsv1_1);
  return made;
}

/// A connection, with TLS or without: one type, so that what is built upon it is compiled once.
class stream {
public:
  using executor_type = socket::executor_type;
  using lowest_layer_type = socket::lowest_layer_type;

  explicit stream(socket plain) : plain_(std::move(plain)) {}
  stream(socket plain, asio::ssl::context& tls)
    : plain_(plain.get_executor()),
      tls_(std::make_unique<asio::ssl::stream<socket>>(std::move(plain), tls)) {}

  executor_type get_executor() noexcept { return plain_.get_executor(); }
  socket& bare() noexcept { return tls_ ? tls_->next_layer() : plain_; }
  lowest_layer_type& lowest_layer() noexcept { return bare().lowest_layer(); }
  asio::ssl::stream<socket>* tls() noexcept { return tls_.get(); } ///< null without TLS

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& to, Handler&& done) {
    if (tls_)
      tls_->async_read_some(to, std::forward<Handler>(done));
    else
      plain_.async_read_some(to, std::forward<Handler>(done));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& from, Handler&& done) {
    if (tls_)
      tls_->async_write_some(from, std::forward<Handler>(done));
    else
      plain_.async_write_some(from, std::forward<Handler>(done));
  }

private:
  socket plain_;
  std::unique_ptr<asio::ssl::stream<socket>> tls_;
};

} // namespace beaver::net
