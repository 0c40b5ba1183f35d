#pragma once
#include "beaver/api/dispatcher.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace beaver::test {

/// An executor with a thread of its own.
class worker {
public:
  worker()
    : thread_([this] {
        std::unique_lock lock{mutex_};
        for (;;) {
          wake_.wait(lock, [this] { return ended_ || !queue_.empty(); });
          if (queue_.empty())
            return;
          auto work = std::move(queue_.front());
          queue_.pop_front();
          lock.unlock();
          work();
          work = nullptr;
          lock.lock();
        }
      }) {}
  ~worker() {
    {
      std::lock_guard guard{mutex_};
      ended_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  executor as_executor() {
    return [this](std::function<void()> work) {
      std::lock_guard guard{mutex_}; // to the end: what it wakes may be the end of this
      queue_.push_back(std::move(work));
      wake_.notify_one();
    };
  }
  [[nodiscard]] std::thread::id id() const { return thread_.get_id(); }

private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool ended_ = false;
  std::thread thread_;
};

} // namespace beaver::test
