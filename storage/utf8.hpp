#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace beaver::utf8 {

/// What `decode` gives for bytes that are no character.
inline constexpr char32_t invalid = 0xffffffff;

/// The character at `p` (which must be before `end`); moves `p` behind it. Gives `invalid` and
/// leaves `p` for a stray, missing or overlong byte, a surrogate, or a value beyond U+10FFFF.
[[nodiscard]] inline char32_t decode(const char*& p, const char* end) noexcept {
  const auto lead = static_cast<unsigned char>(*p);
  if (lead < 0x80) {
    ++p;
    return lead;
  }
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4 || end - p <= more)
    return invalid;
  char32_t result = lead & (0x3fu >> more);
  for (int i = 1; i <= more; ++i) {
    const auto next = static_cast<unsigned char>(p[i]);
    if ((next & 0xc0) != 0x80)
      return invalid;
    result = result << 6 | (next & 0x3f);
  }
  const bool overlong = (more == 2 && result < 0x800) || (more == 3 && result < 0x10000);
  if (overlong || result > 0x10ffff || (result >= 0xd800 && result < 0xe000))
    return invalid;
  p += more + 1;
  return result;
}

/// Where the values begin that `decode_any` gives for bytes.
inline constexpr char32_t first_byte = 0x110000;

/// The character at `p` (which must be before `end`); moves `p` behind it. A byte that is no part
/// of a character is one of its own: `first_byte` plus its value.
[[nodiscard]] inline char32_t decode_any(const char*& p, const char* end) noexcept {
  const char32_t c = decode(p, end);
  return c != invalid ? c : first_byte + static_cast<unsigned char>(*p++);
}

/// Appends a character that is no surrogate and not beyond U+10FFFF.
inline void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  out += static_cast<char>((0xff00u >> (more + 1) & 0xffu) | c >> (6 * more));
  for (int i = more - 1; i >= 0; --i)
    out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3f));
}

/// Where the first byte stands that is no part of a character; `npos` if there is none. Linear.
[[nodiscard]] inline std::size_t find_invalid(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  for (const char* p = text.data(); p != end;)
    if (decode(p, end) == invalid)
      return static_cast<std::size_t>(p - text.data());
  return std::string_view::npos;
}

} // namespace beaver::utf8
