#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// Gives `c`, the verb of `op` on the log, documents or vectors `name`, another shape if `op`
/// brings indexes up to date: all batches with a progress bar, not one.
void replace_reindex_verb(const operation& op, const std::string& name, command& c);

} // namespace beaver::cli
