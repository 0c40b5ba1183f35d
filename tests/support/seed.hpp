#pragma once
#include <cstdint>
#include <cstdlib>
#include <random>

namespace beaver::test {

/// A new seed each time, or that of BEAVER_TEST_SEED to see a failure again.
inline std::uint64_t fresh_seed() {
  const char* given = std::getenv("BEAVER_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

} // namespace beaver::test
