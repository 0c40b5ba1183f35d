#pragma once
#include "beaver/vector/index.hpp"

namespace beaver {

/// What a collection of this many bytes of floats is searched with, if nobody says: all of it up to
/// 40 MiB, where exact answers take well below a millisecond; signatures up to 400 MiB; beyond, a
/// graph, if this build can make one. So that a collection at a border does not go to and fro, it
/// has to pass it by 30 % to come from the strategy `before`. Manhattan has no signatures.
[[nodiscard]] strategy choose_strategy(std::size_t bytes, metric by, strategy before) noexcept;

/// Whether this build can make graphs.
[[nodiscard]] bool has_hnsw() noexcept;

/// Sets the effort of an approximate index over `rows` to the least, up to a 16th of it, that finds
/// the share `target` of the 10 nearest; gives the share that it finds. It is measured with 256 of
/// the rows, chosen evenly, for a graph with queries beside them, and has to exceed the target by
/// its standard error (near 0.95 that is 0.006): so that other queries, which find more or less
/// than these by about as much, reach it as a rule. A graph, which finds more of these than of
/// others, gets less effort than it has only where it misses half of what it might. Not below 10,
/// and at most 16 times what it is: if that does not do, the share that is given is what there is.
/// Not while somebody searches.
///
/// The effort is doubled or halved until the least one lies between two, then these are brought
/// together: as a rule 6 or 7 searches with each query, and one or two exact scans, batched.
double tune_recall(vector_index& index, const vector_rows& rows, metric by, double target);

} // namespace beaver
