#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// A request as the handlers see it, whoever has read it. Names of headers are in lower case.
struct http_request {
  std::string method; ///< "GET"
  std::string target; ///< path and query, as sent
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};

  /// The first header of this name; null if there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const noexcept {
    for (const auto& [each, value] : headers)
      if (each == name)
        return &value;
    return nullptr;
  }
};

struct http_response {
  unsigned status = 200;
  std::string body{};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{}; ///< further ones
};

} // namespace beaver
