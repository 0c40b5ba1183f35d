#include "beaver/storage/json_compare.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_format.hpp"

#include <charconv>
#include <cmath>
#include <utility>

namespace beaver {
namespace {

constexpr double gaps = 9'007'199'254'740'992; // below it every integer is a double

/// Two integers as they are written, without a zero in front of other digits.
std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
  const bool negative = a[0] == '-';
  if (negative != (b[0] == '-'))
    return negative ? std::strong_ordering::less : std::strong_ordering::greater;
  const auto by_size = a.size() <=> b.size();
  const auto order = by_size != 0 ? by_size : a.compare(b) <=> 0;
  return negative ? 0 <=> order : order;
}

std::partial_ordering against_double(std::string_view integer, double nearest, double other) {
  if (std::isinf(other))
    return 0.0 <=> other;
  // Rounding keeps the order, so only what rounds to the other number has to be looked at.
  if (nearest != other)
    return nearest <=> other;
  if (std::abs(other) < gaps)
    return std::partial_ordering::equivalent;
  char digits[400]; // the largest double has 309
  const auto end =
    std::to_chars(digits, digits + sizeof digits, other, std::chars_format::fixed, 0).ptr;
  return compare_digits(integer, {digits, static_cast<std::size_t>(end - digits)});
}

std::string_view between_quotes(std::string_view text) { return text.substr(1, text.size() - 2); }

/// Whether a string is known to be in normal form, so that equal strings have equal texts.
bool is_plain(std::string_view between) {
  const char* end = between.data() + between.size();
  return json::plain_end(between.data(), end) == end;
}

} // namespace

json_kind json_kind_of(std::string_view text) { return json_cursor{text}.peek(); }

std::string_view json_string_content(std::string_view text, std::string& scratch) {
  return json::unescaped(between_quotes(text), scratch);
}

json_number::json_number(std::string_view text)
  : text_(text), integral_(text.find_first_of(".eENIy") == std::string_view::npos) {
  json_cursor in{text};
  if (integral_)
    small_ = in.read_int64();
  value_ = small_ ? static_cast<double>(*small_) : json_cursor{text}.read_double();
}

std::partial_ordering operator<=>(const json_number& a, const json_number& b) {
  if (a.small_ && b.small_)
    return *a.small_ <=> *b.small_;
  if (a.integral_ == b.integral_)
    return a.integral_ ? std::partial_ordering{compare_digits(a.text_, b.text_)}
                       : a.value_ <=> b.value_;
  return a.integral_ ? against_double(a.text_, a.value_, b.value_)
                     : 0 <=> against_double(b.text_, b.value_, a.value_);
}

void json_number::append_key(std::string& out) const {
  // Both spellings of an integer that is a double: digits while they are few, else as a double.
  if (std::abs(value_) < gaps && std::trunc(value_) == value_)
    out += std::to_string(static_cast<std::int64_t>(value_));
  else if (integral_ && (std::isinf(value_) || against_double(text_, value_, value_) != 0))
    out += text_;
  else
    json::append_double(out, value_);
}

bool json_before(const std::optional<json_operand>& a, const std::optional<json_operand>& b) {
  if (!a || !b)
    return b.has_value() && !a;
  if (a->kind() != b->kind())
    return a->kind() < b->kind();
  const auto order = b->order(a->value().text());
  return order == std::partial_ordering::unordered ? a->value().text() < b->value().text()
                                                   : order < 0;
}

std::optional<std::string> json_key(std::string_view text) {
  std::string key;
  try {
    if (json_kind_of(text) == json_kind::number)
      json_number{text}.append_key(key);
    else
      json::append_normalised(key, text);
  } catch (const error&) {
    return {};
  }
  return key;
}

json_operand::json_operand(json_text value)
  : value_(std::move(value)), kind_(json_kind_of(value_.text())) {
  if (kind_ == json_kind::number) {
    number_.emplace(value_.text());
  } else if (kind_ == json_kind::string) {
    std::string scratch;
    string_ = json_string_content(value_.text(), scratch);
  }
}

bool json_operand::equals(std::string_view text) const {
  if (text == value_.text())
    return true; // no normal text is NaN
  if (json_kind_of(text) != kind_)
    return false;
  switch (kind_) {
  case json_kind::null:
    return true;
  case json_kind::boolean:
    return false; // two texts, two values
  case json_kind::number:
    return json_number{text} == *number_;
  case json_kind::string: {
    if (is_plain(between_quotes(text)))
      return false;
    std::string scratch;
    return json_string_content(text, scratch) == string_;
  }
  default:
    try {
      std::string normal;
      json::append_normalised(normal, text);
      return normal == value_.text();
    } catch (const error&) {
      return false; // NaN and the like, which no operand has
    }
  }
}

std::partial_ordering json_operand::order(std::string_view text) const {
  const auto kind = json_kind_of(text);
  if (kind != kind_)
    return std::partial_ordering::unordered;
  if (kind == json_kind::number)
    return json_number{text} <=> *number_;
  if (kind != json_kind::string)
    return std::partial_ordering::unordered;
  std::string scratch;
  return json_string_content(text, scratch).compare(string_) <=> 0;
}

} // namespace beaver
