#pragma once
#include "beaver/actors/unique_id.hpp"
#include "beaver/api/channel.hpp"

#include <boost/describe/class.hpp>
#include <concepts>
#include <optional>
#include <string>
#include <utility>

namespace beaver {

/// An event as it stands in its channel, which is also how the Python original has it.
struct event_envelope {
  std::string id; // 32 hexadecimal digits, unique
  std::string event;
  json_text payload;
  unix_seconds timestamp;
};
BOOST_DESCRIBE_STRUCT(event_envelope, (), (id, event, payload, timestamp))

/// An event of a bus.
template <class T>
struct event_of {
  std::string id;
  std::string event;
  T payload;
  unix_seconds timestamp;
};

/// Named events with a payload, over a channel of their own that programs with beaver-db 2.3 use as
/// well: `events("orders")` is their `db.events("orders")`, and `events("dict:cfg")` what they say
/// about the dict "cfg". To hear of changes whoever makes them, use `database::watch`.
///
/// Rules for handles and errors are those of `channel`. Events are kept until `retain` of the
/// channel says otherwise.
template <class T = json_text>
class events {
public:
  using event = event_of<T>;

  events(const std::string& name, sync style)
    : channel_("__events_" + name + "__", std::move(style)) {}

  /// The channel that carries them.
  [[nodiscard]] const beaver::channel<event_envelope>& channel() const noexcept { return channel_; }

  /// Tells everybody who listens, in every process.
  void emit(std::string name, const T& payload) {
    channel_.publish(
      {make_unique_id(), std::move(name), model<T>::encode(payload), channel_.now()});
  }

  /// Calls `callback`, with an `event_of<T>`, for each event of this name that is emitted from here
  /// on; on the database's callback thread, or by `where`. One that throws ends its own
  /// subscription alone; `on_end` is told why.
  template <std::invocable<event> F>
  [[nodiscard]] listener on(std::string name, F callback, listener::end_function on_end = {},
                            executor where = {}) const {
    return listen(std::move(name), std::move(callback), std::move(on_end), std::move(where));
  }

  /// The same for all events.
  template <std::invocable<event> F>
  [[nodiscard]] listener on_any(F callback, listener::end_function on_end = {},
                                executor where = {}) const {
    return listen({}, std::move(callback), std::move(on_end), std::move(where));
  }

private:
  template <class F>
  listener listen(std::optional<std::string> name, F callback, listener::end_function on_end,
                  executor where) const {
    return channel_.subscribe(
      [name = std::move(name),
       callback = std::move(callback)](const channel_message_of<event_envelope>& m) mutable {
        const auto& e = m.payload;
        if (!name || e.event == *name)
          callback(event{e.id, e.event, model<T>::decode(e.payload), e.timestamp});
      },
      {}, std::move(on_end), std::move(where));
  }

  beaver::channel<event_envelope> channel_;
};

} // namespace beaver
