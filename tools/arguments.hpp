#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace beaver::cli {

/// The command line is wrong, and the text says how.
class usage_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// How a parameter stands on the command line: `VALUE`, `--name VALUE`, `--name`; or the first word
/// with all that stands behind it, whatever it looks like.
enum class form : unsigned char { word, option, flag, words };

/// Something that a command takes.
struct parameter {
  std::string_view name; ///< "ttl_seconds"
  form as = form::word;
  bool required = true;
  std::string_view type = "string"; ///< as `member_info::type`, or "file"
  std::string_view help = {};       ///< empty: the type says enough
  bool repeats = false;             ///< may be given more than once; a word then by options too

  /// "--ttl-seconds"
  [[nodiscard]] std::string option() const;
};

/// What was given for the parameters of one command.
class arguments {
public:
  explicit arguments(std::size_t count) : values_(count) {}

  /// The text given for the parameter at this place; null if it was left out.
  [[nodiscard]] const std::string* at(std::size_t parameter) const noexcept {
    return values_[parameter].empty() ? nullptr : &values_[parameter].front();
  }

  /// The text of a parameter that was given for sure.
  [[nodiscard]] const std::string& text(std::size_t parameter) const {
    return values_[parameter].front();
  }

  /// All texts of a parameter that repeats, in their order.
  [[nodiscard]] const std::vector<std::string>& texts(std::size_t parameter) const noexcept {
    return values_[parameter];
  }

  /// What was given for the parameter that takes all words.
  [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }

private:
  friend class command_line;
  std::vector<std::vector<std::string>> values_; // several of those that repeat
  std::vector<std::string> words_;
};

/// Options that every command takes, at any place of the line.
struct global_options {
  std::optional<std::string> db{};
  std::optional<std::string> url{};
  std::optional<std::string> token{};
  bool raw = false;
  bool help = false;
  bool version = false;
};

/// The same as parameters, for help.
[[nodiscard]] std::span<const parameter> global_parameters() noexcept;

/// Reads the words of a command line from left to right. "--" ends the options; "-" and negative
/// numbers are words; an option may be shortened as far as it stays the only one, and its value
/// stands behind it or behind "=". A word may be given as an option too, by its whole name.
class command_line {
public:
  explicit command_line(std::vector<std::string> tokens);

  /// The next word; empty at the end. Takes in global options on the way.
  /// Throws usage_error for any other option.
  [[nodiscard]] std::optional<std::string> next_word();

  /// Reads the rest as the parameters of one command. Throws usage_error: a parameter is missing,
  /// given twice or unknown.
  [[nodiscard]] arguments rest(std::span<const parameter> parameters);

  /// The global options seen so far; `help` is known from the beginning.
  [[nodiscard]] const global_options& globals() const noexcept { return globals_; }

private:
  struct given_option {
    std::string name; // as written, with its dashes
    std::optional<std::string> value;
  };

  enum class token : std::uint8_t { none, word, option };

  [[nodiscard]] token peek();
  [[nodiscard]] given_option take_option();
  [[nodiscard]] std::string value_of(given_option& given);
  bool take_global(given_option& given, const parameter* which);

  std::vector<std::string> tokens_;
  std::size_t next_ = 0;
  bool options_ended_ = false;
  global_options globals_;
};

/// The candidate most like `word`; empty if none is alike.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// "; did you mean 'get'?", or "; known are: set, get" if nothing is alike.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> candidates);

} // namespace beaver::cli
