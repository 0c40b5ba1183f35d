#pragma once
#include <array>
#include <cstdint>
#include <string_view>

// Digests by which files that others write too place their items. Both are broken as cryptography;
// nothing here may be used to keep or to prove anything.

namespace beaver::sketches {

/// SHA-1 (RFC 3174). Thread-safe, linear; a short text costs one block of 64 bytes.
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view text) noexcept;

/// MD5 (RFC 1321). Likewise.
[[nodiscard]] std::array<std::uint8_t, 16> md5(std::string_view text) noexcept;

} // namespace beaver::sketches
