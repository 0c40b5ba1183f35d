#include "beaver/api/byte_range.hpp"

#include "beaver/api/http_status.hpp"

#include <algorithm>
#include <limits>

namespace beaver {

namespace {

constexpr std::string_view unit = "bytes";
constexpr std::string_view content_range = "Content-Range";

/// Digits and nothing else; more of them than fit are more than any body has.
std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t n = 0;
  for (const char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    n = n > (most - digit) / 10 ? most : n * 10 + digit;
  }
  return n;
}

bool is_unit(std::string_view text) {
  return std::equal(text.begin(), text.end(), unit.begin(), unit.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

} // namespace

std::optional<byte_range> byte_range_of(const http_request& head) {
  const auto* header = head.header("range");
  if (header == nullptr || head.method != "GET" || head.header("if-range") != nullptr)
    return std::nullopt;
  const std::string_view text{*header};
  const auto equals = text.find('=');
  if (equals == text.npos || !is_unit(text.substr(0, equals)))
    return std::nullopt;
  const auto spec = text.substr(equals + 1);
  const auto dash = spec.find('-');
  if (dash == spec.npos)
    return std::nullopt;
  const auto first = number_of(spec.substr(0, dash));
  const auto last = number_of(spec.substr(dash + 1));
  if (dash == 0)
    return last ? std::optional{byte_range{*last, std::nullopt, true}} : std::nullopt;
  const bool open = dash + 1 == spec.size();
  if (!first || (!last && !open) || (last && *last < *first))
    return std::nullopt;
  return byte_range{*first, last};
}

http_response bytes_response(std::string_view content, const std::optional<byte_range>& asked) {
  const std::uint64_t size = content.size();
  http_response r{.body = {}, .content_type = "application/octet-stream"};
  // The end of nothing is all of it, which no Content-Range could name.
  const bool whole = !asked || (size == 0 && asked->from_end && asked->first > 0);
  const auto first = whole             ? 0
                     : asked->from_end ? size - std::min(asked->first, size)
                                       : asked->first;
  if (whole) {
    r.body = content;
  } else if (first >= size) {
    r = error_response({416, "RangeError"}, "there are no such bytes",
                       to_string(errc::invalid_argument));
    r.headers.emplace_back(content_range, "bytes */" + std::to_string(size));
  } else {
    const auto last = std::min(asked->last.value_or(size - 1), size - 1);
    r.status = 206;
    r.body = content.substr(first, last - first + 1);
    r.headers.emplace_back(content_range, "bytes " + std::to_string(first) + '-'
                                            + std::to_string(last) + '/' + std::to_string(size));
  }
  r.headers.emplace_back("Accept-Ranges", unit);
  return r;
}

} // namespace beaver
