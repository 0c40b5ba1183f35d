#pragma once
// What Python's str.lower() does to every character; used by lower_case_test.cpp.
// Unicode 14.0.0; made by tools/make_lower_case.py, not to be edited.
#include <cstdint>

namespace beaver::test {

/// FNV-1a over the lower case of each character, as UTF-8, in their order.
inline constexpr std::uint64_t lower_case_digest = 0xc319d02e8283b91e;

/// The same over the lower case of "cΣ AcΣ AΣc AΣcB " for each character c.
inline constexpr std::uint64_t final_sigma_digest = 0xa5dfd2f8b1459996;

/// The same over the lower case of each word of six out of "AΣ.1", in the order of these.
inline constexpr std::uint64_t sigma_words_digest = 0xbf49162b74b083c1;

} // namespace beaver::test
