#include "beaver/api/lock_keeper.hpp"

#include "beaver/actors/lock.hpp"
#include "beaver/actors/unique_id.hpp"

#include <algorithm>
#include <condition_variable>
#include <unordered_set>
#include <utility>
#include <vector>

#include <unistd.h>

namespace beaver {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr int renewals_per_ttl = 3;
constexpr int retries_per_ttl = 10;

steady::duration of_seconds(double seconds) {
  constexpr double longest = 1e9; // beyond it the clock would overflow
  return std::chrono::duration_cast<steady::duration>(
    std::chrono::duration<double>{std::min(seconds, longest)});
}

/// As the Python original names its waiters.
std::string new_waiter() { return "pid:" + std::to_string(::getpid()) + ":id:" + make_unique_id(); }

} // namespace

struct lock_keeper::impl {
  explicit impl(executor e) : callbacks(std::move(e)) {}

  /// It is gone. Whoever wants to know is told after the mutex is released.
  std::function<void()> lose(const std::shared_ptr<kept_lock>& lock) {
    lock->state = kept_lock::phase::lost;
    kept.erase(lock);
    return std::exchange(lock->on_loss, nullptr);
  }

  void tell(std::function<void()> callback) const {
    if (callback)
      callbacks(std::move(callback));
  }

  void wake_before(steady::time_point when) {
    if (when < wakes_at)
      wake.notify_one();
  }

  const executor callbacks;
  std::stop_source closing;
  std::mutex mutex;
  std::condition_variable wake; // of the thread
  std::condition_variable quiet;
  std::unordered_set<std::shared_ptr<kept_lock>> kept;
  steady::time_point wakes_at = steady::time_point::max(); // when the thread will look again
  unsigned acquiring = 0;
  bool ended = false;
};

/// Somebody is about to get a lock: `close` waits for that.
class lock_keeper::visit {
public:
  explicit visit(impl& inside) : inside_(inside) {
    std::lock_guard guard{inside_.mutex};
    if (inside_.closing.stop_requested())
      throw error(errc::closed, "the database is closed");
    ++inside_.acquiring;
  }
  ~visit() {
    std::lock_guard guard{inside_.mutex};
    if (--inside_.acquiring == 0)
      inside_.quiet.notify_all();
  }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

private:
  impl& inside_;
};

/// A renewal on its way.
struct lock_keeper::renewal final : async_call {
  renewal(std::shared_ptr<impl> in, std::shared_ptr<kept_lock> of)
    : inside(std::move(in)),
      lock(std::move(of)), renew{lock->name, lock->waiter, lock->ttl_seconds} {
    op = &operation_of<lock_renew>();
    message = &renew;
    reply = &renewed;
  }

  void done(const failure* why) noexcept override {
    std::function<void()> loss;
    {
      std::lock_guard guard{inside->mutex};
      lock->renewing = false;
      if (lock->state != kept_lock::phase::held)
        return;
      const auto ttl = of_seconds(lock->ttl_seconds);
      if (why) {
        lock->renew_at = steady::now() + ttl / retries_per_ttl;
      } else if (*renewed) {
        lock->expires_at = sent + ttl;
        lock->renew_at = sent + ttl / renewals_per_ttl;
      } else {
        loss = inside->lose(lock);
      }
      inside->wake_before(lock->renew_at);
    }
    inside->tell(std::move(loss));
  }

  std::shared_ptr<impl> inside;
  std::shared_ptr<kept_lock> lock;
  lock_renew renew;
  std::optional<bool> renewed;
  const steady::time_point sent = steady::now();
};

lock_keeper::lock_keeper(std::shared_ptr<backend> to, executor callbacks)
  : to_(std::move(to)), impl_(std::make_shared<impl>(std::move(callbacks))) {}

lock_keeper::~lock_keeper() { close(); }

std::shared_ptr<kept_lock> lock_keeper::acquire(const std::string& name, double ttl_seconds,
                                                std::optional<double> timeout,
                                                std::stop_token stop) {
  static_cast<void>(wait_limit({true, timeout})); // refuses a bad one
  const visit inside{*impl_};
  const auto waiter = new_waiter();
  auto since = steady::now();
  auto grant = call(*to_, lock_try{name, waiter, ttl_seconds});
  if (!grant && timeout != 0) {
    std::stop_source ending;
    const auto end = [&] { ending.request_stop(); };
    const std::stop_callback by_caller{stop, end};
    const std::stop_callback by_close{impl_->closing.get_token(), end};
    try {
      grant =
        call(*to_, lock_acquire{{true, timeout}, name, waiter, ttl_seconds}, ending.get_token());
    } catch (const error& e) {
      if (e.code() == errc::cancelled && !stop.stop_requested())
        throw error(errc::closed, "the database is closed");
      throw;
    }
    since = steady::now();
  }
  if (!grant)
    return nullptr;
  const auto ttl = of_seconds(ttl_seconds);
  auto lock = std::make_shared<kept_lock>(kept_lock{.name = name,
                                                    .waiter = waiter,
                                                    .token = grant->token,
                                                    .ttl_seconds = ttl_seconds,
                                                    .expires_at = since + ttl,
                                                    .renew_at = since + ttl / renewals_per_ttl});
  std::lock_guard guard{impl_->mutex};
  impl_->kept.insert(lock);
  if (!thread_.joinable())
    thread_ = std::thread{[this] { run(); }};
  impl_->wake_before(lock->renew_at);
  return lock;
}

