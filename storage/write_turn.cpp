#include "beaver/storage/write_turn.hpp"

#include <atomic>
#include <utility>

#ifdef __linux__
#include <unistd.h>
#endif

namespace beaver {
using detail::inside_byte;
using detail::lock_byte;
using detail::lock_result;
using detail::turnstile_byte;
using detail::unlock_byte;

write_turn::write_turn(const bell& b) : place_(b.place_in_turn()) {}

write_turn::~write_turn() {
  if (!place_.page)
    return;
  abandon();
#ifdef __linux__
  ::close(place_.descriptor);
#endif
}

bool write_turn::contended() const noexcept {
  return place_.page && (std::atomic_ref(place_.page->queuing).load() & ~place_.mine) != 0;
}

void write_turn::want(bool yes) noexcept {
  std::atomic_ref queuing{place_.page->queuing};
  if (yes)
    queuing.fetch_or(place_.mine);
  else if (place_.mine != detail::common_bit) // others may mean it
    queuing.fetch_and(~place_.mine);
}

bool write_turn::try_enter() noexcept {
  if (inside_ || !place_.page)
    return inside_ = true;
  if (!by_locks_ && !contended())
    return inside_ = true;
  by_locks_ = true;
  want(true);
  const bool queued = turnstile_;
  if (!turnstile_) {
    // Where there are no such locks everybody is first.
    if (lock_byte(place_.descriptor, turnstile_byte) == lock_result::busy)
      return false;
    turnstile_ = true;
  }
  if (lock_byte(place_.descriptor, inside_byte) == lock_result::busy)
    return false;
  unlock_byte(place_.descriptor, turnstile_byte);
  turnstile_ = false;
  // Nobody is there, and yet somebody seems to want something: perhaps the word of a dead process,
  // which would keep everybody from the short way.
  if (!queued && contended())
    detail::forget_the_dead(place_);
  locked_ = true;
  return inside_ = true;
}

void write_turn::refused() noexcept {
  if (!place_.page || locked_)
    return; // nobody is before us but a stranger
  inside_ = false;
  by_locks_ = true;
  want(true); // so that who is at work without locks lets us be next
}

void write_turn::leave() noexcept {
  if (!std::exchange(inside_, false) || !place_.page)
    return;
  if (!std::exchange(by_locks_, false))
    return;
  want(false);
  if (std::exchange(locked_, false))
    unlock_byte(place_.descriptor, inside_byte);
}

void write_turn::abandon() noexcept {
  leave();
  if (!place_.page || !std::exchange(by_locks_, false))
    return;
  want(false);
  if (std::exchange(turnstile_, false))
    unlock_byte(place_.descriptor, turnstile_byte);
}

} // namespace beaver
