#include "beaver/vector/int8_rows.hpp"

#include "beaver/vector/int8_code.hpp"
#include "beaver/vector/scan.hpp"

#include <algorithm>
#include <array>

namespace beaver {

namespace {

constexpr std::size_t block_rows = 256;

} // namespace

int8_rows::int8_rows(const vector_rows& rows) : stride_((rows.dims() + 63) / 64 * 64) {
  const std::size_t count = rows.count();
  const auto size = std::max<std::size_t>(count, 1) * stride_;
  codes_.reset(static_cast<std::int8_t*>(allocate_large(size)));
  sums_.resize(count);
  scales_.resize(count);
  losses_.resize(count);
  for (std::uint32_t row = 0; row < count; ++row) {
    auto* codes = codes_.get() + row * stride_;
    const auto [scale, loss] = detail::encode_int8(rows[row], rows.norm(row), 0, codes);
    std::fill(codes + rows.dims(), codes + stride_, std::int8_t{0});
    for (std::size_t i = 0; i < rows.dims(); ++i)
      sums_[row] += codes[i];
    scales_[row] = scale;
    losses_[row] = loss;
  }
}

std::vector<std::uint32_t> int8_rows::candidates(const vector_rows& rows, const near_query& query,
                                                 const kernel_set& kernels) const {
  // Kernels take queries without sign: the codes are shifted by 128, and 128 times the sum of the
  // other ones taken off again.
  std::vector<std::uint8_t> codes(stride_, 128);
  const auto norm_q = norm(query.vector);
  const auto coded_q = detail::encode_int8(query.vector, norm_q, 128, codes.data());
  const auto scale = static_cast<double>(coded_q.scale);
  const auto loss_q = static_cast<double>(coded_q.loss);
  // What scores in double and the numbers here are rounded by, seen from the largest of their
  // terms.
  const auto slack = static_cast<double>(rows.dims() + 16) * 0x1p-51;
  const auto* norms = rows.norms().data();
  near_bounds found{query.k};
  std::array<std::int32_t, block_rows> products{};
  std::array<double, block_rows> keys{};
  std::array<double, block_rows> errors{};
  for (std::size_t first = 0; first < rows.count(); first += block_rows) {
    const auto count = std::min(block_rows, rows.count() - first);
    kernels.dot_int8(codes.data(), codes_.get() + first * stride_, count, stride_, products.data());
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = first + i;
      const auto integer = static_cast<double>(products[i] - 128 * sums_[row]);
      const auto loss = static_cast<double>(losses_[row]);
      keys[i] = -integer * (scale * static_cast<double>(scales_[row]));
      errors[i] = norm_q * (loss + slack * norms[row]) + loss_q * (norms[row] + loss);
    }
    if (query.by == metric::euclid)
      for (std::size_t i = 0; i < count; ++i) {
        const auto square = norms[first + i] * norms[first + i];
        keys[i] = square + 2 * keys[i];
        errors[i] = 2 * errors[i] + slack * (square + norm_q * norm_q);
      }
    else if (query.by == metric::cosine)
      for (std::size_t i = 0; i < count; ++i) {
        const auto share = 1 / (norm_q * norms[first + i] + 1e-10);
        keys[i] *= share;
        errors[i] = errors[i] * share + slack;
      }
    found.add(static_cast<std::uint32_t>(first), {keys.data(), count}, {errors.data(), count},
              query.among);
  }
  return found.rows();
}

std::size_t int8_rows::bytes() const noexcept {
  return sums_.size() * (stride_ + sizeof(std::int32_t) + 2 * sizeof(float));
}

} // namespace beaver
