#pragma once
#include "beaver/actors/waiting_manager.hpp"

// Data types whose calls may wait until their table has something for them: messages M derived from
// `may_wait`, for which `run` gives what is there and an empty reply stands for nothing. Beyond
// what table_type.hpp asks for, their `Operations` have
//   type                              std::string_view: "queue"
// and, where they need them, static functions of a job_context& x and the manager's name or M:
//   before_serving(x, name)           comes first in a job that serves those who wait
//   next_look(x, name)                std::optional<unix_seconds>: when something gets ready by
//                                     itself, asked while somebody waits
//   is_worth_trying(x, name)          bool, over a reader: whether there may be something at all
//   arrive(x, m), depart(x, m)        make a call that waits known in the file, and undo that when
//                                     it leaves with nothing; with
//   renewal                           std::chrono::seconds: how often `arrive` is repeated
//   go_on(x, m)                       bool: whether to serve those behind M, where the table and
//                                     not the line decides whose turn it is
// Included by one .cpp file per data type.

namespace beaver::detail {

template <class Operations, class... Messages>
caf::actor spawn_waiting_manager(caf::actor_system& system, const char* type,
                                 const engine_state_ptr& engine, const std::string& name) {
  using manager = waiting_manager<Operations, Messages...>;
  return caf::actor_cast<caf::actor>(spawn_lazily<manager>(system, type, engine, name));
}

template <class Operations, class... Messages>
spawn_function waiting_spawner(boost::mp11::mp_list<Messages...>) {
  return spawn_waiting_manager<Operations, Messages...>;
}

/// The registry's view of a data type whose calls may wait; made once per type.
template <class Operations, class Block, class List>
const data_type& describe_waiting_type(const char* name, const char* plural) {
  static const auto type = [&] {
    auto made = make_table_type<Operations, Block>(List{}, name, plural);
    made.spawn = waiting_spawner<Operations>(List{});
    return made;
  }();
  return type;
}

} // namespace beaver::detail
