#pragma once
#include "beaver/storage/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beaver {

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

/// Reads one JSON text from front to back, building nothing. Takes any spelling, and the literals
/// NaN, Infinity and -Infinity, which the Python original stores. The text has to outlive the
/// cursor.
///
///     for (cursor.enter_object(); auto name = cursor.next_member();)
///       if (*name == "age") age = cursor.read_int64(); else cursor.skip();
///
/// Safe on arbitrary bytes: every function throws `error` invalid_argument that names the byte when
/// the text is not JSON there, holds another kind of value, or is nested deeper than
/// `json_text::max_depth`. Only what was read or skipped has been checked.
class json_cursor {
public:
  explicit json_cursor(std::string_view text) noexcept
    : begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

  /// Remembers whether the text is normal, so that `read_value` need not find out again.
  explicit json_cursor(const json_text& text) noexcept : json_cursor(text.text()) {
    normal_ = text.normal();
  }

  /// The kind of the next value, as its first character tells.
  [[nodiscard]] json_kind peek();

  // -- arrays and objects: enter, then call next until it says that the end has been passed
  // ---------
  void enter_array();
  /// True: at an element, which must be read or skipped. False: behind the array.
  [[nodiscard]] bool next_element();
  void enter_object();
  /// The name of the member whose value comes next; empty: behind the object. Valid until the next
  /// call of anything.
  [[nodiscard]] std::optional<std::string_view> next_member();
  /// The same with the name as it stands between its quotes: escapes stay, also half a surrogate
  /// pair, which no UTF-8 has.
  [[nodiscard]] std::optional<std::string_view> next_raw_member();

  // -- values
  // --------------------------------------------------------------------------------------
  /// The string as UTF-8, valid until the next call of anything. A lone surrogate is no UTF-8:
  /// error.
  [[nodiscard]] std::string_view read_string();
  /// A number as it is written.
  [[nodiscard]] std::string_view read_number();
  /// The number; empty (and read over) if it is not written as an integer or is out of range.
  [[nodiscard]] std::optional<std::int64_t> read_int64();
  [[nodiscard]] std::optional<std::uint64_t> read_uint64();
  /// The nearest double: infinite if the number is out of range.
  [[nodiscard]] double read_double();
  [[nodiscard]] bool read_bool();
  void read_null();

  /// Reads over a value of any kind and gives its text, verbatim. Linear in its size.
  std::string_view skip();
  /// The same as a value of its own.
  [[nodiscard]] json_text read_value();

  /// To be called behind the value: throws if there is more text.
  void finish();

  /// A place to go back to, between two values.
  struct mark {
    const char* p;
    int depth;
    bool fresh;
  };
  [[nodiscard]] mark position() const noexcept { return {p_, depth_, fresh_}; }
  void go_back(const mark& to) noexcept {
    p_ = to.p;
    depth_ = to.depth;
    fresh_ = to.fresh;
  }

private:
  bool next(char close, const char* expected);
  void enter(char open, const char* expected);
  std::string_view read_name(bool unescape);
  std::string_view read_quoted(bool unescape);
  void read_escape(const char* quote, bool unescape);
  char32_t read_unit(const char* from);
  void read_word(std::string_view word);
  void skip_space() noexcept;
  [[noreturn]] void fail(const std::string& what, const char* where) const;   // no JSON
  [[noreturn]] void refuse(const std::string& what, const char* where) const; // not what was asked

  const char* begin_;
  const char* p_;
  const char* end_;
  int depth_ = 0;
  bool fresh_ = false; // nothing of the array or object just entered has been read
  bool normal_ = false;
  std::string scratch_; // the last string, if it had to be unescaped
};

/// Whether a text is JSON by the rules of the cursor, which keeps also the numbers that no double
/// holds. Linear in its size.
[[nodiscard]] bool is_well_formed(std::string_view text);

} // namespace beaver
