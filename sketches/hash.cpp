#include "beaver/sketches/hash.hpp"

#include "beaver/sketches/byte_order.hpp"

#include <array>
#include <bit>

namespace beaver::sketches {
namespace {

// The numbers of the specification.
constexpr std::uint64_t prime_1 = 0x9e3779b185ebca87;
constexpr std::uint64_t prime_2 = 0xc2b2ae3d27d4eb4f;
constexpr std::uint64_t prime_3 = 0x165667b19e3779f9;
constexpr std::uint64_t prime_4 = 0x85ebca77c2b2ae63;
constexpr std::uint64_t prime_5 = 0x27d4eb2f165667c5;

constexpr std::uint64_t round(std::uint64_t sum, std::uint64_t lane) noexcept {
  return std::rotl(sum + lane * prime_2, 31) * prime_1;
}

} // namespace

std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  auto left = bytes.size();
  std::uint64_t hash = seed + prime_5;
  if (left >= 32) {
    std::array<std::uint64_t, 4> sums{seed + prime_1 + prime_2, seed + prime_2, seed,
                                      seed - prime_1};
    for (; left >= 32; at += 32, left -= 32)
      for (std::size_t i = 0; i < 4; ++i)
        sums[i] = round(sums[i], detail::load_little<std::uint64_t>(at + 8 * i));
    hash = std::rotl(sums[0], 1) + std::rotl(sums[1], 7) + std::rotl(sums[2], 12)
           + std::rotl(sums[3], 18);
    for (const auto sum : sums)
      hash = (hash ^ round(0, sum)) * prime_1 + prime_4;
  }
  hash += bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    hash ^= round(0, detail::load_little<std::uint64_t>(at));
    hash = std::rotl(hash, 27) * prime_1 + prime_4;
  }
  if (left >= 4) {
    hash ^= detail::load_little<std::uint32_t>(at) * prime_1;
    hash = std::rotl(hash, 23) * prime_2 + prime_3;
    at += 4;
    left -= 4;
  }
  for (; left > 0; ++at, --left) {
    hash ^= *at * prime_5;
    hash = std::rotl(hash, 11) * prime_1;
  }
  hash = (hash ^ hash >> 33) * prime_2;
  hash = (hash ^ hash >> 29) * prime_3;
  return hash ^ hash >> 32;
}

} // namespace beaver::sketches
