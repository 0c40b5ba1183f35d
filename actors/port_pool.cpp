#include "beaver/actors/port_pool.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>

namespace beaver {

std::size_t port_pool::thread_number() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const auto number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

reply_port& port_pool::take() {
  auto& slot = last_used_[thread_number() % slots];
  if (auto* port = slot.exchange(nullptr, std::memory_order_acquire))
    return *port;
  std::lock_guard guard{mutex_};
  if (!free_.empty()) {
    auto* port = free_.back();
    free_.pop_back();
    return *port;
  }
  caf::actor_config config;
  all_.push_back(caf::make_actor<reply_port, caf::strong_actor_ptr>(
    system_.next_actor_id(), system_.node(), &system_, config));
  free_.reserve(all_.capacity()); // so that `recycle` cannot fail
  return *static_cast<reply_port*>(all_.back()->get());
}

void port_pool::recycle(reply_port& port) noexcept {
  auto& slot = last_used_[thread_number() % slots];
  reply_port* empty = nullptr;
  if (slot.compare_exchange_strong(empty, &port, std::memory_order_release,
                                   std::memory_order_relaxed))
    return;
  std::lock_guard guard{mutex_};
  free_.push_back(&port);
}

} // namespace beaver
