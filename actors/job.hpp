#pragma once
#include "beaver/actors/change_set.hpp"
#include "beaver/storage/clock.hpp"
#include "beaver/storage/connection.hpp"

#include <memory>

namespace caf {
class message;
}

namespace beaver {

struct engine_stats;
class list_indexes;
class sketch_reader;
class vector_reader;

/// What a job works with. `now` is taken once per job, so that one operation sees one instant.
struct job_context {
  connection& db;
  unix_seconds now;
  const engine_stats& stats;
  change_set* changed = nullptr;    ///< of the transaction that will be committed; null: only reads
  list_indexes* lists = nullptr;    ///< of the reader; null elsewhere
  vector_reader* vectors = nullptr; ///< likewise
  sketch_reader* sketches = nullptr; ///< likewise
};

/// One piece of work over a connection, run by the writer or by a reader, which know nothing of
/// data types. May run twice (when another job of its commit group ruined the transaction), so it
/// must not use up what it holds.
class job {
public:
  virtual ~job() = default;

  /// Does the work and gives the reply. Throws `error`.
  virtual caf::message run(job_context& context) = 0;

  /// Whether it leaves the file as it is.
  [[nodiscard]] virtual bool reads() const noexcept = 0;

  /// Roughly how many bytes it writes: bounds a commit group.
  [[nodiscard]] virtual std::size_t weight() const noexcept { return 0; }
};

using job_ptr = std::shared_ptr<job>;

} // namespace beaver
