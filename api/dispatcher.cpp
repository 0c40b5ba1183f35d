#include "beaver/api/dispatcher.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace beaver {

struct dispatcher::impl {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> queue;
  std::thread thread;
  bool ended = false;

  void post(std::function<void()> work, const std::shared_ptr<impl>& self) {
    {
      std::lock_guard guard{mutex};
      if (!ended) {
        queue.push_back(std::move(work));
        if (!thread.joinable())
          thread = std::thread{[self] { self->run(); }};
        wake.notify_one();
        return;
      }
    }
    work();
  }

  void run() {
    std::unique_lock lock{mutex};
    for (;;) {
      wake.wait(lock, [this] { return ended || !queue.empty(); });
      if (queue.empty())
        return;
      {
        auto work = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        work();
      } // what the work holds goes before the lock is taken again
      lock.lock();
    }
  }
};

dispatcher::dispatcher() : impl_(std::make_shared<impl>()) {}

dispatcher::~dispatcher() {
  std::thread ending;
  {
    std::lock_guard guard{impl_->mutex};
    impl_->ended = true;
    ending = std::move(impl_->thread);
  }
  impl_->wake.notify_one();
  if (!ending.joinable())
    return;
  if (ending.get_id() == std::this_thread::get_id())
    ending.detach(); // the last owner let go inside a callback
  else
    ending.join();
}

void dispatcher::post(std::function<void()> work) { impl_->post(std::move(work), impl_); }

executor dispatcher::as_executor() const {
  return [inside = impl_](std::function<void()> work) { inside->post(std::move(work), inside); };
}

} // namespace beaver
