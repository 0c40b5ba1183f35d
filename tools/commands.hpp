#pragma once
#include <string>
#include <vector>

namespace beaver::cli {

/// Carries out a command line without the program's name; gives the exit status. Prints errors
/// itself, as one line on standard error.
[[nodiscard]] int run(std::vector<std::string> tokens) noexcept;

} // namespace beaver::cli
