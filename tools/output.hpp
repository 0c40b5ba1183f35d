#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace beaver::cli {

/// The file descriptors of standard input, output and error.
inline constexpr int standard_input = 0;
inline constexpr int standard_output = 1;
inline constexpr int standard_error = 2;

/// Writes all of it. Throws `error` full or io that says `name`.
void write_all(int descriptor, std::string_view text, std::string_view name);

/// Writes all of it to standard output. Throws `error` full or io.
void print(std::string_view text);

/// "beaver: ..." as one line on standard error, whatever the text holds. Never throws.
void complain(std::string_view text) noexcept;

[[nodiscard]] bool is_terminal(int descriptor) noexcept;

/// "1.5 s"
[[nodiscard]] std::string seconds_text(std::chrono::duration<double> elapsed);

/// "1 row", "2 rows"
[[nodiscard]] std::string count_text(std::uint64_t n, std::string_view one);

/// The same JSON without line breaks between its tokens; tokens stay as they are.
[[nodiscard]] std::string on_one_line(std::string_view json);

/// The same JSON with a line for each element and member, indented by two, but arrays of numbers on
/// one line; tokens stay as they are.
[[nodiscard]] std::string pretty(std::string_view json);

/// Prints JSON with a newline: pretty on a terminal unless `raw`, else on one line.
void print_json(std::string_view json, bool raw);

} // namespace beaver::cli
