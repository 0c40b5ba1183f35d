#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// `import`: lines of JSON into a dict, documents, a graph or vectors; records of fvecs too.
[[nodiscard]] command import_command();

} // namespace beaver::cli
