#include "beaver/vector/hnsw_codes.hpp"

#include "beaver/vector/int8_code.hpp"

#include <cstring>
#include <numeric>

namespace beaver {

namespace {

constexpr std::size_t line = 64;
constexpr std::size_t longest = 65'536; // row, for a kernel

std::size_t stride_of(std::size_t dims, std::size_t rest) {
  return (dims + rest + line - 1) / line * line;
}

} // namespace

bool hnsw_codes::suit(const vector_rows& rows, metric by) noexcept {
  const auto size = rows.dims() * sizeof(float);
  const auto coded = stride_of(rows.dims(), sizeof(rest));
  return by != metric::manhattan && coded <= longest && 2 * coded <= size
         && rows.count() * size > detail::least_bytes_for_int8;
}

hnsw_codes::hnsw_codes(const vector_rows& rows, metric by)
  : count_(rows.count()), dims_(rows.dims()), stride_(stride_of(dims_, sizeof(rest))),
    rows_(static_cast<std::int8_t*>(allocate_large(count_ * stride_))) {
  for (std::uint32_t row = 0; row < rows.count(); ++row) {
    auto* codes = rows_.get() + row * stride_;
    const auto norm = rows.norm(row);
    const auto scale = detail::encode_int8(rows[row], norm, 0, codes).scale;
    usable_ = usable_ && (scale > 0 || norm == 0);
    rest r{128 * std::accumulate(codes, codes + dims_, 0), scale, 0};
    if (by == metric::cosine)
      r.factor = norm > 0 ? static_cast<float>(scale / norm) : 0;
    else if (by == metric::euclid) {
      r.factor = 2 * scale;
      r.square = static_cast<float>(norm * norm);
    }
    std::memcpy(codes + dims_, &r, sizeof r);
    std::fill(codes + dims_ + sizeof r, codes + stride_, std::int8_t{0});
  }
}

void hnsw_codes::prepare(std::span<const float> query, probe& made) const {
  // Kernels take queries without sign, so the codes are shifted. The zeros behind them make that
  // what a row has there adds nothing.
  made.codes.assign(stride_, 0);
  made.scale = detail::encode_int8(query, norm(query), 128, made.codes.data()).scale;
}

float hnsw_codes::distance(const probe& from, std::uint32_t row,
                           const kernel_set& kernels) const noexcept {
  const auto* codes = rows_.get() + row * stride_;
  std::int32_t product = 0;
  kernels.dot_int8(from.codes.data(), codes, 1, stride_, &product);
  rest r;
  std::memcpy(&r, codes + dims_, sizeof r);
  const auto d = r.square - from.scale * r.factor * static_cast<float>(product - r.shift);
  return std::isnan(d) ? std::numeric_limits<float>::infinity() : d;
}

void hnsw_codes::prefetch(std::uint32_t row) const noexcept {
  prefetch_bytes(rows_.get() + row * stride_, stride_);
}

} // namespace beaver
