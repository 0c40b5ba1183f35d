#include "beaver/tools/bench_harness.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <exception>
#include <optional>
#include <thread>

namespace beaver::bench {

namespace {

// Between two slices: what a side still does in the background shall not run into the other's time.
constexpr std::chrono::milliseconds pause{10};

constexpr double warm_up = 0.2; // of a repetition

/// What the threads of a side have done.
struct work_done {
  double operations = 0;
  double seconds = 0;
};

/// The threads of one side. They live as long as the case, as those of a program would.
class crew {
public:
  explicit crew(const side& what) : side_(what), results_(what.workers.size()) {
    for (std::size_t i = 0; i < side_.workers.size(); ++i)
      threads_.emplace_back([this, i] { serve([this, i] { work(i); }); });
    for (const auto& c : side_.companions)
      threads_.emplace_back([this, &c] { serve([this, &c] { c(stop_); }); });
  }

  ~crew() {
    quit_ = true;
    round_.fetch_add(1);
    round_.notify_all();
    for (auto& t : threads_)
      t.join();
  }

  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  /// One slice on all threads. Their rates are summed, so that one which is held up at the end does
  /// not count the others as idle.
  work_done run(steady::duration length) {
    length_ = length;
    stop_ = false;
    working_ = side_.workers.size();
    active_ = threads_.size();
    round_.fetch_add(1);
    round_.notify_all();
    wait_for_zero(working_);
    stop_ = true;
    wait_for_zero(active_);
    if (failure_)
      std::rethrow_exception(failure_);
    double rate = 0;
    double seconds = 0;
    for (const auto& r : results_) {
      rate += static_cast<double>(r.operations) / r.seconds;
      seconds += r.seconds / static_cast<double>(results_.size());
    }
    return {rate * seconds, seconds};
  }

  [[nodiscard]] histogram latencies() const {
    histogram all;
    for (const auto& r : results_)
      all.add(r.latencies);
    return all;
  }

  /// Forgets the latencies of the slices so far.
  void reset() {
    for (auto& r : results_)
      r.latencies = {};
  }

private:
  struct result {
    histogram latencies;
    std::uint64_t operations = 0;
    double seconds = 0;
  };

  static void wait_for_zero(std::atomic<std::size_t>& count) {
    for (auto now = count.load(); now != 0; now = count.load())
      count.wait(now);
  }

  static void count_down(std::atomic<std::size_t>& count) {
    if (count.fetch_sub(1) == 1)
      count.notify_all();
  }

  template <class F>
  void serve(F part) {
    for (unsigned seen = 0;;) {
      round_.wait(seen);
      seen = round_.load();
      if (quit_)
        return;
      try {
        part();
      } catch (...) {
        if (!failed_.exchange(true))
          failure_ = std::current_exception();
      }
      count_down(active_);
    }
  }

  void work(std::size_t i) {
    struct at_end {
      std::atomic<std::size_t>& count;
      ~at_end() { count_down(count); }
    } end{working_};
    slice mine{length_, results_[i].latencies};
    side_.workers[i](mine);
    results_[i].operations = mine.operations();
    results_[i].seconds = std::chrono::duration<double>{mine.elapsed()}.count();
  }

  const side& side_;
  std::vector<result> results_;
  steady::duration length_{};
  std::atomic<bool> stop_{false};
  std::atomic<bool> quit_{false};
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
  std::atomic<std::size_t> working_{0};
  std::atomic<std::size_t> active_{0};
  std::atomic<unsigned> round_{0};
  std::vector<std::thread> threads_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Seconds per operation in one repetition. A slice counts as much as it has lasted: one with a
/// single operation that waited for the disk must not weigh as much as one with thousands.
class cost {
public:
  void add(const work_done& slice) {
    sum_.operations += slice.operations;
    sum_.seconds += slice.seconds;
  }
  [[nodiscard]] double mean() const { return sum_.seconds / sum_.operations; }

private:
  work_done sum_;
};

struct repetition {
  double ours;
  double baseline;
};

repetition repeat_once(const contest& c, crew& ours, crew& baseline, steady::duration length) {
  for (const auto* s : {&c.ours, &c.baseline})
    if (s->prepare)
      s->prepare();
  cost our_cost;
  cost baseline_cost;
  const auto run = [length](crew& who, cost& sum) {
    std::this_thread::sleep_for(pause);
    sum.add(who.run(length));
  };
  for (unsigned i = 0; i < c.slices; ++i) {
    if (i % 2 == 0)
      run(ours, our_cost);
    run(baseline, baseline_cost);
    if (i % 2 == 1)
      run(ours, our_cost);
  }
  return {our_cost.mean(), baseline_cost.mean()};
}

} // namespace

void histogram::add(std::chrono::nanoseconds took) noexcept {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const auto shift = width > fine_bits + 1 ? width - fine_bits - 1 : 0;
  ++buckets_[(static_cast<std::size_t>(shift) << fine_bits) + (value >> shift)];
  ++count_;
}

void histogram::add(const histogram& other) noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
}

double histogram::percentile(double p) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(p * static_cast<double>(count_));
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    before += buckets_[i];
    if (before > wanted) {
      constexpr std::size_t fine = std::size_t{1} << fine_bits;
      const auto shift = i < 2 * fine ? 0 : (i >> fine_bits) - 1;
      const auto low = (i - (shift << fine_bits)) << shift;
      const auto width = std::size_t{1} << shift;
      return (static_cast<double>(low) + static_cast<double>(width - 1) / 2) / 1e3;
    }
  }
  return 0;
}

