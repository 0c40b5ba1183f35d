#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace beaver {

/// Query and rows of `scan_signatures`; the recipe is in vector/lsh.hpp.
struct signature_scan {
  const std::uint64_t* planes; ///< [2][words]: bit k of each of the query's 2-bit numbers
  std::size_t words;           ///< of a signature
  const std::uint64_t* blocks; ///< [block][words][8]: the signatures of 8 rows, word by word
  const float* scale;          ///< [block][8], and so the next
  const float* base;
  float weight;   ///< of the weighed bits
  float constant; ///< added to them
};

/// The inner loops of vector search, for one kind of processor. A row-major matrix of floats has no
/// padding between rows and may begin anywhere; floats need be finite only where it says so. All
/// are thread-safe and allocate nothing.
///
/// Sums of floats are taken in float and in any order: with n terms the result is within
/// (n + 2) * 2^-24 * (sum of the absolute terms) + n * 2^-149 of the true one, if nothing overflows
/// (the 2 is for squared differences; Jeannerod and Rump, "Improved error bounds for inner
/// products", 2013). O(count * dims); rows that are not in a cache cost the time to read them.
struct kernel_set {
  std::string_view name; ///< "baseline", "avx2" or "avx512"

  /// out[i] = query . row i, for `count` rows of `dims` floats.
  void (*dot)(const float* query, const float* rows, std::size_t count, std::size_t dims,
              float* out);
  /// out[i] = the sum of squared differences.
  void (*squared)(const float* query, const float* rows, std::size_t count, std::size_t dims,
                  float* out);
  /// out[i] = the sum of absolute differences.
  void (*absolute)(const float* query, const float* rows, std::size_t count, std::size_t dims,
                   float* out);

  /// out[i * lanes + l] = query l . row i, where number j of query l is queries[j * lanes + l];
  /// `lanes` a multiple of 16. Several queries side by side need no sum across lanes.
  void (*dot_batch)(const float* queries, std::size_t lanes, const float* rows, std::size_t count,
                    std::size_t dims, float* out);

  /// out[i] = the sum of query[j] * rows[i * stride + j], exactly; `stride` a multiple of 64, at
  /// most 65,536.
  void (*dot_int8)(const std::uint8_t* query, const std::int8_t* rows, std::size_t count,
                   std::size_t stride, std::int32_t* out);

  /// out[8 b + r] = scale * (weight * bits + constant) + base, all of row r of block b, where bits
  /// is popcount(signature ^ plane 0) + 2 * popcount(signature ^ plane 1). In float.
  void (*scan_signatures)(const signature_scan& what, std::size_t block_count, float* out);

  /// Writes first + i for each i with values[i] <= limit, in order; gives their number. `out` has
  /// room for `count`. A value that is no number is never written.
  std::size_t (*select)(const float* values, std::size_t count, float limit, std::uint32_t first,
                        std::uint32_t* out);
};

/// What this machine can run, the best first; never empty, the last is the baseline.
[[nodiscard]] std::span<const kernel_set* const> available_kernels() noexcept;

/// The best of them, or the one that the environment variable BEAVER_KERNELS names: for tests, and
/// to find out whether a kernel is at fault. A name that is unknown, or of a set that this machine
/// cannot run, is passed over: `name` tells which set it is. Read once.
[[nodiscard]] const kernel_set& best_kernels() noexcept;

} // namespace beaver
