#pragma once
#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/infer_handle.hpp>
#include <caf/make_actor.hpp>
#include <utility>

namespace beaver {

/// `system.spawn<T, lazy_init>` without its side effect: CAF would leave a share of the system's
/// logger with the calling thread, and the system's destructor waits until every thread has let go
/// of it. Our callers are threads that may live longer.
template <class T, class... Args>
caf::infer_handle_from_class_t<T> spawn_lazily(caf::actor_system& system, Args&&... args) {
  caf::actor_config config{system.dummy_execution_unit()};
  auto handle = caf::make_actor<T>(system.next_actor_id(), system.node(), &system, config,
                                   std::forward<Args>(args)...);
  static_cast<T*>(caf::actor_cast<caf::abstract_actor*>(handle))->launch(config.host, true, false);
  return handle;
}

/// The same for an actor that runs on a thread of its own.
template <class T, class... Args>
caf::infer_handle_from_class_t<T> spawn_detached(caf::actor_system& system, Args&&... args) {
  caf::actor_config config{system.dummy_execution_unit(), nullptr};
  config.add_flag(caf::abstract_actor::is_detached_flag);
  auto handle = caf::make_actor<T>(system.next_actor_id(), system.node(), &system, config,
                                   std::forward<Args>(args)...);
  static_cast<T*>(caf::actor_cast<caf::abstract_actor*>(handle))->launch(config.host, true, false);
  return handle;
}

} // namespace beaver
