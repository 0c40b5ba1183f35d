#pragma once
#include "beaver/storage/bell_file.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace beaver {

struct engine_state;
class lent_unit;

/// The door of this process to the others that have the same file open: its bell, and a thread that
/// sleeps on it for as long as somebody here waits (a caller for data, the writer for its turn). At
/// a ring it runs the managers and the writer itself, so that nobody else has to wake up first.
///
/// Programs that write without ringing are noticed within 100 ms by a look at the wal-index, also
/// only while somebody waits. Where there is no bell that look is all, every 20 ms.
class bell_watch {
public:
  /// Both must outlive `close`.
  bell_watch(engine_state& state, lent_unit& unit) : state_(state), unit_(unit) {}
  ~bell_watch() { close(); }
  bell_watch(const bell_watch&) = delete;
  bell_watch& operator=(const bell_watch&) = delete;

  /// The bell, opened by the first who asks. Thread-safe.
  [[nodiscard]] beaver::bell& bell();

  /// Somebody waits now: is in `engine_state::watchers` or has set `writer_waits`. Thread-safe.
  void watch();

  /// Ends the thread; nobody is woken any more. The bell stays until `close`. Not from inside an
  /// actor.
  void stop() noexcept;

  /// Lets go of the bell. Nobody may use it any more.
  void close() noexcept;

private:
  void run();
  void watch_while_needed();
  void wake_all();
  [[nodiscard]] bool needed() const noexcept;

  engine_state& state_;
  lent_unit& unit_;
  std::once_flag opened_;
  std::unique_ptr<beaver::bell> bell_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool active_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace beaver
