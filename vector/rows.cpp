#include "beaver/vector/rows.hpp"

#include "beaver/vector/metric.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>

namespace beaver {

namespace {

constexpr std::align_val_t alignment{64};
constexpr std::size_t most_rows = std::numeric_limits<std::uint32_t>::max() - 1;

} // namespace

void aligned_free::operator()(float* p) const noexcept { ::operator delete[](p, alignment); }

void vector_rows::reserve(std::size_t rows) {
  if (rows <= capacity_)
    return;
  if (rows > most_rows)
    throw std::length_error("more rows of vectors than 32 bits can count");
  const auto size = rows * dims_ * sizeof(float);
  aligned_floats larger{static_cast<float*>(::operator new[](size, alignment))};
  norms_.reserve(rows);
  std::copy_n(data_.get(), count_ * dims_, larger.get());
  data_ = std::move(larger);
  capacity_ = rows;
}

std::uint32_t vector_rows::add(std::span<const float> row) {
  if (count_ == capacity_)
    reserve(std::max<std::size_t>(capacity_ + 1, std::min(capacity_ + capacity_ / 2, most_rows)));
  norms_.push_back(beaver::norm(row));
  std::copy(row.begin(), row.end(), data_.get() + count_ * dims_);
  return count_++;
}

std::size_t vector_rows::bytes() const noexcept {
  return capacity_ * dims_ * sizeof(float) + norms_.capacity() * sizeof(double);
}

bool is_finite(std::span<const float> v) noexcept {
  return std::all_of(v.begin(), v.end(), [](float x) { return std::isfinite(x); });
}

} // namespace beaver
