#include "beaver/storage/json_format.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace beaver::json {
namespace {

constexpr bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

/// Where the digits from `p` on end.
const char* digits_end(const char* p, const char* end) {
  while (p != end && is_digit(*p))
    ++p;
  return p;
}

/// Whether a number beyond the exponents of a double is too small (and so zero) or too large.
bool is_tiny(std::string_view number) {
  number.remove_prefix(number[0] == '-');
  const auto e = std::min(number.find_first_of("eE"), number.size());
  const auto first = number.substr(0, e).find_first_of("123456789");
  if (first == std::string_view::npos)
    return true;
  const auto point = std::min(number.find('.'), e);
  long long exponent = 0;
  if (e != number.size()) {
    const char* from = number.data() + e + 1;
    const char* end = number.data() + number.size();
    if (std::from_chars(from + (*from == '+'), end, exponent).ec != std::errc{})
      return *from == '-';
  }
  return static_cast<long long>(point) - static_cast<long long>(first) + exponent < 0;
}

} // namespace

const char* plain_end(const char* p, const char* end) noexcept {
  // Eight bytes at a time: most text is plain, and strings are most of a text.
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = 0x8080808080808080;
  for (; end - p >= 8; p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    const std::uint64_t quote = word ^ ones * '"';
    const std::uint64_t backslash = word ^ ones * '\\';
    const std::uint64_t above = (word + ones) | word; // 0x7f and more
    const std::uint64_t below = (word - ones * ' ') & ~word;
    if ((above | below | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & tops)
      break;
  }
  while (p != end && is_plain(*p))
    ++p;
  return p;
}

int parse_hex4(const char* p, const char* end) noexcept {
  if (end - p < 4)
    return -1;
  int result = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0)
      return -1;
    result = result * 16 + digit;
  }
  return result;
}

scanned_number scan_number(const char* p, const char* end) noexcept {
  if (p != end && *p == '-')
    ++p;
  const char* whole = digits_end(p, end);
  if (whole == p)
    return {p, true, false};
  if (*p == '0')
    whole = p + 1; // a digit behind it belongs to no number
  p = whole;
  if (p != end && *p == '.') {
    const char* fraction = digits_end(++p, end);
    if (fraction == p)
      return {p, false, false};
    p = fraction;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-'))
      ++p;
    const char* exponent = digits_end(p, end);
    if (exponent == p)
      return {p, false, false};
    p = exponent;
  }
  return {p, p == whole, true};
}

bool is_shortest(std::string_view number) noexcept {
  number.remove_prefix(number[0] == '-');
  const auto point = number.find('.');
  if (point == std::string_view::npos || number.size() - 1 > std::numeric_limits<double>::digits10)
    return false;
  const auto fraction = number.substr(point + 1);
  if (digits_end(fraction.data(), fraction.data() + fraction.size())
      != fraction.data() + fraction.size())
    return false; // an exponent
  if (fraction == "0")
    return true;
  if (fraction.back() == '0')
    return false;
  return number[0] != '0' || fraction.find_first_not_of('0') < 4; // else 1e-05
}

double parse_double(std::string_view number) noexcept {
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  if (result.ec == std::errc{})
    return value;
  value = is_tiny(number) ? 0.0 : std::numeric_limits<double>::infinity();
  return number[0] == '-' ? -value : value;
}

void append_unit(std::string& out, char32_t unit) {
  constexpr const char* hex = "0123456789abcdef";
  switch (unit) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  case '\f':
    out += "\\f";
    return;
  case '\b':
    out += "\\b";
    return;
  default:
    break;
  }
  if (unit >= ' ' && unit <= '~') {
    out += static_cast<char>(unit);
    return;
  }
  const char text[] = {
    '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
  out.append(text, sizeof text);
}

void append_character(std::string& out, char32_t c) {
  if (c < 0x10000) {
    append_unit(out, c);
    return;
  }
  append_unit(out, 0xd800 + ((c - 0x10000) >> 10));
  append_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

template <class Float>
number_text::number_text(Float value) noexcept {
  char sci[32];
  const char* end = std::to_chars(sci, sci + sizeof sci, value, std::chars_format::scientific).ptr;
  const char* e = end;
  while (*--e != 'e') {}
  int exponent = 0;
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);
  if (exponent < -4 || exponent >= 16) {
    put({sci, static_cast<std::size_t>(end - sci)});
    return;
  }
  const char* p = sci;
  if (*p == '-')
    text_[size_++] = *p++;
  if (exponent < 0) {
    put("0.");
    for (int i = exponent + 1; i < 0; ++i)
      text_[size_++] = '0';
  }
  int whole = exponent + 1; // digits still to come before the point
  for (; p != e || whole > 0; --whole) {
    if (p != e && *p == '.')
      ++p;
    if (whole == 0 && exponent >= 0)
      text_[size_++] = '.';
    text_[size_++] = p != e ? *p++ : '0';
  }
  if (whole == 0 && exponent >= 0)
    put(".0");
}

template number_text::number_text(float) noexcept;
template number_text::number_text(double) noexcept;

void number_text::put(std::string_view text) noexcept {
  std::memcpy(text_ + size_, text.data(), text.size());
  size_ += text.size();
}

void append_string(std::string& out, std::string_view utf8) {
  const auto old_size = out.size();
  const char* end = utf8.data() + utf8.size();
  out += '"';
  for (const char* p = utf8.data();;) {
    const char* plain = plain_end(p, end);
    out.append(p, static_cast<std::size_t>(plain - p));
    p = plain;
    if (p == end)
      break;
    const char32_t c = utf8::decode(p, end);
    if (c == utf8::invalid) {
      out.resize(old_size);
      throw error(errc::invalid_argument,
                  "invalid UTF-8 at byte " + std::to_string(p - utf8.data()));
    }
    append_character(out, c);
  }
  out += '"';
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value))
    throw error(errc::invalid_argument, "NaN and infinities are not JSON");
  out += number_text{value}.view();
}

void append_float(std::string& out, float value) {
  if (!std::isfinite(value))
    throw error(errc::invalid_argument, "NaN and infinities are not JSON");
  out += number_text{value}.view();
}

std::string_view unescaped(std::string_view between_quotes, std::string& scratch) {
  auto escape = between_quotes.find('\\');
  if (escape == std::string_view::npos)
    return between_quotes;
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const char* end = between_quotes.data() + between_quotes.size();
  scratch.clear();
  while (escape != std::string_view::npos) {
    scratch += between_quotes.substr(0, escape);
    const char letter = between_quotes[escape + 1];
    between_quotes.remove_prefix(escape + 2);
    if (letter != 'u') {
      scratch += meanings[letters.find(letter)];
    } else {
      auto c = static_cast<char32_t>(parse_hex4(between_quotes.data(), end));
      between_quotes.remove_prefix(4);
      if (c >= 0xd800 && c < 0xdc00 && between_quotes.starts_with("\\u")) {
        const auto low = static_cast<char32_t>(parse_hex4(between_quotes.data() + 2, end));
        if (low >= 0xdc00 && low < 0xe000) {
          c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
          between_quotes.remove_prefix(6);
        }
      }
      utf8::append(scratch, c);
    }
    escape = between_quotes.find('\\');
  }
  return scratch += between_quotes;
}

} // namespace beaver::json
