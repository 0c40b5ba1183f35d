#pragma once
#include "beaver/actors/engine_stats.hpp"
#include "beaver/actors/job.hpp"

#include <caf/error.hpp>
#include <caf/message.hpp>
#include <caf/response_promise.hpp>
#include <chrono>
#include <vector>

namespace beaver {

/// The jobs that ran in the writer's open transaction and are answered when it has ended. Belongs
/// to the writer.
class commit_group {
public:
  struct member {
    job_ptr work;
    caf::response_promise promise;
    caf::message reply;
  };

  explicit commit_group(engine_stats& stats) : stats_(stats) {}

  /// The transaction has begun.
  void begin() noexcept { began_ = std::chrono::steady_clock::now(); }

  /// Runs a job and takes it in. Throws what the job throws: then it is undone alone, unless the
  /// transaction has ended with it, and is still the caller's.
  void run(job_ptr& work, caf::response_promise& promise, job_context& context);

  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }

  /// Whether it should be committed whoever else may come.
  [[nodiscard]] bool full() const noexcept;

  /// Whether it pays to wait for those of `writers` callers that are not in it yet.
  [[nodiscard]] bool expects(unsigned writers) const noexcept;

  /// Takes the jobs out again, unanswered: the transaction has ended without them.
  [[nodiscard]] std::vector<member> take() noexcept;

  /// The transaction is committed: counts it and answers all.
  void acknowledge();

  /// The transaction is lost: answers all with `why`.
  void refuse(const caf::error& why);

private:
  engine_stats& stats_;
  std::vector<member> members_;
  std::size_t bytes_ = 0;
  std::chrono::steady_clock::time_point began_;
};

} // namespace beaver
