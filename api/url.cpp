#include "beaver/api/url.hpp"

namespace beaver {

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
         || c == '.' || c == '_' || c == '~';
}

/// Calls `f` with each part of a text between separators; one that is empty has one empty part.
template <class F>
void each_part(std::string_view text, char separator, F f) {
  for (;;) {
    const auto end = text.find(separator);
    f(text.substr(0, end));
    if (end == std::string_view::npos)
      return;
    text.remove_prefix(end + 1);
  }
}

} // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

std::optional<url_parts> split_target(std::string_view target) {
  if (!target.starts_with('/'))
    return std::nullopt;
  target = target.substr(0, target.find('#'));
  url_parts parts;
  if (const auto query = target.find('?'); query != std::string_view::npos) {
    parts.query = target.substr(query + 1);
    target = target.substr(0, query);
  }
  each_part(target.substr(1), '/', [&](std::string_view s) { parts.segments.push_back(s); });
  return parts;
}

std::optional<std::vector<std::pair<std::string, std::string>>>
query_members(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> members;
  bool all_right = true;
  each_part(query, '&', [&](std::string_view member) {
    if (member.empty())
      return;
    const auto equals = member.find('=');
    auto name = percent_decoded(member.substr(0, equals), true);
    auto value = percent_decoded(
      equals == std::string_view::npos ? std::string_view{} : member.substr(equals + 1), true);
    if (name && value)
      members.emplace_back(std::move(*name), std::move(*value));
    else
      all_right = false;
  });
  if (!all_right)
    return std::nullopt;
  return members;
}

} // namespace beaver
