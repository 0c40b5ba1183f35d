#include "beaver/actors/may_wait.hpp"

#include "beaver/storage/error.hpp"

#include <cmath>

namespace beaver {

std::optional<std::chrono::steady_clock::duration> wait_limit(const may_wait& m) {
  using duration = std::chrono::steady_clock::duration;
  if (m.timeout && !(*m.timeout >= 0))
    throw error(errc::invalid_argument, "timeout must be a number >= 0");
  if (!m.block.value_or(true))
    return duration::zero();
  constexpr double longest = 1e9; // beyond it the clock would overflow; 30 years are for ever
  if (!m.timeout || *m.timeout > longest)
    return std::nullopt;
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>{*m.timeout});
}

} // namespace beaver
