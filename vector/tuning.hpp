#pragma once
#include "beaver/vector/base.hpp"

namespace beaver {

/// What a collection of this many bytes of floats is searched with, if nobody says: all of it up to
/// 40 MiB, where exact answers take well below a millisecond; signatures up to 400 MiB; beyond, a
/// graph, if this build can make one. So that a collection at a border does not go to and fro, it
/// has to pass it by 30 % to come from the strategy `before`. Manhattan has no signatures.
[[nodiscard]] strategy choose_strategy(std::size_t bytes, metric by, strategy before) noexcept;

/// Whether this build can make graphs.
[[nodiscard]] bool has_hnsw() noexcept;

/// The share of the 10 nearest that a search of the index finds: asked for 64 of its own rows,
/// chosen evenly, which do not count themselves. Exact scans of as many.
[[nodiscard]] double measure_recall(const vector_base& base, metric by);

/// Raises the effort of an approximate index, by half each time and at most six times, until that
/// share reaches `target`; gives the last one measured.
double tune_recall(vector_index& index, const vector_base& base, metric by, double target);

} // namespace beaver
