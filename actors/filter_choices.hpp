#pragma once
#include "beaver/vector/collection.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// What filters over metadata have chosen among the vectors of a collection, for searches that ask
/// with one of them again before anything has changed: finding it out means reading metadata row by
/// row, searching does not. Thread-safe.
class filter_choices {
public:
  using choice_ptr = std::shared_ptr<const vector_collection::choice>;

  /// Null if it is not known.
  [[nodiscard]] choice_ptr find(std::string_view filter) {
    const std::lock_guard guard{mutex_};
    const auto found = std::ranges::find(kept_, filter, &entry::filter);
    if (found == kept_.end())
      return nullptr;
    std::rotate(kept_.begin(), found, std::next(found));
    return kept_.front().chosen;
  }

  /// The one that was asked for the longest time ago goes, if they are too many.
  void add(std::string_view filter, choice_ptr chosen) {
    const std::lock_guard guard{mutex_};
    if (kept_.size() == most)
      kept_.pop_back();
    kept_.insert(kept_.begin(), {std::string{filter}, std::move(chosen)});
  }

  /// To be called whenever vectors or metadata have changed.
  void clear() {
    const std::lock_guard guard{mutex_};
    kept_.clear();
  }

  [[nodiscard]] std::size_t bytes() {
    const std::lock_guard guard{mutex_};
    std::size_t sum = 0;
    for (const auto& e : kept_)
      sum += e.filter.size() + e.chosen->bytes();
    return sum;
  }

private:
  static constexpr std::size_t most = 16;

  struct entry {
    std::string filter;
    choice_ptr chosen;
  };

  std::mutex mutex_;
  std::vector<entry> kept_; // used last first
};

} // namespace beaver
