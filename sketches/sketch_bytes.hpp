#pragma once
#include "beaver/sketches/byte_order.hpp"

#include <bit>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Numbers as our own sketches keep them: little-endian, one behind the other. All begin with
//
//     4 bytes    magic of the kind
//     4 bytes    1 (the version), 0, 0, 0
//     u64        seed of the hash

namespace beaver::sketches {

/// Seed of the hash in version 1: "beaver-1" in a dump of the bytes.
inline constexpr std::uint64_t sketch_seed = 0x312d'7265'7661'6562;

class sketch_writer {
public:
  void text(std::string_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void u16(std::uint16_t value) { put(value); }
  void u32(std::uint32_t value) { put(value); }
  void u64(std::uint64_t value) { put(value); }
  void f64(double value) { put(std::bit_cast<std::uint64_t>(value)); }

  void reserve(std::size_t size) { bytes_.reserve(size); }
  [[nodiscard]] std::vector<std::uint8_t> take() noexcept { return std::move(bytes_); }

private:
  template <class T>
  void put(T value) {
    std::uint8_t bytes[sizeof value];
    detail::store_little(bytes, value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
  }

  std::vector<std::uint8_t> bytes_;
};

/// Throws std::invalid_argument, with the kind of sketch, wherever bytes are not as they should.
class sketch_reader {
public:
  sketch_reader(std::string_view kind, std::span<const std::uint8_t> bytes)
    : kind_(kind), bytes_(bytes) {}

  [[nodiscard]] std::uint16_t u16() { return get<std::uint16_t>(); }
  [[nodiscard]] std::uint32_t u32() { return get<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t u64() { return get<std::uint64_t>(); }
  [[nodiscard]] double f64() { return std::bit_cast<double>(get<std::uint64_t>()); }

  /// The next bytes, where they are.
  [[nodiscard]] std::string_view text(std::size_t size) {
    return {reinterpret_cast<const char*>(pass(size)), size};
  }

  /// As many bytes as these follow, and are the same.
  void expect(std::string_view expected, const char* otherwise) {
    check(text(expected.size()) == expected, otherwise);
  }

  /// How many bytes are left.
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

  void check(bool good, const char* otherwise) const {
    if (!good)
      throw std::invalid_argument("the bytes of a sketch of " + std::string{kind_} + ' '
                                  + otherwise);
  }

private:
  const std::uint8_t* pass(std::size_t size) {
    check(size <= bytes_.size(), "are too few");
    const auto* at = bytes_.data();
    bytes_ = bytes_.subspan(size);
    return at;
  }

  template <class T>
  [[nodiscard]] T get() {
    return detail::load_little<T>(pass(sizeof(T)));
  }

  std::string_view kind_;
  std::span<const std::uint8_t> bytes_;
};

} // namespace beaver::sketches
