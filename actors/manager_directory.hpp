#pragma once
#include "beaver/actors/engine_actors.hpp"
#include "beaver/actors/registry.hpp"

#include <caf/actor.hpp>
#include <map>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

namespace beaver {

/// The managers of one engine: at most one actor per (type, name), started when first asked for and
/// again after it died of an error. Those that nobody uses are dropped now and then, so that a
/// program with a dict per user does not keep an actor for each. Thread-safe.
class manager_directory {
public:
  explicit manager_directory(caf::actor_system& system) : system_(system) {}

  /// Throws `error`: not_supported (no such type), invalid_argument (a bad name), closed.
  [[nodiscard]] caf::actor get(const engine_state_ptr& state, std::string_view type,
                               std::string_view name);

  /// Ends all managers; later calls of `get` are refused.
  void close();

private:
  static constexpr std::size_t idle_limit = 1'024;

  using key_view = std::pair<std::string_view, std::string_view>;

  struct key_order {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return key_view{a.first, a.second} < key_view{b.first, b.second};
    }
  };

  /// What a manager's end finds, though the engine may be gone by then.
  struct table {
    std::shared_mutex mutex;
    std::map<std::pair<std::string, std::string>, caf::actor, key_order> actors;
    std::size_t next_drop = idle_limit; // at how many idle ones are looked for
    bool closed = false;
  };

  caf::actor start(const engine_state_ptr& state, std::string_view type, std::string_view name);
  std::vector<caf::actor> drop_idle();

  caf::actor_system& system_;
  std::shared_ptr<table> table_ = std::make_shared<table>();
};

} // namespace beaver
