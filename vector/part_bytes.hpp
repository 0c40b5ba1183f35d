#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Numbers as the parts of an index keep them: little-endian, one behind the other.

namespace beaver {

namespace detail {

/// From the order of this machine to that of the file, or back.
template <class T>
T little_endian(T value) noexcept {
  static_assert(std::is_arithmetic_v<T>);
  if constexpr (std::endian::native == std::endian::big) {
    auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
    std::reverse(bytes.begin(), bytes.end());
    value = std::bit_cast<T>(bytes);
  }
  return value;
}

} // namespace detail

class part_writer {
public:
  template <class T>
  void put(T value) {
    value = detail::little_endian(value);
    const auto* at = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), at, at + sizeof value);
  }
  template <class T>
  void put_all(const T* values, std::size_t count) {
    bytes_.reserve(bytes_.size() + count * sizeof(T));
    for (std::size_t i = 0; i < count; ++i)
      put(values[i]);
  }

  [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(bytes_); }

private:
  std::vector<std::byte> bytes_;
};

/// Throws std::runtime_error with the name of the part wherever its bytes are not as they should.
class part_reader {
public:
  part_reader(std::string_view name, std::span<const std::byte> bytes)
    : name_(name), bytes_(bytes) {}

  template <class T>
  [[nodiscard]] T get() {
    T value;
    get_all(&value, 1);
    return value;
  }
  template <class T>
  void get_all(T* values, std::size_t count) {
    check(count <= bytes_.size() / sizeof(T), "is too short");
    if (count > 0)
      std::memcpy(values, bytes_.data(), count * sizeof(T));
    bytes_ = bytes_.subspan(count * sizeof(T));
    for (std::size_t i = 0; i < count; ++i)
      values[i] = detail::little_endian(values[i]);
    if constexpr (std::is_floating_point_v<T>)
      check(std::all_of(values, values + count, [](T x) { return std::isfinite(x); }),
            "has a number that is not finite");
  }

  /// How many bytes are left.
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

  void check(bool good, const char* what) const {
    if (!good)
      throw std::runtime_error("part '" + name_ + "' of a vector index " + what);
  }

private:
  std::string name_;
  std::span<const std::byte> bytes_;
};

} // namespace beaver
