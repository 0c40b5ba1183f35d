#include "beaver/actors/private_system.hpp"

#include <caf/logger.hpp>
#include <thread>

namespace beaver {

caf::actor_system_config& private_system::configure(unsigned threads) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", static_cast<size_t>(threads + 1));
  return config;
}

std::unique_ptr<private_system> private_system::make(unsigned threads) {
  std::unique_ptr<private_system> made;
  if (caf::logger::current_logger()) {
    std::thread{[&] { made = std::make_unique<private_system>(threads); }}.join();
  } else {
    made = std::make_unique<private_system>(threads);
    caf::logger::set_current_actor_system(nullptr);
  }
  return made;
}

} // namespace beaver
