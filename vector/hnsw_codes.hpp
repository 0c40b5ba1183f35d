#pragma once
#include "beaver/vector/index.hpp"

namespace beaver {

/// Rows in 8 bits a number, each with all that its distance from a query needs, side by side: a
/// walk through a graph comes to thousands of rows in no order, and what it waits for is memory.
/// Distances are near enough to choose the way by; who needs them right measures again.
class hnsw_codes {
public:
  /// A query, made ready.
  struct probe {
    std::vector<std::uint8_t> codes;
    float scale = 0;
  };

  /// Whether it is worth it, and can be: `by` is a product or euclid.
  [[nodiscard]] static bool suit(const vector_rows& rows, metric by) noexcept;

  /// Linear. `rows` must suit.
  hnsw_codes(const vector_rows& rows, metric by);

  /// False if there are rows whose numbers are too small for codes.
  [[nodiscard]] bool usable() const noexcept { return usable_; }

  /// O(dims)
  void prepare(std::span<const float> query, probe& made) const;

  /// What orders rows by their distance from the query, about. Is a number.
  [[nodiscard]] float distance(const probe& from, std::uint32_t row,
                               const kernel_set& kernels) const noexcept;
  void prefetch(std::uint32_t row) const noexcept;

  [[nodiscard]] std::size_t bytes() const noexcept { return count_ * stride_; }

private:
  /// What follows the codes of a row.
  struct rest {
    std::int32_t shift; ///< 128 times the sum of the codes
    float factor;       ///< distance = square - scale of the query * factor * product of codes
    float square;
  };

  std::size_t count_;
  std::size_t dims_;
  std::size_t stride_;
  bool usable_ = true;
  std::unique_ptr<std::int8_t[], large_free> rows_;
};

} // namespace beaver
