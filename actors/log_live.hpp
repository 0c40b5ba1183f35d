#pragma once
#include "beaver/actors/engine_actors.hpp"
#include "beaver/actors/log.hpp"

#include <caf/fwd.hpp>
#include <string>

namespace beaver::detail {

/// Checks what a subscription to frames wants, and completes it. Throws `error` invalid_argument.
void check_live(log_live& m);

/// An actor for one subscription to the frames of a log: the manager passes the request on to it,
/// and it ends with its subscriber or the database.
[[nodiscard]] caf::actor spawn_live_server(caf::actor_system& system,
                                           const engine_state_ptr& engine, const std::string& log);

} // namespace beaver::detail
