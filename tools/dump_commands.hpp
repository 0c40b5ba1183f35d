#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// `dump`: all that one manager holds, as a text.
[[nodiscard]] command dump_command();

/// `load`: such a text back into a manager.
[[nodiscard]] command load_command();

} // namespace beaver::cli
