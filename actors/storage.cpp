#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/commit_group.hpp"
#include "beaver/actors/file_writer.hpp"
#include "beaver/actors/lent_unit.hpp"
#include "beaver/storage/schema.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <optional>
#include <thread>

namespace beaver {

namespace {

using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto retry_period = 2ms; // how often a foreign writer's lock is tried
constexpr int checkpoint_frames = 4'000;
constexpr int checkpoint_step = 1'000; // frames until the next try after one that readers blocked
constexpr auto checkpoint_patience = 50ms;

/// The one writer of a file. Opens a transaction with the first job, runs whatever else has arrived
/// within the same one, commits when its own marker comes round, and only then answers.
class storage final : public lendable<writer_actor::base> {
public:
  storage(caf::actor_config& config, engine_state_ptr state, std::unique_ptr<connection> db)
    : lendable(config), state_(std::move(state)), db_(std::move(db)),
      file_(std::in_place, *state_, *db_) {
    set_exception_handler(
      [](std::exception_ptr&) { return to_caf(errc::internal, "writer failed"); });
  }

  const char* name() const override { return "storage"; }

  behavior_type make_behavior() override {
    return {
      [this](job_ptr& j) -> caf::result<caf::message> {
        accept(entry{std::move(j), make_response_promise(), deadline()});
        return caf::delegated<caf::message>{};
      },
      [this](commit_atom) { commit_when_due(); },
      [this](retry_atom) {
        retry_armed_ = false;
        drain();
      },
      [this](lease_atom) -> caf::result<lease_ptr> {
        accept(entry{nullptr, make_response_promise(), deadline()});
        return caf::delegated<lease_ptr>{};
      },
      [this](return_atom) {
        if (lease_ && lease_->broken)
          broken_ = to_caf(errc::io, "a commit failed; reopen the database");
        lease_.reset();
        ++lease_number_;
        roll_back(); // unless it was committed
        tell_watchers();
        if (log().frames() >= next_checkpoint_)
          prepare_checkpoint();
        if (closing_.pending())
          finish_close();
        else
          drain();
      },
      [this](expire_atom, std::uint64_t number) {
        if (lease_ && number == lease_number_)
          lease_->expired = true;
      },
      [this](close_atom) -> caf::result<void> {
        closing_ = make_response_promise();
        if (!lease_)
          finish_close();
        return caf::delegated<void>{};
      },
    };
  }

  void on_exit() override { // only after an unforeseen end is anybody left here
    const auto why = to_caf(errc::internal, "the writer of '" + state_->path + "' has ended");
    group_.refuse(why);
    for (auto& e : waiting_)
      e.promise.deliver(why);
    waiting_.clear();
    state_.reset(); // which holds this actor
  }

private:
  /// A job on its way, or (with no job) a transaction that wants the connection.
  struct entry {
    job_ptr work;
    caf::response_promise promise;
    steady::time_point deadline;
  };

  [[nodiscard]] wal_monitor& log() noexcept { return file_->log(); }

  [[nodiscard]] steady::time_point deadline() const { return steady::now() + state_->busy_limit; }

  void accept(entry e) {
    if (!try_serve(e))
      waiting_.push_back(std::move(e));
  }

  /// Serves an entry or answers it with an error; false if it has to wait behind others.
  bool try_serve(entry& e) {
    if (closing_.pending())
      refuse(e, to_caf(errc::closed, "database '" + state_->path + "' is closed"));
    else if (broken_)
      refuse(e, *broken_);
    else if (lease_ || (!draining_ && !waiting_.empty()))
      return false;
    else if (!e.work)
      return try_lease(e);
    else if (e.work->reads())
      run_read(e);
    else
      return write_or_refuse(e);
    return true;
  }

  bool write_or_refuse(entry& e) {
    try {
      if (!db_->in_transaction() && !begin())
        return false;
    } catch (...) {
      refuse(e, current_to_caf());
      return true;
    }
    run_write(e);
    return true;
  }

