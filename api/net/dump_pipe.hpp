#pragma once
#include "beaver/storage/error.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace beaver::net {

/// Room for one piece of a dump, between the thread that makes it and the one that sends it: a
/// client that reads slowly slows down the making.
class dump_pipe {
public:
  /// `filled` is called for each piece, on the thread that makes them; must not throw.
  explicit dump_pipe(std::function<void()> filled) : filled_(std::move(filled)) {}

  // -- for the one who makes the dump

  /// Waits until the piece has been sent. Throws `error` cancelled when nobody takes it any more.
  void put(std::string_view piece) {
    if (piece.empty())
      return;
    std::unique_lock lock{mutex_};
    piece_ = piece;
    full_ = true;
    if (!closed_)
      filled_();
    changed_.wait(lock, [this] { return !full_ || closed_; });
    if (closed_)
      throw error(errc::cancelled, "the other side has gone");
  }

  // -- for the one who sends it

  /// The piece that `put` has told of, until `sent`.
  [[nodiscard]] std::string take() {
    std::lock_guard guard{mutex_};
    return std::exchange(piece_, {});
  }
  void sent() {
    std::lock_guard guard{mutex_};
    full_ = false;
    changed_.notify_one();
  }
  void close() noexcept {
    std::lock_guard guard{mutex_};
    closed_ = true;
    changed_.notify_one();
  }

private:
  const std::function<void()> filled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string piece_;
  bool full_ = false;
  bool closed_ = false;
};

} // namespace beaver::net
