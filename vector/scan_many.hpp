#pragma once
#include "beaver/vector/index.hpp"

namespace beaver {

/// The nearest of all rows to each of several vectors, exactly, with all else as in `like`: rows
/// are read once for 64 vectors, which are multiplied with them side by side. The error of a
/// product is bounded, and the rows that the bound does not exclude are scored. Not by manhattan,
/// which is no product. O(rows * dims) for each 16 vectors.
[[nodiscard]] std::vector<std::vector<near_row>>
scan_many(const vector_rows& rows, const near_query& like,
          std::span<const std::span<const float>> vectors,
          const kernel_set& kernels = best_kernels());

} // namespace beaver
