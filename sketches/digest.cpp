#include "beaver/sketches/digest.hpp"

#include "beaver/sketches/byte_order.hpp"

#include <bit>
#include <cstddef>
#include <utility>

namespace beaver::sketches {
namespace {

using words = std::array<std::uint32_t, 16>;

template <std::endian Order>
std::uint32_t load_word(const unsigned char* from) noexcept {
  return Order == std::endian::little ? detail::load_little<std::uint32_t>(from)
                                      : detail::load_big<std::uint32_t>(from);
}

/// Which bits of a word byte `i` of it is.
template <std::endian Order>
constexpr std::size_t shift_of(std::size_t i) noexcept {
  return 8 * (Order == std::endian::little ? i : 3 - i);
}

/// What both have in common: the text, a bit, zeros and the length in bits make whole blocks, each
/// of which is mixed into the state. The padding is made of words, not of bytes in a buffer: a load
/// of what several stores have just written waits for them.
template <std::endian Order, std::size_t Words, class Mix>
std::array<std::uint8_t, 4 * Words>
digest(std::string_view text, std::array<std::uint32_t, Words> state, Mix mix) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  auto left = text.size();
  words block;
  for (; left >= 64; at += 64, left -= 64) {
    for (std::size_t i = 0; i < 16; ++i)
      block[i] = load_word<Order>(at + 4 * i);
    mix(state, block);
  }
  block = {};
  for (std::size_t i = 0; i < left / 4; ++i)
    block[i] = load_word<Order>(at + 4 * i);
  std::uint32_t last = std::uint32_t{0x80} << shift_of<Order>(left % 4);
  for (std::size_t i = 0; i < left % 4; ++i)
    last |= std::uint32_t{at[left / 4 * 4 + i]} << shift_of<Order>(i);
  block[left / 4] = last;
  if (left >= 56) {
    mix(state, block);
    block = {};
  }
  const auto bits = std::uint64_t{text.size()} * 8;
  block[Order == std::endian::little ? 14 : 15] = static_cast<std::uint32_t>(bits);
  block[Order == std::endian::little ? 15 : 14] = static_cast<std::uint32_t>(bits >> 32);
  mix(state, block);
  std::array<std::uint8_t, 4 * Words> out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(state[i / 4] >> shift_of<Order>(i % 4));
  return out;
}

// The steps are unrolled at compile time: which word and which variable a step works on is then
// known, and all stay in registers.

using sha1_state = std::array<std::uint32_t, 5>;

template <std::size_t I>
void sha1_step(sha1_state& v, words& w) noexcept {
  constexpr std::size_t turn = 5 - I % 5; // instead of moving the variables on
  const auto b = v[(turn + 1) % 5];
  const auto c = v[(turn + 2) % 5];
  const auto d = v[(turn + 3) % 5];
  auto& word = w[I % 16];
  if constexpr (I >= 16)
    word = std::rotl(w[(I - 3) % 16] ^ w[(I - 8) % 16] ^ w[(I - 14) % 16] ^ word, 1);
  std::uint32_t sum = std::rotl(v[turn % 5], 5) + v[(turn + 4) % 5] + word;
  if constexpr (I < 20)
    sum += (d ^ (b & (c ^ d))) + 0x5a827999;
  else if constexpr (I < 40)
    sum += (b ^ c ^ d) + 0x6ed9eba1;
  else if constexpr (I < 60)
    sum += ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
  else
    sum += (b ^ c ^ d) + 0xca62c1d6;
  v[(turn + 1) % 5] = std::rotl(b, 30);
  v[(turn + 4) % 5] = sum;
}

void sha1_mix(sha1_state& state, const words& block) noexcept {
  auto v = state;
  auto w = block;
  [&]<std::size_t... I>(std::index_sequence<I...>) { (sha1_step<I>(v, w), ...); }
  (std::make_index_sequence<80>{});
  for (std::size_t i = 0; i < v.size(); ++i)
    state[i] += v[i];
}

using md5_state = std::array<std::uint32_t, 4>;

/// The whole part of 2^32 |sin(i + 1)|.
constexpr std::array<std::uint32_t, 64> sines{
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

template <std::size_t I>
void md5_step(md5_state& v, const words& w) noexcept {
  constexpr std::array<std::array<int, 4>, 4> shifts{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
  constexpr std::size_t turn = 4 - I % 4;
  auto& a = v[turn % 4];
  const auto b = v[(turn + 1) % 4];
  const auto c = v[(turn + 2) % 4];
  const auto d = v[(turn + 3) % 4];
  // What needs b, the youngest, comes last: each step waits for the one before.
  if constexpr (I < 16)
    a += sines[I] + w[I] + (d ^ (b & (c ^ d)));
  else if constexpr (I < 32)
    a += sines[I] + w[(5 * I + 1) % 16] + (c & ~d) + (b & d);
  else if constexpr (I < 48)
    a += sines[I] + w[(3 * I + 5) % 16] + (b ^ (c ^ d));
  else
    a += sines[I] + w[7 * I % 16] + (c ^ (b | ~d));
  a = b + std::rotl(a, shifts[I / 16][I % 4]);
}

void md5_mix(md5_state& state, const words& block) noexcept {
  auto v = state;
  [&]<std::size_t... I>(std::index_sequence<I...>) { (md5_step<I>(v, block), ...); }
  (std::make_index_sequence<64>{});
  for (std::size_t i = 0; i < v.size(); ++i)
    state[i] += v[i];
}

} // namespace

std::array<std::uint8_t, 20> sha1(std::string_view text) noexcept {
  return digest<std::endian::big, 5>(
    text, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, &sha1_mix);
}

std::array<std::uint8_t, 16> md5(std::string_view text) noexcept {
  return digest<std::endian::little, 4>(text, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476},
                                        &md5_mix);
}

} // namespace beaver::sketches
