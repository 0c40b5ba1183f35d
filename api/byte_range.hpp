#pragma once
#include "beaver/api/http_message.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace beaver {

/// The bytes that a request asks for instead of the whole: RFC 9110, section 14.
struct byte_range {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last{}; ///< absent: to the end
  bool from_end = false;               ///< the last `first` bytes
};

/// The range that a GET asks for by its header. Nothing, and so the whole, if it asks for several,
/// in another unit, or not in the form it should; and if it has an If-Range, since no body here has
/// a validator that could match.
[[nodiscard]] std::optional<byte_range> byte_range_of(const http_request& head);

/// The response with `content`, or the part of it that was asked for: 206, or 416 if `content` has
/// none of these bytes. Copies no more than it gives.
[[nodiscard]] http_response bytes_response(std::string_view content,
                                           const std::optional<byte_range>& asked);

} // namespace beaver
