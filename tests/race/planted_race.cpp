// Two actors on two lent threads write one variable without any order: ThreadSanitizer must report
// it. If it does not, it is blind to what happens inside actors and its silence elsewhere says
// nothing.
#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/lent_unit.hpp"
#include "beaver/actors/port_pool.hpp"
#include "beaver/actors/private_system.hpp"

#include <atomic>
#include <caf/atom.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <thread>

namespace {

using namespace beaver;

int shared_by_mistake = 0;

using increment_atom = caf::atom_constant<caf::atom("increment")>;
using adder_actor = caf::typed_actor<caf::replies_to<increment_atom>::with<void>>;

class adder final : public lendable<adder_actor::base> {
public:
  using lendable::lendable;
  behavior_type make_behavior() override {
    return {[](increment_atom) { ++shared_by_mistake; }};
  }
};

} // namespace

int main() {
  // As an engine makes it and its actors: without a share of CAF's logger on our threads, whose
  // lock would put what happens here into an order.
  const auto own = private_system::make(2);
  auto& system = own->system;
  lent_unit unit{system};
  port_pool ports{system};
  // In step, or on a busy machine one may be done before the other begins. Relaxed, so that the
  // steps themselves put nothing into an order.
  std::atomic<int> steps[2] = {};
  const auto work = [&](int me) {
    const auto actor = caf::actor_cast<caf::strong_actor_ptr>(spawn_lazily<adder>(system));
    for (int i = 1; i <= 1'000; ++i) {
      auto& port = ports.take();
      {
        lending lent{unit};
        port.ask(actor,
                 caf::make_mailbox_element(nullptr, caf::message_id{}, {}, increment_atom::value),
                 nullptr, nullptr, &unit);
        port.wait(lent);
      }
      ports.recycle(port);
      steps[me].store(i, std::memory_order_relaxed);
      while (steps[1 - me].load(std::memory_order_relaxed) < i)
        std::this_thread::yield();
    }
  };
  std::thread other{work, 0};
  work(1);
  other.join();
  return shared_by_mistake == 0;
}
