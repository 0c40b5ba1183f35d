#include "beaver/actors/manager_directory.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/storage/error.hpp"

#include <algorithm>
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
  if (has_managers(*row))
    check_name(type, name);
  std::vector<caf::actor> dropped; // die outside the lock, which their end takes
  std::unique_lock guard{table_->mutex};
  if (table_->closed)
    throw error(errc::closed, "database '" + state->path + "' is closed");
  if (table_->actors.size() >= table_->next_drop)
    dropped = drop_idle();
  std::pair key{std::string{type}, std::string{name}};
  if (const auto found = table_->actors.find(key); found != table_->actors.end())
    return found->second; // another thread was faster
  auto made = row->spawn(system_, row->name, state, key.second);
  table_->actors.emplace(key, made);
  // A manager that dies is forgotten, so that the next call starts another.
  caf::actor_cast<caf::abstract_actor*>(made)->attach_functor(
    [weak = std::weak_ptr{table_}, id = made.id(), key = std::move(key)] {
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
  return made;
}

std::vector<caf::actor> manager_directory::drop_idle() {
  std::vector<caf::actor> dropped;
  std::erase_if(table_->actors, [&](auto& entry) {
    // Nobody else holds it, and it has no message either: then the scheduler or a caller would.
    const auto* block = caf::actor_cast<caf::actor_control_block*>(entry.second);
    if (block->strong_refs.load() > 1)
      return false;
    dropped.push_back(std::move(entry.second));
    return true;
  });
  table_->next_drop = std::max(idle_limit, 2 * table_->actors.size());
  return dropped;
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
