#include "beaver/vector/kernels.hpp"

#include "beaver/vector/kernel_sets.hpp"

#include <array>
#include <cstdlib>

namespace beaver {

namespace {

struct set_list {
  std::array<const kernel_set*, 3> sets{};
  std::size_t count = 0;

  void add(const kernel_set& set) { sets[count++] = &set; }
};

set_list find_runnable() noexcept {
  set_list found;
#if defined(__x86_64__)
  // Looks at what the operating system saves on a switch of threads, too.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                    && __builtin_cpu_supports("popcnt");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vpopcntdq"))
    found.add(avx512_kernels);
  if (avx2)
    found.add(avx2_kernels);
#endif
  found.add(baseline_kernels);
  return found;
}

const kernel_set& choose() noexcept {
  const auto runnable = available_kernels();
  if (const char* name = std::getenv("BEAVER_KERNELS"))
    for (const auto* set : runnable)
      if (set->name == name)
        return *set;
  return *runnable.front();
}

} // namespace

std::span<const kernel_set* const> available_kernels() noexcept {
  static const set_list runnable = find_runnable();
  return {runnable.sets.data(), runnable.count};
}

const kernel_set& best_kernels() noexcept {
  static const kernel_set& chosen = choose();
  return chosen;
}

} // namespace beaver
