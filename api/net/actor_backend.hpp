#pragma once
#include "beaver/actors/lent_unit.hpp"
#include "beaver/actors/port_pool.hpp"
#include "beaver/api/actor_net.hpp"
#include "beaver/api/far_backend.hpp"
#include "beaver/api/net/actor_flights.hpp"

#include <caf/actor.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace beaver::net {

/// A backend whose database is published by another node of CAF's network. Connects with the first
/// call, and again behind a loss; what was in work then fails with errc::remote. Asks for a sign of
/// life while anything is in work: a connection to a machine that has gone may stay open for hours.
class actor_backend final : public far_backend {
public:
  /// `own`: null if `system` is somebody else's.
  actor_backend(std::unique_ptr<actor_network> own, caf::actor_system& system,
                const std::string& url, connect_options how);
  /// `close`.
  ~actor_backend() override;

  void call(const operation& op, void* message, void* reply) override;
  void wait(const operation& op, void* message, void* reply, std::stop_token stop) override;
  void start(std::unique_ptr<async_call> call) override;
  std::shared_ptr<stream_buffer> subscribe(const operation& op, void* message) override;
  void close() noexcept override;

  /// The handle of a manager, for programs that send messages themselves.
  [[nodiscard]] caf::actor manager(std::string_view type, std::string_view name);

private:
  struct counted_call;
  struct ping;
  using time_point = std::chrono::steady_clock::time_point;

  struct connection {
    peer_ptr door;
    std::map<std::pair<std::string, std::string>, peer_ptr> managers;
  };

  [[nodiscard]] peer_ptr meet(caf::strong_actor_ptr who) const;
  [[nodiscard]] peer_ptr find_manager(std::string_view type, std::string_view name);
  void begin();
  void send(const peer_ptr& whom, caf::mailbox_element_ptr content, reply_port& port,
            flights::entry as, std::unique_ptr<async_call> call);
  void ask(const peer_ptr& whom, caf::mailbox_element_ptr content, const operation* op, void* reply,
           time_point deadline, const std::stop_token& stop = {});
  template <class... Args>
  caf::message answer_of(const peer_ptr& whom, Args... args);
  template <class M>
  bool feed(const operation& op, void* message, const std::shared_ptr<stream_buffer>& into);
  void watch();

  const std::unique_ptr<actor_network> own_;
  caf::actor_system& system_;
  const connect_options how_;
  std::string host_;
  std::uint16_t port_ = 0;
  bool tls_ = false;
  lent_unit unit_;
  port_pool ports_;
  const std::shared_ptr<flights> flights_;
  std::mutex mutex_; // of the rest, held while it connects
  connection over_;
  std::thread watch_; // from the first connection on
};

} // namespace beaver::net
