#pragma once
#include <cstddef>
#include <limits>
#include <new>

namespace beaver {

/// Memory for large arrays, of which a search reads a row here and a row there: it begins at a
/// cache line, and from 2 MiB on lies in large pages where the system has such. With small ones the
/// processor looks for the page of a row as long as it then takes to read it. Throws
/// std::bad_alloc.
[[nodiscard]] void* allocate_large(std::size_t size);
void free_large(void* p) noexcept;

/// Asks for bytes that will be read soon, at most 1 KiB: further on the processor goes by itself.
inline void prefetch_bytes(const void* from, std::size_t size) noexcept {
  constexpr std::size_t line = 64;
  const auto* bytes = static_cast<const char*>(from);
  for (std::size_t at = 0; at < size && at < 16 * line; at += line)
    __builtin_prefetch(bytes + at);
}

/// For std::unique_ptr.
struct large_free {
  void operator()(void* p) const noexcept { free_large(p); }
};

/// For std::vector.
template <class T>
struct large_allocator {
  using value_type = T;

  large_allocator() = default;
  template <class U>
  explicit(false) large_allocator(const large_allocator<U>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T))
      throw std::bad_alloc{};
    return static_cast<T*>(allocate_large(count * sizeof(T)));
  }
  void deallocate(T* p, std::size_t) noexcept { free_large(p); }

  friend bool operator==(const large_allocator&, const large_allocator&) = default;
};

} // namespace beaver
