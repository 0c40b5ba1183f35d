#pragma once
#include "beaver/api/http_message.hpp"

#include <optional>
#include <string_view>

namespace beaver {

/// The response to a GET of a page that is always the same: /openapi.json, and /docs with its two
/// files; nothing for any other path. The text of each is made once.
///
/// Each has an ETag and is to be asked for again each time: 304 if `if_none_match` (that header of
/// the request) names it. /docs runs under a Content-Security-Policy that lets it load and reach
/// only the server that it came from. Thread-safe.
[[nodiscard]] std::optional<http_response> static_page(std::string_view path,
                                                       std::string_view if_none_match = {});

} // namespace beaver
