#pragma once
#include "beaver/sketches/cells.hpp"

namespace beaver::sketches {

/// Which items there were: a bit array in which each item sets some bits (Bloom, "Space/time
/// trade-offs in hash coding with allowable errors", 1970), at places first + i * step of two
/// hashes of the item (Kirsch, Mitzenmacher, "Less hashing, same performance", 2006). An item that
/// was added is always found; another one seldom.
///
/// Only a plan: the bits are somebody else's, bit b being bit b % 8 of byte b / 8. Thread-safe as
/// far as these are.
class bloom_filter {
public:
  /// The most bits there may be: as many as a blob of 1,000,000,000 bytes has.
  static constexpr std::uint64_t most_bits = 8'000'000'000;

  /// The smallest filter that takes `capacity` different items before it finds others at a rate of
  /// about `error_rate`: since an item sets a whole number of bits, up to 5 % of that rate more
  /// below 0.1, up to 13 % more above. Throws std::invalid_argument unless capacity > 0,
  /// 0 < error_rate < 1 and `most_bits` suffice.
  [[nodiscard]] static bloom_filter sized_for(std::int64_t capacity, double error_rate);

  /// `hashes`: how many bits an item sets. Throws std::invalid_argument unless both are > 0 and
  /// bits <= most_bits.
  bloom_filter(std::uint64_t bits, unsigned hashes);

  [[nodiscard]] std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] unsigned hashes() const noexcept { return hashes_; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return static_cast<std::size_t>((bits_ + 7) / 8);
  }

  /// Visits the bits of an item, until `visit` returns false: (first + i * step) mod bits for
  /// i < hashes, the sum not cut off at 64 bits.
  template <class Visit>
  void each_bit(std::uint64_t first, std::uint64_t step, Visit visit) const {
    auto bit = first % bits_;
    const auto by = step % bits_;
    for (unsigned i = 0; i < hashes_; ++i) {
      if (!visit(bit))
        return;
      bit += by;
      if (bit >= bits_)
        bit -= bits_;
    }
  }

  /// Bits begin with cell `begin`. Writes only cells that change; tells whether one has.
  template <sketch_cells Cells>
  bool add(Cells& cells, std::size_t begin, std::uint64_t first, std::uint64_t step) const {
    bool changed = false;
    each_bit(first, step, [&](std::uint64_t bit) {
      const auto at = begin + static_cast<std::size_t>(bit / 8);
      const std::uint8_t before = cells.get(at);
      const auto after = static_cast<std::uint8_t>(before | 1u << bit % 8);
      if (after != before) {
        cells.set(at, after);
        changed = true;
      }
      return true;
    });
    return changed;
  }

  /// False: it was never added. Reads as few cells as tell it.
  template <sketch_cells Cells>
  [[nodiscard]] bool contains(const Cells& cells, std::size_t begin, std::uint64_t first,
                              std::uint64_t step) const {
    bool all = true;
    each_bit(first, step, [&](std::uint64_t bit) {
      all = (cells.get(begin + static_cast<std::size_t>(bit / 8)) >> bit % 8 & 1) != 0;
      return all;
    });
    return all;
  }

  /// The share of bits that are set. Throws std::invalid_argument if there are not `bytes()`
  /// bytes. Linear.
  [[nodiscard]] double fill(std::span<const std::uint8_t> bytes) const;

  /// The probability that `contains` finds an item that was never added: fill^hashes. Throws
  /// likewise.
  [[nodiscard]] double false_positive_rate(std::span<const std::uint8_t> bytes) const;

  /// Adds all items of `other`; tells whether that has changed anything. Throws likewise.
  bool merge(std::span<std::uint8_t> into, std::span<const std::uint8_t> other) const;

  /// Throws std::invalid_argument unless the length is right and nothing is set behind the last
  /// bit.
  void check(std::span<const std::uint8_t> bytes) const;

private:
  void check_size(std::size_t given) const;

  std::uint64_t bits_;
  unsigned hashes_;
};

} // namespace beaver::sketches
