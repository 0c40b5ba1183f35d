#pragma once
#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

namespace beaver::test {

/// Memory for numbers between two pages that may not be touched: what reads or writes beyond either
/// end dies of it.
template <class T>
class fenced_memory {
public:
  /// Room for at least `most` numbers.
  explicit fenced_memory(std::size_t most)
    : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
      inside_((most * sizeof(T) + page_ - 1) / page_ * page_) {
    map_ = ::mmap(nullptr, inside_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map_ == MAP_FAILED)
      throw std::bad_alloc{};
    if (::mprotect(start(), inside_, PROT_READ | PROT_WRITE) != 0) {
      ::munmap(map_, inside_ + 2 * page_);
      throw std::bad_alloc{};
    }
  }
  ~fenced_memory() { ::munmap(map_, inside_ + 2 * page_); }
  fenced_memory(const fenced_memory&) = delete;
  fenced_memory& operator=(const fenced_memory&) = delete;

  /// The first numbers, from the lower fence on.
  [[nodiscard]] std::span<T> first(std::size_t count) const {
    return {reinterpret_cast<T*>(start()), count};
  }

  /// The last numbers, up to the upper fence.
  [[nodiscard]] std::span<T> last(std::size_t count) const {
    return {reinterpret_cast<T*>(start() + inside_) - count, count};
  }

  /// A copy of numbers as the last ones.
  [[nodiscard]] T* last(const std::vector<T>& numbers) const {
    const auto place = last(numbers.size());
    std::copy(numbers.begin(), numbers.end(), place.begin());
    return place.data();
  }

private:
  [[nodiscard]] std::byte* start() const { return static_cast<std::byte*>(map_) + page_; }

  std::size_t page_;
  std::size_t inside_;
  void* map_;
};

} // namespace beaver::test
