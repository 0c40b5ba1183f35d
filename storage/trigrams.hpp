#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// The distinct windows of three characters (code points) of a text, in the order of their bytes;
/// none if it has fewer. For a document these are the rows that the Python original stores in
/// `__beaver_trigrams__`: there the text is that of all strings of the document, but for blank
/// ones, joined by a space and brought to `lower_case`. A byte that is no UTF-8 is a character of
/// its own. O(n log n) time and 8 n bytes for n characters. Thread-safe.
[[nodiscard]] std::vector<std::string> trigrams(std::string_view lower_case);

} // namespace beaver
