#include "beaver/vector/scan_many.hpp"

#include "beaver/vector/scan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace beaver {

namespace {

constexpr std::size_t most_lanes = 64;
constexpr std::size_t lanes_abreast = 16; // what kernels take is a multiple of them
constexpr std::size_t block_rows = 64;    // whose products stay in the nearest cache
constexpr double unit = 0x1p-24;          // half a unit in the last place of 1.0F
constexpr double smallest = 0x1p-149;     // what a product that underflows loses at most

// Between them neither products nor squares of norms overflow a float or lose precision in it.
constexpr double least_norm = 1e-18;
constexpr double most_norm = 1e18;

/// A float below a number that is meant, by more than what three terms in float lose.
float below(double x) {
  constexpr double most = std::numeric_limits<float>::max();
  const double lowered = x - std::abs(x) * 0x1p-20 - 0x1p-120;
  if (lowered > most)
    return std::numeric_limits<float>::max();
  if (lowered < -most)
    return -std::numeric_limits<float>::infinity();
  return static_cast<float>(lowered);
}

/// Up to `most_lanes` vectors on their way through the rows.
///
/// A row is out for a vector if the lowest key that it can have is above the limit of that vector.
/// With s for their product in float, n for the norm of the row, and e for what s is wrong by at
/// most, relative_ * |q| n + absolute_, the key and its bound are those of scan.cpp, and for euclid
///
///     n^2 - 2 s +- (2 e + slack_ * (n^2 + |q|^2))
///
/// which is |x - q|^2 - |q|^2. Solved for s, the row is out if s < least + slope * n + square * n^2
/// with coefficients that change only when the limit does. This is tried in float, rounded so that
/// it never excludes too much; what is left is bounded in double.
class vectors_abreast {
public:
  vectors_abreast(const vector_rows& rows, const near_query& like,
                  std::span<const std::span<const float>> vectors, const kernel_set& kernels)
    : rows_(rows), like_(like), vectors_(vectors), kernels_(kernels),
      lanes_((vectors.size() + lanes_abreast - 1) / lanes_abreast * lanes_abreast),
      packed_(rows.dims() * lanes_), found_(vectors.size(), near_bounds{like.k}),
      relative_((static_cast<double>(rows.dims()) + 4) * unit),
      absolute_((static_cast<double>(rows.dims()) + 4) * smallest),
      slack_(static_cast<double>(rows.dims() + 16) * 0x1p-51),
      square_(like.by == metric::euclid ? below((1 - slack_) / 2) : 0) {
    least_.fill(std::numeric_limits<float>::max()); // lanes without a vector find nothing
    for (std::size_t l = 0; l < vectors.size(); ++l) {
      norms_[l] = norm(vectors[l]);
      for (std::size_t j = 0; j < rows.dims(); ++j)
        packed_[j * lanes_ + l] = vectors[l][j];
      narrow(l);
    }
  }

  [[nodiscard]] std::vector<near_row> nearest(std::size_t l) const {
    auto query = like_;
    query.vector = vectors_[l];
    return nearest_of(rows_, query, found_[l].rows(), kernels_);
  }

  void run() {
    for (std::size_t first = 0; first < rows_.count(); first += block_rows) {
      const auto count = std::min(block_rows, rows_.count() - first);
      kernels_.dot_batch(packed_.data(), lanes_, rows_.data() + first * rows_.dims(), count,
                         rows_.dims(), products_.data());
      for (std::size_t i = 0; i < count; ++i) {
        const auto row = static_cast<std::uint32_t>(first + i);
        if (!like_.among || (*like_.among)[row])
          look_at(row, products_.data() + i * lanes_);
      }
    }
  }

private:
  void look_at(std::uint32_t row, const float* products) {
    const auto n = rows_.norm(row);
    if (n > most_norm || n < least_norm) {
      for (std::size_t l = 0; l < vectors_.size(); ++l)
        bound(l, row, products[l]);
      return;
    }
    const auto length = static_cast<float>(n);
    const auto squared = square_ * length * length;
    // Nearly always this is all there is to do. In such a form the compiler vectorises it.
    std::array<std::int32_t, lanes_abreast> near{};
    for (std::size_t first = 0; first < lanes_; first += lanes_abreast)
      for (std::size_t i = 0; i < lanes_abreast; ++i) {
        const auto l = first + i;
        near[i] |= products[l] < least_[l] + slope_[l] * length + squared ? 0 : 1;
      }
    if (std::all_of(near.begin(), near.end(), [](auto x) { return x == 0; }))
      return;
    for (std::size_t l = 0; l < vectors_.size(); ++l)
      if (!(products[l] < least_[l] + slope_[l] * length + squared))
        bound(l, row, products[l]);
  }

  void bound(std::size_t l, std::uint32_t row, float product) {
    // One that overflowed becomes no number: it says nothing.
    const auto s = static_cast<double>(product) + static_cast<double>(product - product);
    const auto n = rows_.norm(row);
    auto key = -s;
    auto error = relative_ * norms_[l] * n + absolute_;
    if (like_.by == metric::euclid) {
      key = n * n - 2 * s;
      error = 2 * error + slack_ * (n * n + norms_[l] * norms_[l]);
    } else if (like_.by == metric::cosine) {
      const auto share = 1 / (norms_[l] * n + 1e-10);
      key *= share;
      error = relative_ + absolute_ * share;
    }
    auto& found = found_[l];
    const auto limit = found.limit();
    if (key - error > limit)
      return;
    found.add(row, key - error, key + error);
    if (found.limit() < limit)
      narrow(l);
  }

  /// Brings the test of a lane up to its limit.
  void narrow(std::size_t l) {
    const auto limit = found_[l].limit();
    const auto n = norms_[l];
    double least = -(limit + absolute_);
    double slope = -relative_ * n;
    if (like_.by == metric::euclid) {
      least = -(limit + slack_ * n * n) / 2 - absolute_;
    } else if (like_.by == metric::cosine) {
      least = -(limit + relative_) * 1e-10 - absolute_;
      slope = -(limit + relative_) * n;
    }
    if (n > most_norm) { // tries nothing
      least = -std::numeric_limits<double>::infinity();
      slope = 0;
    }
    least_[l] = below(least);
    slope_[l] = below(slope);
  }

  const vector_rows& rows_;
  const near_query& like_;
  std::span<const std::span<const float>> vectors_;
  const kernel_set& kernels_;
  std::size_t lanes_;
  std::vector<float> packed_; // as `dot_batch` takes queries
  std::vector<near_bounds> found_;
  double relative_;
  double absolute_;
  double slack_;
  float square_;
  std::array<double, most_lanes> norms_{};
  std::array<float, most_lanes> least_;
  std::array<float, most_lanes> slope_{};
  std::array<float, block_rows * most_lanes> products_;
};

} // namespace

std::vector<std::vector<near_row>> scan_many(const vector_rows& rows, const near_query& like,
                                             std::span<const std::span<const float>> vectors,
                                             const kernel_set& kernels) {
  std::vector<std::vector<near_row>> all(vectors.size());
  if (like.k == 0)
    return all;
  for (std::size_t first = 0; first < vectors.size(); first += most_lanes) {
    const auto part = vectors.subspan(first, std::min(most_lanes, vectors.size() - first));
    vectors_abreast pass{rows, like, part, kernels};
    pass.run();
    for (std::size_t l = 0; l < part.size(); ++l)
      all[first + l] = pass.nearest(l);
  }
  return all;
}

} // namespace beaver
