#include "beaver/storage/bell_file.hpp"

#include "beaver/storage/bell_page.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <utility>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace beaver {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

class bell_poll final : public bell {
public:
  bell_poll(std::string reason, nanoseconds nap) : reason_(std::move(reason)), nap_(nap) {}

  bool available() const noexcept override { return false; }
  bool can_ring() const noexcept override { return false; }
  std::string_view reason() const noexcept override { return reason_; }
  std::uint32_t value() const noexcept override { return 0; }
  void ring() noexcept override {}

  bool wait(std::uint32_t, nanoseconds timeout) override {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::min(timeout, nap_), [this] { return interrupted_; });
    return !std::exchange(interrupted_, false);
  }
  void interrupt() noexcept override {
    {
      std::lock_guard lock{mutex_};
      interrupted_ = true;
    }
    changed_.notify_one();
  }

private:
  const std::string reason_;
  const nanoseconds nap_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool interrupted_ = false;
};

#ifdef __linux__

// The words are shared with other processes and the counter with the kernel.
static_assert(std::atomic_ref<std::uint32_t>::is_always_lock_free);

/// One word of memory that threads of several processes sleep on, together with the file it is in.
class bell_file final : public bell {
public:
  explicit bell_file(detail::mapped_bell file) : file_(std::move(file)), page_(file_.page()) {
    if (!can_ring())
      return;
    take_bit();
    detail::forget_the_dead({file_.descriptor(), page_, mine_});
  }
  ~bell_file() override {
    clear_mine(page_->sleeping);
    clear_mine(page_->queuing);
  }

  bool available() const noexcept override { return true; }
  bool can_ring() const noexcept override { return file_.writable(); }
  std::string_view reason() const noexcept override { return {}; }
  std::uint32_t value() const noexcept override { return std::atomic_ref(page_->counter).load(); }

  // First the counter, then the sleepers; a sleeper the other way round. So one of the two sees the
  // other, and a process killed between the two steps only makes the next ring wake for both.
  void ring() noexcept override {
    if (!can_ring())
      return;
    std::atomic_ref(page_->counter).fetch_add(1);
    const auto sleepers = std::atomic_ref(page_->sleeping).load() & ~own();
    if (sleepers != 0)
      wake(sleepers);
  }

  bool wait(std::uint32_t last, nanoseconds timeout) override {
    const auto now = steady_clock::now();
    const auto deadline = timeout < steady_clock::time_point::max() - now
                            ? now + timeout
                            : steady_clock::time_point::max();
    if (can_ring())
      std::atomic_ref(page_->sleeping).fetch_or(mine_);
    const bool answer = sleep(last, deadline);
    clear_mine(page_->sleeping);
    return answer;
  }

  // Without the counter, a `wait` that has looked at the flag and does not sleep yet would miss it.
  void interrupt() noexcept override {
    interrupted_ = true;
    if (!can_ring())
      return; // found at the end of the piece
    std::atomic_ref(page_->counter).fetch_add(1);
    wake(mine_);
  }

  detail::turn_place place_in_turn() const noexcept override {
    if (!can_ring())
      return {};
    const int descriptor = file_.open_again();
    return descriptor < 0 ? detail::turn_place{} : detail::turn_place{descriptor, page_, mine_};
  }

private:
  void take_bit() {
    for (int i = 0; i < detail::places; ++i) {
      const auto lock = detail::lock_byte(file_.descriptor(), detail::first_place + i);
      if (lock == detail::lock_result::impossible)
        return;
      if (lock == detail::lock_result::taken) {
        mine_ = std::uint32_t{1} << i;
        clear_mine(page_->sleeping); // of one that was killed
        clear_mine(page_->queuing);
        return;
      }
    }
  }

  /// The bit that means us and nobody else.
  [[nodiscard]] std::uint32_t own() const noexcept { return mine_ & ~detail::common_bit; }

  void clear_mine(std::uint32_t& mask) const noexcept {
    if (can_ring() && own() != 0)
      std::atomic_ref(mask).fetch_and(~own());
  }

  bool sleep(std::uint32_t last, steady_clock::time_point deadline) {
    for (;;) {
      const bool moved = value() != last; // before the flag: see interrupt
      if (interrupted_.exchange(false))
        return false;
      if (moved)
        return true;
      const auto now = steady_clock::now();
      if (now >= deadline)
        return false;
      // Nobody wakes one who cannot say that he sleeps.
      const auto piece = can_ring() || deadline - now <= 10ms ? deadline : now + 10ms;
      const auto since_boot = std::chrono::duration_cast<nanoseconds>(piece.time_since_epoch());
      struct timespec until = {};
      until.tv_sec = static_cast<time_t>(since_boot.count() / 1'000'000'000);
      until.tv_nsec = static_cast<long>(since_boot.count() % 1'000'000'000);
      // Whatever it says (woken, too late, a signal, the time), the loop looks itself.
      ::syscall(SYS_futex, &page_->counter, FUTEX_WAIT_BITSET, last, &until, nullptr, mine_);
    }
  }

  void wake(std::uint32_t whom) const noexcept {
    ::syscall(SYS_futex, &page_->counter, FUTEX_WAKE_BITSET, std::numeric_limits<int>::max(),
              nullptr, nullptr, whom);
  }

  detail::mapped_bell file_;
  detail::bell_page* const page_;
  std::uint32_t mine_ = detail::common_bit;
  std::atomic<bool> interrupted_ = false;
};

#endif

} // namespace

detail::turn_place bell::place_in_turn() const noexcept { return {}; }

std::unique_ptr<bell> polling_bell(std::string reason, nanoseconds nap) {
  return std::make_unique<bell_poll>(std::move(reason), nap);
}

std::unique_ptr<bell> open_bell(const std::filesystem::path& database) {
  auto file = detail::mapped_bell::open(std::filesystem::absolute(database).string());
#ifdef __linux__
  if (file.page())
    return std::make_unique<bell_file>(std::move(file));
#endif
  return polling_bell(file.reason());
}

} // namespace beaver
