#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/actors/stream_buffer.hpp"

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace beaver {

/// A call that waits, made anew whenever one more of its replies is asked for: so they become the
/// items of a stream, each a slot of the operation. An empty reply (nothing came in time) ends it,
/// a failure does so with its reason. Thread-safe.
class repeated_call : public std::enable_shared_from_this<repeated_call> {
public:
  /// Copies the message, which has been checked.
  static std::shared_ptr<repeated_call> make(std::shared_ptr<backend> to, const operation& op,
                                             const void* message);

  /// To be closed by who takes them; that withdraws the call in work.
  [[nodiscard]] const std::shared_ptr<stream_buffer>& items() const noexcept { return items_; }

  /// Makes the call, unless one is in work.
  void ask();

  /// Gives up the call in work, whose end still arrives: its reply if it has got one, else the end.
  void withdraw() noexcept { stop_.request_stop(); }

private:
  class turn;
  class watch;

  repeated_call(std::shared_ptr<backend> to, const operation& op, const void* message);
  void done(std::shared_ptr<void> slot, const failure* why) noexcept;

  const std::shared_ptr<backend> to_;
  const operation& op_;
  std::string message_; // as JSON
  const std::shared_ptr<stream_buffer> items_;
  std::stop_source stop_;
  std::mutex mutex_;
  bool in_work_ = false;
};

} // namespace beaver
