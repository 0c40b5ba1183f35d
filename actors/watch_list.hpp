#pragma once
#include "beaver/actors/change_set.hpp"

#include <atomic>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

using wake_atom = caf::atom_constant<caf::atom("wake")>;     // what you wait for may be there
using ring_atom = caf::atom_constant<caf::atom("ring")>;     // another process has committed
using cancel_atom = caf::atom_constant<caf::atom("cancel")>; // the sender's request withdraws
using due_atom = caf::atom_constant<caf::atom("due")>;       // a waiter's time may be over
using stop_atom = caf::atom_constant<caf::atom("stop")>;     // answer all who wait, then me

/// A manager that has callers who wait for something to be written.
using watcher_actor =
  caf::typed_actor<caf::reacts_to<wake_atom>, caf::reacts_to<ring_atom>,
                   caf::reacts_to<cancel_atom, std::uint64_t>,
                   caf::reacts_to<due_atom, std::uint64_t>, caf::replies_to<stop_atom>::with<void>>;

/// The managers with callers who wait, of one engine. They stay alive while they are in it.
/// Thread-safe.
class watch_list {
public:
  /// To be called before looking at the data: then no change in between is missed.
  void add(std::string_view type, std::string_view name, watcher_actor who);
  /// Nothing if another actor has taken its place.
  void remove(std::string_view type, std::string_view name, caf::actor_id who) noexcept;

  [[nodiscard]] bool empty() const noexcept { return size_.load() == 0; }
  [[nodiscard]] std::vector<watcher_actor> all() const;

  /// Those of one data type, with their names.
  [[nodiscard]] std::vector<std::pair<std::string, watcher_actor>>
  of_type(std::string_view type) const;

  /// Those whose data has changed and who do not know it yet. A change without a name is one for
  /// all of its type; and whoever follows changes of any kind is always among them.
  [[nodiscard]] std::vector<watcher_actor> of(const change_set& changed) const;

private:
  static constexpr std::string_view any_change = "changes"; // a data type

  mutable std::mutex mutex_;
  std::map<change_set::key, watcher_actor> watchers_;
  std::atomic<std::size_t> size_{0};
};

} // namespace beaver
