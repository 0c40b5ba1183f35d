#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace beaver::sketches {

/// How many of the most frequent items are asked for, and how far the count of one may be above
/// the truth, as a share of the number of all that has been added.
struct top_k_params {
  std::size_t k = 10;     ///< 1..100,000
  double epsilon = 0.001; ///< 1e-5..1

  /// Throws std::invalid_argument if one is out of its range.
  static void check(const top_k_params& params);

  friend bool operator==(const top_k_params&, const top_k_params&) = default;
};

/// An item that has come from count - error to count times.
struct top_item {
  std::string item;
  std::uint64_t count = 0;
  std::uint64_t error = 0;

  friend bool operator==(const top_item&, const top_item&) = default;
};

/// A count that is from count - error to count in truth.
struct bounded_count {
  std::uint64_t count = 0;
  std::uint64_t error = 0;

  friend bool operator==(const bounded_count&, const bounded_count&) = default;
};

/// The most frequent of many items: Space-Saving. Source: Metwally, Agrawal, El Abbadi, "Efficient
/// computation of frequent and top-k elements in data streams", 2005.
///
/// There are m = max(k, ceil(1 / epsilon)) counters, each of one item. An item without a counter
/// takes over the lowest one with its count, which becomes its error. So for each item
///
///     count - error <= true number <= count,  error <= total / m
///
/// where an item without a counter has the lowest count, all of it error; and who has come more
/// often than total / m times has a counter. Counts are exact as long as there were no more than m
/// different items.
///
/// Not thread-safe; concurrent queries are.
class top_k {
public:
  static constexpr std::size_t most_counters = 100'000;
  static constexpr std::size_t longest_item = 1'024; ///< bytes

  /// Throws as top_k_params::check.
  explicit top_k(const top_k_params& params = {});

  /// What `serialise` has written. Throws std::invalid_argument for any bytes that it cannot have.
  /// Linear.
  [[nodiscard]] static top_k parse(std::span<const std::uint8_t> blob);

  /// Counts an item `count` times more; 0 times changes nothing. Throws std::invalid_argument if
  /// the item is longer than `longest_item` or the total would pass 2^64 - 1. O(log m).
  void add(std::string_view item, std::uint64_t count = 1);

  /// Counts what has been added to `other` too, with the bounds above: as if all had been added to
  /// one. Throws std::invalid_argument if `other` has other params or the totals together pass
  /// 2^64 - 1. O(m log m). Source: Agarwal, Cormode, Huang, Phillips, Wei, Yi, "Mergeable
  /// summaries", 2012.
  void merge(const top_k& other);

  /// Highest counts first, equal ones by the bytes of the items; fewer than n if fewer have a
  /// counter. O(m log n).
  [[nodiscard]] std::vector<top_item> top(std::size_t n) const;
  [[nodiscard]] std::vector<top_item> top() const { return top(params_.k); }

  /// Whether no other item has come more often than any of top(n): certain if true, while false
  /// says nothing. O(m log n).
  [[nodiscard]] bool guaranteed(std::size_t n) const;

  /// O(1)
  [[nodiscard]] bounded_count estimate(std::string_view item) const;

  /// The sum of all counts that have been added.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] const top_k_params& params() const noexcept { return params_; }
  /// m
  [[nodiscard]] std::size_t counters() const noexcept { return most_kept_; }

  /// The sketch as bytes, from which it goes on as if it had never been written. 40 bytes, and for
  /// each counter in use 18 and its item.
  ///
  ///     header     see sketch_bytes.hpp, magic "BTPK"
  ///     u64        epsilon, the bits of a double
  ///     u64        total
  ///     u32        k
  ///     u32        number of counters in use
  ///     each       u64 count, u64 error, u16 length, item; in the order of a heap: no count is
  ///                below that of its parent, which of the i-th is the (i - 1) / 2-th
  [[nodiscard]] std::vector<std::uint8_t> serialise() const;

private:
  struct counter {
    std::string item;
    std::uint64_t error;
    std::size_t place; // in heap_
  };
  struct heap_entry {
    std::uint64_t count;
    std::uint32_t slot; // in counters_
  };
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  [[nodiscard]] bool full() const noexcept { return heap_.size() == most_kept_; }
  /// The most that an item without a counter can have come.
  [[nodiscard]] std::uint64_t least() const noexcept { return full() ? heap_[0].count : 0; }
  /// Of the n highest counts, which come first.
  [[nodiscard]] std::vector<heap_entry> highest(std::size_t n) const;
  void append(std::string_view item, std::uint64_t count, std::uint64_t error);
  void set(std::size_t place, heap_entry entry) noexcept;
  void rise(std::size_t place) noexcept;
  void sink(std::size_t place) noexcept;

  top_k_params params_;
  std::size_t most_kept_;
  std::uint64_t total_ = 0;
  std::vector<counter> counters_;
  std::vector<heap_entry> heap_; // lowest count first
  std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>> slots_;
};

} // namespace beaver::sketches
