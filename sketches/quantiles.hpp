#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// Quantiles of more values than one wants to keep: KLL (Karnin, Lang, Liberty, "Optimal quantile
// approximation in streams", FOCS 2016). Values lie in levels, one of level h standing for 2^h. A
// level that is full is sorted and each second of its values goes up to the next one; whether these
// are the even or the odd ones is thrown. Levels further down may hold less: k of the top one, and
// each below it 2/3 of the one above, at least 8.
//
// From there we differ in three things. A level is compacted only when the whole sketch is full,
// which holds 3 k + 8 values for each level, so that all is exact until there are so many. A
// throw decides two compactions of a level, the second the other way round, which halves the
// variance (Ivkin, Liberty, Lang, Karnin, Braverman, "Streaming quantiles algorithms with small
// space and update time", 2019). And the sketch keeps the sum V of the squared weights that were
// thrown for, which is what bounds its error:
//
// For a fixed x, what one throw at level h adds to the count of values <= x is 0, or 2^h up or down
// with equal chance, whatever came of the levels below. So (Hoeffding, 1963) the count is off by
// more than t with a probability of at most 2 exp(-t^2 / (2 V)). How often each level is compacted
// depends on the number n of values alone. Played through for k from 25 to 25,000, V stays below
// 0.55 (n / k)^2; its peaks, one with each doubling of n, soon cease to grow. k = 2.5 / rank_error
// would do for 0.59, and so bounds the error by rank_error * n in 99 of 100 cases. Merging asks for
// no more throws in any order that was tried, millions of them bred for it; what is proved for each
// sketch is what its own V says.

namespace beaver::sketches {

class sketch_reader;

struct quantile_params {
  /// The share of all values by which a rank may be off, from 0.0001 to 0.1; at 99 % for one query.
  /// For all ranks and quantiles at once it is 1.65 times that for 0.01, and below twice for any
  /// (a union bound over a grid of ranks).
  double rank_error = 0.01;

  /// How many values the top level has room for: 2.5 / rank_error, 250 for 0.01. Throws
  /// std::invalid_argument if rank_error is out of its range.
  [[nodiscard]] std::size_t k() const;

  friend bool operator==(const quantile_params&, const quantile_params&) = default;
};

/// A sketch of finite doubles, of which -0.0 and 0.0 are one. The same calls make the same bytes on
/// every machine. Not thread-safe: one owner writes; concurrent queries are safe between writes.
/// At most 3 k + 8 (1 + levels) values are kept, levels being about log2(n / k): about 7 KiB for
/// 0.01.
class quantile_sketch {
public:
  /// How many values there can be: 2^62.
  static constexpr std::uint64_t max_count = std::uint64_t{1} << 62;

  /// Of no values yet. Throws std::invalid_argument if a parameter is out of its range.
  explicit quantile_sketch(quantile_params params = {});

  /// Out of what `serialise` gave. Throws std::invalid_argument for any other bytes, but for such
  /// as a sketch of other values could have. Linear.
  [[nodiscard]] static quantile_sketch parse(std::span<const std::uint8_t> blob);
  [[nodiscard]] std::vector<std::uint8_t> serialise() const;

  /// Throws std::invalid_argument if the value is not finite, std::length_error beyond max_count.
  /// Amortised O(1).
  void add(double value);
  /// The same for several: all or, if it throws, none.
  void add_many(std::span<const double> values);

  /// Adds what was added to another one, which must be of other values: chance that two sketches
  /// share, as a copy does, is not evened out. Throws std::invalid_argument if its parameters
  /// differ, std::length_error beyond max_count. Linear in the values that both keep.
  void merge(const quantile_sketch& other);

  [[nodiscard]] quantile_params params() const noexcept { return params_; }
  /// How many values were added.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// How many are kept.
  [[nodiscard]] std::size_t kept() const noexcept { return kept_; }
  /// The least and the greatest value, exactly; empty if there are none.
  [[nodiscard]] std::optional<double> min() const noexcept;
  [[nodiscard]] std::optional<double> max() const noexcept;

  /// The share by which a rank may be off in 99 of 100 cases, for just what was added and merged
  /// here: 0 as long as all is exact, which it is at least up to 3 k + 7 values. At most
  /// params().rank_error if values were only added.
  [[nodiscard]] double rank_error() const noexcept;

  /// The least value of which a share q of all is not greater, so that rank(quantile(q)) >= q;
  /// empty if there are none. Exact for 0 (the least) and 1 (the greatest). Throws
  /// std::invalid_argument if q is not from 0 to 1. O(kept() log kept()).
  [[nodiscard]] std::optional<double> quantile(double q) const;
  /// The same for several, in their order, in one pass; none if there are no values.
  [[nodiscard]] std::vector<double> quantiles(std::span<const double> qs) const;

  /// The share of values that are <= x, which may be infinite; empty if there are none. Throws
  /// std::invalid_argument for NaN. O(levels log k) and a pass over the values not sorted yet.
  [[nodiscard]] std::optional<double> rank(double x) const;
  /// The same for several, in their order: a cumulative distribution. None if there are no values.
  [[nodiscard]] std::vector<double> ranks(std::span<const double> xs) const;

  /// Whether both have the same bytes.
  friend bool operator==(const quantile_sketch&, const quantile_sketch&) = default;

private:
  using level = std::vector<double>;

  static constexpr std::uint64_t seed = 0x5eed'ba5e'b10c'5eed; // of version 1
  static constexpr std::size_t most_levels = 62;

  void read_levels(sketch_reader& in);
  void check_levels(const sketch_reader& in) const;
  void measure();
  void add_finite(double value);
  void compress();
  void compact(std::size_t h);
  [[nodiscard]] bool throw_coin(std::size_t h);
  [[nodiscard]] std::size_t room() const noexcept;

  quantile_params params_;
  std::size_t k_;
  std::vector<level> levels_;     // sorted, but for level 0
  std::vector<std::size_t> full_; // from which size on a level may be compacted
  std::size_t kept_ = 0;
  std::uint64_t count_ = 0;
  double min_ = 0;
  double max_ = 0;
  std::uint64_t chance_;     // the state of the generator
  double variance_ = 0;      // V
  std::uint64_t owed_ = 0;   // bit h: the next compaction of level h is decided already,
  std::uint64_t second_ = 0; // and takes the second of each two values
};

} // namespace beaver::sketches
