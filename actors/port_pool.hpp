#pragma once
#include "beaver/actors/reply_port.hpp"

#include <array>
#include <atomic>
#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>
#include <mutex>
#include <vector>

namespace beaver {

/// The reply ports of one engine. Each thread usually finds the one that it used last. Thread-safe.
class port_pool final : public reply_port::owner {
public:
  explicit port_pool(caf::actor_system& system) : system_(system) {}

  /// A free port; it stays the pool's.
  [[nodiscard]] reply_port& take();

  /// Makes a port free again; its call has ended.
  void recycle(reply_port& port) noexcept override;

  /// A number per thread that spreads threads evenly over whatever is shared.
  [[nodiscard]] static std::size_t thread_number() noexcept;

private:
  static constexpr std::size_t slots = 32;

  caf::actor_system& system_;
  std::array<std::atomic<reply_port*>, slots> last_used_{};
  std::mutex mutex_;
  std::vector<reply_port*> free_;
  std::vector<caf::strong_actor_ptr> all_;
};

} // namespace beaver
