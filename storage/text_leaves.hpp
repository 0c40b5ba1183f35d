#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// A string inside a JSON value, with the place where it stands: names of members with dots between
/// them. Elements of arrays have the place of their array, a value that is a string itself has "".
struct text_leaf {
  std::string path;
  std::string text;
};

/// All strings of a JSON value in the order in which they stand, but for blank ones: what the
/// Python original indexes of a document. `json` is in normal form. Throws `error` invalid_argument
/// for a string that no UTF-8 can hold (half a surrogate pair). Linear.
[[nodiscard]] std::vector<text_leaf> text_leaves(std::string_view json);

/// Whether a path is `field` or a place within it; everything is within "".
[[nodiscard]] bool is_within(std::string_view path, std::string_view field) noexcept;

} // namespace beaver
