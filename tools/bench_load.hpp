#pragma once
#include "beaver/tools/bench_harness.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// Bare sockets for the cases of the server: clients that cost as little as they can, and the least
// that a server has to do.

namespace beaver::bench {

/// Connections to a server on this machine, each with at most one request out, on one thread.
class http_load {
public:
  http_load(std::uint16_t port, std::size_t connections);
  ~http_load();
  http_load(const http_load&) = delete;
  http_load& operator=(const http_load&) = delete;

  /// Keeps all connections busy until the slice is over; each response is one operation. Throws
  /// std::runtime_error for a status other than 200, or a connection that ends.
  void run(slice& of, const std::function<std::string()>& next_request);

private:
  struct peer {
    int socket;
    std::string waiting{};
    steady::time_point began{};
  };

  bool take_response(peer& from);

  int poll_;
  std::vector<peer> peers_;
};

/// WebSockets that are all sent the same, and count it.
class stream_load {
public:
  stream_load(std::uint16_t port, const std::string& target, std::size_t connections);
  ~stream_load();
  stream_load(const stream_load&) = delete;
  stream_load& operator=(const stream_load&) = delete;

  /// Waits until `word` has come so many times in all since the beginning.
  void await(std::string_view word, std::uint64_t times);

private:
  int poll_;
  std::vector<int> sockets_;
  std::vector<std::string> tails_; // of what came: the word may be cut
  std::uint64_t found_ = 0;
};

/// Answers each request with the same bytes, whatever it is, on one thread.
class bare_server {
public:
  explicit bare_server(std::string response);
  ~bare_server();
  bare_server(const bare_server&) = delete;
  bare_server& operator=(const bare_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  void run();

  const std::string response_;
  int listener_;
  int poll_;
  std::uint16_t port_ = 0;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

} // namespace beaver::bench
