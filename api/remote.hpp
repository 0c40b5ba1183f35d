#pragma once
#include "beaver/api/database.hpp"

#include <chrono>
#include <string>

namespace beaver {

struct connect_options {
  std::string token{}; ///< from `db.tokens().create(...)` or `beaver token create`

  std::string tls_ca{};   ///< file of certificates to trust, PEM; empty: those of the system
  bool tls_verify = true; ///< whether the server's certificate is checked
  /// Of one's own, chain and key in PEM: for cafs://, and where a proxy before a server asks for
  /// it.
  std::string tls_certificate{};
  std::string tls_key{};

  /// For connecting, and for each response. Calls that wait for something wait as long as they say.
  /// Looking up a host's name is not part of it: the system's resolver has deadlines of its own.
  std::chrono::milliseconds timeout{30'000};
  std::size_t pool = 8;     ///< connections of HTTP that are kept open while nobody needs them
  std::size_t threads = 64; ///< for asynchronous calls over HTTP in work, at most
};

/// The database of a server, "http://host:port" or "https://host:port", or one that is published
/// over CAF's network (api/actor_net.hpp), "caf://host:port" or "cafs://host:port": the same
/// handles and errors as over a file, further `errc::remote` when the server cannot be reached, or
/// the connection breaks within a call, which then may or may not have happened. Reads are tried
/// again once.
///
/// What needs the file in this process is `errc::not_supported`: interactive transactions and
/// snapshots; over CAF's network dump and load too. Batches are atomic as ever.
///
/// Does not wait for the server: the first call does. Throws `error` invalid_argument for a URL
/// that is none, not_supported in a build without BEAVER_WITH_SERVER.
[[nodiscard]] database connect(const std::string& url, connect_options how = {});

} // namespace beaver
