#include "beaver/vector/large_memory.hpp"

#include <cstdlib>
#include <sys/mman.h>

namespace beaver {

void* allocate_large(std::size_t size) {
  constexpr std::size_t line = 64;
  constexpr std::size_t large_page = 2 * 1024 * 1024;
  const auto alignment = size < large_page ? line : large_page;
  void* p = nullptr;
  if (posix_memalign(&p, alignment, size) != 0)
    throw std::bad_alloc{};
#ifdef MADV_HUGEPAGE
  // Not the last part of a page: it would take memory that nobody asked for. A refusal is no harm.
  if (const auto pages = size / large_page * large_page; pages > 0)
    static_cast<void>(madvise(p, pages, MADV_HUGEPAGE));
#endif
  return p;
}

void free_large(void* p) noexcept { std::free(p); }

} // namespace beaver
