#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace beaver::sketches {

/// The bytes of a sketch, wherever they lie: in memory, or page by page in a file.
template <class T>
concept sketch_cells = requires(T& cells, const T& read_only, std::size_t at, std::uint8_t value) {
  { read_only.size() } -> std::convertible_to<std::size_t>;
  { read_only.get(at) } -> std::same_as<std::uint8_t>;
  cells.set(at, value);
};

/// Bytes in memory that somebody else owns.
class memory_cells {
public:
  explicit memory_cells(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::uint8_t get(std::size_t at) const noexcept { return bytes_[at]; }
  void set(std::size_t at, std::uint8_t value) noexcept { bytes_[at] = value; }

private:
  std::span<std::uint8_t> bytes_;
};

} // namespace beaver::sketches
