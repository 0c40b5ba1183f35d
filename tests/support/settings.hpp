#pragma once
#include <cstdint>
#include <cstdlib>
#include <random>

// What the environment may say to a test.

namespace beaver::test {

/// A new seed each time, or that of BEAVER_TEST_SEED to see a failure again.
inline std::uint64_t fresh_seed() {
  const char* given = std::getenv("BEAVER_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// Long variants of a test run only where somebody asked for them: BEAVER_LONG_TESTS.
inline bool long_tests() { return std::getenv("BEAVER_LONG_TESTS") != nullptr; }

} // namespace beaver::test
