#pragma once
#include "beaver/vector/kernels.hpp"

// The sets of kernels; for kernels.cpp only.

namespace beaver {

extern const kernel_set baseline_kernels;

} // namespace beaver
