#pragma once
#include "beaver/storage/error.hpp"
#include "beaver/storage/index_upkeep.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace beaver::detail {

/// Takes one step of bringing indexes up to date after the other; gives the number of rows that
/// were looked at.
template <class Step>
std::uint64_t reindex_all(Step step, const std::string& whose,
                          const std::function<void(std::uint64_t)>& progress,
                          const std::stop_token& stop) {
  std::uint64_t done = 0;
  for (bool more = true; more;) {
    if (stop.stop_requested())
      throw error(errc::cancelled, whose + ": reindex was stopped; what is indexed stays so");
    const reindex_step taken = step();
    done += taken.done;
    more = taken.more;
    if (progress)
      progress(done);
  }
  return done;
}

} // namespace beaver::detail
