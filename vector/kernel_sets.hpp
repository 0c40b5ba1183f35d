#pragma once
#include "beaver/vector/kernels.hpp"

// The sets of kernels; for kernels.cpp only, which knows what a machine can run. All files are
// compiled for the oldest machine, and single functions for a newer one: a whole file for a newer
// one would also hold such copies of inline functions of the standard library, and the linker might
// choose them for everybody.

namespace beaver {

extern const kernel_set baseline_kernels;
#if defined(__x86_64__)
extern const kernel_set avx2_kernels;   ///< AVX2, FMA, POPCNT
extern const kernel_set avx512_kernels; ///< those and AVX-512 F, BW, DQ, VL, VNNI, VPOPCNTDQ
#endif

} // namespace beaver
