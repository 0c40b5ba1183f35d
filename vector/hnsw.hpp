#pragma once
#include "beaver/vector/index.hpp"

namespace beaver {

/// The strategy hnsw: a graph of near rows (hnsw_graph.hpp), built by hnswlib and searched by us.
/// O(log n) distances for a search and O(n log n) for building, as its authors measured; recall
/// grows with the effort of a search. Memory: about 8 * config.links + 3 bytes a row, and twice as
/// much and more while it is built.
///
/// With one thread the graph depends on rows and config alone; with more also on their timing.
/// Errors as `make_index`; std::invalid_argument also unless 2 <= config.links <= 256. Left out of
/// a build with BEAVER_WITH_HNSW=OFF; what follows is not.
[[nodiscard]] std::unique_ptr<vector_index> make_hnsw(const index_config& config,
                                                      std::shared_ptr<const vector_rows> rows,
                                                      const build_progress& progress = {});

/// As `load_index`. Linear in the bytes.
[[nodiscard]] std::unique_ptr<vector_index> load_hnsw(const index_config& config,
                                                      std::shared_ptr<const vector_rows> rows,
                                                      const std::vector<index_part>& parts);

} // namespace beaver
