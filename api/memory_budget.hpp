#pragma once
#include <atomic>
#include <cstddef>
#include <utility>

namespace beaver {

/// Memory that many share, none of whom is held up by the others: who asks for more than there is,
/// goes without. Thread-safe.
class memory_budget {
public:
  explicit memory_budget(std::size_t bytes) noexcept : limit_(bytes) {}
  memory_budget(const memory_budget&) = delete;
  memory_budget& operator=(const memory_budget&) = delete;

  [[nodiscard]] std::size_t used() const noexcept { return used_; }

  /// What one of them has of it, and gives back with its end. For one thread at a time.
  class share {
  public:
    explicit share(memory_budget& of) noexcept : of_(of) {}
    ~share() { give_back(); }
    share(const share&) = delete;
    share& operator=(const share&) = delete;

    /// False if there is not so much left; it keeps what it has. Who is alone gets all it wants.
    [[nodiscard]] bool grow_to(std::size_t bytes) noexcept {
      if (bytes <= bytes_)
        return true;
      const auto more = bytes - bytes_;
      const auto others = of_.used_.fetch_add(more) - bytes_;
      if (others != 0 && others + bytes > of_.limit_) {
        of_.used_ -= more;
        return false;
      }
      bytes_ = bytes;
      return true;
    }

    void give_back() noexcept { of_.used_ -= std::exchange(bytes_, 0); }

  private:
    memory_budget& of_;
    std::size_t bytes_ = 0;
  };

private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

} // namespace beaver
