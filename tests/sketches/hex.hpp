#pragma once
#include <string>
#include <string_view>

namespace beaver::test {

using namespace sketches;

/// Bytes as digests are written down.
template <class Bytes>
std::string hex(const Bytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto byte : bytes) {
    out += digits[static_cast<unsigned char>(byte) >> 4];
    out += digits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

} // namespace beaver::test
