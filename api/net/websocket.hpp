#pragma once
#include "beaver/api/http_message.hpp"
#include "beaver/api/net/stream.hpp"

#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace beaver::net {

namespace websocket = boost::beast::websocket;

/// Found by Beast, which ends with them what it has closed in the words of the protocol.
inline void teardown(boost::beast::role_type, stream& of, error_code& why) {
  of.bare().shutdown(socket::shutdown_both, why);
  of.bare().close(why);
}

inline void beast_close_socket(stream& of) {
  error_code ignored;
  of.bare().close(ignored);
}

template <class Handler>
void async_teardown(boost::beast::role_type role, stream& of, Handler&& done) {
  error_code why;
  teardown(role, of, why);
  asio::post(of.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(done), error_code{}));
}

/// Without compression, which costs memory for every connection.
using web_socket = websocket::stream<stream, false>;

/// What both sides have in common: text, pings, and closing who does not answer them.
inline void set_up(web_socket& over, std::size_t most_bytes, std::chrono::seconds patience) {
  over.text(true);
  over.auto_fragment(false);
  over.write_buffer_bytes(1024);
  over.read_message_max(most_bytes);
  over.set_option(websocket::stream_base::timeout{
    .handshake_timeout = patience, .idle_timeout = 2 * patience, .keep_alive_pings = true});
}

} // namespace beaver::net
