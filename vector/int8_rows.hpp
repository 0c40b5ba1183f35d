#pragma once
#include "beaver/vector/index.hpp"

namespace beaver {

/// Rows in 8 bits a number with a bound of what that has cost, so that a scan of a quarter of the
/// memory can prove which rows are not among the nearest. Each row x is scaled to integers of
/// -127..127, which stand for x'; by the Cauchy-Schwarz inequality
///
///     |q.x - q'.x'| <= |q| |x - x'| + |q - q'| |x'|
///
/// and q'.x' is computed exactly.
class int8_rows {
public:
  /// Linear; needs dims + 12 bytes a row, dims rounded up to 64.
  explicit int8_rows(const vector_rows& rows);

  /// The rows among which the nearest ones certainly are, of those in query.among; by cosine, inner
  /// product or euclid. `rows`: those of the constructor.
  [[nodiscard]] std::vector<std::uint32_t>
  candidates(const vector_rows& rows, const near_query& query, const kernel_set& kernels) const;

  [[nodiscard]] std::size_t bytes() const noexcept;

private:
  std::size_t stride_;
  std::unique_ptr<std::int8_t[], large_free> codes_;
  std::vector<std::int32_t> sums_; ///< of the codes of a row
  std::vector<float> scales_;      ///< a code times this is the number it stands for
  std::vector<float> losses_;      ///< |x - x'|, rounded up
};

} // namespace beaver
