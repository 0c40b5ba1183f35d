#include "beaver/vector/signatures.hpp"

#include "beaver/vector/rotation.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <stdexcept>

namespace beaver {

namespace {

constexpr std::size_t slice_blocks = 64; // of which rows and projections stay in the cache
constexpr double longest_query = 0x1p20; // before it |t|^2 counts for nothing
constexpr double least_share = 0x1p-10;  // of the mean that is taken from a query, and
constexpr double most_share = 0x1p10;

double product(std::span<const float> a, std::span<const float> b) noexcept {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j)
    sum += static_cast<double>(a[j]) * static_cast<double>(b[j]);
  return sum;
}

double one_over(double x) noexcept { return x > 0 ? 1 / x : 0; }

float positive_or_0(double x) noexcept {
  const auto narrow = static_cast<float>(x);
  return std::isfinite(narrow) ? narrow : 0;
}

} // namespace

/// What a thread needs to sign a slice.
struct signatures::workspace {
  explicit workspace(std::size_t dims, std::size_t bits)
    : moved(8 * slice_blocks * dims), projected(8 * slice_blocks * bits), nothing(bits),
      spread(8 * slice_blocks), squares(8 * slice_blocks) {}

  std::vector<float> moved;     // t
  std::vector<float> projected; // P t
  std::vector<float> nothing;
  std::vector<float> spread;   // |P t|_1
  std::vector<double> squares; // |t|^2
};

signatures::signatures(const vector_rows& rows, metric by, std::size_t bits)
  : by_(by), bits_(bits), count_(rows.count()), dims_(rows.dims()), mean_(dims_) {
  if (by == metric::manhattan)
    throw std::invalid_argument("lsh does not know the metric manhattan; linear and hnsw do");
}

void signatures::make_room() {
  const auto blocks = (count_ + 7) / 8;
  blocks_.resize(blocks * bits_ / 64);
  scale_.resize(blocks);
  base_.resize(blocks);
}

std::optional<signatures> signatures::of(const vector_rows& rows, const index_config& config,
                                         std::size_t bits, const build_progress& progress) {
  signatures made{rows, config.by, bits};
  made.make_room();
  made.planes_ = random_planes(bits, made.dims_, config.seed);
  made.find_mean(rows);

  const auto blocks = made.scale_.size();
  const auto slices = (blocks + slice_blocks - 1) / slice_blocks;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  std::atomic<bool> ended{false};
  const auto work = [&](const build_progress& report) {
    workspace space{made.dims_, bits};
    for (auto slice = next++; slice < slices && !ended; slice = next++) {
      const auto share = static_cast<double>(done) / static_cast<double>(slices);
      if (report && !report(share)) {
        ended = true;
        break;
      }
      const auto first = slice * slice_blocks;
      made.sign(rows, *config.kernels, first, std::min(slice_blocks, blocks - first), space);
      ++done;
    }
  };
  std::vector<std::future<void>> helpers;
  while (helpers.size() + 1 < std::min<std::size_t>(config.threads, slices))
    helpers.push_back(std::async(std::launch::async, work, build_progress{}));
  work(progress);
  for (auto& helper : helpers)
    helper.get();
  // Helpers may have left nothing to the thread that may ask.
  if (ended || (progress && !progress(1)))
    return std::nullopt;
  return made;
}

double signatures::factor_of(const vector_rows& rows, std::uint32_t row) const noexcept {
  return by_ == metric::cosine ? one_over(rows.norm(row)) : unit_;
}

void signatures::find_mean(const vector_rows& rows) {
  const auto norms = rows.norms();
  if (by_ != metric::cosine && !norms.empty())
    unit_ = one_over(*std::max_element(norms.begin(), norms.end()));
  std::vector<double> sum(dims_);
  for (std::uint32_t i = 0; i < rows.count(); ++i) {
    const auto factor = factor_of(rows, i);
    const auto row = rows[i];
    for (std::size_t j = 0; j < dims_; ++j)
      sum[j] += factor * static_cast<double>(row[j]);
  }
  const auto share = one_over(static_cast<double>(count_));
  std::transform(sum.begin(), sum.end(), mean_.begin(),
                 [share](double x) { return static_cast<float>(x * share); });
}

