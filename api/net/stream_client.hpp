#pragma once
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/api/net/client_connection.hpp"

#include <memory>
#include <string>
#include <thread>

namespace beaver::net {

/// The streams of a client, all on one thread. A stream whose connection breaks begins again behind
/// the last item that came, so that none is missed and none comes twice.
class stream_client {
public:
  /// `tls` (null without) must outlive this.
  stream_client(server_address to, asio::ssl::context* tls, std::string token);
  /// Ends all streams with errc::closed.
  ~stream_client();

  /// Opens the stream of an operation. Returns once the server has said that it has begun. Throws
  /// `error`: what the server says, remote, timeout.
  std::shared_ptr<stream_buffer> open(const operation& op, const stream_limits& limits,
                                      const http_request& request,
                                      std::chrono::steady_clock::time_point deadline);

private:
  struct state;
  std::shared_ptr<state> state_;
  std::thread thread_;
};

} // namespace beaver::net
