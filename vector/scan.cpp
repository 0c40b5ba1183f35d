#include "beaver/vector/scan.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace beaver {

void near_bounds::add(std::uint32_t row, double lowest, double highest) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  if (!std::isfinite(lowest) || !std::isfinite(highest)) { // a sum that overflowed says nothing
    lowest = -infinity;
    highest = infinity;
  }
  candidates_.push_back({row, lowest});
  if (highest_.size() == k_) {
    if (!(highest < limit_))
      return;
    std::pop_heap(highest_.begin(), highest_.end());
    highest_.pop_back();
  }
  highest_.push_back(highest);
  std::push_heap(highest_.begin(), highest_.end());
  if (highest_.size() == k_)
    limit_ = highest_.front();
}

void near_bounds::add(std::uint32_t first, std::span<const double> keys,
                      std::span<const double> errors, const row_mask* among) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!(keys[i] - errors[i] > limit_)) {
      const auto row = first + static_cast<std::uint32_t>(i);
      if (!among || (*among)[row])
        add(row, keys[i] - errors[i], keys[i] + errors[i]);
    }
}

std::vector<std::uint32_t> near_bounds::rows() const {
  std::vector<std::uint32_t> left;
  for (const auto& c : candidates_)
    if (c.lowest <= limit_)
      left.push_back(c.row);
  return left;
}

namespace {

constexpr std::size_t block_rows = 256;
constexpr double unit = 0x1p-24;      // half a unit in the last place of 1.0F
constexpr double smallest = 0x1p-149; // what a product that underflows loses at most

/// Turns what a kernel gives into bounds of a key that orders as the score does:
///
///     cosine            s / (|q| n + 1e-10), wrong by relative_ + absolute_ / (|q| n + 1e-10)
///     inner product     s, wrong by relative_ |q| n + absolute_
///     the others        s, wrong by 2 relative_ s + absolute_
///
/// with s what the kernel gives, of products its negative, and n the norm of the row.
class float_scan {
public:
  float_scan(const vector_rows& rows, const near_query& query, const kernel_set& kernels)
    : rows_(rows), query_(query), kernels_(kernels), vector_(query.vector),
      norm_(norm(query.vector)), found_(query.k),
      relative_((static_cast<double>(rows.dims()) + 4) * unit),
      absolute_((static_cast<double>(rows.dims()) + 4) * smallest) {
    switch (query.by) {
    case metric::euclid:
      kernel_ = kernels.squared;
      break;
    case metric::manhattan:
      kernel_ = kernels.absolute;
      break;
    default:
      kernel_ = kernels.dot;
      for (const float x : query.vector)
        negative_.push_back(-x);
      vector_ = negative_;
    }
  }

  void all() {
    const auto surely_finite = cannot_overflow();
    for (std::uint32_t first = 0; first < rows_.count(); first += block_rows) {
      const auto count = std::min<std::size_t>(block_rows, rows_.count() - first);
      sum(first, count);
      const auto limit = found_.limit();
      if (surely_finite && limit < std::numeric_limits<double>::infinity())
        few(first, count, greatest_sum(limit));
      else
        bound(first, 0, count);
    }
  }

  void one(std::uint32_t row) {
    sum(row, 1);
    bound(row, 0, 1);
  }

  [[nodiscard]] std::vector<std::uint32_t> candidates() const { return found_.rows(); }

private:
  void sum(std::uint32_t first, std::size_t count) {
    kernel_(vector_.data(), rows_.data() + first * rows_.dims(), count, rows_.dims(), sums_.data());
  }

  /// Bounds only the rows of a block whose sum is not above `most`: soon these are few.
  void few(std::uint32_t first, std::size_t count, float most) {
    const auto picked = kernels_.select(sums_.data(), count, most, 0, picked_.data());
    for (std::size_t i = 0; i < picked; ++i)
      bound(first, picked_[i], picked_[i] + 1);
  }

  /// No sum above this has a key whose lower bound is within the limit, whatever the row's norm.
  [[nodiscard]] float greatest_sum(double limit) const {
    double most = 0;
    switch (query_.by) {
    case metric::euclid:
    case metric::manhattan:
      most = (limit + absolute_) / (1 - 2 * relative_);
      break;
    case metric::inner_product:
      most = limit + relative_ * norm_ * rows_.greatest_norm() + absolute_;
      break;
    default: {
      const auto c = limit + relative_;
      const auto n = c > 0 ? rows_.greatest_norm() : rows_.least_norm();
      most = c * (norm_ * n + 1e-10) + absolute_;
    }
    }
    // Further up than all that is rounded on the way.
    most += std::abs(most) * unit + smallest;
    return most > std::numeric_limits<float>::max()
             ? std::numeric_limits<float>::max()
             : std::nextafter(static_cast<float>(most), std::numeric_limits<float>::infinity());
  }

