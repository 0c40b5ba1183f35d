#pragma once
#include "beaver/api/far_backend.hpp"

#include <caf/fwd.hpp>
#include <functional>

namespace beaver {

/// The handle of a manager. Throws `error`.
using manager_finder = std::function<caf::actor(std::string_view type, std::string_view name)>;

/// The database of another node: its backend, and the way to its managers.
struct actor_node_backend {
  std::shared_ptr<far_backend> to;
  manager_finder find;
};

/// Throws as `connect`.
[[nodiscard]] actor_node_backend connect_node(caf::actor_system& system, const std::string& url,
                                              connect_options how);

} // namespace beaver
