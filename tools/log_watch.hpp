#pragma once
#include "beaver/tools/command.hpp"

#include <string>

namespace beaver::cli {

/// `log NAME watch`: functions over the last seconds of a log, again and again.
[[nodiscard]] command log_watch_command(const std::string& name);

} // namespace beaver::cli
