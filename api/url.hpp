#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// Text with each %XX replaced by its byte, and with `plus_is_blank` each + by a blank (as forms
/// are sent). Empty if a % is not followed by two hex digits. Source: RFC 3986, section 2.1.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text,
                                                         bool plus_is_blank = false);

/// Appends text of which all but unreserved characters are %XX: it can stand in a path segment, or
/// as name or value in a query.
void append_percent_encoded(std::string& out, std::string_view text);

/// The target of a request in its parts, as they stand there: "/dicts/a%20b?x=1" has the segments
/// "dicts" and "a%20b" and the query "x=1". Views into the target.
struct url_parts {
  std::vector<std::string_view> segments;
  std::string_view query;
};

/// Empty unless the target begins with "/". What is behind a # is no part of it.
[[nodiscard]] std::optional<url_parts> split_target(std::string_view target);

/// Names and values of a query, decoded, in their order. Empty if one cannot be decoded.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>>
query_members(std::string_view query);

} // namespace beaver
