#include "beaver/storage/trigrams.hpp"

#include "beaver/storage/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace beaver {
namespace {

/// A window is one integer while it is sorted: three characters of 21 bits, the first on top.
constexpr int character_bits = 21;
constexpr std::uint64_t character_mask = (std::uint64_t{1} << character_bits) - 1;
constexpr std::uint64_t window_mask = (std::uint64_t{1} << 3 * character_bits) - 1;

std::string text_of(std::uint64_t window) {
  std::string text;
  for (int shift = 2 * character_bits; shift >= 0; shift -= character_bits) {
    const auto c = static_cast<char32_t>(window >> shift & character_mask);
    if (c < utf8::first_byte)
      utf8::append(text, c);
    else
      text += static_cast<char>(c - utf8::first_byte);
  }
  return text;
}

} // namespace

std::vector<std::string> trigrams(std::string_view lower_case) {
  std::vector<std::uint64_t> windows;
  windows.reserve(lower_case.size());
  const char* p = lower_case.data();
  const char* const end = p + lower_case.size();
  std::uint64_t window = 0;
  for (std::size_t seen = 1; p != end; ++seen) {
    window = (window << character_bits | utf8::decode_any(p, end)) & window_mask;
    if (seen >= 3)
      windows.push_back(window);
  }
  std::sort(windows.begin(), windows.end());
  windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
  std::vector<std::string> result;
  result.reserve(windows.size());
  for (const auto w : windows)
    result.push_back(text_of(w));
  return result;
}

} // namespace beaver
