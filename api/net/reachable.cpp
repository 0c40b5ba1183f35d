#include "beaver/api/net/reachable.hpp"

#include "beaver/storage/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace beaver::net {

namespace {

using steady = std::chrono::steady_clock;

/// 0, or why not.
int connected(const addrinfo& to, steady::time_point deadline) {
  const int s = ::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (s < 0)
    return errno;
  int why = ::connect(s, to.ai_addr, to.ai_addrlen) == 0 ? 0 : errno;
  if (why == EINPROGRESS) {
    const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now());
    pollfd ready{s, POLLOUT, 0};
    const int n = ::poll(&ready, 1, static_cast<int>(std::clamp<long>(left.count(), 0, 1 << 30)));
    socklen_t size = sizeof why;
    if (n <= 0)
      why = ETIMEDOUT;
    else if (::getsockopt(s, SOL_SOCKET, SO_ERROR, &why, &size) != 0)
      why = errno;
  }
  ::close(s);
  return why;
}

} // namespace

void await_reachable(const std::string& host, std::uint16_t port, steady::time_point deadline) {
  const auto name = host + ':' + std::to_string(port);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (const int why = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &first))
    throw error(errc::remote, "cannot connect to " + name + ": " + ::gai_strerror(why));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all{first, ::freeaddrinfo};
  int why = EHOSTUNREACH;
  for (const auto* each = first; each != nullptr; each = each->ai_next)
    if (why = connected(*each, deadline); why == 0)
      return;
  throw error(why == ETIMEDOUT ? errc::timeout : errc::remote,
              "cannot connect to " + name + ": " + std::strerror(why));
}

} // namespace beaver::net
