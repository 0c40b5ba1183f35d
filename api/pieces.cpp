#include "beaver/api/pieces.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <utility>

namespace beaver::detail {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

} // namespace

// -- lines
// -----------------------------------------------------------------------------------------

std::optional<piece_source::piece> line_pieces::next() {
  carry_.clear();
  bool too_long = false;
  for (;;) {
    const auto rest = std::string_view{buffer_}.substr(begin_, end_ - begin_);
    const auto newline = rest.find('\n');
    const auto part = rest.substr(0, newline);
    too_long = too_long || carry_.size() + part.size() > longest_;
    if (newline != std::string_view::npos) {
      begin_ += newline + 1;
      if (carry_.empty() || too_long)
        return line(part, too_long, true);
      return line(carry_.append(part), false, true);
    }
    if (too_long)
      carry_.clear();
    else
      carry_.append(part);
    begin_ = 0;
    end_ = ended_ ? 0 : from_(buffer_); // at a terminal the end is not to be asked for twice
    bytes_ += end_;
    ended_ = end_ == 0;
    if (!ended_)
      continue;
    if (carry_.empty() && !too_long)
      return {};
    return line(carry_, too_long, false);
  }
}

piece_source::piece line_pieces::line(std::string_view text, bool too_long, bool complete) {
  if (std::exchange(first_, false) && text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  if (too_long)
    return {{}, complete, "longer than " + std::to_string(longest_) + " bytes"};
  return {text, complete};
}

// -- items
// -----------------------------------------------------------------------------------------

std::optional<piece_source::piece> item_pieces::next() {
  if (ended_)
    return {};
  while (in_items_ || enter_member()) {
    auto c = next_char();
    if (in_items_) {
      if (c == ']') {
        in_items_ = false;
        continue;
      }
      if (!std::exchange(first_, false)) {
        if (c != ',')
          fail("no ',' or ']' behind an item");
        c = next_char();
      }
      read_value(c);
      return piece{value_, true};
    }
  }
  while (const auto c = peek()) {
    if (!is_space(*c))
      fail("more text behind the object");
    ++begin_;
  }
  if (!seen_items_)
    fail("an object without a member 'items'");
  ended_ = true;
  return {};
}

/// Reads members up to the items; false behind the object.
bool item_pieces::enter_member() {
  for (;;) {
    auto c = next_char();
    if (!begun_) {
      for (const char mark : byte_order_mark) {
        if (c != mark)
          break;
        c = next_char();
      }
      if (c != '{')
        fail("not a JSON object");
      c = next_char();
    } else if (c == ',') {
      c = next_char();
    } else if (c != '}') {
      fail("no ',' or '}' behind a member");
    } else {
      return false;
    }
    if (!std::exchange(begun_, true) && c == '}')
      return false;
    if (c != '"')
      fail("no name of a member");
    read_value(c);
    json_cursor quoted{value_};
    const std::string name{quoted.read_string()};
    if (next_char() != ':')
      fail("no ':' behind a name");
    c = next_char();
    if (name == "items") {
      if (c != '[')
        fail("'items' is no list");
      if (std::exchange(seen_items_, true))
        fail("a second list 'items'");
      in_items_ = first_ = true;
      return true;
    }
    read_value(c);
    json_cursor in{value_};
    in.skip();
    in.finish();
    if (name == "metadata")
      check_(value_);
  }
}

/// Reads a value of any kind that begins with `first`, as far as its end can be told.
void item_pieces::read_value(char first) {
  value_.clear();
  if (first == '{' || first == '[')
    return read_nested(first);
  take(first);
  if (first == '"')
    return read_string();
  if (std::string_view{",:]}"}.find(first) != std::string_view::npos)
    fail("no value");
  while (const auto c = peek()) {
    if (is_space(*c) || *c == ',' || *c == ']' || *c == '}')
      return;
    take(*c);
    ++begin_;
  }
}

void item_pieces::read_nested(char first) {
  take(first);
  for (std::size_t depth = 1; depth > 0;) {
    const auto c = peek();
    if (!c)
      fail("the text ends within a value");
    ++begin_;
    take(*c);
    if (*c == '"')
      read_string();
    else if (*c == '{' || *c == '[')
      ++depth;
    else if (*c == '}' || *c == ']')
      --depth;
  }
}

/// Reads on behind the first quote of a string, up to its last.
void item_pieces::read_string() {
  for (bool escaped = false;;) {
    const auto c = peek();
    if (!c)
      fail("the text ends within a string");
    ++begin_;
    take(*c);
    if (escaped)
      escaped = false;
    else if (*c == '"')
      return;
    else
      escaped = *c == '\\';
  }
}

void item_pieces::take(char c) {
  constexpr std::size_t longest = 2'000'000'000; // a blob of the greatest size, in base64
  if (value_.size() == longest)
    fail("a value of more than " + std::to_string(longest) + " bytes");
  value_ += c;
}

std::optional<char> item_pieces::peek() {
  if (begin_ == end_) {
    begin_ = 0;
    end_ = drained_ ? 0 : from_(buffer_); // at a terminal the end is not to be asked for twice
    bytes_ += end_;
    drained_ = end_ == 0;
    if (drained_)
      return {};
  }
  return buffer_[begin_];
}

/// The next one that is no space.
char item_pieces::next_char() {
  while (const auto c = peek()) {
    ++begin_;
    if (!is_space(*c))
      return *c;
  }
  fail("the text ends early");
}

void item_pieces::fail(const std::string& what) const {
  throw error(errc::invalid_argument,
              "no dump: " + what + ", at byte " + std::to_string(bytes_ - (end_ - begin_)));
}

} // namespace beaver::detail
