#include "beaver/tools/bench_load.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace beaver::bench {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

int open_socket(std::uint16_t port) {
  const int made = ::socket(AF_INET, SOCK_STREAM, 0);
  const auto to = loopback(port);
  if (made < 0 || ::connect(made, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    fail("cannot connect to the server");
  const int on = 1;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

void watch(int poll, int socket, std::uint64_t tag) {
  epoll_event what{};
  what.events = EPOLLIN;
  what.data.u64 = tag;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &what) != 0)
    fail("epoll_ctl failed");
}

void send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0)
      fail("the server has closed a connection");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// What there is; "" at the end.
std::string_view receive(int socket, std::array<char, 64 << 10>& into) {
  const auto n = ::recv(socket, into.data(), into.size(), 0);
  return {into.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

/// The bytes of the first response in `text`; 0 while it is not whole.
std::size_t response_size(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  if (end == text.npos)
    return 0;
  if (!text.starts_with("HTTP/1.1 200"))
    fail("the server answers " + std::string{text.substr(0, text.find('\r'))});
  constexpr std::string_view name = "Content-Length: ";
  const auto at = text.find(name) + name.size();
  std::size_t body = 0;
  std::from_chars(text.data() + at, text.data() + end, body);
  const auto all = end + 4 + body;
  return text.size() < all ? 0 : all;
}

} // namespace

http_load::http_load(std::uint16_t port, std::size_t connections) : poll_(::epoll_create1(0)) {
  for (std::size_t i = 0; i < connections; ++i) {
    peers_.push_back({open_socket(port)});
    watch(poll_, peers_.back().socket, i);
  }
}

http_load::~http_load() {
  for (const auto& each : peers_)
    ::close(each.socket);
  ::close(poll_);
}

bool http_load::take_response(peer& from) {
  std::array<char, 64 << 10> some;
  const auto got = receive(from.socket, some);
  if (got.empty())
    fail("the server has closed a connection");
  from.waiting += got;
  const auto size = response_size(from.waiting);
  from.waiting.erase(0, size);
  return size > 0;
}

void http_load::run(slice& of, const std::function<std::string()>& next_request) {
  const auto ask = [&](peer& by) {
    by.began = steady::now();
    send_all(by.socket, next_request());
  };
  for (auto& each : peers_)
    ask(each);
  std::array<epoll_event, 64> ready;
  for (std::size_t out = peers_.size(); out > 0;) {
    const auto n = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 10'000);
    if (n <= 0)
      fail("the server does not answer");
    for (int i = 0; i < n; ++i) {
      auto& by = peers_[ready[static_cast<std::size_t>(i)].data.u64];
      if (!take_response(by))
        continue;
      of.done_since(by.began);
      if (of.running())
        ask(by);
      else
        --out;
    }
  }
}

stream_load::stream_load(std::uint16_t port, const std::string& target, std::size_t connections)
  : poll_(::epoll_create1(0)), tails_(connections) {
  const auto request = "GET " + target
                       + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  std::array<char, 64 << 10> some;
  for (std::size_t i = 0; i < connections; ++i) {
    sockets_.push_back(open_socket(port));
    send_all(sockets_.back(), request);
    std::string answer;
    while (answer.find("\r\n\r\n") == answer.npos) {
      const auto got = receive(sockets_.back(), some);
      if (got.empty())
        fail("the server has closed a connection");
      answer += got;
    }
    if (!answer.starts_with("HTTP/1.1 101"))
      fail("the server answers " + answer.substr(0, answer.find('\r')));
    watch(poll_, sockets_.back(), i);
  }
}

stream_load::~stream_load() {
  for (const int each : sockets_)
    ::close(each);
  ::close(poll_);
}

void stream_load::await(std::string_view word, std::uint64_t times) {
  std::array<epoll_event, 64> ready;
  std::array<char, 64 << 10> some;
  while (found_ < times) {
    const auto n = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 10'000);
    if (n <= 0)
      fail("the server sends nothing");
    for (int i = 0; i < n; ++i) {
      const auto which = ready[static_cast<std::size_t>(i)].data.u64;
      const auto got = receive(sockets_[which], some);
      if (got.empty())
        fail("the server has closed a connection");
      auto text = tails_[which] + std::string{got};
      for (auto at = text.find(word); at != text.npos; at = text.find(word, at + word.size())) {
        ++found_;
        std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), word.size(), ' ');
      }
      tails_[which] = text.substr(text.size() - std::min(text.size(), word.size() - 1));
    }
  }
}

bare_server::bare_server(std::string response)
  : response_(std::move(response)), listener_(::socket(AF_INET, SOCK_STREAM, 0)),
    poll_(::epoll_create1(0)) {
  auto at = loopback(0);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0
      || ::listen(listener_, 1024) != 0
      || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    fail("cannot listen");
  port_ = ntohs(at.sin_port);
  watch(poll_, listener_, static_cast<std::uint64_t>(listener_));
  thread_ = std::thread{[this] { run(); }};
}

bare_server::~bare_server() {
  ended_ = true;
  thread_.join();
  ::close(listener_);
  ::close(poll_);
}

void bare_server::run() {
  std::array<epoll_event, 64> ready;
  std::array<char, 64 << 10> some;
  std::vector<int> open;
  while (!ended_) {
    const auto n = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 20);
    for (int i = 0; i < n; ++i) {
      const int socket = static_cast<int>(ready[static_cast<std::size_t>(i)].data.u64);
      if (socket == listener_) {
        const int made = ::accept(listener_, nullptr, nullptr);
        const int on = 1;
        ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(poll_, made, static_cast<std::uint64_t>(made));
        open.push_back(made);
        continue;
      }
      // The requests of these cases are small and come whole.
      if (receive(socket, some).empty())
        ::epoll_ctl(poll_, EPOLL_CTL_DEL, socket, nullptr);
      else
        send_all(socket, response_);
    }
  }
  for (const int each : open)
    ::close(each);
}

} // namespace beaver::bench
