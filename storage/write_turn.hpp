#pragma once
#include "beaver/storage/bell_file.hpp"
#include "beaver/storage/bell_page.hpp"

namespace beaver {

/// A fair queue of processes for the write lock of a database. SQLite's own lock remains the one
/// that decides who writes: left to its busy handler alone it goes to whoever asks again first, and
/// the others starve. So this is a courtesy: a writer that knows nothing of turns, or one that is
/// allowed in for want of a bell file, makes it less fair and never wrong.
///
/// As long as nobody queues, a turn is a look at one word of shared memory. As soon as somebody
/// does, a turn is two locks in the bell file: the turnstile, then the place inside. Whoever has
/// the turnstile is next; it gives it up on going in. The kernel frees both when a process dies.
///
/// Use, by the one owner (not thread-safe):
///
///     if (!turn.try_enter())              wait, see below, and try again
///     else if (!connection.try_begin())   turn.refused(), wait, and try again
///     else                                ... COMMIT or ROLLBACK; turn.leave(); bell.ring()
///
/// Waiting: for the bell, since everybody rings after leaving, and for 1 to 5 ms at most, since one
/// that was killed does not ring. The value to `bell::wait` with is taken before the try. Ring
/// after leaving, also after a ROLLBACK: who is woken before finds the place taken and sleeps
/// again. Who has got no answer for a second or more, because a process that was stopped is in the
/// way, may try to begin without a turn.
class write_turn {
public:
  /// A place in the queue of `b`, which must outlive it; one for each bell. Lets everybody in at
  /// once if `b` has none.
  explicit write_turn(const bell& b);
  ~write_turn();
  write_turn(const write_turn&) = delete;
  write_turn& operator=(const write_turn&) = delete;

  /// Whether it is our turn; true again until `leave`. If not, a place in the queue is kept as soon
  /// as there is one, so that asking again loses nothing. Never waits.
  [[nodiscard]] bool try_enter() noexcept;

  /// Somebody has SQLite's lock although it is our turn. To be followed by `try_enter` again: now
  /// by the locks, if it was not before.
  void refused() noexcept;

  /// Ends the turn; nothing if it is not ours.
  void leave() noexcept;

  /// Gives up waiting, and the turn if it is ours. Ring after it too: it may free the turnstile.
  void abandon() noexcept;

  [[nodiscard]] bool inside() const noexcept { return inside_; }

  /// Whether we are the next.
  [[nodiscard]] bool waiting() const noexcept { return turnstile_; }

  /// Whether other processes want to write. Then a ring right after going in makes the next one
  /// take the turnstile meanwhile: fairer, for the price of a ring. Worth it where COMMIT waits for
  /// the disk, not where it takes a few microseconds.
  [[nodiscard]] bool contended() const noexcept;

private:
  void want(bool yes) noexcept;

  const detail::turn_place place_;
  bool by_locks_ = false; ///< from now until the turn is over
  bool turnstile_ = false;
  bool locked_ = false;
  bool inside_ = false;
};

} // namespace beaver
