#pragma once
#include "beaver/vector/index.hpp"

// Finds near rows by signatures: on which side of random hyperplanes each row lies. Not by buckets
// of equal bits, which lose too much: all signatures are compared with the query, 8 rows at a time,
// and the rows that seem the nearest are scored exactly. A signature is a tenth of a row of 100
// dims, less of a longer one.
//
// A row x, as the metric sees it (cosine: its direction), is t = x - m with the mean m of all. P
// has the normals of B planes as its rows, s = the signs (-1, 1) of P t. For any u, A s.(P u) is
// near t.u with A = |t|^2 / |P t|_1, which makes it exact for u = t; the error is about
// 0.75 |t| |u| / sqrt(B), as often up as down. (Derived here, in the spirit of Gao, Long, "RaBitQ",
// 2024.) So with u = q - m
//
//   euclid         |x - q|^2 / 2 = |t|^2 / 2 - t.u + what is the same for all rows
//   inner_product  -x.q          = -t.m - t.u      + what is the same for all rows
//   cosine         likewise of the directions
//
// where a product orders alike for any length of q: the one is taken that makes u short. Then what
// `kernel_set::scan_signatures` computes is lower for nearer rows. Of the query P u is rounded to 2
// bits, step (n - 3/2) with n = 0..3, where the step is the root mean square of P u, about what is
// best for normal numbers; then stretched, to make what is rounded as long along P u as that is.
// With bits as signs n - 3/2 is half of twice the higher one and once the lower one, so that
// s.(P u) = step (3/2 B - T), where T counts the bits of n, so weighed, that differ from the
// signature's. The error becomes 0.88 |t| |u| / sqrt(B), and a third more rows have to be looked at
// than with 4 bits; but these take twice as long to count, which costs more.
//
// A search looks at max(effort, k) rows more closely, effort being that of the query or else the
// tuned one (200 at first), of which a k above 10 takes as much for each neighbour: that finds no
// smaller a share of them (measured up to 100). If no more are allowed, or for another metric
// than its own, it is a scan and exact. O(n * B / 64) time; B / 8 + 8 bytes for each row,
// and the planes.

namespace beaver {

/// How many planes: about 2.5 for each of the dims up to 320, since the error falls with their root
/// whatever the dims are; more for long rows, half of the dims up to 1,024, since these cost more
/// to look at. A multiple of 64, at least 128.
[[nodiscard]] std::size_t signature_bits(std::size_t dims) noexcept;

/// As `make_index`, for strategy::lsh. Throws std::invalid_argument for manhattan.
/// O(n * dims * B) by config.threads threads; `progress` is called at least every 512 rows that the
/// calling one makes, and at the end.
[[nodiscard]] std::unique_ptr<vector_index> make_lsh(const index_config& config,
                                                     std::shared_ptr<const vector_rows> rows,
                                                     const build_progress& progress = {});

/// As `load_index`, for strategy::lsh. Wrong but finite numbers in the parts may let it
/// find worse rows, never fewer.
[[nodiscard]] std::unique_ptr<vector_index> load_lsh(const index_config& config,
                                                     std::shared_ptr<const vector_rows> rows,
                                                     const std::vector<index_part>& parts);

} // namespace beaver
