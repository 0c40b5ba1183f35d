#pragma once
#include "beaver/actors/channel.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"
#include "beaver/api/subscription.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// A message of a channel.
template <class T>
struct channel_message_of {
  std::string channel;
  T payload;
  unix_seconds timestamp;
  std::uint64_t sequence;  // in the order of commits, over all channels; 0: never stored
  std::uint64_t missed{0}; // by this subscriber, right before it
};

/// Where a subscription begins, and how far it may fall behind.
struct subscribe_options {
  bool from_beginning = false;               // with the oldest message that is kept
  std::optional<std::uint64_t> after{};      // behind this sequence
  std::optional<unix_seconds> since{};       // with messages of this time or later
  std::optional<std::string> cursor{};       // where this cursor is; a new one begins as above
  std::optional<std::uint64_t> capacity{};   // messages in the buffer; absent: 256
  std::optional<overflow_policy> overflow{}; // absent: catch_up, which loses nothing
};

/// What part of the messages behind a sequence is listed.
struct channel_page {
  std::optional<std::uint64_t> after{}; // absent: from the oldest on
  std::optional<std::uint64_t> limit{};
  std::optional<std::uint64_t> max_bytes{}; // ends with the message that brings it to so many
};

namespace detail {

template <class T>
channel_message_of<T> typed_message(const channel_message& m, std::uint64_t missed = 0) {
  return {m.channel, model<T>::decode(m.payload), m.timestamp, m.sequence, missed};
}

template <class T, stream_message M>
channel_message_of<T> message_of_stream(const stream_buffer::pointer& item, std::uint64_t missed) {
  return typed_message<T>(item_of<M>(item), missed);
}

} // namespace detail

/// The messages of one channel as they come. `commit` remembers in the file how far they are done
/// with, so that the next subscription with this cursor goes on from there.
template <class T>
class channel_subscription : public subscription<channel_message_of<T>> {
  using super = subscription<channel_message_of<T>>;

public:
  channel_subscription(std::shared_ptr<stream_buffer> from, std::shared_ptr<backend> to,
                       std::string channel, std::optional<std::string> cursor)
    : super(std::move(from), detail::message_of_stream<T, channel_subscribe>), to_(std::move(to)),
      channel_(std::move(channel)), cursor_(std::move(cursor)) {}

  /// Puts the cursor behind `m`: it and all before it are done with. Throws `error`
  /// invalid_argument if the subscription has no cursor.
  void commit(const channel_message_of<T>& m) {
    if (!cursor_)
      throw error(errc::invalid_argument, "a subscription without a cursor has nothing to commit");
    if (m.sequence != 0) // one that was never stored leaves the place as it is
      call(*to_, channel_set_cursor{channel_, *cursor_, m.sequence});
  }

private:
  std::shared_ptr<backend> to_;
  std::string channel_;
  std::optional<std::string> cursor_;
};

