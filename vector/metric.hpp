#pragma once
#include <cstdint>
#include <span>

namespace beaver {

/// What two vectors being near means. Every score is a distance: the lower, the nearer.
enum class metric : std::uint8_t {
  cosine,        ///< (1 - cos) / 2, of 0..1; cos is a.b / (|a| |b| + 1e-10), as the original has it
  euclid,        ///< the square root of the sum of squared differences
  manhattan,     ///< the sum of absolute differences
  inner_product, ///< -a.b; may be negative
};

/// The length of a vector, summed up in double.
[[nodiscard]] double norm(std::span<const float> a) noexcept;

/// The score of two vectors of one length: what all indexes give, whichever way they have found
/// them. Terms are added up in double and in their order, so that equal inputs have equal scores on
/// every machine. `norm_a`, `norm_b`: as `norm` gives them; only cosine looks at them.
[[nodiscard]] double score(metric by, std::span<const float> a, double norm_a,
                           std::span<const float> b, double norm_b) noexcept;

} // namespace beaver
