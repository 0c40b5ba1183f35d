#include "beaver/actors/engine.hpp"

#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/call_gate.hpp"
#include "beaver/actors/compactor.hpp"
#include "beaver/actors/database.hpp"
#include "beaver/actors/feed_job.hpp"
#include "beaver/actors/file_writer.hpp"
#include "beaver/actors/lent_unit.hpp"
#include "beaver/actors/manager_directory.hpp"
#include "beaver/actors/port_pool.hpp"
#include "beaver/actors/private_system.hpp"
#include "beaver/actors/session.hpp"
#include "beaver/actors/vector_cache.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <optional>
#include <thread>

namespace beaver {

namespace {

/// The transactions that the current thread is inside of, innermost first.
struct open_transaction {
  const void* owner;
  open_transaction* outer;
};
thread_local open_transaction* innermost = nullptr;

// Calls that wait cost memory and nothing else, and are not counted with the others.
constexpr unsigned most_waiting = 1u << 20;

/// Runs all writes of a batch as one job, so that they share a savepoint.
class batch_job final : public job {
public:
  explicit batch_job(write_list writes) : writes_(std::move(writes)) {}

  caf::message run(job_context& context) override {
    writes_.each(
      [&](const operation& op, const void* message) { op.run(context, message, nullptr); });
    return caf::make_message();
  }
  [[nodiscard]] bool reads() const noexcept override { return false; }

private:
  write_list writes_;
};

} // namespace

struct engine::impl {
  impl(const engine_options& options, std::unique_ptr<private_system> mine,
       caf::actor_system& actors)
    : own(std::move(mine)), system(actors), snapshot_limit(options.snapshot_limit),
      snapshot_wal_bytes(options.snapshot_wal_bytes),
      gate(std::make_shared<call_gate>(options.in_flight)),
      waiting(std::make_shared<call_gate>(most_waiting)), state(std::make_shared<engine_state>()),
      unit(system), ports(system), managers(system) {}

  /// Counts a call from its beginning until the actors it made ready are handed over: the engine
  /// must not close before.
  class flight {
  public:
    flight(impl& e, bool patient) : flight(e, *e.gate, patient) {}
    flight(impl& e, call_gate& gate, bool patient) : gate_(gate) {
      if (!gate_.enter(patient))
        throw error(errc::closed, "database '" + e.state->path + "' is closed");
    }
    ~flight() {
      if (!kept_)
        gate_.leave();
    }
    flight(const flight&) = delete;
    flight& operator=(const flight&) = delete;

    void keep() noexcept { kept_ = true; } ///< somebody else calls `leave`

  private:
    call_gate& gate_;
    bool kept_ = false;
  };

  /// Counts a write that somebody waits for.
  class write_count {
  public:
    write_count(engine_state& s, bool writes) : state_(writes ? &s : nullptr) {
      if (state_)
        state_->writes_in_flight.fetch_add(1, std::memory_order_relaxed);
    }
    ~write_count() {
      if (state_)
        state_->writes_in_flight.fetch_sub(1, std::memory_order_relaxed);
    }
    write_count(const write_count&) = delete;
    write_count& operator=(const write_count&) = delete;

  private:
    engine_state* state_;
  };

  void refuse_deadlock() const {
    if (in_handler())
      throw error(errc::would_deadlock, "a blocking call from inside an actor of the database; use "
                                        "the asynchronous form");
    for (const auto* t = innermost; t; t = t->outer)
      if (t->owner == this)
        throw error(errc::would_deadlock, "a call on the database inside its own transaction; use "
                                          "the transaction's handles");
  }

  struct request {
    caf::strong_actor_ptr target;
    caf::mailbox_element_ptr content;
  };

  request prepare(const operation& op, void* message) {
    if (op.reads) {
      auto work = op.to_job(message);
      return {
        caf::actor_cast<caf::strong_actor_ptr>(state->read_target(port_pool::thread_number())),
        wrap(std::move(work))};
    }
    start_sweeper();
    auto target = managers.get(state, op.type, op.manager_name(message));
    return {caf::actor_cast<caf::strong_actor_ptr>(std::move(target)),
            caf::make_mailbox_element(nullptr, caf::message_id{}, {}, op.to_message(message))};
  }

  template <class T>
  static caf::mailbox_element_ptr wrap(T content) {
    return caf::make_mailbox_element(nullptr, caf::message_id{}, {}, std::move(content));
  }

  /// Sends a request and waits for its end on the calling thread.
  void ask(request r, const operation* op, void* reply, const std::stop_token& stop = {}) {
    auto& port = ports.take();
    struct give_back {
      port_pool& pool;
      reply_port& port;
      ~give_back() { pool.recycle(port); }
    } guard{ports, port};
    lending lent{unit};
    port.ask(r.target, std::move(r.content), op, reply, &unit);
    const std::stop_callback withdraw{stop,
                                      [&] { port.withdraw(r.target, port.request_number()); }};
    port.wait(lent);
  }

