#include "beaver/storage/json_cursor.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_format.hpp"
#include "beaver/storage/utf8.hpp"

#include <bitset>
#include <charconv>
#include <limits>

namespace beaver {
namespace {

template <class Integer>
std::optional<Integer> to_integer(std::string_view number) {
  Integer value{};
  const char* end = number.data() + number.size();
  const auto [stop, problem] = std::from_chars(number.data(), end, value);
  if (problem == std::errc{} && stop == end)
    return value;
  if (number == "-0")
    return Integer{0};
  return {};
}

constexpr bool is_high(char32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
constexpr bool is_low(char32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

} // namespace

json_kind json_cursor::peek() {
  skip_space();
  if (p_ == end_)
    fail("expected a value", p_);
  switch (*p_) {
  case '{':
    return json_kind::object;
  case '[':
    return json_kind::array;
  case '"':
    return json_kind::string;
  case 't':
  case 'f':
    return json_kind::boolean;
  case 'n':
    return json_kind::null;
  default:
    if (*p_ == '-' || *p_ == 'N' || *p_ == 'I' || json::is_digit(*p_))
      return json_kind::number;
    fail("expected a value", p_);
  }
}

void json_cursor::enter(char open, const char* expected) {
  skip_space();
  if (p_ == end_ || *p_ != open)
    refuse(expected, p_);
  if (depth_ == json_text::max_depth)
    fail("nested deeper than " + std::to_string(json_text::max_depth), p_);
  ++p_;
  ++depth_;
  fresh_ = true;
}

bool json_cursor::next(char close, const char* expected) {
  skip_space();
  const bool first = fresh_;
  fresh_ = false;
  if (p_ != end_ && *p_ == close) {
    ++p_;
    --depth_;
    return false;
  }
  if (first)
    return true;
  if (p_ == end_ || *p_ != ',')
    fail(expected, p_);
  ++p_;
  return true;
}

void json_cursor::enter_array() { enter('[', "expected an array"); }

bool json_cursor::next_element() { return next(']', "expected ',' or ']'"); }

void json_cursor::enter_object() { enter('{', "expected an object"); }

std::optional<std::string_view> json_cursor::next_member() {
  if (!next('}', "expected ',' or '}'"))
    return {};
  return read_name(true);
}

std::optional<std::string_view> json_cursor::next_raw_member() {
  if (!next('}', "expected ',' or '}'"))
    return {};
  return read_name(false);
}

/// Also reads the colon.
std::string_view json_cursor::read_name(bool unescape) {
  skip_space();
  if (p_ == end_ || *p_ != '"')
    fail("expected a member name", p_);
  const auto name = read_quoted(unescape);
  skip_space();
  if (p_ == end_ || *p_ != ':')
    fail("expected ':'", p_);
  ++p_;
  return name;
}

std::string_view json_cursor::read_string() {
  skip_space();
  if (p_ == end_ || *p_ != '"')
    refuse("expected a string", p_);
  return read_quoted(true);
}

/// Gives the text between the quotes, unescaped if asked for.
std::string_view json_cursor::read_quoted(bool unescape) {
  const char* quote = p_++;
  const char* run = p_; // what is not in the scratch buffer yet
  bool escaped = false;
  for (;;) {
    p_ = json::plain_end(p_, end_);
    if (p_ == end_)
      fail("string without an end", quote);
    if (*p_ == '"')
      break;
    if (*p_ != '\\') {
      const char* from = p_;
      const char32_t c = utf8::decode(p_, end_);
      if (c == utf8::invalid)
        fail("invalid UTF-8", from);
      if (c < ' ')
        fail("control character in a string", from);
      continue;
    }
    if (unescape) {
      if (!escaped)
        scratch_.clear();
      escaped = true;
      scratch_.append(run, static_cast<std::size_t>(p_ - run));
    }
    read_escape(quote, unescape);
    if (unescape)
      run = p_;
  }
  const std::string_view rest{run, static_cast<std::size_t>(p_++ - run)};
  if (!escaped)
    return rest;
  scratch_ += rest;
  return scratch_;
}

void json_cursor::read_escape(const char* quote, bool unescape) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const char* from = p_++;
  if (p_ == end_)
    fail("string without an end", quote);
  if (*p_ != 'u') {
    const auto i = letters.find(*p_++);
    if (i == std::string_view::npos)
      fail("unknown escape", from);
    if (unescape)
      scratch_ += meanings[i];
    return;
  }
  ++p_;
  char32_t c = read_unit(p_);
  if (!unescape)
    return;
  if (is_high(c) && end_ - p_ >= 2 && p_[0] == '\\' && p_[1] == 'u') {
    const char* second = p_ += 2;
    const char32_t low = read_unit(second);
    if (!is_low(low))
      refuse("half of a surrogate pair is no character", from);
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  if (c >= 0xd800 && c < 0xe000)
    refuse("half of a surrogate pair is no character", from);
  utf8::append(scratch_, c);
}

char32_t json_cursor::read_unit(const char* from) {
  const int unit = json::parse_hex4(from, end_);
  if (unit < 0)
    fail("expected four hexadecimal digits", from);
  p_ = from + 4;
  return static_cast<char32_t>(unit);
}

std::string_view json_cursor::read_number() {
  if (peek() != json_kind::number)
    refuse("expected a number", p_);
  const char* from = p_;
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
    if (std::string_view{p_, static_cast<std::size_t>(end_ - p_)}.starts_with(word)) {
      p_ += word.size();
      return word;
    }
  const auto found = json::scan_number(p_, end_);
  p_ = found.end;
  if (!found.valid)
    fail(p_ == from ? "expected a value" : "expected a digit", p_);
  return {from, static_cast<std::size_t>(p_ - from)};
}

std::optional<std::int64_t> json_cursor::read_int64() {
  return to_integer<std::int64_t>(read_number());
}

std::optional<std::uint64_t> json_cursor::read_uint64() {
  return to_integer<std::uint64_t>(read_number());
}

double json_cursor::read_double() {
  using limits = std::numeric_limits<double>;
  const auto number = read_number();
  if (number.ends_with('N'))
    return limits::quiet_NaN();
  if (number.ends_with('y'))
    return number[0] == '-' ? -limits::infinity() : limits::infinity();
  return json::parse_double(number);
}

bool json_cursor::read_bool() {
  if (peek() != json_kind::boolean)
    refuse("expected true or false", p_);
  const bool value = *p_ == 't';
  read_word(value ? "true" : "false");
  return value;
}

void json_cursor::read_null() {
  if (peek() != json_kind::null)
    refuse("expected null", p_);
  read_word("null");
}

void json_cursor::read_word(std::string_view word) {
  if (!std::string_view{p_, static_cast<std::size_t>(end_ - p_)}.starts_with(word))
    fail("expected a value", p_);
  p_ += word.size();
}

std::string_view json_cursor::skip() {
  std::bitset<json_text::max_depth + 1> objects; // per level: whether it is an object
  const int outside = depth_;
  skip_space();
  const char* from = p_;
  do {
    switch (peek()) {
    case json_kind::array:
      enter_array();
      objects[static_cast<std::size_t>(depth_)] = false;
      break;
    case json_kind::object:
      enter_object();
      objects[static_cast<std::size_t>(depth_)] = true;
      break;
    case json_kind::string:
      read_quoted(false);
      break;
    case json_kind::number:
      (void)read_number();
      break;
    case json_kind::boolean:
      (void)read_bool();
      break;
    case json_kind::null:
      read_null();
      break;
    }
    // On to the next value, leaving every array and object that ends on the way.
    while (depth_ > outside) {
      if (!objects[static_cast<std::size_t>(depth_)]) {
        if (next_element())
          break;
      } else if (next('}', "expected ',' or '}'")) {
        read_name(false);
        break;
      }
    }
  } while (depth_ > outside);
  return {from, static_cast<std::size_t>(p_ - from)};
}

json_text json_cursor::read_value() {
  const auto text = skip();
  return normal_ ? json_text::from_normal(text) : json_text{text};
}

void json_cursor::finish() {
  skip_space();
  if (p_ != end_)
    fail("extra data", p_);
}

void json_cursor::skip_space() noexcept {
  while (p_ != end_ && json::is_space(*p_))
    ++p_;
}

void json_cursor::fail(const std::string& what, const char* where) const {
  refuse("not JSON: " + what, where);
}

void json_cursor::refuse(const std::string& what, const char* where) const {
  throw error(errc::invalid_argument, what + " at byte " + std::to_string(where - begin_));
}

bool is_well_formed(std::string_view text) {
  try {
    json_cursor in{text};
    in.skip();
    in.finish();
    return true;
  } catch (const error&) {
    return false;
  }
}

} // namespace beaver
