#include "beaver/tools/output.hpp"

#include "beaver/storage/error.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace beaver::cli {

namespace {

/// Gives each token of a JSON text to `f`; blanks between them are left out. A token is a string,
/// one of ,:[]{}, or a run of anything else (numbers and literals), so text that is no JSON passes
/// too.
template <class F>
void for_each_token(std::string_view json, F&& f) {
  constexpr std::string_view blanks = " \t\r\n";
  constexpr std::string_view marks = ",:[]{}";
  std::size_t i = 0;
  while ((i = json.find_first_not_of(blanks, i)) != std::string_view::npos) {
    std::size_t end = i + 1;
    if (json[i] == '"') {
      while (end < json.size() && json[end] != '"')
        end += json[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, json.size());
    } else if (marks.find(json[i]) == std::string_view::npos) {
      end = std::min(json.find_first_of(" \t\r\n,:[]{}\"", i), json.size());
    }
    f(json.substr(i, end - i));
    i = end;
  }
}

/// The size of an array of numbers and nothing else that a text begins with; 0 if it does not.
std::size_t size_of_numbers(std::string_view json) {
  const auto end = json.find_first_not_of("0123456789+-.eE, \t\r\n", 1);
  return json[0] == '[' && end != json.npos && json[end] == ']' ? end + 1 : 0;
}

} // namespace

void write_all(int descriptor, std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const auto n = ::write(descriptor, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      throw error(errno == ENOSPC || errno == EDQUOT ? errc::full : errc::io,
                  "cannot write " + std::string{name} + ": " + std::strerror(errno));
    }
  }
}

void print(std::string_view text) { write_all(standard_output, text, "standard output"); }

std::string seconds_text(std::chrono::duration<double> elapsed) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", elapsed.count());
  return text;
}

std::string count_text(std::uint64_t n, std::string_view one) {
  return std::to_string(n) + ' ' + std::string{one} + (n == 1 ? "" : "s");
}

void complain(std::string_view text) noexcept {
  try {
    std::string line = "beaver: ";
    for (const char c : text) {
      const auto code = static_cast<unsigned char>(c);
      if (code < 0x20 || code == 0x7f) { // text of ours may quote keys and file names
        static constexpr char digits[] = "0123456789abcdef";
        line += "\\x";
        line += digits[code >> 4];
        line += digits[code & 15];
      } else {
        line += c;
      }
    }
    write_all(standard_error, line += '\n', "standard error");
  } catch (const std::exception&) {
    // There is no place left to say so.
  }
}

bool is_terminal(int descriptor) noexcept { return ::isatty(descriptor) == 1; }

std::string on_one_line(std::string_view json) {
  if (json.find_first_of("\r\n") == std::string_view::npos)
    return std::string{json};
  std::string out;
  for_each_token(json, [&](std::string_view token) {
    out += token;
    if (token == "," || token == ":")
      out += ' ';
  });
  return out;
}

std::string pretty(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool entered = false;           // the last token opened an array or object
  const char* flat = json.data(); // what lies before it stays on its line
  const auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
  for_each_token(json, [&](std::string_view token) {
    if (token == "[" && token.data() >= flat) {
      const auto at = static_cast<std::size_t>(token.data() - json.data());
      flat = token.data() + size_of_numbers(json.substr(at));
    }
    if (token.data() < flat) {
      if (std::exchange(entered, false))
        new_line();
      out += token;
      if (token == ",")
        out += ' ';
      return;
    }
    if (token == "]" || token == "}") {
      depth -= depth > 0 ? 1 : 0;
      if (!entered)
        new_line();
      entered = false;
      out += token;
      return;
    }
    if (entered)
      new_line();
    entered = token == "[" || token == "{";
    out += token;
    if (entered)
      ++depth;
    else if (token == ",")
      new_line();
    else if (token == ":")
      out += ' ';
  });
  return out;
}

void print_json(std::string_view json, bool raw) {
  auto text = raw || !is_terminal(standard_output) ? on_one_line(json) : pretty(json);
  print(text += '\n');
}

} // namespace beaver::cli
