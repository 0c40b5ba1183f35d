#pragma once
#include "beaver/actors/database.hpp"
#include "beaver/actors/operation.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

namespace beaver {

/// What a server counts. Thread-safe; counting takes no lock.
class http_metrics {
public:
  http_metrics();

  /// One operation is over.
  void count(const operation& op, unsigned status, std::chrono::nanoseconds took) noexcept;
  /// A request that was no operation, or refused.
  void count_other(unsigned status) noexcept;

  /// About how long an operation takes: its later runs count more. 0: it has not run yet.
  [[nodiscard]] std::chrono::nanoseconds usual(const operation& op) const noexcept;

  std::atomic<std::int64_t> connections{0};
  std::atomic<std::int64_t> streams{0}; ///< WebSockets
  std::atomic<std::int64_t> in_work{0};

  /// All of it with the state of the database, in the text format of Prometheus, version 0.0.4.
  /// `waiting`: bytes of large bodies.
  [[nodiscard]] std::string text(const database_status& of, std::size_t waiting) const;

private:
  static constexpr std::size_t buckets = 12; // up to 100 us, 200 us, ..., 100 ms, ...

  struct row {
    std::array<std::atomic<std::uint64_t>, 3> ended{}; // well, by the caller's mistake, otherwise
    std::array<std::atomic<std::uint64_t>, buckets + 1> within{};
    std::atomic<std::uint64_t> total_ns{0};
    std::atomic<std::uint64_t> usual_ns{0};
  };

  [[nodiscard]] static std::size_t outcome_of(unsigned status) noexcept;

  std::unordered_map<const operation*, std::unique_ptr<row>> rows_; // made once
  row others_;
};

} // namespace beaver
