#pragma once
#include "beaver/actors/lock.hpp"

#include <cstdint>
#include <string>

namespace beaver {

/// Proof of having got a lock, for writes that must happen under it or not at all: what is written
/// with it fails with `errc::lost_lock` once the lock is released, its time is over, or somebody
/// else has it. From `held_lock::fence`; may be copied, kept and handed to others.
struct fence {
  std::string lock;
  std::uint64_t token; ///< grows with every time that any lock of the file is got
};

/// The message that checks it.
[[nodiscard]] inline lock_check check_of(const fence& under) { return {under.lock, under.token}; }

} // namespace beaver
