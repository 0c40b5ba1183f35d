#pragma once
#include "beaver/actors/engine_actors.hpp"
#include "beaver/actors/typed.hpp"
#include "beaver/actors/vectors.hpp"

#include <caf/actor.hpp>

namespace beaver {

using compact_atom = caf::atom_constant<caf::atom("compact")>; // a snapshot has become old

/// Makes snapshots of vectors.
using compactor_actor = caf::typed_actor<caf::replies_to<vectors_compact>::with<compaction_report>,
                                         caf::reacts_to<compact_atom, std::string>,
                                         caf::replies_to<close_atom>::with<void>>;

/// The compactor of an engine, started if need be. Throws `error` not_supported in memory,
/// read_only, closed.
[[nodiscard]] caf::actor find_compactor(caf::actor_system& system, const engine_state_ptr& state);

/// Has a collection compacted soon, unless the engine closes. For no answer.
void request_compaction(caf::actor_system& system, const engine_state_ptr& state,
                        const std::string& name) noexcept;

} // namespace beaver
