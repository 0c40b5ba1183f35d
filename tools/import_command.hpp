#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// `import`: lines of JSON into a dict, documents, a graph or vectors; records of fvecs too.
[[nodiscard]] command import_command();

/// `vectors NAME import`: the same into these vectors.
[[nodiscard]] command vectors_import_command(const std::string& name);

} // namespace beaver::cli
