#include "beaver/vector/rows.hpp"

#include "beaver/vector/metric.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace beaver {

namespace {

constexpr std::size_t most_rows = std::numeric_limits<std::uint32_t>::max() - 1;

} // namespace

vector_rows::vector_rows(std::size_t dims, std::size_t count,
                         const std::function<void(std::span<float>)>& fill)
  : dims_(dims) {
  reserve(count);
  const std::span all{data_.get(), count * dims};
  fill(all);
  if (!is_finite(all))
    throw std::invalid_argument("a vector holds a number that is not finite");
  for (; count_ < count; ++count_)
    norms_.push_back(norm_of((*this)[count_]));
}

void vector_rows::reserve(std::size_t rows) {
  if (rows <= capacity_)
    return;
  if (rows > most_rows)
    throw std::length_error("more rows of vectors than 32 bits can count");
  std::unique_ptr<float[], large_free> larger{
    static_cast<float*>(allocate_large(rows * dims_ * sizeof(float)))};
  norms_.reserve(rows);
  std::copy_n(data_.get(), count_ * dims_, larger.get());
  data_ = std::move(larger);
  capacity_ = rows;
}

std::uint32_t vector_rows::add(std::span<const float> row) {
  if (count_ == capacity_)
    reserve(std::max<std::size_t>(capacity_ + 1, std::min(capacity_ + capacity_ / 2, most_rows)));
  norms_.push_back(norm_of(row));
  std::copy(row.begin(), row.end(), data_.get() + count_ * dims_);
  return count_++;
}

void vector_rows::replace(std::uint32_t row, std::span<const float> by) {
  std::copy(by.begin(), by.end(), data_.get() + row * dims_);
  norms_[row] = norm_of(by);
}

double vector_rows::norm_of(std::span<const float> row) {
  const auto n = beaver::norm(row);
  least_norm_ = std::min(least_norm_, n);
  greatest_norm_ = std::max(greatest_norm_, n);
  return n;
}

std::size_t vector_rows::bytes() const noexcept {
  return capacity_ * dims_ * sizeof(float) + norms_.capacity() * sizeof(double);
}

bool is_finite(std::span<const float> v) noexcept {
  return std::all_of(v.begin(), v.end(), [](float x) { return std::isfinite(x); });
}

} // namespace beaver
