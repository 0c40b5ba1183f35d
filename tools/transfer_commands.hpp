#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// `import`: lines of JSON into a dict.
[[nodiscard]] command import_command();

/// `export`: a dict as lines of JSON.
[[nodiscard]] command export_command();

} // namespace beaver::cli
