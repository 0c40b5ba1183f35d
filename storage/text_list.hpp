#pragma once
#include <string>
#include <string_view>
#include <vector>

/// Lists of texts as they are stored in a column: a JSON array of strings in normal form.
namespace beaver::text_list {

[[nodiscard]] std::string to_json(const std::vector<std::string>& texts);

/// Throws `error` invalid_argument if it is none.
[[nodiscard]] std::vector<std::string> from_json(std::string_view json);

} // namespace beaver::text_list
