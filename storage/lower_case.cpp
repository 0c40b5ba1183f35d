#include "beaver/storage/lower_case.hpp"

#include "beaver/storage/lower_case_table.hpp"
#include "beaver/storage/utf8.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace beaver {
namespace {

namespace table = lower_case_table;

constexpr char32_t capital_sigma = 0x3a3;
constexpr char32_t small_final_sigma = 0x3c2;
constexpr char32_t capital_i_with_dot = 0x130;

table::sigma_class class_of(char32_t c) {
  if (c == utf8::invalid)
    return table::other;
  const auto* const next = std::upper_bound(
    std::begin(table::sigma_changes), std::end(table::sigma_changes), c << 2 | std::uint32_t{3});
  if (next == std::begin(table::sigma_changes))
    return table::other;
  return static_cast<table::sigma_class>(next[-1] & 3);
}

/// Whether a letter stands before `p`, with nothing but ignorable characters between.
bool cased_before(const char* begin, const char* p) {
  while (p != begin) {
    const char* from = p - 1;
    while (from != begin && p - from < 4 && (*from & 0xc0) == 0x80)
      --from;
    const char* behind = from;
    const char32_t c = utf8::decode(behind, p);
    const auto found = behind == p ? class_of(c) : table::other;
    if (found != table::ignorable)
      return found == table::cased;
    p = from;
  }
  return false;
}

/// Whether a letter stands at `p`, with nothing but ignorable characters between.
bool cased_after(const char* p, const char* end) {
  while (p != end) {
    const auto found = class_of(utf8::decode(p, end));
    if (found != table::ignorable)
      return found == table::cased;
  }
  return false;
}

char32_t lower(char32_t c) {
  const auto* const next =
    std::upper_bound(std::begin(table::runs), std::end(table::runs), c,
                     [](char32_t value, const table::run& r) { return value < r.first; });
  if (next == std::begin(table::runs))
    return c;
  const table::run& run = next[-1];
  if (c > run.last || (c - run.first) % run.step != 0)
    return c;
  return c + static_cast<char32_t>(run.delta);
}

/// Appends the ASCII characters from `p` on; gives where they end.
const char* append_ascii(std::string& out, const char* p, const char* end) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = 0x8080808080808080;
  for (; end - p >= 8; p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    if (word & tops)
      break;
    const std::uint64_t capital = (word + ones * (0x80 - 'A')) & ~(word + ones * (0x7f - 'Z'));
    word |= (capital & tops) >> 2; // 0x20 for each
    char lowered[sizeof word];
    std::memcpy(lowered, &word, sizeof word);
    out.append(lowered, sizeof lowered);
  }
  for (; p != end && static_cast<unsigned char>(*p) < 0x80; ++p)
    out += *p >= 'A' && *p <= 'Z' ? static_cast<char>(*p | 0x20) : *p;
  return p;
}

} // namespace

std::string lower_case(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  const char* const begin = utf8.data();
  const char* const end = begin + utf8.size();
  for (const char* p = begin; (p = append_ascii(out, p, end)) != end;) {
    const char* const from = p;
    const char32_t c = utf8::decode(p, end);
    if (c == utf8::invalid)
      out += *p++;
    else if (c == capital_i_with_dot)
      out += "i\u0307";
    else if (c == capital_sigma && cased_before(begin, from) && !cased_after(p, end))
      utf8::append(out, small_final_sigma);
    else
      utf8::append(out, lower(c));
  }
  return out;
}

} // namespace beaver
