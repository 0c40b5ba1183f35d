#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

namespace beaver {

/// Counts durations in buckets of powers of two microseconds: [0,1), [1,2), [2,4), ... Thread-safe.
class latency_histogram {
public:
  static constexpr std::size_t buckets = 24; // the last one: 4 s and more

  void add(std::chrono::nanoseconds duration) noexcept {
    const auto us = static_cast<std::uint64_t>(duration.count()) / 1'000;
    const auto bucket = std::min<std::size_t>(std::bit_width(us), buckets - 1);
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept {
    return counts_[bucket].load(std::memory_order_relaxed);
  }

  /// Upper end, in microseconds, of the bucket that holds the given share (0..1) of all durations;
  /// 0 if there are none.
  [[nodiscard]] std::uint64_t quantile_us(double share) const noexcept {
    std::uint64_t total = 0;
    for (const auto& c : counts_)
      total += c.load(std::memory_order_relaxed);
    auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total));
    for (std::size_t i = 0; total && i < buckets; ++i) {
      const auto n = count(i);
      if (wanted < n || i + 1 == buckets)
        return std::uint64_t{1} << i;
      wanted -= n;
    }
    return 0;
  }

private:
  std::array<std::atomic<std::uint64_t>, buckets> counts_{};
};

/// What the engine counts while it runs. Every counter only grows, but for the last two.
struct engine_stats {
  std::atomic<std::uint64_t> commits{0};          // commit groups that became durable
  std::atomic<std::uint64_t> write_jobs{0};       // writes acknowledged in them
  std::atomic<std::uint64_t> failed_jobs{0};      // writes answered with an error
  std::atomic<std::uint64_t> bytes{0};            // handed in by write jobs
  std::atomic<std::uint64_t> largest_group{0};    // most jobs in one commit
  std::atomic<std::uint64_t> reads{0};            // jobs run by readers
  std::atomic<std::uint64_t> checkpoints{0};      // that emptied the write-ahead log
  std::atomic<std::uint64_t> compactions{0};      // of vectors, that were published
  latency_histogram commit_latency;               // from the first job of a group to its commit
  std::atomic<std::uint64_t> wal_frames{0};       // in the write-ahead log after the last commit
  std::atomic<std::uint64_t> list_index_bytes{0}; // memory of the readers' indexes over long lists
};

} // namespace beaver
