#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace beaver {

namespace detail {
struct turn_place;
}

/// Tells other processes that something was committed to a database: a counter that every `ring`
/// raises, and threads that sleep until it moves.
///
/// The order of things. A process that commits: COMMIT, give up its turn, `ring`, once per commit
/// group. A process that waits: `value`, look at the database, then `wait` with that value; so no
/// ring between looking and sleeping is lost. A ring says "look again" and no more: some come for
/// nothing, and writers that know nothing of bells never ring.
///
/// `value`, `ring` and `interrupt` may be called by any thread at any time, `wait` by one at a
/// time.
class bell {
public:
  static constexpr std::chrono::nanoseconds for_ever = std::chrono::nanoseconds::max();

  virtual ~bell() = default;
  bell(const bell&) = delete;
  bell& operator=(const bell&) = delete;

  /// Whether rings of other processes arrive here. False: `wait` is a nap, and the caller compares.
  [[nodiscard]] virtual bool available() const noexcept = 0;

  /// Whether other processes hear our rings. A process that may not write the database never rings.
  [[nodiscard]] virtual bool can_ring() const noexcept = 0;

  /// Why the bell is not available, for people; empty if it is.
  [[nodiscard]] virtual std::string_view reason() const noexcept = 0;

  /// The counter. Everything that a process committed before a ring is visible to whoever sees that
  /// ring here. Wraps around.
  [[nodiscard]] virtual std::uint32_t value() const noexcept = 0;

  /// Raises the counter and wakes all who wait through another bell of the same database, in this
  /// process or another. Who waits through this one sleeps on: its owner knows what it has written.
  /// About 20 ns if no other process waits; else a system call, and some 30 us more for a sleeper
  /// that runs at once. Nothing if `can_ring` is false.
  virtual void ring() noexcept = 0;

  /// Sleeps until the counter differs from `last`, `interrupt` is called or `timeout` has passed;
  /// `for_ever` and 0 are timeouts too. True: there may be something to look at; without an
  /// available bell that is the answer after at most the nap, whatever happened. False: nothing
  /// until the timeout, or interrupted. Without the right to ring it sleeps in pieces of 10 ms.
  virtual bool wait(std::uint32_t last, std::chrono::nanoseconds timeout) = 0;

  /// Ends the `wait` under way, or the next one if there is none. Several before it count as one.
  /// May move the counter, but wakes nobody else.
  virtual void interrupt() noexcept = 0;

  /// What a `write_turn` is made of; empty where processes cannot queue.
  [[nodiscard]] virtual detail::turn_place place_in_turn() const noexcept;

protected:
  bell() = default;
};

/// The bell of the database file `database`, which exists, by its name as SQLite has resolved it.
///
/// It lives in the file `<database>-bell` of 4096 bytes beside it, with the database's mode and
/// group, made by the first process that may write the database and removed by the last one that
/// closes; one that is killed leaves the file to the next. Whatever else has that name (a symbolic
/// link, a file of somebody else) is left alone.
///
/// Where there can be none (a folder that may not be written, a network file system, a system
/// without futexes, a full disk) gives `polling_bell` with the reason. Never throws `error`. Takes
/// a second at most, and that only while another process stands still in the middle of its own open
/// or close.
[[nodiscard]] std::unique_ptr<bell> open_bell(const std::filesystem::path& database);

/// A bell that nobody hears: `wait` naps for at most `nap`.
[[nodiscard]] std::unique_ptr<bell>
polling_bell(std::string reason, std::chrono::nanoseconds nap = std::chrono::milliseconds{20});

} // namespace beaver
