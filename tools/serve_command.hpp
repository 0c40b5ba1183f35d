#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// `beaver serve`: a database over HTTP until a signal ends it.
[[nodiscard]] command serve_command();

} // namespace beaver::cli
