#pragma once
#include <string>

namespace beaver {

/// 128 random bits in hexadecimal: unique over all processes, and nobody guesses it.
/// Throws std::exception if the machine has no random bits to give.
[[nodiscard]] std::string make_unique_id();

} // namespace beaver
