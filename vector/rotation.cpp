#include "beaver/vector/rotation.hpp"

#include <Eigen/Core>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace beaver {

namespace {

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Normally distributed numbers, of which the standard library's differ from one to another:
/// splitmix64 (Steele, Lea, Flood, 2014), and two at a time of it by Box and Muller (1958).
class gaussian {
public:
  explicit gaussian(std::uint64_t seed) : state_(seed) {}

  double operator()() {
    if (std::exchange(kept_, false))
      return other_;
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    kept_ = true;
    other_ = radius * std::sin(angle);
    return radius * std::cos(angle);
  }

private:
  /// 0 <= x < 1
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

  std::uint64_t next() noexcept {
    auto z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  std::uint64_t state_;
  double other_ = 0;
  bool kept_ = false;
};

} // namespace

std::vector<float> random_planes(std::size_t count, std::size_t dims, std::uint64_t seed) {
  std::vector<float> planes(count * dims);
  gaussian next{seed};
  for (std::size_t first = 0; first < count; first += dims) {
    const auto rows = static_cast<Eigen::Index>(dims);
    const auto columns = static_cast<Eigen::Index>(std::min(dims, count - first));
    Eigen::MatrixXd group(rows, columns); // a plane in each column, which lie one behind the other
    std::generate_n(group.data(), group.size(), [&next] { return next(); });
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr{group};
    group = qr.householderQ() * Eigen::MatrixXd::Identity(rows, columns);
    std::transform(group.data(), group.data() + group.size(),
                   planes.begin() + static_cast<std::ptrdiff_t>(first * dims),
                   [](double x) { return static_cast<float>(x); });
  }
  return planes;
}

void project(const std::vector<float>& planes, std::size_t dims, const float* rows,
             std::size_t row_count, float* out) {
  const auto count = static_cast<Eigen::Index>(planes.size() / dims);
  const auto width = static_cast<Eigen::Index>(dims);
  const auto height = static_cast<Eigen::Index>(row_count);
  const Eigen::Map<const row_major> from{rows, height, width};
  const Eigen::Map<const row_major> onto{planes.data(), count, width};
  Eigen::Map<row_major>{out, height, count}.noalias() = from * onto.transpose();
}

} // namespace beaver
