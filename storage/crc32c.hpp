#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace beaver {

/// CRC-32C of bytes: the Castagnoli polynomial 0x1EDC6F41, bits reflected, as iSCSI uses it (RFC
/// 3720, section 12.1; test vectors in appendix B.4). `before`: the sum of what precedes them, so
/// that pieces give what the whole gives. By the instruction of SSE4.2 where there is one.
/// Thread-safe, linear.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data,
                                   std::uint32_t before = 0) noexcept;

namespace detail {

/// The same by tables alone, eight bytes at a time (Kounavis and Berry, "A Systematic Approach to
/// Building High Performance Software-based CRC Generators", 2005). For machines without the
/// instruction, and to test it.
[[nodiscard]] std::uint32_t crc32c_by_tables(std::span<const std::byte> data,
                                             std::uint32_t before = 0) noexcept;

} // namespace detail
} // namespace beaver
