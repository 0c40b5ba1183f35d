#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace beaver {

/// A word that many others are compared with.
///
/// The distance is the least number of edits that turn one word into the other: insertion, deletion
/// or substitution of a character, or transposition of two adjacent ones, where no place is edited
/// twice ("optimal string alignment", also called restricted Damerau-Levenshtein): "ca" and "abc"
/// are 3 apart, not 2. It is symmetric, but no metric: "ca" to "ac" to "abc" is 1 + 1. A character
/// is a code point; a byte that is no UTF-8 is a character of its own.
///
/// Algorithm: the columns of the dynamic programme as bit vectors, 64 rows a machine word: Heikki
/// Hyyro, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", Nordic
/// Journal of Computing 10 (2003); longer words in blocks with the carries of Gene Myers, "A fast
/// bit-vector algorithm for approximate string matching based on dynamic programming", Journal of
/// the ACM 46 (1999). Thread-safe.
class edit_pattern {
public:
  /// Takes ceil(m / 64) words of memory for each Latin-1 character and for each other one that the
  /// pattern of m characters has, so 2 KiB for a word of Latin-1.
  explicit edit_pattern(std::string_view word);

  /// The distance between the words, empty if it is greater than `limit`. O(n ceil(m / 64)) for a
  /// word of n characters and a pattern of m, less if the limit is passed early; does not allocate
  /// for patterns of up to 64 characters.
  [[nodiscard]] std::optional<unsigned> distance(std::string_view word, unsigned limit) const;

  /// Characters of the pattern.
  [[nodiscard]] std::size_t length() const noexcept { return length_; }

private:
  [[nodiscard]] const std::uint64_t* places_of(char32_t c) const noexcept;

  std::size_t length_ = 0;
  std::size_t blocks_ = 1;
  std::vector<char32_t> others_;      // characters of the pattern beyond Latin-1, sorted
  std::vector<std::uint64_t> places_; // where a character is, `blocks_` words for each:
                                      // Latin-1, then `others_`, then what is nowhere
};

/// How many edits are usually forgiven in a word of so many characters: 0 up to 2, 1 up to 5, 2 in
/// longer ones. It is what Elasticsearch calls the fuzziness AUTO.
[[nodiscard]] constexpr unsigned allowed_distance(std::size_t length) noexcept {
  return length <= 2 ? 0 : length <= 5 ? 1 : 2;
}

} // namespace beaver
