#pragma once
#include <string>
#include <string_view>

namespace beaver {

/// Description of everything that a server answers, for programs in other languages and for our own
/// page of it: an OpenAPI 3.1 document (JSON, about 200 KB), made of the registry alone.
///
/// - Each route is an operation under its message's name; a lenient second path under that name
///   and "_or_null". The tag is the data type.
/// - Records and enums are schemas under their names in C++. A record in a reply may get more
///   members later.
/// - Streams are a GET with `x-websocket: true`, and the schema of an item in `x-item`.
/// - Of failures, those that the route tells are listed, and those that any request may meet; all
///   others are under `default`.
///
/// `server_url`: what the paths are to be appended to; "/" is where the document was read from.
/// Always the same text within one release. Throws `error` invalid_argument if the URL is not
/// UTF-8. Some milliseconds; thread-safe.
[[nodiscard]] std::string openapi_document(std::string_view server_url = "/");

} // namespace beaver
