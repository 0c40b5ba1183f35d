#pragma once
#include <cstdint>
#include <string_view>

namespace beaver::sketches {

/// The hash that our own kinds of sketches store the effects of: XXH64 (Yann Collet, "xxHash fast
/// digest algorithm", version 0.1.1), so the same on every machine and in every version. Not for
/// secrets: who knows the seed finds collisions. Thread-safe, linear.
[[nodiscard]] std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) noexcept;

/// What each number of splitmix64 adds to its state.
inline constexpr std::uint64_t mixing_step = 0x9e3779b97f4a7c15;

/// The number that splitmix64 makes of a state (Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", 2014).
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t state) noexcept {
  state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
  state = (state ^ state >> 27) * 0x94d049bb133111eb;
  return state ^ state >> 31;
}

} // namespace beaver::sketches
