#pragma once
#include "beaver/storage/utf8.hpp"

#include <cstdint>
#include <random>
#include <string>

namespace beaver::test {

/// Writes random JSON texts in many spellings: foreign spacing, escapes where none are needed, raw
/// UTF-8, numbers in every notation. The same seed gives the same texts.
class random_json {
public:
  explicit random_json(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] std::string operator()() {
    std::string out;
    value(out, 5);
    return out;
  }

  /// Evenly from 0..n-1.
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

private:
  void value(std::string& out, int depth) {
    space(out);
    switch (below(depth > 0 ? 8 : 6)) {
    case 0:
      out += "null";
      break;
    case 1:
      out += below(2) ? "true" : "false";
      break;
    case 2:
    case 3:
      number(out);
      break;
    case 4:
    case 5:
      string(out);
      break;
    case 6:
      sequence(out, '[', ']', depth, false);
      break;
    default:
      sequence(out, '{', '}', depth, true);
      break;
    }
    space(out);
  }

  void sequence(std::string& out, char open, char close, int depth, bool named) {
    out += open;
    space(out);
    for (auto n = below(4); n > 0; --n) {
      if (named) {
        space(out);
        string(out);
        space(out);
        out += ':';
      }
      value(out, depth - 1);
      if (n > 1)
        out += ',';
    }
    out += close;
  }

  void number(std::string& out) {
    if (below(3) == 0)
      out += '-';
    digits(out, true);
    if (below(2)) {
      out += '.';
      digits(out, false);
    }
    if (below(3) == 0) {
      out += below(2) ? 'e' : 'E';
      if (below(2))
        out += below(2) ? '+' : '-';
      out += std::to_string(below(250));
    }
  }

  void digits(std::string& out, bool whole) {
    const auto n = 1 + below(20);
    if (whole && n == 1) {
      out += '0';
      return;
    }
    for (std::uint64_t i = 0; i < n; ++i)
      out += static_cast<char>('0' + (whole && i == 0 ? 1 + below(9) : below(10)));
  }

  void string(std::string& out) {
    out += '"';
    for (auto n = below(20); n > 0; --n)
      character(out);
    out += '"';
  }

  void character(std::string& out) {
    switch (below(8)) {
    case 0: {
      out += '\\';
      out += "\"\\/bfnrt"[below(8)];
      return;
    }
    case 1:
      out += "\\u";
      for (int i = 0; i < 4; ++i)
        out +=
          (below(2) ? "0123456789abcdef" : "0123456789ABCDEF")[i == 0 ? below(3) * 6 : below(16)];
      return;
    case 2: {
      char32_t c = static_cast<char32_t>(0x7f + below(below(2) ? 0x900 : 0x10ff80));
      if (c >= 0xd800 && c < 0xe000)
        c -= 0x1000;
      utf8::append(out, c);
      return;
    }
    default:
      char c = static_cast<char>(' ' + below(95));
      out += c == '"' || c == '\\' ? '_' : c;
    }
  }

  void space(std::string& out) {
    for (auto n = below(6); n > 3; --n)
      out += " \n\t\r"[below(4)];
  }

  std::mt19937_64 random_;
};

} // namespace beaver::test
