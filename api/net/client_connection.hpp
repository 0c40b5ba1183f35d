#pragma once
#include "beaver/api/http_message.hpp"
#include "beaver/api/http_reader.hpp"
#include "beaver/api/net/stream.hpp"
#include "beaver/api/remote_backend.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

namespace beaver::net {

/// Where a server is.
struct server_address {
  std::string host;
  std::string port;
  bool tls;
  std::string name; ///< "host:port", as in a Host header

  /// Of "http://host:port" or "https://host", without a path. Throws `error` invalid_argument.
  [[nodiscard]] static server_address of(const std::string& url);
};

/// Names the server in the handshake to come, and has its certificate be of that name where
/// certificates are checked.
void expect_host(asio::ssl::stream<socket>& of, const std::string& host);

/// One connection of a client, for one thread at a time, which does the work itself.
class client_connection {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `tls`: null without. Throws `error` remote, timeout.
  client_connection(const server_address& to, asio::ssl::context* tls, time_point deadline);

  /// Sends a request and reads its response. When `stop` is requested it ends its own sending side,
  /// and reads on. Throws `error` remote, timeout; then it is of no more use.
  http_response exchange(const http_request& request, time_point deadline,
                         const std::stop_token& stop, const http_transport::flow& pieces);

  /// Whether another request may follow the last one.
  [[nodiscard]] bool alive() const noexcept { return alive_; }
  /// The same, and whether the server has not closed it since.
  [[nodiscard]] bool usable() noexcept;

  /// Whether the last exchange has read anything: if not, the server may have been gone before.
  [[nodiscard]] bool heard() const noexcept { return heard_; }

  /// Ends what is in work. From any thread.
  void abort() noexcept;

private:
  void run(const std::optional<error_code>& done, time_point deadline, const char* what);
  void begin_read();
  template <class Buffers>
  void write(const Buffers& what, time_point deadline);
  void write_pieces(const http_transport::flow& pieces);

  asio::io_context context_{1};
  std::optional<stream> over_;
  std::string in_; // of which `filled_` bytes have come and were not used
  std::size_t filled_ = 0;
  bool reading_ = false;
  std::optional<error_code> read_; // how a reading has ended that was not looked at yet
  std::atomic<bool> alive_{true};
  bool heard_ = false;
};

} // namespace beaver::net
