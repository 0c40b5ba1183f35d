#include "beaver/api/net/actor_flights.hpp"

#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/stream_actor.hpp"

#include <algorithm>
#include <caf/actor_cast.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/send.hpp>

namespace beaver::net {

void flights::check_open() {
  const std::lock_guard guard{mutex_};
  if (closed_)
    throw error(errc::closed, "the connection is closed");
}

void flights::enter(reply_port& port, entry as) {
  as.number = port.request_number() + 1;
  const std::lock_guard guard{mutex_};
  if (closed_)
    throw error(errc::closed, "the connection is closed");
  const bool sooner = as.deadline != steady::time_point::max();
  all_.insert_or_assign(&port, std::move(as));
  if (sooner)
    changed_.notify_all();
}

void flights::look_again(reply_port& port, const peer_ptr& whom) {
  fail_entries(
    [&, this](reply_port* at, const entry& e) {
      return at == &port && e.whom == whom && (!whom->alive || closed_);
    },
    {errc::remote, "the connection to the server is lost"});
}

void flights::leave(reply_port& port) noexcept {
  const std::lock_guard guard{mutex_};
  all_.erase(&port);
  if (closed_)
    changed_.notify_all();
}

void flights::fail(const caf::strong_actor_ptr& port, std::uint64_t number, const failure& why) {
  const auto id =
    caf::message_id{number}.with_category(caf::message_id::normal_message_category).response_id();
  port->enqueue(caf::make_mailbox_element(nullptr, id, {}, to_caf(why.code, why.text)), nullptr);
}

/// Outside of the lock, for the answer may lead back here; by then a port may have another call,
/// which has another number.
template <class Which>
void flights::fail_entries(Which which, const failure& why) {
  std::vector<std::pair<caf::strong_actor_ptr, std::uint64_t>> ended;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& [port, e] : all_)
      if (which(port, e))
        ended.emplace_back(caf::strong_actor_ptr{port->ctrl()}, e.number);
  }
  for (const auto& [port, number] : ended)
    fail(port, number, why);
}

void flights::fail_if(const std::function<bool(const entry&)>& which, const failure& why) {
  fail_entries([&](reply_port*, const entry& e) { return which(e); }, why);
}

void flights::fail_all(const failure& why) {
  {
    const std::lock_guard guard{mutex_};
    if (door_)
      door_->alive = false;
  }
  fail_entries([](reply_port*, const entry&) { return true; }, why);
  for (const auto& each : feeders())
    caf::anon_send(each, why.text);
}

void flights::set_door(peer_ptr door) {
  const std::lock_guard guard{mutex_};
  door_ = std::move(door);
}

peer_ptr flights::door_in_use() {
  const auto streams = feeders();
  const std::lock_guard guard{mutex_};
  const auto pings =
    std::count_if(all_.begin(), all_.end(), [](const auto& each) { return each.second.is_ping; });
  const bool in_use = !all_.empty() || !streams.empty();
  return in_use && pings == 0 && door_ && door_->alive ? door_ : nullptr;
}

void flights::add_feeder(const caf::actor& feeder) {
  const std::lock_guard guard{mutex_};
  feeders_.push_back(caf::actor_cast<caf::actor_addr>(feeder));
}

/// Those that are still there.
std::vector<caf::actor> flights::feeders() {
  std::vector<caf::actor> there;
  const std::lock_guard guard{mutex_};
  std::erase_if(feeders_, [&](const caf::actor_addr& each) {
    if (auto one = caf::actor_cast<caf::actor>(each))
      there.push_back(std::move(one));
    else
      return true;
    return false;
  });
  return there;
}

bool flights::watch_until(steady::time_point then) {
  {
    std::unique_lock lock{mutex_};
    if (closed_ && all_.empty())
      return false;
    auto until = then;
    for (const auto& [port, e] : all_)
      until = std::min(until, e.deadline);
    if (changed_.wait_until(lock, until) == std::cv_status::no_timeout)
      return true;
  }
  const auto now = steady::now();
  fail_if([now](const entry& e) { return e.deadline <= now; },
          {errc::timeout, "the server did not answer in time"});
  return true;
}

void flights::close(std::chrono::milliseconds patience) noexcept {
  const failure why{errc::closed, "the connection is closed"};
  {
    const std::lock_guard guard{mutex_};
    closed_ = true;
    changed_.notify_all();
  }
  for (const auto& each : feeders())
    caf::anon_send(each, stream_close::value);
  fail_if([](const entry& e) { return e.waits || e.is_ping; }, why);
  {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, patience, [this] { return all_.empty(); });
  }
  fail_if([](const entry&) { return true; }, why);
}

} // namespace beaver::net