  [[nodiscard]] bool cannot_overflow() const {
    const auto n = rows_.greatest_norm();
    const auto most = query_.by == metric::euclid ? (norm_ + n) * (norm_ + n)
                      : query_.by == metric::manhattan
                        ? std::sqrt(static_cast<double>(rows_.dims())) * (norm_ + n)
                        : norm_ * n;
    return most < static_cast<double>(std::numeric_limits<float>::max()) / 2 && relative_ < 0.125;
  }

  /// A sum that overflowed becomes no number: what is left of it has no meaning, not even its sign.
  static double checked(float sum) {
    return static_cast<double>(sum) + static_cast<double>(sum - sum);
  }

  /// Of the rows first + from .. first + to - 1.
  void bound(std::uint32_t first, std::size_t from, std::size_t to) {
    const auto* norms = rows_.norms().data() + first;
    switch (query_.by) {
    case metric::euclid:
    case metric::manhattan:
      for (std::size_t i = from; i < to; ++i) {
        keys_[i] = checked(sums_[i]);
        errors_[i] = 2 * relative_ * keys_[i] + absolute_;
      }
      break;
    case metric::inner_product:
      for (std::size_t i = from; i < to; ++i) {
        keys_[i] = checked(sums_[i]);
        errors_[i] = relative_ * norm_ * norms[i] + absolute_;
      }
      break;
    default:
      for (std::size_t i = from; i < to; ++i) {
        const auto share = 1 / (norm_ * norms[i] + 1e-10);
        keys_[i] = checked(sums_[i]) * share;
        errors_[i] = relative_ + absolute_ * share;
      }
    }
    found_.add(first + static_cast<std::uint32_t>(from), {keys_.data() + from, to - from},
               {errors_.data() + from, to - from}, query_.among);
  }

  const vector_rows& rows_;
  const near_query& query_;
  const kernel_set& kernels_;
  std::span<const float> vector_;
  std::vector<float> negative_; // of the query, so that less is nearer
  double norm_;
  near_bounds found_;
  double relative_;
  double absolute_;
  void (*kernel_)(const float*, const float*, std::size_t, std::size_t, float*);
  std::array<float, block_rows> sums_;
  std::array<double, block_rows> keys_;
  std::array<double, block_rows> errors_;
  std::array<std::uint32_t, block_rows> picked_;
};

} // namespace

std::vector<near_row> scored(const vector_rows& rows, const near_query& query,
                             std::span<const std::uint32_t> candidates, bool ties) {
  const auto norm_of_query = norm(query.vector);
  std::vector<near_row> all;
  all.reserve(candidates.size());
  for (const auto row : candidates)
    all.push_back({row, score(query.by, query.vector, norm_of_query, rows[row], rows.norm(row))});
  std::sort(all.begin(), all.end(), [](const near_row& a, const near_row& b) {
    return a.score != b.score ? a.score < b.score : a.row < b.row;
  });
  auto size = std::min(query.k, all.size());
  if (ties && size > 0)
    while (size < all.size() && all[size].score == all[size - 1].score)
      ++size;
  all.resize(size);
  return all;
}

std::vector<near_row> nearest_of(const vector_rows& rows, const near_query& query,
                                 std::span<const std::uint32_t> candidates,
                                 const kernel_set& kernels) {
  if (query.k == 0)
    return {};
  constexpr std::size_t ahead = 6; // rows on their way from memory
  float_scan pass{rows, query, kernels};
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i + ahead < candidates.size())
      prefetch_bytes(rows[candidates[i + ahead]].data(), rows.dims() * sizeof(float));
    pass.one(candidates[i]);
  }
  return scored(rows, query, pass.candidates());
}

std::vector<near_row> scan_rows(const vector_rows& rows, const near_query& query,
                                const kernel_set& kernels, bool ties) {
  if (query.k == 0)
    return {};
  float_scan pass{rows, query, kernels};
  if (query.among && query.among->count() * 4 < rows.count())
    query.among->each([&](std::uint32_t row) { pass.one(row); });
  else
    pass.all();
  return scored(rows, query, pass.candidates(), ties);
}

} // namespace beaver
