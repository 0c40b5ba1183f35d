#pragma once
#include "beaver/vector/index.hpp"

namespace beaver {

/// The exact strategy: looks at every row. Above 4 MiB of floats by way of 8-bit copies, which are
/// a quarter of the memory to read and prove which rows need not be scored (`int8_rows`); they are
/// made by the second search, so that the first does not wait. Several
/// vectors together go by products of floats (`scan_many`). The answer is that of scoring every row
/// in double.
[[nodiscard]] std::unique_ptr<vector_index> make_linear(const index_config& config,
                                                        std::shared_ptr<const vector_rows> rows);

} // namespace beaver
