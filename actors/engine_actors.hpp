#pragma once
#include "beaver/actors/bell_watch.hpp"
#include "beaver/actors/engine_stats.hpp"
#include "beaver/actors/file_version.hpp"
#include "beaver/actors/job.hpp"
#include "beaver/actors/session.hpp"
#include "beaver/actors/watch_list.hpp"

#include <atomic>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/message.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <memory>
#include <vector>

// The actors that run jobs over connections, as managers and the engine see them. Jobs and leases
// stay within the process.

namespace beaver {

class file_writer;
class vector_cache;
struct write_lease;
using lease_ptr = std::shared_ptr<write_lease>;

using commit_atom = caf::atom_constant<caf::atom("commit")>;   // end the current commit group
using retry_atom = caf::atom_constant<caf::atom("retry")>;     // a foreign writer may be done
using lease_atom = caf::atom_constant<caf::atom("lease")>;     // lend the write connection
using return_atom = caf::atom_constant<caf::atom("return")>;   // and have it back
using expire_atom = caf::atom_constant<caf::atom("expire")>;   // a lease has lasted too long
using release_atom = caf::atom_constant<caf::atom("release")>; // give up a kept read transaction
using idle_atom = caf::atom_constant<caf::atom("idle")>;       // look whether anybody still reads
using sweep_atom = caf::atom_constant<caf::atom("sweep")>;     // remove what has expired
using watch_atom = caf::atom_constant<caf::atom("watch")>;     // end snapshots in time
using close_atom = caf::atom_constant<caf::atom("close")>;     // answer everybody and end

} // namespace beaver

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(beaver::job_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(beaver::lease_ptr)

namespace beaver {

/// Runs any job over its connection and answers with the job's reply, which arrives unwrapped.
using job_actor = caf::typed_actor<caf::replies_to<job_ptr>::with<caf::message>>;

using reader_actor =
  job_actor::extend<caf::replies_to<release_atom>::with<void>, caf::reacts_to<idle_atom>,
                    caf::replies_to<close_atom>::with<void>>;

using writer_actor =
  job_actor::extend<caf::reacts_to<commit_atom>, caf::reacts_to<retry_atom>,
                    caf::replies_to<lease_atom>::with<lease_ptr>, caf::reacts_to<return_atom>,
                    caf::reacts_to<expire_atom, std::uint64_t>,
                    caf::replies_to<close_atom>::with<void>>;

/// Keeps the times: background sweeps and the limits of snapshots.
using sweeper_actor = caf::typed_actor<caf::reacts_to<sweep_atom>, caf::reacts_to<watch_atom>>;

[[nodiscard]] std::shared_ptr<vector_cache> make_vector_cache();

/// What the actors of one open file share.
struct engine_state {
  std::string path;              ///< as the user gave it
  std::string file;              ///< the same resolved; set by the writer
  connection_options connecting; ///< of the writer; readers take it with `read_only`
  clock_function clock;
  std::chrono::milliseconds busy_limit{30'000};  ///< how long a write waits for a foreign writer
  std::chrono::milliseconds lease_limit{30'000}; ///< how long a transaction may hold the writer
  std::chrono::milliseconds sweep_period{60'000};
  engine_stats stats;
  snapshot_list snapshots;
  watch_list watchers;
  file_version versions;
  const std::shared_ptr<vector_cache> vectors = make_vector_cache();
  std::atomic<bool> closing{false};          ///< nobody may begin to wait any more
  std::atomic<bool> writer_waits{false};     ///< for another process to end its transaction
  std::atomic<unsigned> writes_in_flight{0}; ///< calls that wait for a write: sizes commit groups
  std::atomic<bool> release_reads{
    false}; ///< readers must not keep a transaction: a checkpoint waits

  /// Set before the first call and never changed: managers read them at any time. No readers in
  /// memory: then the writer reads. They let go of this state when they end.
  writer_actor writer;
  std::vector<reader_actor> readers;
  std::unique_ptr<bell_watch> bells; ///< null where no other process can write: in memory

  std::mutex compactor_mutex; ///< of the next
  caf::actor compactor;       ///< null until somebody needs it

  /// Where a job that only reads goes; `hint` spreads callers over the readers.
  [[nodiscard]] job_actor read_target(std::size_t hint) const {
    if (readers.empty())
      return writer;
    return readers[hint % readers.size()];
  }
};

using engine_state_ptr = std::shared_ptr<engine_state>;

/// The write connection in the hands of an interactive transaction. Returned by its destructor's
/// owner through `return_atom`; `expired` is set when it has lasted too long.
struct write_lease {
  connection* db;
  file_writer* file; ///< in a transaction
  std::atomic<bool> expired{false};
  std::atomic<bool> broken{false}; ///< a commit failed: the connection is not to be trusted
};

/// Opens the write connection and prepares the file on the calling thread; throws `error`.
writer_actor spawn_writer(caf::actor_system& system, const engine_state_ptr& state);

/// A reader opens its connection with its first job.
reader_actor spawn_reader(caf::actor_system& system, const engine_state_ptr& state);

/// Wakes up every `sweep_period` after its first `sweep_atom`.
sweeper_actor spawn_sweeper(caf::actor_system& system, const engine_state_ptr& state);

} // namespace beaver
