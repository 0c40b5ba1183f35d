#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/engine_actors.hpp"
#include "beaver/actors/lent_unit.hpp"
#include "beaver/actors/list_indexes.hpp"
#include "beaver/actors/sketch_reader.hpp"
#include "beaver/actors/vector_cache.hpp"
#include "beaver/storage/kept_read.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <optional>

namespace beaver {

namespace {

using namespace std::chrono_literals;

// A reader that served nobody for this long gives up its transaction.
constexpr auto idle_period = 20ms;

/// Runs jobs over a read-only connection of its own, within a read transaction that it keeps open
/// for as long as nobody commits: then a job costs no lock at all.
class reader final : public lendable<reader_actor::base> {
public:
  reader(caf::actor_config& config, engine_state_ptr state)
    : lendable(config), state_(std::move(state)) {
    set_exception_handler(
      [](std::exception_ptr&) { return to_caf(errc::internal, "reader failed"); });
  }

  const char* name() const override { return "reader"; }

  behavior_type make_behavior() override {
    return {
      [this](job_ptr& j) -> caf::result<caf::message> { return serve(*j); },
      [this](release_atom) {
        if (kept_)
          kept_->drop();
      },
      [this](idle_atom) {
        watching_ = served_ != seen_;
        if (watching_)
          watch();
        else if (kept_)
          kept_->drop();
      },
      [this](close_atom) {
        end(); // before the answer
        quit();
      },
    };
  }

  void on_exit() override {
    end();
    state_.reset(); // which holds this actor
  }

private:
  caf::result<caf::message> serve(job& work) {
    try {
      if (!db_)
        open();
      kept_->begin();
      ++served_;
      state_->stats.reads.fetch_add(1, std::memory_order_relaxed);
      job_context context{*db_,     state_->clock(), state_->stats, nullptr,
                          &*lists_, &*vectors_,      &*sketches_};
      auto reply = work.run(context);
      if (state_->release_reads.load(std::memory_order_relaxed))
        kept_->drop();
      else if (!watching_)
        watch();
      make_response_promise().deliver(std::move(reply));
      return caf::delegated<caf::message>{};
    } catch (...) {
      return current_to_caf();
    }
  }

  void end() {
    lists_.reset();
    vectors_.reset();
    sketches_.reset();
    kept_.reset();
    db_.reset();
  }

  void open() {
    auto options = state_->connecting;
    options.read_only = true;
    db_ = std::make_unique<connection>(state_->path, options);
    kept_.emplace(*db_);
    lists_.emplace(state_->versions, *kept_, state_->stats.list_index_bytes);
    sketches_.emplace(*db_, *kept_);
    vectors_.emplace(*state_->vectors, state_->versions, *db_, *kept_);
  }

  void watch() {
    watching_ = true;
    seen_ = served_;
    delayed_send(reader_actor(this), idle_period, idle_atom::value);
  }

  engine_state_ptr state_;
  std::unique_ptr<connection> db_;
  std::optional<kept_read> kept_;
  std::optional<list_indexes> lists_;
  std::optional<vector_reader> vectors_;
  std::optional<sketch_reader> sketches_;
  std::uint64_t served_ = 0;
  std::uint64_t seen_ = 0; // jobs served when the watch began
  bool watching_ = false;
};

} // namespace

reader_actor spawn_reader(caf::actor_system& system, const engine_state_ptr& state) {
  return spawn_lazily<reader>(system, state);
}

} // namespace beaver