void signatures::sign(const vector_rows& rows, const kernel_set& kernels, std::size_t first_block,
                      std::size_t block_count, workspace& space) {
  const auto first = 8 * first_block;
  const auto count = std::min(8 * block_count, count_ - first);
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::uint32_t>(first + i);
    const auto factor = factor_of(rows, number);
    const auto row = rows[number];
    const std::span t{space.moved.data() + i * dims_, dims_};
    for (std::size_t j = 0; j < dims_; ++j)
      t[j] =
        static_cast<float>(factor * static_cast<double>(row[j]) - static_cast<double>(mean_[j]));
    space.squares[i] = product(t, t);
    base_[number / 8].of[number % 8] =
      static_cast<float>(by_ == metric::euclid ? space.squares[i] / 2 : -product(t, mean_));
  }
  project(planes_, dims_, space.moved.data(), count, space.projected.data());
  kernels.absolute(space.nothing.data(), space.projected.data(), count, bits_, space.spread.data());
  const auto words = bits_ / 64;
  for (std::size_t i = 0; i < count; ++i) {
    const auto block = (first + i) / 8;
    const auto lane = (first + i) % 8;
    const float* from = space.projected.data() + i * bits_;
    for (std::size_t w = 0; w < words; ++w, from += 64) {
      std::uint64_t word = 0;
      for (std::size_t j = 0; j < 64; ++j)
        word |= static_cast<std::uint64_t>(from[j] > 0) << j;
      blocks_[block * words + w].of[lane] = word;
    }
    scale_[block].of[lane] =
      positive_or_0(space.squares[i] * one_over(static_cast<double>(space.spread[i])));
  }
}

signatures::probe signatures::prepare(std::span<const float> query,
                                      const kernel_set& kernels) const {
  // u = factor * q - m
  const auto length = norm(query);
  double factor = unit_;
  double shrink = 1;
  if (by_ == metric::euclid) {
    shrink = longest_query / std::max(longest_query, unit_ * length);
  } else {
    const auto along = product(query, mean_) * one_over(length);
    const auto share = along * one_over(product(mean_, mean_));
    factor = one_over(length) / std::clamp(share, least_share, most_share);
  }
  std::vector<float> u(dims_);
  for (std::size_t j = 0; j < dims_; ++j)
    u[j] = static_cast<float>(
      shrink * (factor * static_cast<double>(query[j]) - static_cast<double>(mean_[j])));
  std::vector<float> p(bits_);
  kernels.dot(u.data(), planes_.data(), bits_, dims_, p.data());

  const auto square = product(p, p);
  const auto step = static_cast<float>(std::sqrt(square / static_cast<double>(bits_)));
  const auto words = bits_ / 64;
  probe made{std::vector<std::uint64_t>(2 * words), 0, 0};
  double along = 0;
  for (std::size_t i = 0; i < bits_; ++i) {
    const bool positive = p[i] > 0;
    const bool far = std::abs(p[i]) > step;
    // n and n - 3/2: 3 above the step, then 2, 1 and 0
    const std::uint64_t level = positive ? (far ? 3 : 2) : (far ? 0 : 1);
    along += static_cast<double>(p[i]) * (static_cast<double>(level) - 1.5);
    for (std::size_t k = 0; k < 2; ++k)
      made.planes[k * words + i / 64] |= (level >> k & 1) << (i % 64);
  }
  made.weight = static_cast<float>(square * one_over(along));
  made.constant = -1.5F * static_cast<float>(bits_) * made.weight;
  return made;
}

void signatures::estimate(const probe& of, const kernel_set& kernels, std::size_t first_block,
                          std::size_t block_count, float* out) const {
  const auto words = bits_ / 64;
  const auto at = first_block;
  kernels.scan_signatures({of.planes.data(), words, blocks_[at * words].of, scale_[at].of,
                           base_[at].of, of.weight, of.constant},
                          block_count, out);
}

std::size_t signatures::bytes() const noexcept {
  return sizeof(float) * (mean_.capacity() + planes_.capacity())
         + sizeof(eight<std::uint64_t>) * blocks_.capacity()
         + sizeof(eight<float>) * (scale_.capacity() + base_.capacity());
}

} // namespace beaver
