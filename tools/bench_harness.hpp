#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How a workload is timed against its baseline. Both sides of a case do the same work in turns, in
// slices of some hundred milliseconds, so that whatever else the machine does meets both alike.

namespace beaver::bench {

using steady = std::chrono::steady_clock;

/// Counts durations in buckets less than 1 % wide.
class histogram {
public:
  void add(std::chrono::nanoseconds took) noexcept;
  void add(const histogram& other) noexcept;

  /// The duration that the fraction `p` of all does not exceed, in microseconds; 0 without any.
  [[nodiscard]] double percentile(double p) const noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
  static constexpr unsigned fine_bits = 7;
  std::array<std::uint64_t, (64 - fine_bits + 1) << fine_bits> buckets_{};
  std::uint64_t count_ = 0;
};

/// What one thread may do in one go: operations until the time is up. The clock is read once per
/// operation, so all but that reading counts as the operation's time.
class slice {
public:
  slice(steady::duration length, histogram& latencies) noexcept
    : latencies_(latencies), start_(steady::now()), last_(start_), end_(start_ + length) {}

  [[nodiscard]] bool running() const noexcept { return last_ < end_; }

  /// An operation has ended that began when the one before it did.
  void done() noexcept { done_since(last_); }

  /// So many have ended together, and each counts as a part of the time.
  void done_many(std::uint64_t number) noexcept {
    const auto began = std::exchange(last_, steady::now());
    latencies_.add((last_ - began) / number);
    operations_ += number;
  }

  /// An operation has ended that began at `began`, for those that overlap.
  void done_since(steady::time_point began) noexcept {
    last_ = steady::now();
    latencies_.add(last_ - began);
    ++operations_;
  }

  /// An operation has ended some time ago and took this long.
  void done_in(steady::duration took) noexcept {
    last_ = steady::now();
    latencies_.add(took);
    ++operations_;
  }

  [[nodiscard]] std::uint64_t operations() const noexcept { return operations_; }
  [[nodiscard]] steady::duration elapsed() const noexcept { return last_ - start_; }

private:
  histogram& latencies_;
  steady::time_point start_;
  steady::time_point last_;
  steady::time_point end_;
  std::uint64_t operations_ = 0;
};

/// Does its part of a slice on one thread.
using worker = std::function<void(slice&)>;

/// Does something, untimed, until told to stop.
using companion = std::function<void(const std::atomic<bool>& stop)>;

/// The worker that repeats one operation.
template <class F>
worker repeat(F operation) {
  return [operation = std::move(operation)](slice& s) mutable {
    while (s.running()) {
      operation();
      s.done();
    }
  };
}

/// The worker that does an operation once per slice, however long it takes.
template <class F>
worker once(F operation) {
  return [operation = std::move(operation)](slice& s) mutable {
    operation();
    s.done();
  };
}

/// One of the two: the library, or what it is measured against.
struct side {
  std::vector<worker> workers;       ///< one thread each
  std::vector<companion> companions; ///< one more thread each
  std::function<void()> prepare{};   ///< before each repetition, untimed
};

/// A further figure of a case.
struct extra {
  template <class Number>
  extra(std::string what, Number of) : name(std::move(what)), value(static_cast<double>(of)) {}

  std::string name;
  double value;
};

struct contest {
  side ours;
  side baseline;
  unsigned slices = 10;                         ///< of each side per repetition
  std::chrono::duration<double> length{};       ///< of each side per repetition; 0: as asked for
  std::function<std::vector<extra>()> extras{}; ///< asked for at the end
};

struct bench_case {
  std::string_view name;
  std::string_view operation;                           ///< what is timed
  std::string_view baseline;                            ///< what it is measured against
  contest (*make)(const std::filesystem::path& folder); ///< the folder is empty and the case's own
};

struct report {
  std::string_view name;
  std::string_view baseline;
  std::uint64_t n = 0; ///< operations of ours that were timed
  double ops_per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
  double baseline_ops_per_s = 0;
  double baseline_p50_us = 0;
  double baseline_p99_us = 0;
  double ratio = 0; ///< our time per operation / the baseline's; below 1 we are faster
  std::vector<extra> extras;
};

/// Runs a case: one short repetition to warm up, then `repetitions` of which the medians are
/// reported (percentiles are over all). Throws what the workload throws.
[[nodiscard]] report measure(const bench_case& which, const std::filesystem::path& folder,
                             std::chrono::duration<double> length, unsigned repetitions);

void print_header();
void print_row(const report& r);
void print_json(const report& r);

} // namespace beaver::bench
