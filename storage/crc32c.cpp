#include "beaver/storage/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace beaver {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82f63b78;

using table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b does to the sum when k more bytes have followed it.
constexpr std::array<table, 8> tables = [] {
  std::array<table, 8> result{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t sum = b;
    for (int bit = 0; bit < 8; ++bit)
      sum = (sum >> 1) ^ ((sum & 1) != 0 ? reflected_polynomial : 0);
    result[0][b] = sum;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t b = 0; b < 256; ++b)
      result[k][b] = (result[k - 1][b] >> 8) ^ result[0][result[k - 1][b] & 0xff];
  return result;
}();

std::uint32_t add_byte(std::uint32_t sum, std::byte b) noexcept {
  return (sum >> 8) ^ tables[0][(sum ^ std::to_integer<std::uint32_t>(b)) & 0xff];
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::span<const std::byte> data,
                                                               std::uint32_t before) noexcept {
  std::uint64_t sum = ~before;
  for (; data.size() >= 8; data = data.subspan(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data(), 8);
    sum = _mm_crc32_u64(sum, word);
  }
  auto rest = static_cast<std::uint32_t>(sum);
  for (const auto b : data)
    rest = _mm_crc32_u8(rest, std::to_integer<unsigned char>(b));
  return ~rest;
}
#endif

} // namespace

namespace detail {

std::uint32_t crc32c_by_tables(std::span<const std::byte> data, std::uint32_t before) noexcept {
  const auto byte_of = [&data](std::size_t i) { return std::to_integer<std::uint32_t>(data[i]); };
  std::uint32_t sum = ~before;
  for (; data.size() >= 8; data = data.subspan(8)) {
    const auto low = sum ^ (byte_of(0) | byte_of(1) << 8 | byte_of(2) << 16 | byte_of(3) << 24);
    sum = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff]
          ^ tables[4][low >> 24] ^ tables[3][byte_of(4)] ^ tables[2][byte_of(5)]
          ^ tables[1][byte_of(6)] ^ tables[0][byte_of(7)];
  }
  for (const auto b : data)
    sum = add_byte(sum, b);
  return ~sum;
}

} // namespace detail

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t before) noexcept {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction)
    return by_instruction(data, before);
#endif
  return detail::crc32c_by_tables(data, before);
}

} // namespace beaver
