#pragma once
#include "beaver/actors/changes.hpp"
#include "beaver/api/subscription.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace beaver {

/// A change that was followed.
struct followed_change : change {
  std::uint64_t missed{0}; // by this follower, right before it
};

/// Where a follower of changes begins, and how far it may fall behind.
struct watch_options {
  bool from_beginning = false;               // with the oldest that is recorded
  std::optional<std::uint64_t> after{};      // behind this sequence
  std::optional<unix_seconds> since{};       // with changes of this time or later
  std::optional<std::uint64_t> capacity{};   // changes in the buffer; absent: 256
  std::optional<overflow_policy> overflow{}; // absent: catch_up, which loses nothing
};

namespace detail {

inline followed_change followed_of(const stream_buffer::pointer& item, std::uint64_t missed) {
  return {item_of<changes_follow>(item), missed};
}

/// Calls back for changes of one kind.
template <class F>
listener listen_for(const sync& style, std::string pattern, std::optional<change_operation> which,
                    F callback, listener::end_function on_end, executor where) {
  return listen<followed_of>(
    style, opening<changes_follow>(std::move(pattern), watch_options{}), std::move(where),
    [which, callback = std::move(callback)](const followed_change& c) mutable {
      if (!which || c.operation == *which)
        callback(c);
    },
    std::move(on_end));
}

} // namespace detail

/// What handles have for those who want to know of changes.
template <class Handle, class Style>
class observable {
public:
  /// Calls `callback`, with a `followed_change`, after each commit that has written (`set`) or
  /// removed (`erase`) a row of this manager, once for each row and in order, whichever program
  /// does it; on the database's callback thread, or by `where`. Has the changes recorded in the
  /// file from here on (see `database::watch`). One that throws ends its own subscription alone;
  /// `on_end` is told why.
  template <std::invocable<followed_change> F>
  [[nodiscard]] listener on(change_operation which, F callback, listener::end_function on_end = {},
                            executor where = {}) const requires std::same_as<Style, sync> {
    return listen(which, std::move(callback), std::move(on_end), std::move(where));
  }

  /// The same for every change.
  template <std::invocable<followed_change> F>
  [[nodiscard]] listener on_change(F callback, listener::end_function on_end = {},
                                   executor where = {}) const requires std::same_as<Style, sync> {
    return listen({}, std::move(callback), std::move(on_end), std::move(where));
  }

private:
  template <class F>
  listener listen(std::optional<change_operation> which, F callback, listener::end_function on_end,
                  executor where) const {
    const auto& self = static_cast<const Handle&>(*this);
    return detail::listen_for(self.style_, change_pattern::exactly(Handle::type_name, self.name()),
                              which, std::move(callback), std::move(on_end), std::move(where));
  }
};

} // namespace beaver
