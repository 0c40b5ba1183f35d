#include "beaver/actors/log_live.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/feed_parts.hpp"
#include "beaver/storage/log_table.hpp"
#include "beaver/storage/sliding_window.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace beaver::detail {

namespace {

constexpr double usual_window = 10;
constexpr double usual_period = 1;

/// The window of one subscription, as far as it was read. Moved by one job at a time.
class moving_window {
public:
  explicit moving_window(const log_live& m)
    : log_(m.name), where_(m.where), length_(m.window_seconds.value_or(usual_window)),
      period_(m.period_seconds.value_or(usual_period)), rows_(functions_of(m), length_) {}

  /// When the period ends that comes; before the first frame, the beginning of time.
  [[nodiscard]] unix_seconds next() const noexcept { return next_; }

  /// The frame of the last end of a period.
  live_frame move(job_context& x) {
    const bool first = next_ == never;
    const auto now =
      first ? x.now : next_ + std::floor(std::max(0.0, x.now - next_) / period_) * period_;
    if (first)
      seen_ = now - length_;
    log_table::visit(x.db, log_, std::nextafter(seen_, -never), now, where_,
                     [this](std::string_view json, unix_seconds time) {
                       rows_.add(json, time);
                       seen_ = time;
                     });
    rows_.advance(now);
    next_ = now + period_;
    return {now, rows_.rows()};
  }

private:
  static constexpr auto never = -std::numeric_limits<unix_seconds>::infinity();

  const std::string log_;
  const std::optional<json_text> where_;
  const double length_;
  const double period_;
  sliding_window rows_;
  unix_seconds next_ = never;
  double seen_ = 0; // entries up to here were read, or are too old
};

/// Answers with a frame.
class frame_job final : public job {
public:
  explicit frame_job(std::shared_ptr<moving_window> window) : window_(std::move(window)) {}
  caf::message run(job_context& x) override { return caf::make_message(window_->move(x)); }
  [[nodiscard]] bool reads() const noexcept override { return true; }

private:
  const std::shared_ptr<moving_window> window_;
};

using live_handle = watcher_actor::extend<caf::replies_to<subscription_request>::with<void>,
                                          caf::reacts_to<room_atom, std::uint64_t>,
                                          caf::reacts_to<left_atom, std::uint64_t>>;

/// Gives its one subscriber a frame when a period is over and there is room for it.
class live_server final : public manager_frame<live_handle> {
public:
  using manager_frame::manager_frame;

  behavior_type make_behavior() override {
    return {[](wake_atom) {},
            [](ring_atom) {},
            [](cancel_atom, std::uint64_t) {},
            [this](due_atom, std::uint64_t) {
              armed_ = false;
              look();
            },
            [this](stop_atom) { end(closed()); },
            [this](subscription_request& r) { return begin(r); },
            [this](room_atom, std::uint64_t) { look(); },
            [this](left_atom, std::uint64_t) {
              end(to_caf(errc::cancelled, "the subscriber has gone"));
            }};
  }

  void on_exit() override {
    end(closed());
    engine_.reset();
  }

private:
  caf::result<void> begin(subscription_request& r) {
    try {
      const handler_scope scope;
      const auto& m = *std::static_pointer_cast<const log_live>(r.message);
      window_ = std::make_shared<moving_window>(m);
      // In this order: whoever closes looks for watchers after it has said so.
      engine_->watchers.add(type_, watched_as(), caf::actor_cast<watcher_actor>(this));
      buffer_ = std::move(r.buffer);
      begun_ = make_response_promise();
      buffer_->attach(std::make_shared<feed_link>(caf::actor_cast<caf::actor_addr>(this)), 0);
      if (engine_->closing)
        end(closed());
      else
        look();
      return caf::delegated<void>{};
    } catch (...) {
      return current_to_caf();
    }
  }

  void look() {
    if (looking_ || armed_ || !buffer_ || buffer_->ask_for_room() == 0)
      return; // the buffer will say when there is room
    const auto left = window_->next() - engine_->clock();
    if (left > 0)
      return sleep(left);
    looking_ = true;
    ask(next_reader(), std::make_shared<frame_job>(window_))
      .then(
        [this](live_frame& frame) {
          looking_ = false;
          give(std::move(frame));
        },
        [this](caf::error& why) {
          looking_ = false;
          end(why);
        });
  }

  void give(live_frame frame) {
    if (!buffer_)
      return;
    const stream_buffer::pointer item = std::make_shared<const live_frame>(std::move(frame));
    buffer_->offer({&item, 1});
    if (begun_.pending())
      begun_.deliver(caf::unit);
    look();
  }

  void sleep(double seconds) {
    using namespace std::chrono_literals;
    armed_ = true;
    const std::chrono::duration<double, std::milli> time{seconds * 1'000};
    delayed_send(
      caf::actor_cast<watcher_actor>(this),
      std::chrono::ceil<std::chrono::milliseconds>(std::clamp<decltype(time)>(time, 1ms, 60s)),
      due_atom::value, std::uint64_t{0});
  }

  void end(const caf::error& why) {
    if (!buffer_)
      return;
    std::exchange(buffer_, nullptr)->end(from_caf(why));
    if (begun_.pending())
      begun_.deliver(why);
    engine_->watchers.remove(type_, watched_as(), id());
  }

  /// A log has as many of these as it has subscribers.
  [[nodiscard]] std::string watched_as() const { return name_ + '\n' + std::to_string(id()); }

  std::shared_ptr<stream_buffer> buffer_; // null: it has ended, or not begun
  std::shared_ptr<moving_window> window_;
  caf::response_promise begun_; // until the first frame
  bool looking_ = false;
  bool armed_ = false;
};

} // namespace

void check_live(log_live& m) {
  check_positive_seconds("window_seconds", m.window_seconds);
  check_positive_seconds("period_seconds", m.period_seconds);
  aggregator{functions_of(m)};
  if (!m.capacity)
    m.capacity = 1; // a frame that nobody has taken is the newest that he wants
}

caf::actor spawn_live_server(caf::actor_system& system, const engine_state_ptr& engine,
                             const std::string& log) {
  return caf::actor_cast<caf::actor>(spawn_lazily<live_server>(system, "log_live", engine, log));
}

} // namespace beaver::detail
