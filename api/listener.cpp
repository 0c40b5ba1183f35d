#include "beaver/api/listener.hpp"

#include "beaver/storage/error.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace beaver {

namespace {

// Then others have their turn on the same executor.
constexpr std::size_t items_per_turn = 64;

failure why_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const error& e) {
    return {e.code(), e.what()};
  } catch (const std::exception& e) {
    return {errc::internal, std::string{"the callback of a subscription threw: "} + e.what()};
  } catch (...) {
    return {errc::internal, "the callback of a subscription threw something"};
  }
}

} // namespace

struct listener::impl : std::enable_shared_from_this<impl> {
  impl(std::shared_ptr<stream_buffer> b, executor w, item_function d, end_function e)
    : buffer(std::move(b)), where(std::move(w)), deliver(std::move(d)), on_end(std::move(e)) {}

  /// Has a turn posted as soon as there is something.
  void arm() {
    buffer->when_ready([self = shared_from_this()] { self->where([self] { self->turn(); }); });
  }

  void turn() {
    if (!enter())
      return;
    std::optional<failure> over;
    try {
      over = give();
    } catch (...) {
      over = why_of(std::current_exception());
    }
    if (over)
      end(*over);
    leave();
    if (!over)
      arm();
  }

  /// Why there will be no more.
  std::optional<failure> give() {
    auto taken = buffer->take(items_per_turn);
    for (auto& item : taken.items) {
      if (is_stopped())
        break;
      deliver(item, std::exchange(taken.missed, 0));
      item.reset();
    }
    if (taken.items.empty() && taken.ended)
      return taken.why.value_or(failure{errc::closed, "the subscription is closed"});
    return std::nullopt;
  }

  void end(const failure& reason) {
    buffer->close();
    {
      std::lock_guard guard{mutex};
      if (stopped)
        return;
      why = reason;
    }
    if (on_end)
      on_end(reason);
  }

  bool enter() {
    std::lock_guard guard{mutex};
    if (stopped)
      return false;
    running = std::this_thread::get_id();
    return true;
  }

  void leave() {
    std::lock_guard guard{mutex};
    running = {};
    idle.notify_all();
  }

  bool is_stopped() {
    std::lock_guard guard{mutex};
    return stopped;
  }

  void stop() {
    buffer->close();
    std::unique_lock lock{mutex};
    stopped = true;
    idle.wait(lock, [this] {
      return running == std::thread::id{} || running == std::this_thread::get_id();
    });
  }

  const std::shared_ptr<stream_buffer> buffer;
  const executor where;
  const item_function deliver;
  const end_function on_end;
  std::mutex mutex;
  std::condition_variable idle;
  std::thread::id running{}; // the thread that is inside `turn`
  bool stopped = false;
  std::optional<failure> why;
};

listener::listener(std::shared_ptr<stream_buffer> from, executor where, item_function deliver,
                   end_function on_end)
  : impl_(std::make_shared<impl>(std::move(from), std::move(where), std::move(deliver),
                                 std::move(on_end))) {
  impl_->arm();
}

listener::~listener() { stop(); }
listener::listener(listener&&) noexcept = default;

listener& listener::operator=(listener&& other) noexcept {
  if (this != &other) {
    stop();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

void listener::stop() noexcept {
  if (impl_)
    impl_->stop();
}

std::optional<failure> listener::ended() const {
  std::lock_guard guard{impl_->mutex};
  return impl_->why;
}

} // namespace beaver
