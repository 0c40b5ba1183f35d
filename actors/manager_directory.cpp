#include "beaver/actors/manager_directory.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/storage/error.hpp"

#include <caf/send.hpp>
#include <mutex>

namespace beaver {

caf::actor manager_directory::get(const engine_state_ptr& state, std::string_view type,
                                  std::string_view name) {
  {
    std::shared_lock guard{table_->mutex};
    if (const auto found = table_->actors.find(key_view{type, name}); found != table_->actors.end())
      return found->second;
  }
  return start(state, type, name);
}

caf::actor manager_directory::start(const engine_state_ptr& state, std::string_view type,
                                    std::string_view name) {
  const data_type* row = nullptr;
  for (const auto* candidate : registry())
    if (candidate->name == type)
      row = candidate;
  if (!row)
    throw error(errc::not_supported, "there is no data type '" + std::string{type} + "'");
  if (row->plural[0] != '\0')
    check_name(type, name);
  std::unique_lock guard{table_->mutex};
  if (table_->closed)
    throw error(errc::closed, "database '" + state->path + "' is closed");
  auto& slot = table_->actors[{std::string{type}, std::string{name}}];
  if (slot)
    return slot;
  slot = row->spawn(system_, row->name, state, std::string{name});
  // A manager that dies is forgotten, so that the next call starts another.
  caf::actor_cast<caf::abstract_actor*>(slot)->attach_functor(
    [weak = std::weak_ptr{table_}, id = slot.id(),
     key = std::pair{std::string{type}, std::string{name}}] {
      const auto all = weak.lock();
      if (!all)
        return;
      caf::actor dead; // released outside the lock
      std::unique_lock lock{all->mutex};
      const auto found = all->actors.find(key);
      if (found == all->actors.end() || found->second.id() != id)
        return;
      dead = std::move(found->second);
      all->actors.erase(found);
      lock.unlock();
    });
  return slot;
}

void manager_directory::close() {
  decltype(table_->actors) ended;
  {
    std::unique_lock guard{table_->mutex};
    table_->closed = true;
    ended.swap(table_->actors);
  }
  for (const auto& [key, manager] : ended)
    caf::anon_send_exit(manager, caf::exit_reason::user_shutdown);
}

} // namespace beaver
