#include "beaver/actors/stream_buffer.hpp"

#include <algorithm>
#include <utility>

namespace beaver {

namespace {

constexpr std::uint64_t default_capacity = 256;

} // namespace

void check_limits(const stream_limits& m) {
  if (m.capacity == std::uint64_t{0})
    throw error(errc::invalid_argument, "capacity must be at least 1");
}

stream_buffer::stream_buffer(const stream_limits& limits)
  : capacity_(limits.capacity.value_or(default_capacity)),
    policy_(limits.overflow.value_or(overflow_policy::catch_up)) {}

stream_buffer::slice stream_buffer::take(std::size_t most) {
  slice result;
  std::shared_ptr<owner> hungry;
  {
    std::lock_guard guard{mutex_};
    while (result.items.size() < most && !entries_.empty()) {
      auto& first = entries_.front();
      if (result.items.empty())
        result.missed = first.missed;
      else if (first.missed > 0)
        break; // a gap stands at the beginning of a slice
      result.items.push_back(std::move(first.item));
      entries_.pop_front();
    }
    if (entries_.empty() && ended_) {
      result.ended = true;
      if (result.items.empty()) {
        result.missed = std::exchange(missed_, 0);
        result.why = why_;
      }
    }
    if (owed_ && entries_.size() <= capacity_ / 2) {
      owed_ = false;
      hungry = owner_;
    }
  }
  if (hungry)
    hungry->wants_more(id_);
  return result;
}

bool stream_buffer::wait(std::optional<steady::time_point> deadline, const std::stop_token& stop) {
  const std::stop_callback wake{stop, [this] {
                                  std::lock_guard guard{mutex_};
                                  changed_.notify_all();
                                }};
  std::unique_lock lock{mutex_};
  awaited_ = true;
  const auto done = [&] { return ready() || stop.stop_requested(); };
  if (deadline && !changed_.wait_until(lock, *deadline, done))
    changed_.wait(lock, [&] { return done() || !behind_; });
  else
    changed_.wait(lock, done);
  awaited_ = false;
  return ready();
}

void stream_buffer::when_ready(std::function<void()> ready_now) {
  {
    std::lock_guard guard{mutex_};
    if (!ready()) {
      when_ready_ = std::move(ready_now);
      return;
    }
  }
  ready_now();
}

void stream_buffer::close() noexcept {
  std::shared_ptr<owner> who;
  std::deque<entry> rest; // released outside the lock
  {
    std::unique_lock lock{mutex_};
    rest.swap(entries_);
    ended_ = true;
    who = std::move(owner_);
    announce(lock);
  }
  if (who)
    who->left(id_);
}

void stream_buffer::attach(std::shared_ptr<owner> who, std::uint64_t id) {
  std::lock_guard guard{mutex_};
  owner_ = std::move(who);
  id_ = id;
}

std::size_t stream_buffer::offer(std::span<const pointer> items) {
  std::unique_lock lock{mutex_};
  if (ended_)
    return items.size();
  std::size_t settled = 0;
  for (; settled < items.size(); ++settled) {
    if (entries_.size() >= capacity_) {
      if (policy_ == overflow_policy::catch_up)
        break;
      if (policy_ == overflow_policy::drop_newest) {
        ++missed_;
        continue;
      }
      if (policy_ == overflow_policy::disconnect) {
        ended_ = true;
        why_ = failure{errc::busy, "the subscription fell " + std::to_string(capacity_)
                                     + " items behind and was disconnected; take them faster, or "
                                       "choose a larger capacity or another policy"};
        settled = items.size();
        break;
      }
      const auto lost = entries_.front().missed + 1;
      entries_.pop_front();
      (entries_.empty() ? missed_ : entries_.front().missed) += lost;
    }
    entries_.push_back({items[settled], std::exchange(missed_, 0)});
  }
  announce(lock);
  return settled;
}

void stream_buffer::set_behind(bool behind) {
  std::lock_guard guard{mutex_};
  behind_ = behind;
  if (!behind && awaited_)
    changed_.notify_all();
}

void stream_buffer::count_missed(std::uint64_t number) {
  std::lock_guard guard{mutex_};
  missed_ += number;
}

std::size_t stream_buffer::ask_for_room() {
  std::lock_guard guard{mutex_};
  if (!ended_ && entries_.size() <= capacity_ / 2)
    return capacity_ - entries_.size();
  owed_ = !ended_;
  return 0;
}

void stream_buffer::end(std::optional<failure> why) {
  std::unique_lock lock{mutex_};
  if (ended_)
    return;
  ended_ = true;
  why_ = std::move(why);
  announce(lock);
}

/// Wakes whoever waits, if there is a reason.
void stream_buffer::announce(std::unique_lock<std::mutex>& lock) {
  if (!ready())
    return;
  if (awaited_)
    changed_.notify_all();
  if (!when_ready_)
    return;
  const auto ready_now = std::exchange(when_ready_, nullptr);
  lock.unlock();
  ready_now();
}

} // namespace beaver
