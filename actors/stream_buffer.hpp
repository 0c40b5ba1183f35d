#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/actors/message.hpp"

#include <boost/describe/enum.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace beaver {

/// What becomes of a subscription that takes its items more slowly than they come, once its buffer
/// is full.
enum class overflow_policy : std::uint8_t {
  catch_up,    ///< nothing is lost: what has no room is read from the file later
  drop_oldest, ///< the oldest in the buffer make room; the gap is counted
  drop_newest, ///< what has no room is left out; the gap is counted
  disconnect   ///< the subscription ends with `errc::busy`
};
BOOST_DESCRIBE_ENUM(overflow_policy, catch_up, drop_oldest, drop_newest, disconnect)

/// The part of every message that opens a stream which says how far it may fall behind.
struct stream_limits {
  std::optional<std::uint64_t> capacity{};   // items in the buffer, > 0; absent: 256
  std::optional<overflow_policy> overflow{}; // absent: catch_up
};
BOOST_DESCRIBE_STRUCT(stream_limits, (), (capacity, overflow))

/// Throws `error` invalid_argument.
void check_limits(const stream_limits& m);

/// Checks where a subscription begins: in one way at most. Throws `error` invalid_argument.
template <class M>
void check_start(const M& m) {
  if (m.beginning.value_or(false) + m.after.has_value() + m.since.has_value() > 1)
    throw error(errc::invalid_argument,
                "only one of beginning, after and since can be where a subscription begins");
}

/// A message that opens a stream: a record that names its `item`.
template <class M>
concept stream_message = routed<M> && std::derived_from<M, stream_limits> && requires {
  typename M::item;
};

/// The items of one subscription between the manager that fills it and whoever takes them: a queue
/// of shared, immutable items with an end and a bound. Knows no type of item. Thread-safe, for one
/// who fills and one who takes.
class stream_buffer {
public:
  using pointer = std::shared_ptr<const void>;
  using steady = std::chrono::steady_clock;

  explicit stream_buffer(const stream_limits& limits);
  stream_buffer(const stream_buffer&) = delete;
  stream_buffer& operator=(const stream_buffer&) = delete;

  /// Who fills the buffer. Called from any thread, outside of the buffer's lock.
  struct owner {
    virtual ~owner() = default;
    virtual void wants_more(std::uint64_t id) noexcept = 0; ///< half of it is free again
    virtual void left(std::uint64_t id) noexcept = 0;       ///< nobody takes any more
  };

  // -- for the one who takes ----------------------------------------------------------------------

  /// Items in order.
  struct slice {
    std::vector<pointer> items;
    std::uint64_t missed = 0;     ///< so many were lost before the first of them
    bool ended = false;           ///< there will be no more
    std::optional<failure> why{}; ///< of the end, if it has a reason
  };

  /// What is there, at most `most` items, perhaps nothing. Never blocks.
  slice take(std::size_t most);

  /// Waits until there is something to take or the end; false if `deadline` or `stop` came first.
  /// As long as more is on its way from the file, a deadline is not over: it is meant for what is
  /// still to happen.
  bool wait(std::optional<steady::time_point> deadline, const std::stop_token& stop);

  /// Calls `ready` once: when there is something to take or the end, perhaps at once and on this
  /// thread. It must neither block nor throw.
  void when_ready(std::function<void()> ready);

  /// Takes no more; ends the stream. Harmless when repeated.
  void close() noexcept;

  // -- for the one who fills ----------------------------------------------------------------------

  /// Before anything else.
  void attach(std::shared_ptr<owner> who, std::uint64_t id);

  /// Puts items in, by the policy where the bound is reached. Gives the number of those that are
  /// settled: put in, or dropped and counted. The others have no room; only `catch_up` leaves any.
  std::size_t offer(std::span<const pointer> items);

  /// Whether there is more in the file than was offered.
  void set_behind(bool behind);

  /// Items were lost elsewhere.
  void count_missed(std::uint64_t number);

  /// The number of items that have room; if less than half of the bound, 0, and then the owner is
  /// told as soon as that is free.
  [[nodiscard]] std::size_t ask_for_room();

  /// Ends the stream behind what is in it.
  void end(std::optional<failure> why);

private:
  struct entry {
    pointer item;
    std::uint64_t missed; ///< lost right before it
  };

  [[nodiscard]] bool ready() const noexcept { return !entries_.empty() || ended_; }
  void announce(std::unique_lock<std::mutex>& lock);

  const std::size_t capacity_;
  const overflow_policy policy_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<entry> entries_;
  std::uint64_t missed_ = 0; ///< lost behind the last entry
  bool ended_ = false;
  bool behind_ = false;
  bool awaited_ = false; ///< somebody sleeps on `changed_`
  bool owed_ = false;    ///< the owner wants to hear of room
  std::optional<failure> why_;
  std::function<void()> when_ready_;
  std::shared_ptr<owner> owner_;
  std::uint64_t id_ = 0;
};

/// The operation of a message type that opens a stream, looked up once.
template <stream_message M>
[[nodiscard]] const operation& operation_of_stream() {
  static const operation& row = get_operation(name_of<M>());
  return row;
}

/// An item of the stream that M opens.
template <stream_message M>
[[nodiscard]] const typename M::item& item_of(const stream_buffer::pointer& item) {
  return *static_cast<const typename M::item*>(item.get());
}

} // namespace beaver
