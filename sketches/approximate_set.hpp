#pragma once
#include "beaver/sketches/bloom.hpp"
#include "beaver/sketches/hyperloglog.hpp"

#include <string_view>
#include <vector>

namespace beaver::sketches {

struct approximate_set_params {
  std::int64_t capacity = 1'000'000; ///< different items up to which error_rate holds; > 0
  double error_rate = 0.01;          ///< of finding what was not added, and of the count; > 0, < 1

  friend bool operator==(const approximate_set_params&, const approximate_set_params&) = default;
};

/// All that a sketch sees of an item; hashed once, used as often as needed.
struct hashed_item {
  std::uint64_t count_hash; ///< SHA-1, the first 8 bytes as a little-endian number
  std::uint64_t first_bit;  ///< MD5, likewise
  std::uint64_t bit_step;   ///< MD5, the other 8 bytes

  /// `item`: its JSON text. Costs both digests.
  [[nodiscard]] static hashed_item of(std::string_view item) noexcept;
};

/// A set of which is known about how many items are in it and, about any item, that it is not in it
/// or very likely is: a hyperloglog and a Bloom filter in one blob, byte for byte that of beaver-db
/// 2.3 (type `approx_set`). Nothing can be taken out.
///
///     registers of the hyperloglog, a byte each: 2^p, p = ceil(2 log2(1.04 / error_rate)), 4..18
///     bits of the Bloom filter: -capacity ln(error_rate) / ln(2)^2, rounded up; then up to a byte
///
/// Only a plan, made once from the parameters: the bytes are somebody else's, at first all zero. It
/// does not change; on the same bytes one thread may write or several read.
///
/// Everything throws std::invalid_argument if the bytes are not `bytes()` of them, and whatever
/// they are does no worse. Two sketches are combined only if their parameters are the same, which
/// bytes do not tell: the caller makes sure.
class approximate_set {
public:
  /// The longest value that SQLite stores, unless built otherwise.
  static constexpr std::size_t most_bytes = 1'000'000'000;

  /// Throws std::invalid_argument, with the parameter and its range, unless capacity > 0,
  /// 0 < error_rate < 1 and `most_bytes` suffice.
  explicit approximate_set(const approximate_set_params& params);
  static void check(const approximate_set_params& params) { (void)approximate_set{params}; }

  [[nodiscard]] const approximate_set_params& params() const noexcept { return params_; }
  [[nodiscard]] const hyperloglog& counter() const noexcept { return counter_; }
  [[nodiscard]] const bloom_filter& filter() const noexcept { return filter_; }
  /// How long the blob is.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return counter_.registers() + filter_.bytes();
  }

  /// Writes only cells that change; tells whether one has. Where writing throws, what was written
  /// before does no harm: the same item may be added again.
  template <sketch_cells Cells>
  bool add(Cells& cells, const hashed_item& item) const {
    check_size(cells.size());
    const bool counted = counter_.add(cells, 0, item.count_hash);
    const bool kept = filter_.add(cells, counter_.registers(), item.first_bit, item.bit_step);
    return counted || kept;
  }

  /// False: it was never added. True: it was, but for `expected_error`.
  template <sketch_cells Cells>
  [[nodiscard]] bool contains(const Cells& cells, const hashed_item& item) const {
    check_size(cells.size());
    return filter_.contains(cells, counter_.registers(), item.first_bit, item.bit_step);
  }

  /// Appends where `add` looks: one register, then as many bytes as the filter has hashes, some of
  /// them perhaps alike.
  void touched(const hashed_item& item, std::vector<std::size_t>& offsets) const;

  /// How many different items were added, as `hyperloglog::estimate` tells; rounded down.
  /// O(registers).
  [[nodiscard]] std::uint64_t count(std::span<const std::uint8_t> sketch) const;
  /// The same by the first counter().registers() bytes alone; with another number of them it throws
  /// likewise.
  [[nodiscard]] std::uint64_t count_by(std::span<const std::uint8_t> registers) const;

  /// The share of the filter's bits that are set: a half at the capacity. Linear.
  [[nodiscard]] double fill(std::span<const std::uint8_t> sketch) const;

  /// The probability that `contains` is now true of an item that was never added: about error_rate
  /// at the capacity, much less before. Linear.
  [[nodiscard]] double expected_error(std::span<const std::uint8_t> sketch) const;

  /// Adds all items of `other`, of the same parameters; tells whether that has changed anything.
  /// The result is what adding them one by one makes. Linear.
  bool merge(std::span<std::uint8_t> into, std::span<const std::uint8_t> other) const;

  /// How many different items are in at least one of both, or in both. The second is what the
  /// counts of both have more than that of the union: each of the three may err, so the error is
  /// about a standard error of the *union*, and an intersection much smaller than that is lost in
  /// it. 0 to the smaller count; rounded down. O(registers).
  [[nodiscard]] std::uint64_t union_estimate(std::span<const std::uint8_t> a,
                                             std::span<const std::uint8_t> b) const;
  [[nodiscard]] std::uint64_t intersection_estimate(std::span<const std::uint8_t> a,
                                                    std::span<const std::uint8_t> b) const;

  /// Throws std::invalid_argument, saying what is wrong, unless these can be the bytes of a sketch
  /// of these parameters: the length, no register beyond 65 - p, no bit behind the last. Linear.
  void check(std::span<const std::uint8_t> sketch) const;

private:
  void check_size(std::size_t given) const {
    if (given != bytes())
      throw_size(given);
  }
  [[noreturn]] void throw_size(std::size_t given) const;
  template <class Byte>
  [[nodiscard]] std::span<Byte> registers(std::span<Byte> sketch) const;
  template <class Byte>
  [[nodiscard]] std::span<Byte> bits(std::span<Byte> sketch) const;

  approximate_set_params params_;
  hyperloglog counter_;
  bloom_filter filter_;
};

} // namespace beaver::sketches
