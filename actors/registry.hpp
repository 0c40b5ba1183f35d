#pragma once
#include "beaver/actors/operation.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace caf {
class actor;
class actor_system;
class actor_system_config;
} // namespace caf

namespace beaver {

struct engine_state;

/// Starts the actor that manages `manager_name` within an engine.
using spawn_function = caf::actor (*)(caf::actor_system& system, const char* type,
                                      const std::shared_ptr<engine_state>& engine,
                                      const std::string& manager_name);

/// One data type, as everything that knows no data type sees it.
struct data_type {
  const char* name;   ///< "dict": the first word of its messages and the CLI's
  const char* plural; ///< "dicts"
  std::span<const operation> operations;
  spawn_function spawn;
  /// Lets CAF send its messages and replies to other nodes.
  void (*register_messages)(caf::actor_system_config& config);
};

/// Whether a data type has managers with names; if not, it is about the file as a whole.
[[nodiscard]] bool has_managers(const data_type& type) noexcept;

/// All data types in order of their introduction.
[[nodiscard]] std::span<const data_type* const> registry() noexcept;

} // namespace beaver
