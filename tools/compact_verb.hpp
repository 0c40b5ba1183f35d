#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// Gives `c`, the verb of `op` on the vectors `name`, another shape if `op` makes a snapshot of
/// them: with a progress bar, and Ctrl-C withdraws it.
void replace_compact_verb(const operation& op, const std::string& name, command& c);

} // namespace beaver::cli