  void refuse(entry& e, caf::error why) {
    state_->stats.failed_jobs.fetch_add(1, std::memory_order_relaxed);
    e.promise.deliver(std::move(why));
  }

  /// Opens the transaction of a new group. False if another process holds the write lock: then the
  /// lock is tried again when it rings, or in a moment.
  bool begin() {
    // Whoever left before it could know that we wait has not rung for us: hence the second try.
    if (!file_->try_begin() && (!say_that_we_wait() || !file_->try_begin())) {
      arm_retry();
      return false;
    }
    state_->writer_waits = false;
    group_.begin();
    send(writer_actor(this), commit_atom::value);
    return true;
  }

  /// False if that was said before.
  bool say_that_we_wait() {
    if (state_->writer_waits.exchange(true))
      return false;
    if (state_->bells)
      state_->bells->watch();
    return true;
  }

  void arm_retry() {
    say_that_we_wait();
    if (std::exchange(retry_armed_, true))
      return;
    delayed_send(writer_actor(this), retry_period, retry_atom::value);
  }

  void run_write(entry& e) {
    try {
      job_context context{*db_, state_->clock(), state_->stats, &file_->changed()};
      group_.run(e.work, e.promise, context);
    } catch (...) {
      auto why = current_to_caf();
      if (group_.empty())
        roll_back();
      else if (!db_->in_transaction())
        run_again();
      refuse(e, std::move(why));
      return;
    }
    if (group_.full())
      commit();
  }

  /// A full disk, an interrupt or a ROLLBACK clause ended the transaction under the jobs that had
  /// succeeded in it. None has been acknowledged, so they run once more without the one that did
  /// it.
  void run_again() {
    for (auto& j : group_.take()) {
      entry e{std::move(j.work), std::move(j.promise), deadline()};
      if (!write_or_refuse(e))
        waiting_.push_back(std::move(e));
    }
  }

  void run_read(entry& e) {
    commit(); // what it sees must be there for good
    try {
      job_context context{*db_, state_->clock(), state_->stats};
      e.promise.deliver(e.work->run(context));
    } catch (...) {
      e.promise.deliver(current_to_caf());
    }
  }

  void roll_back() noexcept {
    try {
      file_->roll_back();
    } catch (...) {
      broken_ = to_caf(errc::io, "rollback failed; reopen the database");
    }
  }

  /// The marker came round: whatever was waiting in the mailbox has run. Callers that are awake and
  /// about to write still get a moment, for their fsync is saved.
  void commit_when_due() {
    if (lease_) // a marker of before; the connection is somebody else's now
      return;
    if (group_.expects(state_->writes_in_flight.load(std::memory_order_relaxed))
        && db_->in_transaction()) {
      std::this_thread::yield(); // the core to them
      send(writer_actor(this), commit_atom::value);
      return;
    }
    commit();
  }

  void commit() {
    if (group_.empty()) {
      roll_back(); // a transaction whose only job failed
      return;
    }
    try {
      file_->commit();
    } catch (const error& e) {
      fail_group(e);
      return;
    }
    state_->stats.wal_frames.store(static_cast<std::uint64_t>(log().frames()),
                                   std::memory_order_relaxed);
    group_.acknowledge();
    tell_watchers();
    if (log().frames() >= next_checkpoint_)
      prepare_checkpoint();
  }

  void tell_watchers() {
    for (const auto& watcher : state_->watchers.of(file_->changed()))
      send(watcher, wake_atom::value);
  }

  /// After a failed fsync nothing that this process believes about the file can be trusted; a lack
  /// of space or a lock only costs the group.
  void fail_group(const error& why) {
    const bool harmless = why.code() == errc::full || why.code() == errc::busy;
    auto text =
      harmless ? to_caf(why)
               : to_caf(errc::io, std::string{"commit failed, reopen the database: "} + why.what());
    roll_back();
    if (!harmless)
      broken_ = text;
    group_.refuse(text);
  }

