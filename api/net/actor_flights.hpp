#pragma once
#include "beaver/actors/reply_port.hpp"

#include <atomic>
#include <caf/actor.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace beaver::net {

using steady = std::chrono::steady_clock;

/// An actor at another node.
struct peer {
  explicit peer(caf::strong_actor_ptr a) : actor(std::move(a)) {}
  const caf::strong_actor_ptr actor;
  std::atomic<bool> alive{true};
};
using peer_ptr = std::shared_ptr<peer>;

/// The calls that were sent to other nodes and are not answered yet. CAF says nothing about those
/// that never will be, so each is ended here when its peer ends, its time is over or all is closed.
/// Thread-safe.
class flights {
public:
  struct entry {
    peer_ptr whom{};
    steady::time_point deadline = steady::time_point::max();
    bool waits = false;       ///< perhaps for ever
    bool is_ping = false;     ///< is no reason for another
    std::uint64_t number = 0; ///< of the request at its port
  };

  /// Throws `error` closed.
  void check_open();

  /// Before the request is sent over a port; `look_again` follows behind that: the peer may have
  /// ended in between.
  void enter(reply_port& port, entry as);
  void look_again(reply_port& port, const peer_ptr& whom);
  void leave(reply_port& port) noexcept;

  void fail_if(const std::function<bool(const entry&)>& which, const failure& why);
  /// And ends the connection, and the streams.
  void fail_all(const failure& why);

  void set_door(peer_ptr door);
  /// Null unless something is in work over it, and nobody has asked it for a sign of life.
  [[nodiscard]] peer_ptr door_in_use();
  void add_feeder(const caf::actor& feeder);

  /// Sleeps until something has passed its time, and ends it, or until `then`. False when it is
  /// closed.
  bool watch_until(steady::time_point then);

  /// Waits for calls that end by themselves, for so long.
  void close(std::chrono::milliseconds patience) noexcept;

private:
  template <class Which>
  void fail_entries(Which which, const failure& why);
  static void fail(const caf::strong_actor_ptr& port, std::uint64_t number, const failure& why);
  [[nodiscard]] std::vector<caf::actor> feeders();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<reply_port*, entry> all_;
  std::vector<caf::actor_addr> feeders_;
  peer_ptr door_;
  bool closed_ = false;
};

} // namespace beaver::net
