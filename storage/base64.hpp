#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace beaver::base64 {

/// Appends `data` in the standard alphabet of RFC 4648, padded.
void append(std::string& out, std::string_view data);

/// Appends `data` in the alphabet of RFC 4648 that is safe in URLs and file names, not padded.
void append_url(std::string& out, std::string_view data);

/// The bytes; empty if `text` is not what `append` writes for some bytes: other characters, missing
/// padding, or bits set that stand for nothing.
[[nodiscard]] std::optional<std::string> decode(std::string_view text);

} // namespace beaver::base64
