#include "beaver/storage/json_text.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_format.hpp"
#include "beaver/storage/utf8.hpp"

#include <bitset>
#include <cmath>

namespace beaver {
namespace {

using json::is_space;

/// Checks a text and writes its normal form in one pass. Input that is normal already is only
/// remembered as a run, and copied when something else has to be written in its midst or at the
/// end.
class normaliser {
public:
  normaliser(std::string& out, std::string_view text)
    : out_(out), begin_(text.data()), end_(begin_ + text.size()), p_(begin_), run_(begin_),
      old_size_(out.size()) {}

  /// Whether the whole text was normal: nothing is written then.
  bool read() {
    drop_space();
    for (bool more = true; more;)
      more = read_value() || read_end();
    drop_space();
    if (p_ != end_)
      fail("extra data", p_);
    return run_ == begin_ && !changed_;
  }

  /// Writes what is still to be copied.
  void finish() { copy_until(end_); }

private:
  /// At a value; true if another one follows at once (an array or object began).
  bool read_value() {
    if (p_ == end_)
      fail("expected a value", p_);
    switch (*p_) {
    case '{':
      open(true);
      if (p_ != end_ && *p_ == '}')
        return close();
      read_name();
      return true;
    case '[':
      open(false);
      if (p_ != end_ && *p_ == ']')
        return close();
      return true;
    case '"':
      read_string();
      return false;
    case 't':
      read_word("true");
      return false;
    case 'f':
      read_word("false");
      return false;
    case 'n':
      read_word("null");
      return false;
    case 'N':
    case 'I':
      fail("NaN and infinities are not allowed", p_);
    default:
      read_number();
      return false;
    }
  }

  /// Behind a value; true if another one follows.
  bool read_end() {
    while (depth_ > 0) {
      drop_space();
      const bool object = objects_[depth_ - 1];
      if (p_ != end_ && *p_ == ',') {
        separate();
        if (object)
          read_name();
        return true;
      }
      if (p_ == end_ || *p_ != (object ? '}' : ']'))
        fail(object ? "expected ',' or '}'" : "expected ',' or ']'", p_);
      close();
    }
    return false;
  }

  void open(bool object) {
    if (depth_ == json_text::max_depth)
      fail("nested deeper than " + std::to_string(json_text::max_depth), p_);
    objects_[depth_++] = object;
    ++p_;
    drop_space();
  }

  bool close() {
    ++p_;
    --depth_;
    return false;
  }

  void read_name() {
    if (p_ == end_ || *p_ != '"')
      fail("expected a member name", p_);
    read_string();
    drop_space();
    if (p_ == end_ || *p_ != ':')
      fail("expected ':'", p_);
    separate();
  }

  /// Makes the space behind ',' or ':' exactly one blank.
  void separate() {
    ++p_;
    if (end_ - p_ >= 2 && *p_ == ' ' && !is_space(p_[1])) {
      ++p_;
      return;
    }
    const char* from = p_;
    skip_space();
    replace(from, " ");
  }

  void read_string() {
    const char* quote = p_++;
    for (;;) {
      p_ = json::plain_end(p_, end_);
      if (p_ == end_)
        fail("string without an end", quote);
      if (*p_ == '"') {
        ++p_;
        return;
      }
      if (*p_ == '\\') {
        read_escape(quote);
        continue;
      }
      const char* from = p_;
      const char32_t c = utf8::decode(p_, end_);
      if (c == utf8::invalid)
        fail("invalid UTF-8", from);
      if (c < ' ')
        fail("control character in a string", from);
      copy_until(from);
      json::append_character(out_, c);
      run_ = p_;
    }
  }

  void read_escape(const char* quote) {
    const char* from = p_;
    if (end_ - p_ < 2)
      fail("string without an end", quote);
    p_ += 2;
    switch (from[1]) {
    case '"':
    case '\\':
    case 'n':
    case 'r':
    case 't':
    case 'f':
    case 'b':
      return;
    case '/':
      replace(from, "/");
      return;
    case 'u':
      break;
    default:
      fail("unknown escape", from);
    }
    const int unit = json::parse_hex4(p_, end_);
    if (unit < 0)
      fail("expected four hexadecimal digits", p_);
    p_ += 4;
    unit_.clear();
    json::append_unit(unit_, static_cast<char32_t>(unit));
    if (unit_ != std::string_view{from, 6})
      replace(from, unit_);
  }

  void read_word(std::string_view word) {
    if (!std::string_view{p_, static_cast<std::size_t>(end_ - p_)}.starts_with(word))
      fail("expected a value", p_);
    p_ += word.size();
  }

  void read_number() {
    const char* from = p_;
    const auto found = json::scan_number(p_, end_);
    p_ = found.end;
    if (!found.valid)
      fail(p_ == from ? "expected a value" : "expected a digit", p_);
    const std::string_view number{from, static_cast<std::size_t>(p_ - from)};
    if (found.integral) {
      if (number == "-0")
        replace(from, "0");
      return;
    }
    if (json::is_shortest(number))
      return;
    const double value = json::parse_double(number);
    if (!std::isfinite(value))
      fail("number out of the range of a double", from);
    const json::number_text text{value};
    if (text.view() != number)
      replace(from, text.view());
  }

  void skip_space() {
    while (p_ != end_ && is_space(*p_))
      ++p_;
  }

  void drop_space() {
    if (p_ == end_ || !is_space(*p_))
      return;
    const char* from = p_;
    skip_space();
    replace(from, "");
  }

  /// Puts `text` in place of the input from `from` to here.
  void replace(const char* from, std::string_view text) {
    copy_until(from);
    out_ += text;
    run_ = p_;
  }

  void copy_until(const char* to) {
    if (!changed_) {
      changed_ = true;
      const auto size = static_cast<std::size_t>(end_ - begin_);
      out_.reserve(old_size_ + size + size / 4);
    }
    out_.append(run_, static_cast<std::size_t>(to - run_));
  }

  [[noreturn]] void fail(const std::string& what, const char* where) {
    out_.resize(old_size_);
    throw error(errc::invalid_argument,
                "not JSON: " + what + " at byte " + std::to_string(where - begin_));
  }

  std::string& out_;
  const char* begin_;
  const char* end_;
  const char* p_;
  const char* run_; // input from here on is not written yet
  std::size_t old_size_;
  bool changed_ = false;
  int depth_ = 0;
  std::bitset<json_text::max_depth> objects_; // per level: object or array
  std::string unit_;
};

} // namespace

json_text json_text::normalised() const {
  if (normal_)
    return *this;
  std::string out;
  normaliser work{out, text()};
  if (work.read()) {
    json_text same = *this;
    same.normal_ = true;
    return same;
  }
  work.finish();
  return from_normal(out);
}

namespace json {

void append_normalised(std::string& out, std::string_view text) {
  normaliser work{out, text};
  work.read();
  work.finish();
}

} // namespace json
} // namespace beaver
