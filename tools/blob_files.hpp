#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// Gives `c`, the verb of `op` on the store `name`, another shape if `op` moves the content of a
/// blob: `put` and `find` stream it from and to files, so that its size costs no memory.
void replace_blob_verb(const operation& op, const std::string& name, command& c);

} // namespace beaver::cli
