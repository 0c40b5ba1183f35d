#pragma once
#include "beaver/storage/error.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace beaver::cli {

/// While it lives, the first Ctrl-C sets a flag and ends a wait for input, and the second ends the
/// program. One at a time; leaves Ctrl-C alone where it was ignored already.
class interruption {
public:
  interruption();
  ~interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  [[nodiscard]] static const std::atomic<bool>& flag() noexcept;
};

/// Ctrl-C ended the command.
class interrupted : public error {
public:
  explicit interrupted(const std::string& text) : error(errc::cancelled, text) {}
};

/// A file that is read from front to back; "-" is standard input.
class input_file {
public:
  /// Throws `error` not_found or io that names the file.
  explicit input_file(const std::string& path);
  ~input_file();
  input_file(const input_file&) = delete;
  input_file& operator=(const input_file&) = delete;

  /// Some bytes; 0 at the end, or when Ctrl-C has been pressed. Throws `error` io.
  std::size_t read(std::span<char> target);

  /// All that is left.
  [[nodiscard]] std::string read_all();

  /// The size of a regular file.
  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  std::string name_;
  int descriptor_;
  std::optional<std::uint64_t> size_;
};

/// A file that takes the place of an earlier one only with `commit`; without it nothing is left.
/// "-" is standard output; that and what is no regular file (a pipe, /dev/null) is written at once.
class output_file {
public:
  /// Throws `error` io that names the file.
  explicit output_file(const std::string& path);
  ~output_file();
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  void write(std::string_view text);
  void commit();

private:
  std::string name_;
  std::string target_; // empty: written at once
  std::string temporary_;
  int descriptor_;
};

} // namespace beaver::cli
