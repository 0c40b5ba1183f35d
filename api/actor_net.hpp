#pragma once
#include "beaver/api/actors.hpp"

#include <cstdint>
#include <memory>
#include <string>

// A database's actors for other nodes, over CAF's own network: for C++ programs that are trusted
// like one another, and of the same version of this library. Whoever is let in may do everything,
// also end actors; nothing but certificates tells who that is. To everybody else belongs
// api/server.hpp.

namespace beaver {

/// The certificates of a node, files in PEM. Each side checks that of the other against `ca`; names
/// in them are not compared with addresses.
struct actor_tls {
  std::string certificate{};
  std::string key{};
  std::string ca{};
};

/// Lets a system be made that sends messages of this library to other nodes, also over TLS if there
/// are certificates. To be called before the system is made, instead of `register_messages`. Throws
/// `error`: invalid_argument (a part of `tls` is missing), not_supported (a build without
/// BEAVER_WITH_ACTOR_NET).
void join_network(caf::actor_system_config& config, const actor_tls& tls = {});

/// An actor system of its own for `actor_database` and `actor_server`, for programs that have none.
/// Outlives what is made in it; its end waits for all actors.
class actor_network {
public:
  explicit actor_network(const actor_tls& tls = {});
  ~actor_network();
  actor_network(const actor_network&) = delete;
  actor_network& operator=(const actor_network&) = delete;

  [[nodiscard]] caf::actor_system& system() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

struct actor_server_options {
  std::string host = "127.0.0.1"; ///< an address of this machine
  std::uint16_t port = 0;         ///< 0: any that is free
  bool tls = false;               ///< with the certificates that the system has
  bool insecure = false;          ///< serve other machines without TLS
};

/// Publishes a database whose system has joined the network, from construction to the destructor,
/// behind which peers that are connected remain so until the database or the system ends.
class actor_server {
public:
  /// `what` must outlive this. Throws `error`: invalid_argument (what is to be served where is not
  /// safe, or the system has not joined the network), io (the port is taken).
  explicit actor_server(actor_database& what, actor_server_options how = {});
  ~actor_server();
  actor_server(const actor_server&) = delete;
  actor_server& operator=(const actor_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string url() const; ///< "caf://127.0.0.1:4711", with TLS "cafs://"

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace beaver
