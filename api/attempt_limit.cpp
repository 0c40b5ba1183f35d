#include "beaver/api/attempt_limit.hpp"

#include <algorithm>

namespace beaver {

namespace {

attempt_options complete(attempt_options how) {
  if (!how.clock)
    how.clock = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  return how;
}

} // namespace

attempt_limit::attempt_limit(attempt_options how) : how_(complete(std::move(how))) {}

double attempt_limit::left_in(const bucket& b, std::chrono::duration<double> now) const {
  return std::min(how_.burst, b.left + (now - b.at) / how_.recovery);
}

bool attempt_limit::allows(std::string_view peer) {
  const auto now = how_.clock();
  std::lock_guard guard{mutex_};
  const auto found = places_.find(peer);
  return found == places_.end() || left_in(*found->second, now) >= 1;
}

void attempt_limit::failed(std::string_view peer) {
  const auto now = how_.clock();
  std::lock_guard guard{mutex_};
  auto found = places_.find(peer);
  if (found == places_.end()) {
    if (buckets_.size() == how_.peers) {
      places_.erase(buckets_.back().peer);
      buckets_.pop_back();
    }
    buckets_.push_front({std::string{peer}, how_.burst, now});
    found = places_.emplace(buckets_.front().peer, buckets_.begin()).first;
  }
  auto& b = *found->second;
  b.left = std::max(0.0, left_in(b, now) - 1);
  b.at = now;
  buckets_.splice(buckets_.begin(), buckets_, found->second);
}

std::size_t attempt_limit::size() const {
  std::lock_guard guard{mutex_};
  return buckets_.size();
}

} // namespace beaver
