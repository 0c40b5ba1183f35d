#include "beaver/storage/key_range.hpp"

#include "beaver/storage/utf8.hpp"

namespace beaver {
namespace {

void raise_lower(std::string& lower, std::string_view at_least) {
  if (lower < at_least)
    lower = at_least;
}

void cut_upper(std::optional<std::string>& upper, std::string_view below) {
  if (!upper || below < *upper)
    upper = below;
}

} // namespace

std::optional<std::string> prefix_successor(std::string_view prefix) {
  std::string result{prefix};
  while (!result.empty()) {
    std::size_t start = result.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(result[start]) & 0xc0) == 0x80)
      --start;
    const char* p = result.data() + start;
    const char* const end = result.data() + result.size();
    const char32_t last = utf8::decode(p, end);
    if (last == utf8::invalid || p != end) {
      // Not UTF-8: SQLite compares bytes, so the next byte does.
      const auto byte = static_cast<unsigned char>(result.back());
      result.pop_back();
      if (byte != 0xff)
        return result += static_cast<char>(byte + 1);
    } else {
      result.resize(start);
      if (last != 0x10ffff) {
        utf8::append(result, last == 0xd7ff ? 0xe000 : last + 1);
        return result;
      }
    }
  }
  return std::nullopt;
}

key_bounds::key_bounds(std::optional<std::string_view> prefix) {
  if (prefix) {
    lower = *prefix;
    upper = prefix_successor(*prefix);
  }
}

key_bounds::key_bounds(const key_range& range)
  : key_bounds(range.prefix ? std::optional<std::string_view>{*range.prefix} : std::nullopt) {
  descending = range.descending.value_or(false);
  if (range.from)
    raise_lower(lower, *range.from);
  if (range.to)
    cut_upper(upper, *range.to);
  if (range.after && descending)
    cut_upper(upper, *range.after);
  else if (range.after)
    raise_lower(lower, *range.after + '\0'); // the least text behind it
  limit = as_limit(range.limit);
  max_bytes = range.max_bytes;
}

std::span<const std::byte> key_bounds::behind_all_text() noexcept {
  static constexpr std::byte one[1]{};
  return one;
}

} // namespace beaver