  template <class Handle, class T>
  void ask(const Handle& target, T content, caf::message* reply) {
    ask({caf::actor_cast<caf::strong_actor_ptr>(target), wrap(std::move(content))}, nullptr, reply);
  }

  /// Asks an actor to end something, and waits for it.
  template <class Handle, class T>
  void end(const Handle& target, T what) noexcept {
    try {
      ask(target, what, nullptr);
    } catch (const error&) {
      // It has ended already: what we wanted.
    }
  }

  /// Waits until what is being made is given up.
  void end_compactor() noexcept {
    caf::actor compactor;
    {
      const std::lock_guard guard{state->compactor_mutex};
      compactor = std::exchange(state->compactor, nullptr);
    }
    if (compactor)
      end(compactor, close_atom::value);
  }

  /// Only a database that is written to has anything to sweep.
  void start_sweeper() {
    if (state->sweep_period.count() == 0 || sweeping.load(std::memory_order_relaxed)
        || sweeping.exchange(true))
      return;
    caf::anon_send(sweeper, sweep_atom::value);
  }

  std::unique_ptr<private_system> own; // destroyed last: it waits for all actors
  caf::actor_system& system;
  const std::chrono::milliseconds snapshot_limit;
  const std::uint64_t snapshot_wal_bytes;
  const std::shared_ptr<call_gate> gate;
  const std::shared_ptr<call_gate> waiting; // of calls that may take for ever
  engine_state_ptr state;
  lent_unit unit;
  port_pool ports;
  manager_directory managers;
  sweeper_actor sweeper;
  std::atomic<bool> sweeping{false};
};

engine::engine(std::unique_ptr<impl> inside) : impl_(std::move(inside)) {}

engine::~engine() { shut(); }

std::shared_ptr<engine> engine::open(engine_options options, caf::actor_system* system) {
  const auto threads =
    options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  std::unique_ptr<private_system> own;
  if (!system) {
    own = private_system::make(threads);
    system = &own->system;
  }
  auto inside = std::make_unique<impl>(options, std::move(own), *system);
  auto& s = *inside->state;
  s.path = options.path;
  s.connecting = options.connecting;
  s.clock = options.clock;
  s.busy_limit = options.busy_limit;
  s.lease_limit = options.lease_limit;
  s.sweep_period =
    options.connecting.read_only ? std::chrono::milliseconds{0} : options.sweep_period;
  s.writer = spawn_writer(*system, inside->state);
  if (options.path != ":memory:")
    s.bells = std::make_unique<bell_watch>(s, inside->unit);
  if (options.path != ":memory:")
    for (unsigned i = 0; i < threads; ++i)
      s.readers.push_back(spawn_reader(*system, inside->state));
  inside->sweeper = spawn_sweeper(*system, inside->state);
  if (!options.connecting.read_only && options.path != ":memory:")
    s.vectors->when_grown([system, state = std::weak_ptr{inside->state}](const std::string& name) {
      if (const auto alive = state.lock())
        request_compaction(*system, alive, name);
    });
  return std::shared_ptr<engine>{new engine(std::move(inside))};
}

unix_seconds engine::now() const { return impl_->state->clock(); }

const std::string& engine::path() const noexcept { return impl_->state->path; }

void engine::call(const operation& op, void* message, void* reply) {
  auto& e = *impl_;
  e.refuse_deadlock();
  impl::flight flight{e, true};
  impl::write_count counted{*e.state, !op.reads};
  e.ask(e.prepare(op, message), &op, reply);
}

void engine::wait(const operation& op, void* message, void* reply, std::stop_token stop) {
  auto& e = *impl_;
  e.refuse_deadlock();
  impl::flight flight{e, *e.waiting, false};
  e.ask(e.prepare(op, message), &op, reply, stop);
}

void engine::start(std::unique_ptr<async_call> call) {
  /// Adds the end of the flight to the caller's own. It ends on an actor's thread and must not be
  /// the last to hold the engine, whose end waits for that actor: the gate is all that it touches
  /// last.
  struct counted_call final : async_call {
    counted_call(const impl& e, std::unique_ptr<async_call> c)
      : gate(c->op->waits ? e.waiting : e.gate), state(e.state), inner(std::move(c)),
        write(std::in_place, *state, !inner->op->reads && !inner->op->waits) {
      op = inner->op;
      message = inner->message;
      reply = inner->reply;
      stop = inner->stop;
    }
    ~counted_call() override {
      write.reset();
      inner.reset();
      state.reset();
      gate->leave();
    }
    void done(const failure* why) noexcept override { inner->done(why); }

    std::shared_ptr<call_gate> gate;
    engine_state_ptr state;
    std::unique_ptr<async_call> inner;
    std::optional<impl::write_count> write;
  };

  auto& e = *impl_;
  impl::flight flight{e, call->op->waits ? *e.waiting : *e.gate, false};
  impl::request request;
  try {
    request = e.prepare(*call->op, call->message);
  } catch (const error& refused) { // arrives like any other failure of the call
    const failure why{refused.code(), refused.what()};
    call->done(&why);
    return;
  }
  auto counted = std::make_unique<counted_call>(e, std::move(call));
  flight.keep();
  e.ports.take().start(request.target, std::move(request.content), std::move(counted), e.ports);
}

void engine::apply(write_list writes) {
  auto& e = *impl_;
  e.refuse_deadlock();
  impl::flight flight{e, true};
  impl::write_count counted{*e.state, true};
  e.start_sweeper();
  e.ask(e.state->writer, job_ptr{std::make_shared<batch_job>(std::move(writes))}, nullptr);
}

std::shared_ptr<stream_buffer> engine::subscribe(const operation& op, void* message) {
  auto& e = *impl_;
  e.refuse_deadlock();
  impl::flight flight{e, true};
  const std::string name{op.manager_name(message)};
  auto buffer = std::make_shared<stream_buffer>(op.limits(message));
  e.ask(e.managers.get(e.state, op.type, name),
        subscription_request{&op, op.share(message), buffer}, nullptr);
  return buffer;
}

void engine::transact(const std::function<void(std::shared_ptr<backend>)>& body, time_limit limit) {
  static constexpr std::atomic<bool> never{false};
  auto& e = *impl_;
  e.refuse_deadlock();
  impl::flight flight{e, true};
  e.start_sweeper();
  caf::message reply;
  e.ask(e.state->writer, lease_atom::value, &reply);
  const auto lease = reply.get_as<lease_ptr>(0);
  auto& db = *lease->db;

  open_transaction mark{&e, innermost};
  innermost = &mark;
  auto session =
    std::make_shared<transaction_session>(db, limit == time_limit::none ? never : lease->expired,
                                          e.state->clock, e.state->stats, lease->file->changed());
  struct cleanup {
    impl& e;
    open_transaction& mark;
    transaction_session& session;
    ~cleanup() {
      session.end();
      innermost = mark.outer;
      // The writer rolls back what is left, and goes on with what has queued up, on this thread.
      lending lent{e.unit};
      caf::actor_cast<caf::strong_actor_ptr>(e.state->writer)
        ->enqueue(impl::wrap(return_atom::value), &e.unit);
      lent.run_one();
    }
  } guard{e, mark, *session};

  body(session);
  session->check_alive();
  try {
    lease->file->commit();
  } catch (const error& failed) {
    if (failed.code() != errc::full && failed.code() != errc::busy)
      lease->broken = true;
    throw;
  }
}

std::shared_ptr<backend> engine::snapshot() {
  auto& e = *impl_;
  impl::flight flight{e, true};
  if (e.state->readers.empty())
    throw error(errc::not_supported, "a database in memory has no snapshots; use a file");
  auto s = std::make_shared<snapshot_session>(
    path(), e.state->connecting, e.state->clock, e.state->stats,
    snapshot_session::limits{std::chrono::steady_clock::now() + e.snapshot_limit,
                             e.snapshot_wal_bytes});
  e.state->snapshots.add(s);
  caf::anon_send(e.sweeper, watch_atom::value);
  return s;
}

caf::actor engine::manager(std::string_view type, std::string_view name) {
  impl::flight flight{*impl_, true};
  return impl_->managers.get(impl_->state, type, name);
}

void engine::refuse_deadlock() const { impl_->refuse_deadlock(); }

void engine::close() {
  refuse_deadlock();
  shut();
}

void engine::shut() noexcept {
  auto& e = *impl_;
  e.state->closing = true; // before anybody can tell: what takes long gives up
  if (!e.gate->shut())
    return;
  e.waiting->shut();
  e.gate->wait_empty();
  end_waiting();
  e.state->snapshots.end_all();
  e.managers.close();
  e.end_compactor();
  caf::anon_send_exit(e.sweeper, caf::exit_reason::user_shutdown);
  for (const auto& reader : e.state->readers)
    e.end(reader, close_atom::value);
  e.end(e.state->writer, close_atom::value);
  if (e.state->bells)
    e.state->bells->close();
  e.sweeper = nullptr;
}

/// Answers all who wait, through actors that are still at work.
void engine::end_waiting() noexcept {
  auto& e = *impl_;
  if (e.state->bells)
    e.state->bells->stop();
  for (const auto& watcher : e.state->watchers.all())
    e.end(watcher, stop_atom::value);
  e.waiting->wait_empty();
}

} // namespace beaver
