#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// Bodies and frames up to so many bytes need no share of the server's memory budget, and get their
/// time as a whole; longer ones by pieces of this size.
constexpr std::size_t small_body = 64 << 10;

/// Where the reply is when it is not the body, and what stands for an empty one.
inline constexpr std::string_view reply_header = "Beaver-Reply";
inline constexpr std::string_view no_reply = "none";

/// Whether two words are the same but for the case of ASCII letters.
[[nodiscard]] inline bool same_word(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// The first header of a name; null if there is none.
[[nodiscard]] inline const std::string* find_header(const http_headers& all,
                                                    std::string_view name) noexcept {
  for (const auto& [each, value] : all)
    if (same_word(each, name))
      return &value;
  return nullptr;
}

/// A request as the handlers see it, whoever has read it.
struct http_request {
  std::string method; ///< "GET"
  std::string target; ///< path and query, as sent
  http_headers headers{};
  std::string body{};

  [[nodiscard]] const std::string* header(std::string_view name) const noexcept {
    return find_header(headers, name);
  }
  /// The target without its query.
  [[nodiscard]] std::string_view path() const noexcept {
    return std::string_view{target}.substr(0, target.find('?'));
  }
};

/// Whether a request is a GET, be it one whose response is wanted without its body.
[[nodiscard]] inline bool is_get(const http_request& head) noexcept {
  return head.method == "GET" || head.method == "HEAD";
}

/// Whether a request wants to go on as a WebSocket.
[[nodiscard]] inline bool asks_for_socket(const http_request& head) noexcept {
  const auto* wanted = head.header("upgrade");
  return head.method == "GET" && wanted != nullptr && same_word(*wanted, "websocket");
}

struct http_response {
  unsigned status = 200;
  std::string body{};
  std::string content_type = "application/json";
  http_headers headers{}; ///< further ones

  [[nodiscard]] const std::string* header(std::string_view name) const noexcept {
    return find_header(headers, name);
  }
};

} // namespace beaver
