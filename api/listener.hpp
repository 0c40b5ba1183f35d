#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/api/dispatcher.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace beaver {

/// A subscription whose items are given to a callback, one at a time and in order. Ends with its
/// destructor, which waits for a callback that is running, unless it is called by that. Movable;
/// usable from any thread.
class listener {
public:
  using item_function =
    std::function<void(const stream_buffer::pointer& item, std::uint64_t missed)>;
  using end_function = std::function<void(const failure& why)>;

  /// Runs callbacks by `where`. What `deliver` throws ends this subscription and no other; then, or
  /// when it ends for another reason than `stop`, `on_end` (may be empty) is told why.
  listener(std::shared_ptr<stream_buffer> from, executor where, item_function deliver,
           end_function on_end);
  ~listener();
  listener(listener&&) noexcept;
  listener& operator=(listener&&) noexcept;

  /// Ends it: after this no callback runs any more.
  void stop() noexcept;

  /// Why it has ended by itself; empty as long as it has not.
  [[nodiscard]] std::optional<failure> ended() const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace beaver
