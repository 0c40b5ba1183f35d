#include "beaver/actors/compactor.hpp"
#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/compaction.hpp"

#include <algorithm>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <thread>

namespace beaver {

namespace {

using steady = std::chrono::steady_clock;

// A collection is left alone for so many times what its compaction took, or the least.
constexpr int rest = 20;
constexpr auto least_rest = std::chrono::seconds{1};

/// One step of a compaction, as a job of the writer.
class step_job final : public job {
public:
  step_job(compaction::write_job what, const std::string& name)
    : what_(std::move(what)), name_(name) {}

  caf::message run(job_context& context) override {
    what_(context.db, context.now);
    context.changed->add("vectors", name_);
    return caf::make_message();
  }
  [[nodiscard]] bool reads() const noexcept override { return false; }
  [[nodiscard]] std::size_t weight() const noexcept override {
    return vector_snapshot::chunk_bytes;
  }

private:
  const compaction::write_job what_;
  const std::string name_;
};

/// Works on a thread of its own, one compaction after the other.
class compactor final : public compactor_actor::base {
public:
  compactor(caf::actor_config& config, engine_state_ptr state)
    : compactor_actor::base(config), state_(std::move(state)) {
    set_exception_handler(
      [](std::exception_ptr&) { return to_caf(errc::internal, "compactor failed"); });
  }

  const char* name() const override { return "compactor"; }

  behavior_type make_behavior() override {
    return {
      [this](vectors_compact& m) -> caf::result<compaction_report> {
        struct answered {
          cached_vectors& entry;
          ~answered() { --entry.waiting; }
        };
        const auto entry = state_->vectors->find(m.name);
        const answered mark{*entry};
        try {
          return compact(m.name, *entry);
        } catch (...) {
          return current_to_caf();
        }
      },
      [this](compact_atom, const std::string& name) {
        try {
          compact(name, *state_->vectors->find(name));
        } catch (const error&) {
          // Nobody waits for it, and the next search says again that it is due.
        }
      },
      [this](close_atom) { quit(); },
    };
  }

  void on_exit() override { state_.reset(); }

private:
  compaction_report compact(const std::string& name, cached_vectors& entry) {
    const auto begun = steady::now();
    struct until_rested {
      cached_vectors& entry;
      steady::time_point begun;
      ~until_rested() {
        const auto now = steady::now();
        const auto until = now + std::max<steady::duration>(rest * (now - begun), least_rest);
        entry.left_alone_until = until.time_since_epoch();
        entry.asked = false;
      }
    } mark{entry, begun};
    auto options = state_->connecting;
    options.read_only = true;
    connection reading{state_->path, options};
    compaction work{name,
                    entry,
                    {.reading = reading,
                     .write = [&](compaction::write_job what) { write(std::move(what), name); },
                     .closing = [this] { return state_->closing.load(); },
                     .threads = std::max(1u, std::thread::hardware_concurrency())}};
    auto report = work.run();
    state_->stats.compactions.fetch_add(1, std::memory_order_relaxed);
    return report;
  }

  void write(compaction::write_job what, const std::string& name) {
    std::optional<failure> failed;
    caf::scoped_actor self{system()};
    self
      ->request(caf::actor_cast<caf::actor>(state_->writer), caf::infinite,
                job_ptr{std::make_shared<step_job>(std::move(what), name)})
      .receive([] {}, [&](caf::error& e) { failed = from_caf(e); });
    if (failed)
      throw error(failed->code, failed->text);
  }

  engine_state_ptr state_;
};

} // namespace

caf::actor find_compactor(caf::actor_system& system, const engine_state_ptr& state) {
  if (state->path == ":memory:")
    throw error(errc::not_supported, "a database in memory has no snapshots of vectors");
  if (state->connecting.read_only)
    throw error(errc::read_only, "database '" + state->path + "' is open for reading only");
  const std::lock_guard guard{state->compactor_mutex};
  if (state->closing)
    throw error(errc::closed, "database '" + state->path + "' is closed");
  if (!state->compactor)
    state->compactor = caf::actor_cast<caf::actor>(spawn_detached<compactor>(system, state));
  return state->compactor;
}

void request_compaction(caf::actor_system& system, const engine_state_ptr& state,
                        const std::string& name) noexcept {
  try {
    caf::anon_send(find_compactor(system, state), compact_atom::value, name);
  } catch (const error&) {
    // It closes.
  }
}

} // namespace beaver
