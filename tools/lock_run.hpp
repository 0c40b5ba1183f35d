#pragma once
#include "beaver/tools/command.hpp"

namespace beaver::cli {

/// `lock NAME run`: runs a program while the lock is held.
[[nodiscard]] command lock_run_command(const std::string& name);

} // namespace beaver::cli