report measure(const bench_case& which, const std::filesystem::path& folder,
               std::chrono::duration<double> length, unsigned repetitions) {
  const contest c = which.make(folder);
  if (c.length.count() > 0)
    length = c.length;
  const auto slice_length = std::chrono::duration_cast<steady::duration>(length / c.slices);

  report r{.name = which.name, .baseline = which.baseline, .extras = {}};
  {
    crew ours{c.ours};
    crew baseline{c.baseline};
    static_cast<void>(repeat_once(
      c, ours, baseline, std::chrono::duration_cast<steady::duration>(slice_length * warm_up)));
    ours.reset();
    baseline.reset();

    std::vector<double> our_rates;
    std::vector<double> baseline_rates;
    std::vector<double> ratios;
    for (unsigned i = 0; i < repetitions; ++i) {
      const auto [mine, theirs] = repeat_once(c, ours, baseline, slice_length);
      our_rates.push_back(1 / mine);
      baseline_rates.push_back(1 / theirs);
      ratios.push_back(mine / theirs);
    }
    const auto our_latencies = ours.latencies();
    r.n = our_latencies.count();
    r.ops_per_s = median(our_rates);
    r.p50_us = our_latencies.percentile(0.5);
    r.p99_us = our_latencies.percentile(0.99);
    r.baseline_ops_per_s = median(baseline_rates);
    const auto baseline_latencies = baseline.latencies();
    r.baseline_p50_us = baseline_latencies.percentile(0.5);
    r.baseline_p99_us = baseline_latencies.percentile(0.99);
    r.ratio = median(ratios);
  }
  if (c.extras)
    r.extras = c.extras();
  return r;
}

void print_header() {
  std::printf("%-20s %9s %11s %10s %10s %11s %10s %10s %7s  %s\n", "case", "n", "ops/s", "p50 us",
              "p99 us", "base ops/s", "base p50", "base p99", "ratio", "baseline");
}

void print_row(const report& r) {
  std::printf("%-20.*s %9llu %11.1f %10.2f %10.2f %11.1f %10.2f %10.2f %7.3f  %.*s",
              static_cast<int>(r.name.size()), r.name.data(), static_cast<unsigned long long>(r.n),
              r.ops_per_s, r.p50_us, r.p99_us, r.baseline_ops_per_s, r.baseline_p50_us,
              r.baseline_p99_us, r.ratio, static_cast<int>(r.baseline.size()), r.baseline.data());
  for (const auto& e : r.extras)
    std::printf("; %s %.12g", e.name.c_str(), e.value);
  std::printf("\n");
  std::fflush(stdout);
}

void print_json(const report& r) {
  std::printf("{\"case\": \"%.*s\", \"n\": %llu, \"ops_per_s\": %.1f, \"p50_us\": %.3f, "
              "\"p99_us\": %.3f, \"baseline\": \"%.*s\", \"baseline_ops_per_s\": %.1f, "
              "\"baseline_p50_us\": %.3f, \"baseline_p99_us\": %.3f, \"ratio\": %.4f",
              static_cast<int>(r.name.size()), r.name.data(), static_cast<unsigned long long>(r.n),
              r.ops_per_s, r.p50_us, r.p99_us, static_cast<int>(r.baseline.size()),
              r.baseline.data(), r.baseline_ops_per_s, r.baseline_p50_us, r.baseline_p99_us,
              r.ratio);
  for (const auto& e : r.extras)
    std::printf(", \"%s\": %.12g", e.name.c_str(), e.value);
  std::printf("}\n");
  std::fflush(stdout);
}

} // namespace beaver::bench
