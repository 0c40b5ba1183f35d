#pragma once
#include <cstddef>
#include <string>
#include <string_view>

/// The pieces of which JSON text is read and written, shared by the normaliser and the cursor.
namespace beaver::json {

[[nodiscard]] constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Where the run of characters from `p` on ends that stand for themselves in a string of normal
/// form: printable ASCII but for '"' and '\'.
[[nodiscard]] const char* plain_end(const char* p, const char* end) noexcept;

/// The UTF-16 unit that the four hexadecimal digits at `p` name; -1 if they are none or reach
/// `end`.
[[nodiscard]] int parse_hex4(const char* p, const char* end) noexcept;

/// Appends one UTF-16 unit, as it stands in a string of normal form.
void append_unit(std::string& out, char32_t unit);

/// The same for a character, which is one or two units.
void append_character(std::string& out, char32_t c);

/// Appends a finite float: the shortest text that reads back as the same float, in the notation of
/// `append_double`. Throws `error` invalid_argument on NaN and infinities.
void append_float(std::string& out, float value);

/// A finite float or double as Python's `repr` notates it, with the shortest digits that read back.
class number_text {
public:
  template <class Float>
  explicit number_text(Float value) noexcept;

  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

private:
  void put(std::string_view text) noexcept;

  char text_[40];
  std::size_t size_ = 0;
};

/// The text that `between_quotes` stands for, a checked JSON string without its quotes; in
/// `scratch` if it has escapes. Half a surrogate pair becomes the three bytes that it would be as a
/// character, so that the order of the bytes is that of the code points for every string that JSON
/// has.
[[nodiscard]] std::string_view unescaped(std::string_view between_quotes, std::string& scratch);

struct scanned_number {
  const char* end; ///< where the number ends, or where a digit is missing
  bool integral;   ///< written without fraction and exponent
  bool valid;
};

/// The number that begins at `p`.
[[nodiscard]] scanned_number scan_number(const char* p, const char* end) noexcept;

/// Whether a scanned number with a fraction is known, without a conversion, to be the text that
/// `number_text` would write. Of two decimals with at most 15 digits no double is the nearest to
/// both, so what has no digit to spare is the shortest. False says nothing.
[[nodiscard]] bool is_shortest(std::string_view number) noexcept;

/// The double nearest to a scanned number; an infinity if it is out of range, zero if it is too
/// small.
[[nodiscard]] double parse_double(std::string_view number) noexcept;

} // namespace beaver::json
