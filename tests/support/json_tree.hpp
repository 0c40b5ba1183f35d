#pragma once
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/utf8.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace beaver::test {

/// A JSON value as a tree, to check by other means what the library does with texts. Never parsed:
/// trees are made first, and texts out of them.
struct json_tree {
  struct null {
    bool operator==(const null&) const = default;
  };
  using integer = boost::multiprecision::cpp_int;
  using string = std::u32string; // code points, halves of surrogate pairs among them
  using array = std::vector<json_tree>;
  struct member;
  using object = std::vector<member>; // a name may be there twice

  std::variant<null, bool, integer, double, string, array, object> value;

  [[nodiscard]] bool is_number() const { return value.index() == 2 || value.index() == 3; }
  [[nodiscard]] boost::multiprecision::cpp_rational number() const {
    if (const auto* i = std::get_if<integer>(&value))
      return boost::multiprecision::cpp_rational{*i};
    return boost::multiprecision::cpp_rational{std::get<double>(value)};
  }

  /// Equal in the sense of filters.
  [[nodiscard]] bool equals(const json_tree& other) const {
    if (is_number() && other.is_number())
      return number() == other.number();
    return value.index() == other.value.index() && normal() == other.normal();
  }

  /// The text in normal form.
  [[nodiscard]] std::string normal() const {
    std::string out;
    write(out, [](std::uint64_t) { return std::uint64_t{0}; });
    return out;
  }

  /// The text in a spelling that `below(n)` chooses by giving a number from 0 to n - 1; 0 stands
  /// for the normal choice.
  template <class Below>
  void write(std::string& out, Below below) const;

  template <class Below>
  static void write_string(std::string& out, const string& text, Below below) {
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char32_t c = text[i];
      const bool surrogate = c >= 0xd800 && c < 0xe000;
      const bool special = c < ' ' || c == '"' || c == '\\' || c > '~';
      if (!special && below(6) != 1) {
        out += static_cast<char>(c);
      } else if (c > '~' && !surrogate && below(3) == 1) {
        utf8::append(out, c);
      } else if (c == '"' || c == '\\') {
        (out += '\\') += static_cast<char>(c);
      } else if (c == '\n') {
        out += "\\n";
      } else if (c > 0xffff) {
        unit(out, 0xd800 + ((c - 0x10000) >> 10));
        unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
      } else {
        unit(out, c);
      }
    }
    out += '"';
  }

private:
  static void unit(std::string& out, char32_t c) {
    char text[16];
    std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
    out += text;
  }
};

struct json_tree::member {
  member(string name, json_tree tree) : first(std::move(name)), second(std::move(tree)) {}

  string first;
  json_tree second;
};

template <class Below>
void json_tree::write(std::string& out, Below below) const {
  const auto space = [&] {
    if (below(8) == 1)
      out += " \t\n"[below(3)];
  };
  space();
  if (std::holds_alternative<null>(value)) {
    out += "null";
  } else if (const auto* b = std::get_if<bool>(&value)) {
    out += *b ? "true" : "false";
  } else if (const auto* i = std::get_if<integer>(&value)) {
    out += i->str();
  } else if (const auto* d = std::get_if<double>(&value)) {
    if (below(3) == 1) {
      char text[40];
      std::snprintf(text, sizeof text, "%.17e", *d);
      out += text;
    } else {
      json::append_double(out, *d);
    }
  } else if (const auto* s = std::get_if<string>(&value)) {
    write_string(out, *s, below);
  } else if (const auto* a = std::get_if<array>(&value)) {
    out += '[';
    for (std::size_t n = 0; n < a->size(); ++n) {
      out += n > 0 ? ", " : "";
      (*a)[n].write(out, below);
    }
    out += ']';
  } else {
    out += '{';
    std::size_t n = 0;
    for (const auto& [name, tree] : std::get<object>(value)) {
      out += n++ > 0 ? ", " : "";
      write_string(out, name, below);
      out += ": ";
      tree.write(out, below);
    }
    out += '}';
  }
  space();
}

/// Makes trees whose values are often equal or near, with few names.
class random_tree {
public:
  explicit random_tree(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  json_tree scalar() {
    switch (below(8)) {
    case 0:
      return {json_tree::null{}};
    case 1:
      return {below(2) == 0};
    case 2:
    case 3:
      return {string()};
    default:
      return number();
    }
  }

  json_tree value(int depth) {
    if (depth == 0 || below(3) == 0)
      return scalar();
    return below(3) == 0 ? array(depth) : object(depth);
  }

  json_tree array(int depth) {
    json_tree::array all;
    for (auto n = below(4); n > 0; --n)
      all.push_back(value(depth - 1));
    return {std::move(all)};
  }

  json_tree object(int depth) {
    json_tree::object all;
    for (auto n = below(5); n > 0; --n)
      all.emplace_back(name(), value(depth - 1));
    return {std::move(all)};
  }

  json_tree::string name() {
    static const json_tree::string names[] = {U"a", U"b",   U"c",        U"0",
                                              U"1", U"a.b", U"\u00e9/~", U""};
    return names[below(std::size(names))];
  }

  json_tree::string string() {
    static const char32_t pool[] = {U'a', U'b',   U'\0',  U'"',   U'\n',
                                    0xe9, 0xd800, 0xdc01, 0xffff, 0x1f600};
    json_tree::string text;
    for (auto n = below(4); n > 0; --n)
      text += pool[below(below(3) == 0 ? std::size(pool) : 2)];
    // A high and a low half in a row would be one character.
    for (std::size_t i = 1; i < text.size(); ++i)
      if (text[i - 1] == 0xd800 && text[i] == 0xdc01)
        text[i] = U'x';
    return text;
  }

  json_tree number() {
    using integer = json_tree::integer;
    switch (below(8)) {
    case 0:
      return {static_cast<double>(below(5)) - 2};
    case 1:
      return {static_cast<double>(below(9)) / 4 - 1};
    case 2: { // about where doubles begin to have gaps
      integer i = integer{1} << static_cast<unsigned>(53 + below(2) * 10);
      i += static_cast<int>(below(5)) - 2;
      return {below(2) ? i : integer{-i}};
    }
    case 3: {
      const double d = std::ldexp(1.0, static_cast<int>(53 + below(2) * 10));
      return {below(2) ? d : -std::nextafter(d, 0)};
    }
    case 4:
      return {below(2) ? 1e300 : 5e-324};
    case 5: {
      integer i = boost::multiprecision::pow(integer{10}, below(2) ? 20 : 320);
      i += static_cast<int>(below(2));
      return {i};
    }
    default:
      return {integer{static_cast<int>(below(5)) - 2}};
    }
  }

private:
  std::mt19937_64 random_;
};

/// The value at a path; null if there is none. The last of the members with one name counts.
inline const json_tree* find(const json_tree& from, const std::vector<json_tree::string>& path) {
  const json_tree* at = &from;
  for (const auto& part : path) {
    const json_tree* next = nullptr;
    if (const auto* object = std::get_if<json_tree::object>(&at->value)) {
      for (const auto& [name, member] : *object)
        if (name == part)
          next = &member;
    } else if (const auto* array = std::get_if<json_tree::array>(&at->value)) {
      if (part.size() == 1 && part[0] >= U'0' && part[0] <= U'9' && part[0] - U'0' < array->size())
        next = &(*array)[part[0] - U'0'];
    }
    if (!next)
      return nullptr;
    at = next;
  }
  return at;
}

} // namespace beaver::test
