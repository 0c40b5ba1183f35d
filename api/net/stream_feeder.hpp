#pragma once
#include "beaver/actors/stream_actor.hpp"

#include <caf/event_based_actor.hpp>
#include <future>

namespace beaver::net {

/// Fills a buffer with the items of a stream at another node, as fast as it has room.
template <stream_message M>
class stream_feeder final : public caf::event_based_actor {
public:
  stream_feeder(caf::actor_config& config, caf::actor manager, M opening,
                std::shared_ptr<stream_buffer> into, std::shared_ptr<std::promise<void>> begun)
    : caf::event_based_actor(config), manager_(std::move(manager)), opening_(std::move(opening)),
      into_(std::move(into)), begun_(std::move(begun)) {
    set_down_handler([this](const caf::down_msg&) {
      end(failure{errc::remote, "the connection to the server is lost"});
    });
  }

  const char* name() const override { return "stream feeder"; }

  caf::behavior make_behavior() override {
    into_->attach(std::make_shared<link>(address()), 0);
    monitor(manager_);
    request(manager_, caf::infinite, std::move(opening_))
      .then(
        [this](const stream_actor<M>& from) {
          from_ = from;
          monitor(from_);
          std::exchange(begun_, nullptr)->set_value();
          pull();
        },
        [this](caf::error& why) { end(from_caf(why)); });
    return {[this](detail::stream_ready) { pull(); }, [this](stream_close) { quit(); },
            [this](const std::string& lost) {
              end(failure{errc::remote, lost});
            }};
  }

  void on_exit() override {
    if (from_)
      caf::anon_send(from_, stream_close::value);
    end(failure{errc::closed, "the connection is closed"});
    manager_ = nullptr;
    from_ = nullptr;
  }

private:
  /// What the buffer tells.
  struct link final : stream_buffer::owner {
    explicit link(caf::actor_addr a) : to(std::move(a)) {}
    template <class What>
    void tell(What what) const {
      if (const auto target = caf::actor_cast<caf::actor>(to))
        caf::anon_send(target, what);
    }
    void wants_more(std::uint64_t) noexcept override { tell(detail::stream_ready::value); }
    void left(std::uint64_t) noexcept override { tell(stream_close::value); }
    const caf::actor_addr to;
  };

  void pull() {
    if (!from_ || asked_)
      return;
    const auto room = into_->ask_for_room();
    if (room == 0)
      return;
    asked_ = true;
    request(from_, caf::infinite, stream_pull{room})
      .then(
        [this](const typename M::batch& got) {
          asked_ = false;
          std::vector<stream_buffer::pointer> items;
          for (const auto& each : got.items)
            items.push_back(std::make_shared<const typename M::item>(each));
          if (got.missed > 0)
            into_->count_missed(got.missed);
          into_->offer(items);
          got.ended ? end(std::nullopt) : pull();
        },
        [this](caf::error& why) { end(from_caf(why)); });
  }

  void end(std::optional<failure> why) {
    if (std::exchange(ended_, true))
      return;
    if (begun_)
      begun_->set_exception(std::make_exception_ptr(
        why ? error{why->code, why->text} : error{errc::closed, "the stream has ended"}));
    into_->end(std::move(why));
    quit();
  }

  caf::actor manager_;
  M opening_;
  const std::shared_ptr<stream_buffer> into_;
  std::shared_ptr<std::promise<void>> begun_; // until it has begun
  stream_actor<M> from_;
  bool asked_ = false;
  bool ended_ = false;
};

} // namespace beaver::net
