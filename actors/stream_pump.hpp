#pragma once
#include "beaver/actors/feed_job.hpp"
#include "beaver/actors/stream_actor.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

namespace beaver::detail {

/// Brings the items of a stream to an actor that knows nothing of streams: a batch at a time, the
/// next when the last is answered. So the actor's mailbox holds one batch at most.
template <stream_message M>
class stream_pump final : public caf::event_based_actor {
public:
  stream_pump(caf::actor_config& config, caf::actor manager, M opening, caf::actor to)
    : caf::event_based_actor(config), manager_(std::move(manager)), subscriber_(std::move(to)),
      buffer_(std::make_shared<stream_buffer>(opening)),
      opening_(std::make_shared<const M>(std::move(opening))) {
    monitor(subscriber_);
    set_down_handler([this](const caf::down_msg&) { quit(); });
  }

  const char* name() const override { return "stream pump"; }

  caf::behavior make_behavior() override {
    request(std::exchange(manager_, nullptr), caf::infinite,
            subscription_request{&operation_of_stream<M>(), opening_, buffer_})
      .then([this] { turn(); }, [this](caf::error& why) { end(why); });
    return {[this](stream_ready) { turn(); }, [this](stream_close) { quit(); }};
  }

  void on_exit() override {
    buffer_->close();
    subscriber_ = nullptr;
  }

private:
  static constexpr std::size_t items_at_once = 64;

  void turn() {
    auto taken = buffer_->take(items_at_once);
    if (taken.items.empty() && !taken.ended) {
      announce_ready(*buffer_, caf::actor_cast<caf::actor_addr>(this));
      return;
    }
    auto batch = batch_of<M>(taken);
    if (batch.ended) {
      end(taken.why ? to_caf(taken.why->code, taken.why->text) : caf::error{});
      return;
    }
    request(subscriber_, caf::infinite, std::move(batch))
      .then([this] { turn(); }, [this](caf::error& why) { quit(std::move(why)); });
  }

  void end(caf::error why) {
    send(subscriber_, typename M::batch{{}, 0, true});
    quit(std::move(why));
  }

  caf::actor manager_;
  caf::actor subscriber_;
  const std::shared_ptr<stream_buffer> buffer_;
  const std::shared_ptr<const M> opening_;
};

} // namespace beaver::detail