  bool try_lease(entry& e) {
    commit();
    if (broken_) {
      refuse(e, *broken_);
      return true;
    }
    if (checkpoint_due_) // or it would never find the connection here
      return false;
    try {
      if (!begin())
        return false;
    } catch (...) {
      refuse(e, current_to_caf());
      return true;
    }
    lease_ = std::make_shared<write_lease>();
    lease_->db = db_.get();
    lease_->file = &*file_;
    delayed_send(writer_actor(this), state_->lease_limit, expire_atom::value, lease_number_);
    e.promise.deliver(lease_);
    return true;
  }

  /// Serves what has been waiting, in order, until something has to wait on.
  void drain() {
    draining_ = true;
    while (!waiting_.empty() && try_serve(waiting_.front()))
      waiting_.pop_front();
    draining_ = false;
    const auto now = steady::now();
    while (!lease_ && !waiting_.empty() && waiting_.front().deadline <= now) {
      refuse(waiting_.front(), to_caf(errc::busy, "another process has been writing to '"
                                                    + state_->path + "' for too long; try again"));
      waiting_.pop_front();
    }
    if (lease_ || checkpoint_due_)
      return;
    if (!waiting_.empty())
      arm_retry();
    else if (state_->writer_waits.exchange(false))
      file_->give_up();
  }

  /// A kept read transaction keeps the log from being emptied, so readers give theirs up first.
  void prepare_checkpoint() {
    if (std::exchange(checkpoint_due_, true))
      return;
    state_->release_reads = true;
    releasing_ = state_->readers.size();
    if (releasing_ == 0)
      checkpoint();
    for (const auto& reader : state_->readers)
      request(reader, caf::infinite, release_atom::value)
        .then([this] { reader_released(); }, [this](caf::error&) { reader_released(); });
  }

  void reader_released() {
    if (--releasing_ == 0)
      checkpoint();
  }

  void checkpoint() {
    try_checkpoint();
    state_->release_reads = false;
    checkpoint_due_ = false;
    drain();
  }

  void try_checkpoint() {
    try {
      commit();
      if (!broken_ && log().restart(checkpoint_patience)) {
        state_->stats.checkpoints.fetch_add(1, std::memory_order_relaxed);
        next_checkpoint_ = checkpoint_frames;
      } else {
        next_checkpoint_ = log().frames() + checkpoint_step;
      }
    } catch (const error& e) {
      broken_ =
        to_caf(errc::io, std::string{"checkpoint failed, reopen the database: "} + e.what());
    }
  }

  void finish_close() {
    commit();
    for (auto& e : waiting_)
      refuse(e, to_caf(errc::closed, "database '" + state_->path + "' is closed"));
    waiting_.clear();
    file_.reset();
    db_.reset();
    closing_.deliver(caf::unit);
    quit();
  }

  engine_state_ptr state_;
  std::unique_ptr<connection> db_;
  std::optional<file_writer> file_; // over it, until both are closed
  commit_group group_{state_->stats};
  std::deque<entry> waiting_; // for a foreign writer or a lease to end, in order of arrival
  bool draining_ = false;
  bool retry_armed_ = false;
  lease_ptr lease_;
  std::uint64_t lease_number_ = 0;
  int next_checkpoint_ = checkpoint_frames;
  bool checkpoint_due_ = false;
  std::size_t releasing_ = 0; // readers that have not yet given up their transaction
  std::optional<caf::error> broken_;
  caf::response_promise closing_;
};

} // namespace

writer_actor spawn_writer(caf::actor_system& system, const engine_state_ptr& state) {
  auto options = state->connecting;
  // SQLite unmaps the file whenever another process has committed, which costs more than a writer
  // gains by a map: its pages are in its cache or on their way into it.
  options.mmap_bytes = 0;
  auto db = std::make_unique<connection>(state->path, options);
  if (options.read_only)
    schema::check(*db);
  else
    schema::prepare(*db);
  // From here on a foreign writer's lock is waited for in the actor, which stays responsive.
  db->busy_timeout(std::chrono::milliseconds{0});
  state->file = db->file_name();
  return spawn_lazily<storage>(system, state, std::move(db));
}

} // namespace beaver