/// JSON messages for many subscribers, in the order in which they are published, by this or any
/// other program. They stay in the file, for whoever comes later, until they are cleared or
/// `retain` says otherwise. `T` is what payloads are in C++, as for `dict`.
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes (then
/// every call is `errc::closed`). Every call may fail with `error`: invalid_argument, busy, io,
/// full, closed. With `Style` = `async` calls return futures, with `batched` they wait for a
/// commit. Publishing costs O(log n), a listing O(log n) and its result.
template <class T = json_text, class Style = sync>
class channel : public observable<channel<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "channel";
  using message = channel_message_of<T>;

  channel(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// The time by the clock of the database.
  [[nodiscard]] unix_seconds now() const requires std::same_as<Style, sync> {
    return style_.to->now();
  }

  // -- publishing ---------------------------------------------------------------------------------

  /// Publishes a message; gives its sequence and timestamp.
  reply<channel_receipt> publish(const T& payload) {
    return style_(channel_publish{name_, encode(payload)});
  }

  /// Publishes all in order and at once; gives the receipt of the last. There must be one.
  template <std::ranges::input_range Payloads>
  reply<channel_receipt> publish_many(Payloads&& payloads) {
    channel_publish_many m{name_, {}};
    for (const T& payload : payloads)
      m.payloads.push_back(encode(payload));
    return style_(std::move(m));
  }

  /// Gives a message to the subscribers of this process alone, without storing it. It may overtake
  /// stored ones; a subscriber that is behind, or whose buffer is full, misses it.
  reply<void> publish_ephemeral(const T& payload) requires(Style::reads) {
    return style_(channel_publish_ephemeral{name_, encode(payload)});
  }

  // -- following ----------------------------------------------------------------------------------

  /// The messages from here on, or from where `how` says: first those of before, then every one
  /// that is published, without a gap and none twice. Begins before this returns. Not within a
  /// transaction, a batch or a snapshot (not_supported).
  [[nodiscard]] channel_subscription<T>
  subscribe(const subscribe_options& how = {}) const requires std::same_as<Style, sync> {
    return {detail::open_stream(*style_.to, opening(how)), style_.to, name_, how.cursor};
  }

  /// The same for a callback, which gets a `message`, on the database's callback thread, or by
  /// `where`. One that throws ends its own subscription alone; `on_end` is told why.
  template <std::invocable<message> F>
  [[nodiscard]] listener subscribe(F callback, const subscribe_options& how = {},
                                   listener::end_function on_end = {},
                                   executor where = {}) const requires std::same_as<Style, sync> {
    return detail::listen<detail::message_of_stream<T, channel_subscribe>>(
      style_, opening(how), std::move(where), std::move(callback), std::move(on_end));
  }

  /// Puts a cursor behind a message: forwards, or back. Inside a transaction it moves together with
  /// what the transaction writes, so that each message is worked on exactly once.
  reply<void> set_cursor(std::string cursor, std::uint64_t sequence) {
    return style_(channel_set_cursor{name_, std::move(cursor), sequence});
  }
  reply<void> set_cursor(std::string cursor, const message& m) {
    return set_cursor(std::move(cursor), m.sequence);
  }

  /// The sequence that a cursor stands behind; empty if there is no such cursor.
  [[nodiscard]] reply<std::optional<std::uint64_t>> cursor(std::string cursor) const
    requires(Style::reads) {
    return style_(channel_get_cursor{name_, std::move(cursor)});
  }

  /// Removes a cursor; whether there was one.
  reply<bool> erase_cursor(std::string cursor) {
    return style_(channel_erase_cursor{name_, std::move(cursor)});
  }

  /// All cursors, by name.
  [[nodiscard]] reply<std::vector<channel_cursor>> cursors() const requires(Style::reads) {
    return style_(channel_cursors{name_});
  }

  // -- what is kept -------------------------------------------------------------------------------

  /// The newest `limit` messages, of the time `since` or later, oldest first.
  [[nodiscard]] reply<std::vector<message>> history(std::uint64_t limit = 100,
                                                    std::optional<unix_seconds> since = {}) const
    requires(Style::reads) {
    return style_(channel_history{name_, limit, since}, decode_all);
  }

  /// The messages in order as an input range that holds one page in memory.
  [[nodiscard]] scan<message, channel_page>
  messages(channel_page page = {}) const requires std::same_as<Style, sync> {
    return {
      page, [self = *this](channel_page part) {
        scan_page<message, std::uint64_t> fetched{
          self.style_(channel_read{self.name_, part.after, part.limit, part.max_bytes}, decode_all),
          0};
        if (!fetched.entries.empty())
          fetched.last = fetched.entries.back().sequence;
        return fetched;
      }};
  }

  /// Number of messages. Linear in it, by an index.
  [[nodiscard]] reply<std::uint64_t> count() const requires(Style::reads) {
    return style_(channel_count{name_});
  }

  /// Removes all messages. Subscribers that have not read them yet will not get them; cursors stay.
  reply<void> clear() { return style_(channel_clear{name_}); }

  /// Sets what is kept; the background sweep removes the rest, whether it was read or not.
  reply<void> retain(const retention_rule& rule) { return style_(channel_retain{rule, name_}); }

  [[nodiscard]] reply<retention_rule> retention() const requires(Style::reads) {
    return style_(channel_get_retention{name_});
  }

  /// Numbers, bytes, times and cursors. Reads every message.
  [[nodiscard]] reply<channel_summary> info() const requires(Style::reads) {
    return style_(channel_info{name_});
  }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects messages for one commit.
  [[nodiscard]] batch_of<channel<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static json_text encode(const T& payload) { return model<T>::encode(payload); }

  [[nodiscard]] channel_subscribe opening(const subscribe_options& how) const {
    auto m = detail::opening<channel_subscribe>(name_, how);
    m.cursor = how.cursor;
    return m;
  }

  static std::vector<message> decode_all(std::vector<channel_message> stored) {
    std::vector<message> all;
    all.reserve(stored.size());
    for (const auto& m : stored)
      all.push_back(detail::typed_message<T>(m));
    return all;
  }

  friend class observable<channel<T, Style>, Style>;
  std::string name_;
  Style style_;
};

/// All channels whose name matches a pattern: `*` stands for any text, `?` for one character,
/// `[abc]`, `[a-z]` and `[^abc]` for one of or none of these. Same rules as for `channel`.
template <class T = json_text>
class channel_pattern {
public:
  using message = channel_message_of<T>;

  channel_pattern(std::string pattern, sync style)
    : pattern_(std::move(pattern)), style_(std::move(style)) {}

  /// As `channel::subscribe`; the order is that of commits, over all channels. Cursors belong to
  /// channels (invalid_argument); a sequence to go on `after` may be kept anywhere.
  [[nodiscard]] subscription<message> subscribe(const subscribe_options& how = {}) const {
    return {detail::open_stream(*style_.to, opening(how)),
            detail::message_of_stream<T, channel_pattern_subscribe>};
  }

  template <std::invocable<message> F>
  [[nodiscard]] listener subscribe(F callback, const subscribe_options& how = {},
                                   listener::end_function on_end = {}, executor where = {}) const {
    return detail::listen<detail::message_of_stream<T, channel_pattern_subscribe>>(
      style_, opening(how), std::move(where), std::move(callback), std::move(on_end));
  }

private:
  [[nodiscard]] channel_pattern_subscribe opening(const subscribe_options& how) const {
    if (how.cursor)
      throw error(errc::invalid_argument, "a pattern of channels has no cursors");
    return detail::opening<channel_pattern_subscribe>(pattern_, how);
  }

  std::string pattern_;
  sync style_;
};

} // namespace beaver
