#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace beaver::test {

/// How Python's beaver-db 2.3 chooses the key of a list item, from the description of its
/// behaviour: the middle digit where there is one, else further down the right neighbour if that is
/// longer, else down the left. No neighbour: nothing on that side. Wrong for a right neighbour that
/// ends in '0', as there.
inline std::string python_key_between(std::optional<std::string_view> left,
                                      std::optional<std::string_view> right) {
  constexpr std::string_view digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string result;
  std::string_view low = left.value_or("");
  std::string_view high = right.value_or("");
  for (;;) {
    const std::size_t a = low.empty() ? 0 : digits.find(low.front());
    const std::size_t b = high.empty() ? digits.size() : digits.find(high.front());
    if (b > a + 1)
      return result += digits[(a + b) / 2];
    const bool down_the_right = a != b && high.size() > 1;
    low = low.empty() || down_the_right ? "" : low.substr(1);
    result += digits[down_the_right ? b : a];
    high = a == b || down_the_right ? high.substr(1) : "";
  }
}

} // namespace beaver::test
