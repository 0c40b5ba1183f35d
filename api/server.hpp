#pragma once
#include "beaver/api/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beaver {

/// One answered request, for a log.
struct access_record {
  std::string_view peer; ///< address
  std::string_view method;
  std::string_view target; ///< without its query, which may hold values
  unsigned status;
  std::uint64_t bytes; ///< of the response's body
  std::chrono::microseconds took;
};

struct server_options {
  std::string host = "127.0.0.1"; ///< an address of this machine
  std::uint16_t port = 8000;      ///< 0: any that is free
  unsigned threads = 1;           ///< for sockets; the work is done by the database's own

  std::string tls_certificate; ///< file with the chain, PEM; with `tls_key` the server speaks TLS
  std::string tls_key;         ///< file, PEM

  /// Further tokens than those of `database::tokens`, one a line: TOKEN for all rights, or TOKEN
  /// SCOPE ... as in "read:dicts/cfg". At the loopback address requests need a token as soon as
  /// there is any, here or in the file; elsewhere always.
  std::string tokens;
  /// Serve an address other than that of this machine's loopback without tokens or without TLS.
  bool insecure = false;
  /// Web pages of other origins ("https://app.example") that may send requests, read the responses
  /// and open WebSockets.
  std::vector<std::string> origins;

  std::size_t max_head = 16 << 10;      ///< bytes of request line and headers
  std::uint64_t max_body = 64ull << 20; ///< bytes of a request's body
  /// Bytes of large bodies and frames, in all connections together, that wait for the rest or to be
  /// read. Who asks for more gets the status 503, a WebSocket the code 1013.
  std::size_t max_waiting = 512u << 20;
  std::size_t max_connections = 20'000; ///< more are closed at once

  std::chrono::seconds head_timeout{10}; ///< for a head, from its first byte on, and a handshake
  std::chrono::seconds body_timeout{30}; ///< for every 64 KiB of a body or a response
  std::chrono::seconds idle_timeout{75}; ///< between requests

  /// Called for each answered request, from any thread. Must neither block nor throw.
  std::function<void(const access_record&)> log;
};

/// Serves a database over HTTP: every operation that may leave the process, as docs/guide/server.md
/// says. Runs on threads of its own from construction to `stop` or the destructor. Thread-safe.
class server {
public:
  /// Throws `error`: invalid_argument (what is to be served where is not safe, no such address,
  /// a certificate that cannot be read, a scope that is none), io (the port is taken),
  /// not_supported (a build without).
  explicit server(database& what, server_options how = {});
  /// `stop` without patience.
  ~server();
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string url() const; ///< "http://127.0.0.1:8000"

  /// Takes no more connections, answers the requests that are in work, closes the idle connections
  /// at once and all others when `patience` is over. Waits for that.
  void stop(std::chrono::milliseconds patience = std::chrono::seconds{10});

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace beaver
