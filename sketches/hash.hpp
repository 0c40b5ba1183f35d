#pragma once
#include <cstdint>
#include <string_view>

namespace beaver::sketches {

/// The hash that our own kinds of sketches store the effects of: XXH64 (Yann Collet, "xxHash fast
/// digest algorithm", version 0.1.1), so the same on every machine and in every version. Not for
/// secrets: who knows the seed finds collisions. Thread-safe, linear.
[[nodiscard]] std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) noexcept;

} // namespace beaver::sketches
