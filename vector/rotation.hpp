#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace beaver {

/// Normals of `count` random hyperplanes through the origin, row by row: unit vectors, at right
/// angles to each other within each group of `dims`, so that no sign repeats what others say
/// already (Ji, Li, Yan, Zhang, Tian, "Super-bit locality-sensitive hashing", 2012).
///
/// The same on every machine for a seed, but for the last bits of the mathematical library: who
/// stores signs stores the planes too. O(count * min(count, dims) * dims).
[[nodiscard]] std::vector<float> random_planes(std::size_t count, std::size_t dims,
                                               std::uint64_t seed);

/// out[i * count + j] = row i . plane j; `planes` as above. O(rows * count * dims), in blocks that
/// stay in the cache.
void project(const std::vector<float>& planes, std::size_t dims, const float* rows,
             std::size_t row_count, float* out);

} // namespace beaver
