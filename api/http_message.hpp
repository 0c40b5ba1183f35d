#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// Where the reply is when it is not the body, and what stands for an empty one.
inline constexpr std::string_view reply_header = "Beaver-Reply";
inline constexpr std::string_view no_reply = "none";

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// The first header of a name, which is in lower case; null if there is none.
[[nodiscard]] inline const std::string* find_header(const http_headers& all,
                                                    std::string_view name) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (const auto& [each, value] : all)
    if (std::equal(each.begin(), each.end(), name.begin(), name.end(),
                   [&](char a, char b) { return lower(a) == b; }))
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
};

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
