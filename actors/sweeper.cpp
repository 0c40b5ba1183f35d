#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/engine_actors.hpp"
#include "beaver/storage/sweep.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace beaver {

namespace {

using namespace std::chrono_literals;

constexpr auto snapshot_period = 1s;
constexpr std::uint64_t rows_per_job = 1'000; // so that nobody waits long behind a sweep

class sweep_job final : public job, public std::enable_shared_from_this<sweep_job> {
public:
  explicit sweep_job(engine_state_ptr state) : state_(std::move(state)) {}

  caf::message run(job_context& context) override {
    const auto swept = sweep::run(context.db, context.now, rows_per_job);
    for (const auto& queue : swept.queues)
      context.changed->add("queue", queue);
    if (swept.dict_entries == rows_per_job || swept.channel_messages >= rows_per_job
        || swept.log_entries >= rows_per_job || swept.changes >= rows_per_job)
      caf::anon_send(state_->writer, job_ptr{shared_from_this()});
    return caf::make_message();
  }
  [[nodiscard]] bool reads() const noexcept override { return false; }

private:
  engine_state_ptr state_;
};

/// Looks over a reader whether anything has expired, so that an idle file is not written to.
class look_job final : public job {
public:
  explicit look_job(engine_state_ptr state) : state_(std::move(state)) {}

  caf::message run(job_context& context) override {
    if (sweep::is_due(context.db, context.now))
      caf::anon_send(state_->writer, job_ptr{std::make_shared<sweep_job>(state_)});
    return caf::make_message();
  }
  [[nodiscard]] bool reads() const noexcept override { return true; }

private:
  engine_state_ptr state_;
};

class sweeper final : public sweeper_actor::base {
public:
  sweeper(caf::actor_config& config, engine_state_ptr state)
    : sweeper_actor::base(config), state_(std::move(state)) {}

  const char* name() const override { return "sweeper"; }

  behavior_type make_behavior() override {
    return {
      [this](sweep_atom) {
        if (std::exchange(begun_, true))
          caf::anon_send(state_->read_target(0), job_ptr{std::make_shared<look_job>(state_)});
        delayed_send(sweeper_actor(this), state_->sweep_period, sweep_atom::value);
      },
      [this](watch_atom) {
        if (state_->snapshots.expire())
          delayed_send(sweeper_actor(this), snapshot_period, watch_atom::value);
      },
    };
  }

private:
  engine_state_ptr state_;
  bool begun_ = false;
};

} // namespace

sweeper_actor spawn_sweeper(caf::actor_system& system, const engine_state_ptr& state) {
  return spawn_lazily<sweeper>(system, state);
}

} // namespace beaver
