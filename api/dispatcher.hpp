#pragma once
#include <functional>
#include <memory>

namespace beaver {

/// Where callbacks run: given a piece of work, an executor runs it once, now or later, on a thread
/// of its choice.
using executor = std::function<void(std::function<void()>)>;

/// One thread that runs the callbacks of a database in order, started with the first of them. User
/// code runs there and never inside an actor, so it may call the database freely. A callback that
/// throws ends the program, as on any thread.
class dispatcher {
public:
  dispatcher();
  /// Runs what has been posted, then ends the thread.
  ~dispatcher();
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;

  /// Thread-safe. After the end of the dispatcher's life work runs on the calling thread.
  void post(std::function<void()> work);

  /// An executor that posts here; it may outlive the dispatcher.
  [[nodiscard]] executor as_executor() const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace beaver
