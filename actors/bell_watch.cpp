#include "beaver/actors/bell_watch.hpp"

#include "beaver/actors/engine_actors.hpp"
#include "beaver/actors/lent_unit.hpp"

#include <caf/actor_cast.hpp>
#include <caf/mailbox_element.hpp>
#include <chrono>
#include <optional>

namespace beaver {

namespace {

using namespace std::chrono_literals;

constexpr auto look_period = 100ms; // for writers that do not ring
constexpr int quiet_periods = 10;   // without anybody who waits, until the thread lies down
constexpr int turns_per_ring = 64;  // of actors that the thread runs, until it looks again

/// The state of the file as far as commits go; empty where it cannot be told.
class file_eye {
public:
  explicit file_eye(const engine_state& state) {
    try {
      auto options = state.connecting;
      options.read_only = true;
      db_ = std::make_unique<connection>(state.path, options);
      view_.emplace(*db_);
      if (!view_->map())
        view_.reset();
    } catch (const error&) {
      view_.reset(); // rings still arrive
    }
  }

  [[nodiscard]] std::optional<wal_state> look() const {
    return view_ ? std::optional{view_->read()} : std::nullopt;
  }

private:
  std::unique_ptr<connection> db_;
  std::optional<wal_view> view_;
};

template <class Handle, class T>
void tell(const Handle& whom, T what, lent_unit& unit) {
  caf::actor_cast<caf::strong_actor_ptr>(whom)->enqueue(
    caf::make_mailbox_element(nullptr, caf::message_id{}, {}, what), &unit);
}

} // namespace

beaver::bell& bell_watch::bell() {
  std::call_once(opened_, [this] { bell_ = open_bell(state_.file); });
  return *bell_;
}

void bell_watch::watch() {
  std::lock_guard guard{mutex_};
  if (active_ || stopping_)
    return;
  active_ = true;
  if (thread_.joinable())
    changed_.notify_one();
  else
    thread_ = std::thread{[this] { run(); }};
}

void bell_watch::stop() noexcept {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
    changed_.notify_one();
  }
  if (!thread_.joinable())
    return;
  bell().interrupt();
  thread_.join();
}

void bell_watch::close() noexcept {
  stop();
  bell_.reset();
}

bool bell_watch::needed() const noexcept {
  return !state_.watchers.empty() || state_.writer_waits.load();
}

void bell_watch::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return active_ || stopping_; });
    if (stopping_)
      return;
    lock.unlock();
    watch_while_needed();
    lock.lock();
    active_ = needed();
  }
}

void bell_watch::watch_while_needed() {
  auto& bell = this->bell();
  const file_eye eye{state_};
  // In this order nothing is lost: whoever commits after `last` was read rings at the wait, and
  // what was committed before is found by those who are woken here.
  auto last = bell.value();
  auto seen = eye.look();
  wake_all();
  for (int quiet = 0; quiet < quiet_periods && !stopping_; quiet = needed() ? 0 : quiet + 1) {
    bell.wait(last, look_period);
    const auto heard = bell.value();
    const auto now = eye.look();
    const bool rang = bell.available() && heard != last;
    if (rang || (now != seen && !(now && state_.versions.is_ours(*now))))
      wake_all();
    last = heard;
    seen = now;
  }
}

void bell_watch::wake_all() {
  lending lent{unit_};
  for (const auto& watcher : state_.watchers.all())
    tell(watcher, ring_atom::value, unit_);
  if (state_.writer_waits)
    tell(state_.writer, retry_atom::value, unit_);
  for (int turn = 0; turn < turns_per_ring && lent.run_one(); ++turn) {}
}

} // namespace beaver
