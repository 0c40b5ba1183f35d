#pragma once
#include "beaver/sketches/cells.hpp"
#include "beaver/sketches/hash.hpp"
#include "beaver/sketches/sketch_bytes.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

// How often each of many items has come, in a size that does not grow: never too low, and seldom
// much too high. Source: Cormode, Muthukrishnan, "An improved data stream summary: the count-min
// sketch and its applications", 2005.
//
// An item has one counter in each row, and its estimate is the least of them. Adding raises only
// those counters that are below the new estimate (conservative update: Estan, Varghese, "New
// directions in traffic measurement and accounting", 2002), which makes errors smaller, never
// larger.
//
// The counters of an item lie in rows behind one another, that is, in as many pages. They could lie
// in one page, chosen by the hash, but then two items that share a page meet in many rows at once,
// pages with a frequent item serve all that are in them badly, and the bound does not hold.

namespace beaver::sketches {

/// What is promised: an estimate is never below the true number, and but for one item in 1 / delta
/// not above it by more than epsilon times the number of all that has been added.
struct count_min_params {
  double epsilon = 0.001; ///< from 1e-7 to below 1
  double delta = 0.01;    ///< from 1e-12 to below 1

  /// Throws std::invalid_argument if one is out of its range, or if a sketch would take more than
  /// count_min::most_bytes.
  static void check(const count_min_params& params);
};

/// The plan of a sketch: its sizes, and what to do with its bytes. Those are
///
///     header     see sketch_bytes.hpp, magic "BCMS"
///     u64        total of all counts
///     u32        width: counters in a row, ceil(e / epsilon)
///     u32        depth: rows, ceil(ln(1 / delta))
///     u64 each   [row][column] counters
///
/// Numbers stop at 2^64 - 1 instead of passing it. Whoever gives bytes answers for `check` having
/// let them through once; with others, answers are wrong, but nothing outside of them is touched.
/// All functions throw std::invalid_argument for bytes of another length, those over spans also for
/// another header. Thread-safe as long as nobody writes the same bytes.
class count_min {
public:
  static constexpr std::size_t most_bytes = std::size_t{256} << 20;

  /// Throws as count_min_params::check.
  explicit count_min(const count_min_params& params = {});

  /// The plan of stored bytes, of which the first `start_bytes` suffice. Throws
  /// std::invalid_argument if they are not the start of a sketch.
  [[nodiscard]] static count_min of(std::span<const std::uint8_t> start);

  static constexpr std::size_t start_bytes = 32;

  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return start_bytes + 8 * width_ * depth_; }

  /// What the sizes promise, which is no worse than what was asked for: e / width, e^-depth.
  [[nodiscard]] double epsilon() const noexcept;
  [[nodiscard]] double delta() const noexcept;

  /// A sketch of nothing.
  [[nodiscard]] std::vector<std::uint8_t> empty() const;

  /// Counts an item `count` times more, and gives its new estimate. Reads depth() counters and the
  /// total, and writes those of their bytes that change.
  template <sketch_cells Cells>
  std::uint64_t add(Cells& cells, std::string_view item, std::uint64_t count = 1) const {
    check_size(cells.size());
    const auto hash = stable_hash(item, sketch_seed);
    std::array<std::uint64_t, most_depth> before;
    auto estimate = most;
    for (std::size_t row = 0; row < depth_; ++row) {
      before[row] = get(cells, place(hash, row));
      estimate = std::min(estimate, before[row]);
    }
    estimate = sum(estimate, count);
    for (std::size_t row = 0; row < depth_; ++row)
      if (before[row] < estimate)
        put(cells, place(hash, row), before[row], estimate);
    const auto total = get(cells, total_at);
    put(cells, total_at, total, sum(total, count));
    return estimate;
  }

  /// How often an item has been counted, at most; 0 is exact. Reads depth() counters.
  template <sketch_cells Cells>
  [[nodiscard]] std::uint64_t estimate(const Cells& cells, std::string_view item) const {
    check_size(cells.size());
    const auto hash = stable_hash(item, sketch_seed);
    auto least = most;
    for (std::size_t row = 0; row < depth_; ++row)
      least = std::min(least, get(cells, place(hash, row)));
    return least;
  }

  /// Counts what has been added to `other` into `into` too. What is promised holds for the result;
  /// but it tends to be less exact than one sketch that all was added to, since conservative update
  /// of the one knows nothing of the other. Linear.
  void merge(std::span<std::uint8_t> into, std::span<const std::uint8_t> other) const;

  /// The sum of all counts that have been added.
  [[nodiscard]] std::uint64_t total(std::span<const std::uint8_t> bytes) const;
  template <sketch_cells Cells>
  [[nodiscard]] std::uint64_t total_of(const Cells& cells) const {
    check_size(cells.size());
    return get(cells, total_at);
  }

  /// How far an estimate may be above the truth, but for one item in 1 / delta().
  [[nodiscard]] double error_bound(std::span<const std::uint8_t> bytes) const;

  /// Throws std::invalid_argument unless these are bytes of this plan in which no row sums up to
  /// more than the total, as holds for all that the functions above make. Linear.
  void check(std::span<const std::uint8_t> bytes) const;

  friend bool operator==(const count_min&, const count_min&) = default;

private:
  static constexpr std::size_t total_at = 16;
  static constexpr std::size_t most_depth = 28;
  static constexpr auto most = std::numeric_limits<std::uint64_t>::max();

  count_min(std::size_t width, std::size_t depth) : width_(width), depth_(depth) {}

  [[nodiscard]] static std::uint64_t sum(std::uint64_t a, std::uint64_t b) noexcept {
    return a > most - b ? most : a + b;
  }

  template <sketch_cells Cells>
  [[nodiscard]] static std::uint64_t get(const Cells& cells, std::size_t at) {
    std::uint8_t bytes[8];
    for (std::size_t i = 0; i < 8; ++i)
      bytes[i] = cells.get(at + i);
    return detail::load_little<std::uint64_t>(bytes);
  }

  template <sketch_cells Cells>
  static void put(Cells& cells, std::size_t at, std::uint64_t before, std::uint64_t after) {
    for (std::size_t i = 0; i < 8; ++i)
      if ((before ^ after) >> 8 * i & 0xff)
        cells.set(at + i, static_cast<std::uint8_t>(after >> 8 * i));
  }

  /// Where an item's counter in a row lies. Each row takes a number of splitmix64 that
  /// starts at the item's hash. Double hashing (Kirsch, Mitzenmacher, 2008) would
  /// be a little faster, but two items that are close in both of its hashes meet in all rows, and
  /// of many rows the last ones promise nothing.
  [[nodiscard]] std::size_t place(std::uint64_t hash, std::size_t row) const noexcept {
    const auto z = mixed(hash + (row + 1) * mixing_step);
    // z * width / 2^64: the high bits choose, without a division.
    const auto column = ((z >> 32) * width_ + ((z & 0xffffffff) * width_ >> 32)) >> 32;
    return start_bytes + 8 * (row * width_ + column);
  }

  void check_size(std::size_t size) const {
    if (size != bytes())
      wrong_size();
  }
  [[noreturn]] void wrong_size() const;
  void check_start(std::span<const std::uint8_t> bytes) const;

  std::uint64_t width_;
  std::uint64_t depth_;
};

} // namespace beaver::sketches
