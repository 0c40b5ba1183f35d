#pragma once
#include "support/raw_http.hpp"

#include <stdexcept>
#include <string>

namespace beaver::test {

/// The side of a client of a WebSocket, frame by frame: RFC 6455, section 5.2.
class raw_websocket {
public:
  enum opcode : unsigned { text = 1, closing = 8, ping = 9, pong = 10 };

  struct frame {
    unsigned code;
    std::string payload;
  };

  /// Throws if the server does not want it.
  raw_websocket(std::uint16_t port, const std::string& target, int room = 0) : over(port, room) {
    over.send("GET " + target
              + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    if (const auto said = over.read(); said.status != 101)
      throw std::runtime_error("no WebSocket: " + std::to_string(said.status));
  }

  /// The next frame. Throws if the connection ends before.
  frame read() {
    const auto head = over.read_bytes(2);
    std::uint64_t size = static_cast<unsigned char>(head[1]) & 127;
    if (size >= 126) {
      const auto bytes = over.read_bytes(size == 126 ? 2 : 8);
      size = 0;
      for (const char c : bytes)
        size = size << 8 | static_cast<unsigned char>(c);
    }
    return {static_cast<unsigned char>(head[0]) & 15u, over.read_bytes(size)};
  }

  /// The next frame that is no ping; those are answered.
  frame read_and_answer() {
    for (;;) {
      auto next = read();
      if (next.code != ping)
        return next;
      send(next.payload, pong);
    }
  }

  /// The head of a whole frame of a client with `size` bytes, masked with zeros.
  static std::string head_of(std::uint64_t size, opcode code = text) {
    std::string head{static_cast<char>(128 | code)};
    const int more = size < 126 ? 0 : size < 1 << 16 ? 2 : 8;
    head += static_cast<char>(128 | (more == 0 ? size : more == 2 ? 126 : 127));
    for (int i = more - 1; i >= 0; --i)
      head += static_cast<char>(size >> 8 * i);
    return head + std::string(4, '\0');
  }

  /// False if the server has gone.
  bool send(const std::string& payload, opcode code = text) {
    return over.send(head_of(payload.size(), code) + payload);
  }

  raw_http over;
};

/// The code in a frame that closes, 0 if there is none.
inline unsigned close_code(const raw_websocket::frame& f) {
  if (f.code != raw_websocket::closing || f.payload.size() < 2)
    return 0;
  return static_cast<unsigned char>(f.payload[0]) * 256u + static_cast<unsigned char>(f.payload[1]);
}

} // namespace beaver::test
