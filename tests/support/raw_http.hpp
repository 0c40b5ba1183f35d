#pragma once
#include "beaver/api/http_reader.hpp"
#include "beaver/storage/error.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace beaver::test {

/// A bare connection to a server on this machine, which sends what it is told.
class raw_http {
public:
  /// `room`: bytes that the system may keep until they are read; 0: what it likes.
  explicit raw_http(std::uint16_t port, int room = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{60, 0}; // a test that hangs is to end
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (room > 0)
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("cannot connect");
  }
  ~raw_http() { close(); }
  raw_http(const raw_http&) = delete;
  raw_http& operator=(const raw_http&) = delete;

  /// False if the server has gone.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// The next response. Throws if the connection ends before.
  http_response read() {
    response_reader reader{{64 << 10, 1u << 30}};
    while (true) {
      waiting_.erase(0, reader.put(waiting_));
      if (reader.done())
        return std::move(reader.response());
      if (!more())
        throw std::runtime_error("the server has closed the connection");
    }
  }

  /// The next so many bytes. Throws if the connection ends before.
  std::string read_bytes(std::size_t number) {
    while (waiting_.size() < number)
      if (!more())
        throw std::runtime_error("the server has closed the connection");
    auto bytes = waiting_.substr(0, number);
    waiting_.erase(0, number);
    return bytes;
  }

  /// All that comes until the server closes.
  std::string read_all() {
    while (more()) {}
    return std::move(waiting_);
  }

  http_response ask(const std::string& method, const std::string& target,
                    const std::string& body = {}, const std::string& headers = {}) {
    send(method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return read();
  }

  void close() {
    if (socket_ >= 0)
      ::close(socket_);
    socket_ = -1;
  }

  /// Goes without a farewell, as after a crash of its machine.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  /// For `poll`.
  [[nodiscard]] int descriptor() const noexcept { return socket_; }
  /// Whether bytes have come that were not read from here yet.
  [[nodiscard]] bool has_some() const noexcept { return !waiting_.empty(); }

private:
  bool more() {
    char some[16 << 10];
    const auto n = ::recv(socket_, some, sizeof some, 0);
    if (n <= 0)
      return false;
    waiting_.append(some, static_cast<std::size_t>(n));
    return true;
  }

  int socket_;
  std::string waiting_;
};

} // namespace beaver::test
