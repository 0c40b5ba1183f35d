#pragma once
#include "support/history.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace beaver::test {

// The sequential models of queue, lock and list for check() in linearizability.hpp, and the calls
// that they understand. The comment behind a call says its result; "()" is an empty one. Numbers
// stand for what a test puts in: a new one each time, or the check sees less. An operation that the
// model does not know, or one without its arguments, is a mistake of the test: std::logic_error.

/// A priority queue: smallest priority first, then the order of the puts. An item that comes back
/// from a lease takes its old place.
///
/// A lease is named by a number that the caller of take() chooses, a new one each time: so it has a
/// name even if the caller dies before it gets its receipt.
class queue_model {
public:
  static call put(std::string queue, std::int64_t item, std::int64_t priority); // ()
  /// With a delay: as if it was in a lease at once, whose end is the end of the delay.
  static call put(std::string queue, std::int64_t item, std::int64_t priority, std::int64_t lease);
  /// (item, priority), or () of one that was empty at some time of the call: also if it waits
  static call get(std::string queue);
  static call peek(std::string queue);                     // the same, nothing removed
  static call take(std::string queue, std::int64_t lease); // as get
  static call ack(std::string queue, std::int64_t lease);  // (1), or (0) if it has ended
  static call nack(std::string queue, std::int64_t lease); // (1), or (0) if it has ended
  static call count(std::string queue);                    // (items that get() could have)
  /// The lease ends by itself. For client_record::may_happen, from when its time is up.
  static call lease_end(std::string queue, std::int64_t lease); // (1), or (0) if it has ended

  /// Items that went out one after the other say in which order they came in.
  class foresight {
  public:
    explicit foresight(const part& events);

  private:
    friend queue_model;
    struct times {
      std::int64_t seen = never;      // it has been the first by then
      std::int64_t got = never;       // it has been removed by get() by then
      std::int64_t present = nowhere; // it is in no lease and not gone before that
    };
    static constexpr auto never = std::numeric_limits<std::int64_t>::max();
    static constexpr auto nowhere = std::numeric_limits<std::int64_t>::min();
    std::unordered_map<std::int64_t, times> items_; // empty: nothing is known
  };

  [[nodiscard]] std::optional<queue_model> step(const call& what, const answer& result) const;
  [[nodiscard]] std::size_t hash() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool follows(const queue_model& before, const event& e, const foresight& all) const;
  [[nodiscard]] static std::string part_of(const call& what) { return what.object; }
  bool operator==(const queue_model&) const = default;

private:
  struct entry {
    std::int64_t priority;
    std::int64_t item;
    std::optional<std::int64_t> lease; // out of sight meanwhile
    bool operator==(const entry&) const = default;
  };

  std::optional<queue_model> first(const call& what, const answer& result) const;
  std::optional<queue_model> end_of_lease(const call& what, const answer& result) const;

  std::vector<entry> entries_; // in the order of delivery
};

/// A lock without a queue: whoever comes may get it, if nobody holds it. Fencing tokens only grow.
///
/// A holding is named by a number that the caller of acquire() chooses, a new one each time.
class lock_model {
public:
  static call acquire(std::string lock, std::int64_t holding); // (token), or () given up: any time
  /// (token), or () while it is held
  static call try_acquire(std::string lock, std::int64_t holding);
  static call release(std::string lock, std::int64_t holding); // (1), or (0) if it was lost
  static call renew(std::string lock, std::int64_t holding);   // (1), or (0) if it was lost
  /// The lock is taken from its holder. For client_record::may_happen, from when its time is up.
  static call expire(std::string lock, std::int64_t holding); // (1), or (0) if it was lost

  [[nodiscard]] std::optional<lock_model> step(const call& what, const answer& result) const;
  [[nodiscard]] std::size_t hash() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::string part_of(const call& what) { return what.object; }
  bool operator==(const lock_model&) const = default;

private:
  std::optional<std::int64_t> holding_;
  std::int64_t last_token_ = 0; // the least that it can be
};

/// A list. An index below zero counts from the end; insert takes what lies beyond an end for it.
class list_model {
public:
  static call push(std::string list, std::int64_t value);    // ()
  static call prepend(std::string list, std::int64_t value); // ()
  static call pop_front(std::string list);                   // (value), or () of an empty one
  static call pop_back(std::string list);                    // (value), or () of an empty one
  static call at(std::string list, std::int64_t index);      // (value), or () out of range
  /// (1), or (0) out of range
  static call set(std::string list, std::int64_t index, std::int64_t value);
  static call insert(std::string list, std::int64_t index, std::int64_t value); // ()
  static call erase(std::string list, std::int64_t index); // (1), or (0) out of range
  static call count(std::string list);                     // (length)
  static call items(std::string list);                     // all values

  /// Two values keep their order for as long as both are there. Pops at an end and looks at all
  /// items tell it.
  class foresight {
  public:
    explicit foresight(const part& events);

  private:
    friend list_model;
    struct times {
      std::int64_t first = never;                              // it was popped as the first by then
      std::int64_t last = never;                               // it was popped as the last by then
      std::int64_t seen = nowhere;                             // it is there at that time or after
      std::vector<std::pair<std::size_t, std::size_t>> places; // look at all items, index in it
    };
    static constexpr auto never = std::numeric_limits<std::int64_t>::max();
    static constexpr auto nowhere = std::numeric_limits<std::int64_t>::min();
    static bool is_before(const times& a, const times& b);
    std::unordered_map<std::int64_t, times> values_; // empty: nothing is known
  };

  [[nodiscard]] std::optional<list_model> step(const call& what, const answer& result) const;
  [[nodiscard]] std::size_t hash() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool follows(const list_model& before, const event& e, const foresight& all) const;
  [[nodiscard]] static std::string part_of(const call& what) { return what.object; }
  bool operator==(const list_model&) const = default;

private:
  values values_;
};

} // namespace beaver::test
