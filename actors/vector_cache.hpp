#pragma once
#include "beaver/actors/file_version.hpp"
#include "beaver/actors/vector_load.hpp"
#include "beaver/storage/kept_read.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace beaver {

/// One collection in memory, and who is at it.
struct cached_vectors {
  std::shared_mutex mutex;                ///< of the next three
  bool known = false;                     ///< whether the next one says anything
  std::optional<loaded_vectors> loaded{}; ///< empty if nothing has decided the length of vectors
  std::optional<std::uint64_t> version{}; ///< of the file, as `file_version` numbers it
  std::atomic<double> compacting{-1};     ///< the share that is done; < 0: nobody is at it
  std::atomic<unsigned> waiting{0};       ///< so many have asked for a compaction
  std::atomic<bool> cancelled{false};     ///< and one of them has withdrawn: it should end
  std::atomic<bool> asked{false};         ///< somebody has been told that it is due
  std::atomic<std::chrono::steady_clock::duration> left_alone_until{{}}; ///< seen from the clock's
                                                                         ///< beginning
};

/// The collections of vectors of one open file in memory, once for all its readers. Thread-safe.
class vector_cache {
public:
  /// `on_growth` is told the name of a collection whose snapshot has become old; from any thread.
  void when_grown(std::function<void(const std::string&)> on_growth) {
    on_growth_ = std::move(on_growth);
  }

  [[nodiscard]] std::shared_ptr<cached_vectors> find(std::string_view name);

  /// Says so, unless that was done already or the collection is to be left alone.
  void grown(const std::string& name, cached_vectors& entry) const {
    if (on_growth_
        && std::chrono::steady_clock::now().time_since_epoch() >= entry.left_alone_until.load()
        && !entry.asked.exchange(true))
      on_growth_(name);
  }

private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<cached_vectors>, std::less<>> all_;
  std::function<void(const std::string&)> on_growth_;
};

/// What a reader searches with: the shared collections, seen from its own transaction. Belongs to
/// that reader.
class vector_reader {
public:
  vector_reader(vector_cache& cache, const file_version& versions, connection& c, kept_read& read)
    : cache_(cache), versions_(versions), connection_(c), read_(read) {}

  /// Calls `look` with the collection, which holds every commit of before this call; with null if
  /// nothing has decided how many numbers its vectors have. It does not change meanwhile, and is as
  /// the reader's transaction shows the file, which may be a newer one then: no statement of the
  /// caller's may be under way.
  /// The first call, and one after long absence, loads the collection: linear.
  void with(const std::string& name, const std::function<void(const loaded_vectors*)>& look);

  /// How far this process has come with a new snapshot of it; empty if it makes none.
  [[nodiscard]] std::optional<double> progress(const std::string& name) const {
    const double share = cache_.find(name)->compacting;
    return share < 0 ? std::nullopt : std::optional{share};
  }

private:
  std::uint64_t refresh(const std::string& name, cached_vectors& entry);
  [[nodiscard]] bool is_seen(const std::string& name, const cached_vectors& entry);

  vector_cache& cache_;
  const file_version& versions_;
  connection& connection_;
  kept_read& read_;
};

} // namespace beaver
