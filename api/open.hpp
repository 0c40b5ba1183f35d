#pragma once
#include "beaver/api/options.hpp"

#include <memory>
#include <string>

namespace caf {
class actor_system;
}

namespace beaver {

class engine;

/// Opens a file as `how` says, with actors of its own or in `system`. Throws `error`.
[[nodiscard]] std::shared_ptr<engine> open_engine(const std::string& path, const options& how,
                                                  caf::actor_system* system = nullptr);

} // namespace beaver