/// Takes a lock that is still held out of the keeper's care; whether it was.
bool lock_keeper::forget(kept_lock& lock) {
  std::lock_guard guard{impl_->mutex};
  const bool held = lock.state == kept_lock::phase::held;
  if (held)
    lock.state = kept_lock::phase::released;
  lock.on_loss = nullptr;
  std::erase_if(impl_->kept, [&](const auto& k) { return k.get() == &lock; });
  return held;
}

bool lock_keeper::release(kept_lock& lock) {
  {
    std::lock_guard guard{impl_->mutex};
    if (lock.state == kept_lock::phase::released)
      return false;
  }
  const bool there = call(*to_, lock_release{lock.name, lock.waiter});
  return forget(lock) && there;
}

void lock_keeper::drop(kept_lock& lock) noexcept {
  /// Asked for and forgotten.
  struct late_release final : async_call {
    explicit late_release(const kept_lock& of) : release{of.name, of.waiter} {
      op = &operation_of<lock_release>();
      message = &release;
      reply = &released;
    }
    void done(const failure*) noexcept override {}
    lock_release release;
    std::optional<bool> released;
  };

  try {
    release(lock);
    return;
  } catch (const error& e) {
    forget(lock);
    if (e.code() != errc::would_deadlock)
      return;
  }
  try {
    to_->start(std::make_unique<late_release>(lock));
  } catch (const error&) {
    // Its time to live ends it.
  }
}

bool lock_keeper::lost(const kept_lock& lock) const {
  std::lock_guard guard{impl_->mutex};
  return lock.state == kept_lock::phase::lost
         || (lock.state == kept_lock::phase::held && lock.expires_at <= steady::now());
}

steady::time_point lock_keeper::expires_at(const kept_lock& lock) const {
  std::lock_guard guard{impl_->mutex};
  return lock.expires_at;
}

void lock_keeper::on_loss(kept_lock& lock, std::function<void()> callback) {
  {
    std::lock_guard guard{impl_->mutex};
    if (lock.state != kept_lock::phase::lost) {
      lock.on_loss = std::move(callback);
      return;
    }
  }
  impl_->tell(std::move(callback));
}

void lock_keeper::close() noexcept {
  std::call_once(closed_, [this] {
    impl_->closing.request_stop();
    std::vector<std::shared_ptr<kept_lock>> held;
    {
      std::unique_lock guard{impl_->mutex};
      impl_->quiet.wait(guard, [this] { return impl_->acquiring == 0; });
      held.assign(impl_->kept.begin(), impl_->kept.end());
      for (const auto& lock : held)
        impl_->lose(lock);
      impl_->ended = true;
      impl_->wake.notify_one();
    }
    if (thread_.joinable())
      thread_.join();
    try {
      write_list releases;
      for (const auto& lock : held)
        releases.add(lock_release{lock->name, lock->waiter});
      if (!held.empty())
        to_->apply(std::move(releases));
    } catch (const error&) {
      // Their times to live end them.
    }
  });
}

void lock_keeper::start_renewal(const std::shared_ptr<kept_lock>& lock) {
  try {
    to_->start(std::make_unique<renewal>(impl_, lock));
  } catch (const error& e) { // refused at once
    const failure why{e.code(), e.what()};
    renewal{impl_, lock}.done(&why);
  }
}

void lock_keeper::run() {
  auto& s = *impl_;
  std::unique_lock guard{s.mutex};
  while (!s.ended) {
    const auto now = steady::now();
    auto next = steady::time_point::max();
    std::vector<std::shared_ptr<kept_lock>> due;
    std::vector<std::shared_ptr<kept_lock>> over;
    for (const auto& lock : s.kept) {
      if (lock->expires_at <= now) {
        over.push_back(lock);
        continue;
      }
      if (!lock->renewing && lock->renew_at <= now) {
        lock->renewing = true;
        due.push_back(lock);
      }
      next = std::min(
        {next, lock->expires_at, lock->renewing ? steady::time_point::max() : lock->renew_at});
    }
    std::vector<std::function<void()>> losses;
    losses.reserve(over.size());
    for (const auto& lock : over)
      losses.push_back(s.lose(lock));
    s.wakes_at = next;
    if (due.empty() && over.empty()) {
      if (next == steady::time_point::max())
        s.wake.wait(guard);
      else
        s.wake.wait_until(guard, next);
      continue;
    }
    guard.unlock();
    for (auto& loss : losses)
      s.tell(std::move(loss));
    for (const auto& lock : due)
      start_renewal(lock);
    guard.lock();
  }
}

} // namespace beaver
