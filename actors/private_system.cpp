#include "beaver/actors/private_system.hpp"

#include <caf/logger.hpp>
#include <thread>

namespace beaver {

caf::actor_system_config& private_system::configure(unsigned threads, const preparation& prepare) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", static_cast<size_t>(threads + 1));
  if (prepare)
    prepare(config);
  return config;
}

std::unique_ptr<private_system> private_system::make(unsigned threads, const preparation& prepare) {
  std::unique_ptr<private_system> made;
  if (caf::logger::current_logger()) {
    std::thread{[&] { made = std::make_unique<private_system>(threads, prepare); }}.join();
  } else {
    made = std::make_unique<private_system>(threads, prepare);
    caf::logger::set_current_actor_system(nullptr);
  }
  return made;
}

} // namespace beaver
