#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace beaver {

/// One place of a ranked list. Greater scores are better.
struct ranked {
  std::string id;
  double score;
};

enum class fusion_method : std::uint8_t {
  /// An id gets weight / (k + its place, from 1) from each list that has it; scores are not looked
  /// at. (Cormack, Clarke, Buettcher: "Reciprocal rank fusion outperforms Condorcet and individual
  /// rank learning methods", SIGIR 2009.)
  reciprocal_rank,
  /// An id gets weight * score from each list that has it, after the scores of the list have been
  /// brought to 0 for the least and 1 for the greatest; to 1 if they are all equal.
  weighted_scores
};

struct fusion_options {
  fusion_method method = fusion_method::reciprocal_rank;
  double k = 60;                 // > 0: the greater, the less the first places stand out
  std::vector<double> weights{}; // >= 0, one per list; empty: 1 each
};

/// Fuses ranked lists into one, best first, ties by id; its scores are what the method gives. The
/// lists are best first; an id that a list has again is passed over there and takes no place, and
/// a list of weight 0 is left out.
///
/// Throws `error` invalid_argument: k not finite or <= 0; weights of another number than lists, or
/// negative, all 0 or not finite, also in their sum; by weighted_scores, a score that is not
/// finite. O(n log n) for n places in all. Thread-safe.
[[nodiscard]] std::vector<ranked> fuse(std::span<const std::vector<ranked>> lists,
                                       const fusion_options& options = {});

} // namespace beaver
