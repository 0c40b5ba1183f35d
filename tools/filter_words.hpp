#pragma once
#include "beaver/storage/json_text.hpp"

#include <string_view>

namespace beaver::cli {

/// A filter as people type it, in its wire form: conditions with && between them, each of them
///
///     topic=noun.animal   year>=1990   tags contains "vip"   user.id!=7   author exists
///
/// A value is JSON or, if it is none, a string. The wire form itself is given back as it is. Throws
/// `usage_error`.
[[nodiscard]] json_text filter_from(std::string_view text);

} // namespace beaver::cli
