#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace beaver {

/// A set of row numbers below a bound, a bit for each.
class row_mask {
public:
  row_mask() = default;
  /// Of `size` rows, all or none of them in it.
  explicit row_mask(std::size_t size, bool full = false) { resize(size, full); }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool operator[](std::size_t row) const noexcept {
    return (words_[row / 64] >> (row % 64) & 1) != 0;
  }
  void set(std::size_t row) noexcept { words_[row / 64] |= std::uint64_t{1} << (row % 64); }
  void reset(std::size_t row) noexcept { words_[row / 64] &= ~(std::uint64_t{1} << (row % 64)); }

  /// New rows are in it or not.
  void resize(std::size_t size, bool full = false) {
    const auto before = size_;
    words_.resize((size + 63) / 64);
    size_ = size;
    if (size < before && size % 64 != 0)
      words_.back() &= ~std::uint64_t{0} >> (64 - size % 64);
    if (full)
      for (auto row = before; row < size; ++row)
        set(row);
  }

  /// Leaves the rows that are in both; of one size.
  void operator&=(const row_mask& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i)
      words_[i] &= other.words_[i];
  }

  /// Linear in the size, 64 rows at a time.
  [[nodiscard]] std::size_t count() const noexcept {
    std::size_t sum = 0;
    for (const auto word : words_)
      sum += static_cast<std::size_t>(std::popcount(word));
    return sum;
  }

  /// Bit r % 64 of word r / 64 is row r; bits behind the last row are 0.
  [[nodiscard]] std::span<const std::uint64_t> words() const noexcept { return words_; }

  /// Visits the rows in order.
  template <class Visit>
  void each(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (auto word = words_[i]; word != 0; word &= word - 1)
        visit(
          static_cast<std::uint32_t>(64 * i + static_cast<std::size_t>(std::countr_zero(word))));
  }

private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

} // namespace beaver
