#pragma once
#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/inspect.hpp"
#include "beaver/actors/stream_buffer.hpp"

#include <algorithm>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/send.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <utility>

// Streams as actors see them: the answer to a message that opens one is a handle of an actor of its
// own, which is asked for items. A batch comes as soon as there is at least one, so one request at
// a time is all the credit that is needed.

namespace beaver {

/// Asks for at least one item and at most `max` (at least 1).
struct stream_pull {
  std::uint64_t max;
};
BOOST_DESCRIBE_STRUCT(stream_pull, (), (max))

/// No more, please. The exit of the actor, or of the one that opened the stream, means the same.
using stream_close = caf::atom_constant<caf::atom("unfollow")>;

/// Gives the next items of the stream that M opened; the batch that has `ended` is the last, and
/// comes empty. Errors: why the stream ended; invalid_argument (another request waits).
template <stream_message M>
using stream_actor =
  caf::typed_actor<typename caf::replies_to<stream_pull>::template with<typename M::batch>,
                   caf::reacts_to<stream_close>>;

namespace detail {

using stream_ready = caf::atom_constant<caf::atom("ready")>;

/// Sends `stream_ready` to an actor, once, when there is something to take from a buffer.
inline void announce_ready(stream_buffer& buffer, caf::actor_addr to) {
  buffer.when_ready([to = std::move(to)] {
    if (const auto target = caf::actor_cast<caf::actor>(to))
      caf::anon_send(target, stream_ready::value);
  });
}

/// What has been taken from a buffer, as an actor gets it. Why a stream ended is known behind its
/// last item, and so is that it did.
template <stream_message M>
typename M::batch batch_of(const stream_buffer::slice& taken) {
  typename M::batch batch{{}, taken.missed, taken.ended && taken.items.empty()};
  batch.items.reserve(taken.items.size());
  for (const auto& item : taken.items)
    batch.items.push_back(item_of<M>(item));
  return batch;
}

template <stream_message M>
class stream_server final
  : public stream_actor<M>::template extend<caf::reacts_to<stream_ready>>::base {
  using handle = typename stream_actor<M>::template extend<caf::reacts_to<stream_ready>>;
  using batch = typename M::batch;

public:
  /// Ends with `opener`, if there is one.
  stream_server(caf::actor_config& config, std::shared_ptr<stream_buffer> buffer,
                const caf::strong_actor_ptr& opener)
    : handle::base(config), buffer_(std::move(buffer)) {
    if (!opener)
      return;
    this->set_down_handler([this](const caf::down_msg&) { this->quit(); });
    this->monitor(caf::actor_cast<caf::actor_addr>(opener));
  }

  const char* name() const override { return "stream"; }

  typename handle::behavior_type make_behavior() override {
    return {[this](const stream_pull& pull) -> caf::result<batch> {
              if (waiting_.pending())
                return to_caf(errc::invalid_argument, "one request at a time");
              most_ = std::max<std::uint64_t>(pull.max, 1);
              waiting_ = this->make_response_promise();
              answer();
              return caf::delegated<batch>{};
            },
            [this](stream_close) { this->quit(); }, [this](stream_ready) { answer(); }};
  }

  void on_exit() override {
    buffer_->close();
    if (waiting_.pending())
      waiting_.deliver(batch{{}, 0, true});
  }

private:
  void answer() {
    if (!waiting_.pending())
      return;
    auto taken = buffer_->take(most_);
    if (taken.items.empty() && !taken.ended) {
      announce_ready(*buffer_, caf::actor_cast<caf::actor_addr>(this));
      return;
    }
    if (taken.why) {
      waiting_.deliver(to_caf(taken.why->code, taken.why->text));
      return;
    }
    waiting_.deliver(batch_of<M>(taken));
  }

  const std::shared_ptr<stream_buffer> buffer_;
  std::uint64_t most_ = 1;
  caf::response_promise waiting_;
};

} // namespace detail
} // namespace beaver
