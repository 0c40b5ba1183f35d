#pragma once
#include "beaver/tools/command.hpp"

#include <string>

namespace beaver {

struct operation;

namespace cli {

/// Makes the command of a message that opens a stream out of `made`, whose words and parameters
/// are there: it prints items as they come, each on a line of its own.
[[nodiscard]] command stream_command(const operation& op, const std::string& name, command made);

/// `watch PATTERN`: `changes PATTERN follow` in a word.
[[nodiscard]] command watch_command();

} // namespace cli
} // namespace beaver
