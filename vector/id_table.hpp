#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// The ids of rows, and the rows of ids: all texts in one run of memory, found through a hash table
/// of row numbers with linear probing. Ids are only ever added; while none is, reading is
/// thread-safe.
class id_table {
public:
  [[nodiscard]] std::uint32_t count() const noexcept {
    return static_cast<std::uint32_t>(ends_.size());
  }

  /// Valid until the next `add`.
  [[nodiscard]] std::string_view operator[](std::uint32_t row) const noexcept {
    const auto begin = row == 0 ? 0 : ends_[row - 1];
    return std::string_view{text_}.substr(begin, ends_[row] - begin);
  }

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view id) const noexcept;

  /// Gives the row of a new id, which is the count before. Amortised O(its length).
  std::uint32_t add(std::string_view id);

  void reserve(std::size_t ids, std::size_t bytes);

  [[nodiscard]] std::size_t bytes() const noexcept {
    return text_.capacity() + ends_.capacity() * sizeof(std::size_t)
           + slots_.capacity() * sizeof(std::uint32_t);
  }

private:
  void rehash(std::size_t slots);
  [[nodiscard]] std::size_t slot_of(std::string_view id) const noexcept;

  std::string text_;
  std::vector<std::size_t> ends_;
  std::vector<std::uint32_t> slots_; // a power of two of them; row + 1, or 0
};

} // namespace beaver
