#pragma once
#include "beaver/vector/large_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace beaver {

/// Vectors of one length, row by row, and their norms. Rows are only ever added; while none is,
/// reading is thread-safe. Numbers are finite: who adds a row sees to that.
class vector_rows {
public:
  /// `dims` > 0.
  explicit vector_rows(std::size_t dims) : dims_(dims) {}

  /// So many rows, which `fill` writes. Throws std::invalid_argument if a number is not finite
  /// then, and as `reserve`.
  vector_rows(std::size_t dims, std::size_t count,
              const std::function<void(std::span<float>)>& fill);

  [[nodiscard]] std::size_t dims() const noexcept { return dims_; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] const float* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::span<const float> operator[](std::uint32_t row) const noexcept {
    return {data_.get() + row * dims_, dims_};
  }
  [[nodiscard]] double norm(std::uint32_t row) const noexcept { return norms_[row]; }
  [[nodiscard]] std::span<const double> norms() const noexcept { return norms_; }
  /// No norm of a row is less, or greater; rows that were replaced count too.
  [[nodiscard]] double least_norm() const noexcept { return least_norm_; }
  [[nodiscard]] double greatest_norm() const noexcept { return greatest_norm_; }

  /// Room for so many rows in all. Throws std::length_error beyond 2^32 - 2.
  void reserve(std::size_t rows);

  /// Adds a row and gives its number. Amortised O(dims). Throws as `reserve`.
  std::uint32_t add(std::span<const float> row);

  /// Another vector in place of a row. O(dims).
  void replace(std::uint32_t row, std::span<const float> by);

  [[nodiscard]] std::size_t bytes() const noexcept;

private:
  double norm_of(std::span<const float> row);

  std::size_t dims_;
  std::uint32_t count_ = 0;
  std::size_t capacity_ = 0;
  double least_norm_ = std::numeric_limits<double>::infinity();
  double greatest_norm_ = 0;
  std::unique_ptr<float[], large_free> data_;
  std::vector<double> norms_;
};

/// Whether every number is finite.
[[nodiscard]] bool is_finite(std::span<const float> v) noexcept;

} // namespace beaver
