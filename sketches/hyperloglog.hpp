#pragma once
#include "beaver/sketches/cells.hpp"

namespace beaver::sketches {

/// How many different items there were, told from 2^precision registers of one byte (Flajolet,
/// Fusy, Gandouet, Meunier, "HyperLogLog: the analysis of a near-optimal cardinality estimation
/// algorithm", 2007; with hashes of 64 bits, so that large counts need no correction). An item's
/// hash says which register is its own and a rank, the place of the first bit that is set in the
/// rest; a register keeps the highest.
///
/// Only a plan: the registers are somebody else's. Thread-safe as far as these are.
class hyperloglog {
public:
  static constexpr unsigned least_precision = 4;
  static constexpr unsigned most_precision = 18;

  /// The least precision whose standard error is at most `error_rate`, or the nearest that there
  /// is. Throws std::invalid_argument unless 0 < error_rate < 1.
  [[nodiscard]] static unsigned precision_for(double error_rate);

  /// Throws std::invalid_argument unless 4 <= precision <= 18.
  explicit hyperloglog(unsigned precision);

  [[nodiscard]] unsigned precision() const noexcept { return precision_; }
  [[nodiscard]] std::size_t registers() const noexcept { return std::size_t{1} << precision_; }
  [[nodiscard]] std::uint8_t most_rank() const noexcept {
    return static_cast<std::uint8_t>(65 - precision_);
  }
  /// 1.04 / sqrt(registers): of two counts out of three the relative error is less.
  [[nodiscard]] double standard_error() const noexcept;

  /// The register of a hash, and what it must hold at least.
  [[nodiscard]] std::size_t register_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash & (registers() - 1));
  }
  [[nodiscard]] std::uint8_t rank_of(std::uint64_t hash) const noexcept;

  /// Registers begin with cell `first`. Writes at most one, and only if it changes; tells whether
  /// it has.
  template <sketch_cells Cells>
  bool add(Cells& cells, std::size_t first, std::uint64_t hash) const {
    const auto at = first + register_of(hash);
    const auto rank = rank_of(hash);
    if (rank <= cells.get(at))
      return false;
    cells.set(at, rank);
    return true;
  }

  /// How many different items, not rounded; few are counted by the registers that are still empty.
  /// Where one formula takes over from the other, one more item may make it less, and it is too
  /// high on the average: at 2.5 items for each register by 2.4 %, at 3 by 1.1 %, from 4 on by
  /// nothing; with 64 registers or fewer also before, by up to a third of a standard error. Throws
  /// std::invalid_argument if there are not `registers()` of them; any bytes give a number >= 0.
  /// O(registers).
  [[nodiscard]] double estimate(std::span<const std::uint8_t> registers) const;

  /// As if all items of both had been added to one. Throws likewise.
  [[nodiscard]] double estimate_union(std::span<const std::uint8_t> a,
                                      std::span<const std::uint8_t> b) const;

  /// Adds all items of `other`; tells whether that has changed anything. Throws likewise.
  bool merge(std::span<std::uint8_t> into, std::span<const std::uint8_t> other) const;

  /// Throws std::invalid_argument unless these can be registers of this precision.
  void check(std::span<const std::uint8_t> registers) const;

private:
  void check_size(std::size_t given) const;
  template <class Register>
  [[nodiscard]] double estimate_of(Register register_at) const;

  unsigned precision_;
};

} // namespace beaver::sketches
