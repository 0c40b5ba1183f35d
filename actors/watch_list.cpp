#include "beaver/actors/watch_list.hpp"

namespace beaver {

void watch_list::add(std::string_view type, std::string_view name, watcher_actor who) {
  std::lock_guard guard{mutex_};
  watchers_.insert_or_assign({std::string{type}, std::string{name}}, std::move(who));
  size_ = watchers_.size();
}

void watch_list::remove(std::string_view type, std::string_view name, caf::actor_id who) noexcept {
  watcher_actor last; // released outside the lock
  std::lock_guard guard{mutex_};
  const auto found = watchers_.find({std::string{type}, std::string{name}});
  if (found == watchers_.end() || found->second.id() != who)
    return;
  last = std::move(found->second);
  watchers_.erase(found);
  size_ = watchers_.size();
}

std::vector<watcher_actor> watch_list::all() const {
  std::vector<watcher_actor> result;
  std::lock_guard guard{mutex_};
  for (const auto& [key, who] : watchers_)
    result.push_back(who);
  return result;
}

std::vector<std::pair<std::string, watcher_actor>>
watch_list::of_type(std::string_view type) const {
  std::vector<std::pair<std::string, watcher_actor>> result;
  if (empty())
    return result;
  std::lock_guard guard{mutex_};
  for (auto at = watchers_.lower_bound({std::string{type}, {}});
       at != watchers_.end() && at->first.first == type; ++at)
    result.emplace_back(at->first.second, at->second);
  return result;
}

std::vector<watcher_actor> watch_list::of(const change_set& changed) const {
  std::vector<watcher_actor> result;
  if (empty())
    return result;
  for (const auto& [key, news] : changed.names()) {
    if (news == change_set::news::no)
      continue;
    if (key.second.empty()) {
      for (auto& [name, who] : of_type(key.first))
        result.push_back(std::move(who));
      continue;
    }
    std::lock_guard guard{mutex_};
    if (const auto found = watchers_.find(key); found != watchers_.end())
      result.push_back(found->second);
  }
  for (auto& [name, who] : of_type(any_change))
    result.push_back(std::move(who));
  return result;
}

} // namespace beaver
