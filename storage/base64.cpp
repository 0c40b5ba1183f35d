#include "beaver/storage/base64.hpp"

#include <array>
#include <cstdint>

namespace beaver::base64 {
namespace {

constexpr std::string_view alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto values = [] {
  std::array<int, 256> result{};
  result.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    result[static_cast<unsigned char>(alphabet[i])] = static_cast<int>(i);
  return result;
}();

} // namespace

void append(std::string& out, std::string_view data) {
  out.reserve(out.size() + (data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const auto byte = [&](std::size_t n) -> std::uint32_t {
      return i + n < data.size() ? static_cast<unsigned char>(data[i + n]) : 0;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += i + 1 < data.size() ? alphabet[group >> 6 & 63] : '=';
    out += i + 2 < data.size() ? alphabet[group & 63] : '=';
  }
}

void append_url(std::string& out, std::string_view data) {
  std::string text;
  append(text, data);
  text.resize(text.find_last_not_of('=') + 1);
  for (const char c : text)
    out += c == '+' ? '-' : c == '/' ? '_' : c;
}

std::optional<std::string> decode(std::string_view text) {
  if (text.size() % 4 != 0)
    return {};
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = values[static_cast<unsigned char>(c)];
    if (value < 0)
      return {};
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 0xff);
    }
  }
  if ((group & ((1u << bits) - 1)) != 0)
    return {};
  return out;
}

} // namespace beaver::base64
