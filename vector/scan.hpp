#pragma once
#include "beaver/vector/index.hpp"

namespace beaver {

/// The nearest of some rows, by their exact scores: at most query.k, in the order of
/// `vector_index::search`. `rows_of` may be in any order, each once; those that are not in
/// query.among are left out. O(candidates * dims).
[[nodiscard]] std::vector<near_row> nearest_of(const vector_rows& rows, const near_query& query,
                                               std::span<const std::uint32_t> candidates);

/// The nearest of all rows, exactly: one pass with a kernel in float, whose error is bounded, then
/// exact scores for the rows that the bound does not exclude. Few allowed rows are visited one by
/// one. With `ties` the rows that score as the last one come along, more than k though they may be.
[[nodiscard]] std::vector<near_row> scan_rows(const vector_rows& rows, const near_query& query,
                                              const kernel_set& kernels, bool ties = false);

} // namespace beaver
