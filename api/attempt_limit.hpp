#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace beaver {

/// How many attempts may fail.
struct attempt_options {
  double burst = 10;                                      ///< one after the other; >= 1
  std::chrono::duration<double> recovery{1};              ///< until one more may
  std::size_t peers = 4'096;                              ///< that are remembered; >= 1
  std::function<std::chrono::duration<double>()> clock{}; ///< monotonic; absent: the steady clock
};

/// Counts failed attempts by where they come from: a token bucket for each peer. Thread-safe, every
/// call O(1). Of more peers than are remembered those leave that have not failed for longest.
class attempt_limit {
public:
  explicit attempt_limit(attempt_options how);

  /// Whether another attempt of this peer is to be looked at.
  [[nodiscard]] bool allows(std::string_view peer);

  /// An attempt has failed.
  void failed(std::string_view peer);

  /// Peers that are remembered now.
  [[nodiscard]] std::size_t size() const;

private:
  struct bucket {
    std::string peer;
    double left;
    std::chrono::duration<double> at; ///< when it was so
  };
  using place = std::list<bucket>::iterator;

  /// What is left in a bucket by now.
  [[nodiscard]] double left_in(const bucket& b, std::chrono::duration<double> now) const;

  const attempt_options how_;
  mutable std::mutex mutex_;
  std::list<bucket> buckets_; ///< the last that failed first
  std::unordered_map<std::string_view, place> places_;
};

} // namespace beaver
