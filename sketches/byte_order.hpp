#pragma once
#include <concepts>
#include <cstddef>

// Numbers out of bytes in a stated order, on any machine. Compilers make one load of the loop.

namespace beaver::sketches::detail {

template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_little(const unsigned char* from) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(T{from[i]} << 8 * i));
  return value;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_big(const unsigned char* from) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(T{from[i]} << 8 * (sizeof(T) - 1 - i)));
  return value;
}

template <std::unsigned_integral T>
constexpr void store_little(unsigned char* to, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    to[i] = static_cast<unsigned char>(value >> 8 * i);
}

} // namespace beaver::sketches::detail
