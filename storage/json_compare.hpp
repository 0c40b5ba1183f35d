#pragma once
#include "beaver/storage/json_cursor.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beaver {

/// The kind of a JSON value, as the first character of its text tells.
[[nodiscard]] json_kind json_kind_of(std::string_view text);

/// A number as it is written, ready to be compared by value. What is written as an integer is that
/// integer, however long; any other is the nearest double, as Python reads it. The text has to
/// outlive it.
class json_number {
public:
  /// `text`: what `json_cursor::read_number` gives.
  explicit json_number(std::string_view text);

  /// Appends a JSON number of the same value; equal numbers give equal texts. Finite numbers only.
  void append_key(std::string& out) const;

  /// The nearest double; infinite if the number is out of range.
  [[nodiscard]] double nearest() const noexcept { return value_; }

  /// Exact: no integer is rounded. NaN is unordered.
  friend std::partial_ordering operator<=>(const json_number& a, const json_number& b);
  friend bool operator==(const json_number& a, const json_number& b) { return (a <=> b) == 0; }

private:
  std::string_view text_;
  bool integral_;
  std::optional<std::int64_t> small_; // an integer that fits
  double value_;
};

/// A JSON value that many others are compared with.
class json_operand {
public:
  /// `value`: in normal form.
  explicit json_operand(json_text value);

  [[nodiscard]] const json_text& value() const noexcept { return value_; }
  [[nodiscard]] json_kind kind() const noexcept { return kind_; }
  [[nodiscard]] const json_number& number() const noexcept { return *number_; } // of kind number
  [[nodiscard]] std::string_view string() const noexcept { return string_; }    // of kind string

  /// Whether the value of `text`, one JSON value, is of the same kind and equal: numbers by value,
  /// strings by code points, arrays and objects by their normal form (so the order of members
  /// counts, and 5 in an array is not 5.0).
  [[nodiscard]] bool equals(std::string_view text) const;

  /// The value of `text` against this one, if both are numbers or both strings, which are ordered
  /// by code points (the order of UTF-8 bytes); else unordered.
  [[nodiscard]] std::partial_ordering order(std::string_view text) const;

private:
  json_text value_;
  json_kind kind_;
  std::optional<json_number> number_;
  std::string string_;
};

/// Where a value stands among others of all kinds: nothing at all, null, false, true, numbers,
/// strings by code points, arrays and objects by their text. Two of which neither is before the
/// other are equal.
[[nodiscard]] bool json_before(const std::optional<json_operand>& a,
                               const std::optional<json_operand>& b);

/// A text that two values have in common exactly if they are equal in the sense of `json_operand`:
/// their normal form, with one spelling for equal numbers. Empty for what has no normal form (NaN).
[[nodiscard]] std::optional<std::string> json_key(std::string_view text);

/// The text of a JSON string, which is given with its quotes; in `scratch` if it has escapes.
[[nodiscard]] std::string_view json_string_content(std::string_view text, std::string& scratch);

} // namespace beaver
