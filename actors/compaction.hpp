#pragma once
#include "beaver/actors/vector_cache.hpp"

#include <functional>

namespace beaver {

/// Makes a snapshot of a collection of vectors, step by step as storage/vector_snapshot.hpp has it,
/// on the calling thread. Nobody else is held up: rows are copied inside one read transaction, the
/// index is built outside of any, and each chunk is a write of its own with a pause behind it.
class compaction {
public:
  using write_job = std::function<void(connection&, unix_seconds now)>;

  struct surroundings {
    connection& reading;                  ///< of nobody else
    std::function<void(write_job)> write; ///< runs it in a transaction of its own; throws its error
    std::function<bool()> closing;
    unsigned threads; ///< that may build
  };

  compaction(std::string name, cached_vectors& entry, surroundings around)
    : name_(std::move(name)), entry_(entry), around_(std::move(around)) {}

  /// Throws `error`: busy if somebody else is at it, cancelled, closed, lost_lock if somebody else
  /// has taken over, and those of reading and writing. Then everything is as before, but for chunks
  /// that the next compaction removes.
  compaction_report run();

  /// Called behind each step, for tests that end the process there.
  static inline std::function<void()> after_step = [] {};

private:
  void report(double share);
  void write(const write_job& what);
  std::shared_ptr<vector_base> read(vectors_options& options);
  std::shared_ptr<vector_base> build(base_builder rows, const vectors_options& options,
                                     strategy before);
  std::uint64_t write_parts(const vector_base& base);
  void adopt(std::shared_ptr<const vector_base> base, const vectors_options& options);

  std::string name_;
  cached_vectors& entry_;
  surroundings around_;
  snapshot_claim claim_{};
  std::uint64_t seen_ = 0; ///< the last entry of the log when rows were read
  std::vector<snapshot_part> parts_;
  std::optional<double> recall_;
  std::set<std::string, std::less<>> unusable_;
};

} // namespace beaver
