#pragma once
#include "beaver/storage/shared_buffer.hpp"

#include <string>
#include <string_view>

namespace beaver {

/// The text of one JSON value, shared and immutable. Holds any text; a write brings it into normal
/// form or refuses it, a read gives the stored text verbatim.
///
/// Normal form is what Python's `json.dumps` writes by default: separators ", " and ": ", all but
/// printable ASCII as \uXXXX in lower-case hex (surrogate pairs beyond the BMP), short escapes
/// \" \\ \n \r \t \f \b, floats as Python's `repr`, integers digit by digit, member order kept.
/// The Python original compares and hashes this text, so it has to agree byte for byte.
class json_text {
public:
  /// Deepest nesting of arrays and objects that is accepted.
  static constexpr int max_depth = 512;

  /// The value null.
  json_text() : json_text(normal_tag{}, "null") {}

  /// Any text, unchecked. Linear in its size.
  explicit json_text(std::string_view text) : buffer_(text) {}
  explicit json_text(const char* text) : buffer_(std::string_view{text}) {}

  /// Text known to be in normal form, for writers that produce it.
  [[nodiscard]] static json_text from_normal(std::string_view text) {
    return json_text(normal_tag{}, text);
  }

  [[nodiscard]] std::string_view text() const noexcept { return buffer_.view(); }
  [[nodiscard]] std::size_t size() const noexcept { return buffer_.size(); }

  /// Whether the text is known to be in normal form.
  [[nodiscard]] bool normal() const noexcept { return normal_; }

  /// The same value in normal form; shares the buffer if it already is.
  /// Throws `error` invalid_argument naming the byte: not JSON, NaN or infinite (also a number
  /// beyond the range of a double), invalid UTF-8, nested deeper than `max_depth`. A lone surrogate
  /// escape is kept, as Python keeps it.
  [[nodiscard]] json_text normalised() const;

  /// Equal text. Two texts of one value may differ unless both are normal.
  friend bool operator==(const json_text& a, const json_text& b) noexcept {
    return a.text() == b.text();
  }

private:
  struct normal_tag {};
  json_text(normal_tag, std::string_view text) : buffer_(text), normal_(true) {}

  detail::shared_buffer buffer_;
  bool normal_ = false;
};

namespace json {

/// Appends `utf8` as a JSON string in normal form, quotes included.
/// Throws `error` invalid_argument on invalid UTF-8, naming the byte.
void append_string(std::string& out, std::string_view utf8);

/// Appends a finite double as Python's `repr` writes it (1.0, 1e-07, 1e+20, 0.1).
/// Throws `error` invalid_argument on NaN and infinities.
void append_double(std::string& out, double value);

/// Appends `text` in normal form; same errors as `json_text::normalised`.
void append_normalised(std::string& out, std::string_view text);

} // namespace json
} // namespace beaver
