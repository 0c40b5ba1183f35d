#pragma once
#include "beaver/actors/queue.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <ranges>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// An item that has left its queue.
template <class T>
struct queue_item_of {
  T value;
  double priority;
  unix_seconds timestamp; // of its put
};

/// An item that is away until it is acknowledged, or comes back at `leased_until`.
template <class T>
struct queue_taken_of {
  T value;
  double priority;
  unix_seconds timestamp;
  std::string receipt;
  std::uint64_t attempts; // deliveries, this one included
  unix_seconds leased_until;
};

/// An item of a listing, which stays where it is.
template <class T>
struct queue_entry_of {
  T value;
  queue_position position; // priority and time of its put are in it
  queue_state state;
  std::uint64_t attempts;
  std::optional<unix_seconds> due;   // of a delayed or leased item
  std::optional<std::string> source; // of a dead letter: the queue it died in
};

/// JSON values that come out by priority, the smallest first, and within one priority in the order
/// of their puts. `T` is what values are in C++, as for `dict`.
///
/// `get` removes an item for good. `take` lends it: whoever took it acknowledges it with `ack`, or
/// it comes back, and after `queue_options::max_attempts` of that it goes to the dead-letter queue.
/// A value that does not fit `T` is type_mismatch; what was got with it is gone, what was taken
/// comes back.
///
/// Calls with a timeout wait for an item, the others do not; inside a transaction nobody waits. A
/// handle is cheap to copy, usable from any thread, and valid until its database closes (then every
/// call is `errc::closed`). Every call may fail with `error`: invalid_argument, busy, io, full,
/// closed. With `Style` = `async` calls return futures, with `batched` they wait for a commit.
/// A call costs O(log n) for each item that it puts or gives.
template <class T = json_text, class Style = sync>
class queue : public observable<queue<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "queue";
  using value_type = T;
  using item = queue_item_of<T>;
  using taken = queue_taken_of<T>;
  using entry = queue_entry_of<T>;
  /// Any `std::chrono` duration converts.
  using duration = std::chrono::duration<double>;

  queue(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Puts an item, which nobody gets before `delay` is over. The priority may be anything but NaN.
  reply<void> put(const T& value, double priority = 0, duration delay = {}) {
    return style_(queue_put{name_, encode(value), priority, delay_of(delay)});
  }

  /// Puts all in order and at once.
  template <std::ranges::input_range Values>
  reply<void> put_many(Values&& values, double priority = 0, duration delay = {}) {
    queue_put_many m{name_, {}};
    for (const T& value : values)
      m.items.push_back({encode(value), priority, delay_of(delay)});
    return style_(std::move(m));
  }

  /// Removes all items, those that are away included: their receipts are void.
  reply<void> clear() { return style_(queue_clear{name_}); }

  // -- getting ------------------------------------------------------------------------------------

  /// Removes the first item and gives it; empty if there is none.
  reply<std::optional<item>> get() requires(Style::reads) { return get(duration::zero()); }

  /// The same, but waits for one: at most `timeout`, which may be `for_ever`. Who waits longest is
  /// served first. `stop` withdraws the call, which then is `errc::cancelled`, unless it has got an
  /// item already; an item is never given to a call that has ended.
  reply<std::optional<item>> get(duration timeout,
                                 std::stop_token stop = {}) requires(Style::reads) {
    return style_(queue_get{wait_at_most(timeout), name_}, to_optional<item, queue_item>,
                  std::move(stop));
  }

  /// Removes the first `limit` items, fewer if there are fewer. Waits until there is one.
  reply<std::vector<item>> get_many(std::uint64_t limit, duration timeout = {},
                                    std::stop_token stop = {}) requires(Style::reads) {
    return style_(queue_get_many{wait_at_most(timeout), name_, limit}, to_vector<item, queue_item>,
                  std::move(stop));
  }

  /// Takes the first item for the time `visibility` (empty: the queue's own, else 30 s); empty if
  /// there is none.
  reply<std::optional<taken>> take(std::optional<duration> visibility = {}) requires(Style::reads) {
    return take(visibility, duration::zero());
  }

  /// The same, but waits for one.
  reply<std::optional<taken>> take(std::optional<duration> visibility, duration timeout,
                                   std::stop_token stop = {}) requires(Style::reads) {
    return style_(queue_take{wait_at_most(timeout), name_, seconds(visibility)},
                  to_optional<taken, queue_taken>, std::move(stop));
  }

  /// Takes the first `limit` items, fewer if there are fewer. Waits until there is one.
  reply<std::vector<taken>> take_many(std::uint64_t limit, std::optional<duration> visibility = {},
                                      duration timeout = {},
                                      std::stop_token stop = {}) requires(Style::reads) {
    return style_(queue_take_many{wait_at_most(timeout), name_, limit, seconds(visibility)},
                  to_vector<taken, queue_taken>, std::move(stop));
  }

  // -- settling what was taken --------------------------------------------------------------------
  // Each tells whether the item was still taken under this receipt: not after its time, nor after
  // somebody has settled it.

  /// Removes the item, whose work is done.
  reply<bool> ack(std::string_view receipt) {
    return style_(queue_ack{name_, std::string{receipt}});
  }
  reply<bool> ack(const taken& t) { return ack(t.receipt); }

  /// Gives the item back, to its old place, at once or after `delay`. After its last attempt it
  /// goes to the dead-letter queue.
  reply<bool> nack(std::string_view receipt, duration delay = {}) {
    return style_(queue_nack{name_, std::string{receipt}, delay_of(delay)});
  }
  reply<bool> nack(const taken& t, duration delay = {}) { return nack(t.receipt, delay); }

  /// Lets the item be away for `visibility` from now on.
  reply<bool> extend(std::string_view receipt, duration visibility) {
    return style_(queue_extend{name_, std::string{receipt}, visibility.count()});
  }
  reply<bool> extend(const taken& t, duration visibility) { return extend(t.receipt, visibility); }

  /// Puts dead letters of this queue, at most `limit`, back behind its items; their number.
  reply<std::uint64_t> redrive(std::optional<std::uint64_t> limit = {}) {
    return style_(queue_redrive{name_, limit});
  }

  // -- options ------------------------------------------------------------------------------------

  /// Replaces all options, which are kept in the file. What is taken comes back by the new ones.
  reply<void> configure(queue_options options) {
    return style_(queue_configure{std::move(options), name_});
  }

  /// Sets the options if the queue has none; already_exists if it has others.
  reply<void> open(queue_options options) { return style_(queue_open{std::move(options), name_}); }

  /// As they were set.
  [[nodiscard]] reply<queue_options> options() const requires(Style::reads) {
    return style_(queue_get_options{name_});
  }

  // -- looking ------------------------------------------------------------------------------------

  /// The first item, which stays; empty if there is none.
  [[nodiscard]] reply<std::optional<item>> peek() const requires(Style::reads) {
    return style_(queue_peek{name_}, to_optional<item, queue_item>);
  }

  /// Number of items that are ready. O(n), by the index alone.
  [[nodiscard]] reply<std::uint64_t> count() const requires(Style::reads) {
    return style_(queue_count{name_});
  }

  /// Numbers of items by their state. O(n).
  [[nodiscard]] reply<queue_counts> counts() const requires(Style::reads) {
    return style_(queue_count_by_state{name_});
  }

  [[nodiscard]] reply<queue_summary> info() const requires(Style::reads) {
    return style_(queue_info{name_});
  }

  /// The items in order as an input range that holds one page of 256 in memory. Each page is one
  /// read and begins behind the place of the item before it. Take a snapshot to see one instant.
  [[nodiscard]] scan<entry>
  items(queue_view view = queue_view::ready) const requires std::same_as<Style, sync> {
    return {{},
            [self = *this, view, last = std::optional<queue_position>{}](key_range page) mutable {
              auto entries = self.style_(queue_items{self.name_, view, last, page.limit});
              if (!entries.empty())
                last = entries.back().position;
              return scan_page<entry>{to_vector<entry>(std::move(entries)), {}};
            }};
  }

  [[nodiscard]] auto begin() const requires std::same_as<Style, sync> { return items().begin(); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<queue<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static json_text encode(const T& value) { return model<T>::encode(value); }

  static std::optional<double> seconds(const std::optional<duration>& time) {
    return time ? std::optional{time->count()} : std::nullopt;
  }
  static std::optional<double> delay_of(duration delay) {
    return delay == delay.zero() ? std::nullopt : std::optional{delay.count()};
  }

  static item typed(queue_item&& from) {
    return {model<T>::decode(from.data), from.priority, from.timestamp};
  }
  static taken typed(queue_taken&& from) {
    return {model<T>::decode(from.data), from.priority, from.timestamp,
            std::move(from.receipt),     from.attempts, from.leased_until};
  }
  static entry typed(queue_entry&& from) {
    return {model<T>::decode(from.data), from.position, from.state, from.attempts, from.due,
            std::move(from.source)};
  }

  template <class To, class From>
  static std::optional<To> to_optional(std::optional<From> from) {
    return from ? std::optional<To>{typed(std::move(*from))} : std::nullopt;
  }
  template <class To, class From>
  static std::vector<To> to_vector(std::vector<From> from) {
    std::vector<To> all;
    all.reserve(from.size());
    for (auto& one : from)
      all.push_back(typed(std::move(one)));
    return all;
  }

  friend class observable<queue<T, Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
