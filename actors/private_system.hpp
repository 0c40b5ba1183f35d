#pragma once
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <functional>
#include <memory>

namespace beaver {

/// An actor system for one database: workers that sleep when idle, and nothing else.
struct private_system {
  using preparation = std::function<void(caf::actor_system_config&)>;

  private_system(unsigned threads, const preparation& prepare)
    : system(configure(threads, prepare)) {}

  /// Made so that the calling thread keeps no share of the system's logger, for whose end the
  /// system's destructor would wait. A thread that has a logger of its own keeps that.
  static std::unique_ptr<private_system> make(unsigned threads, const preparation& prepare = {});

  caf::actor_system_config config;
  caf::actor_system system;

private:
  caf::actor_system_config& configure(unsigned threads, const preparation& prepare);
};

} // namespace beaver
