#pragma once
#include "beaver/storage/json_text.hpp"

namespace beaver {

/// `target` changed as a JSON Merge Patch says (RFC 7396): a patch that is an object replaces
/// members by name, deeply, and removes those that it has as null; any other patch is the result.
/// Members keep their order, new ones come behind them. Both are in normal form, and so is the
/// result. Of members with one name the last one counts. Linear in the size, and in the members of
/// an object for each that is changed.
/// Throws `error` invalid_argument if the target is not JSON.
[[nodiscard]] json_text merge_patch(const json_text& target, const json_text& patch);

} // namespace beaver
