#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace beaver {

class json_text;

/// Checks that messages of several data types share. Each throws `error` invalid_argument that
/// names the member.

/// The name of a dict, blob store, ...: 1..1024 bytes of UTF-8 without NUL.
void check_name(std::string_view type, std::string_view name);

/// A key under `member`: 1..1024 bytes of UTF-8 without NUL.
void check_key(std::string_view member, std::string_view key);

/// A time to live, if given: finite and > 0.
void check_ttl(const std::optional<double>& ttl_seconds);

/// A point in time under `member`, if given: finite.
void check_time(std::string_view member, const std::optional<double>& time);

/// A length of time in seconds under `member`, if given: finite and > 0.
void check_positive_seconds(std::string_view member, const std::optional<double>& seconds);

/// The same that may be 0.
void check_seconds(std::string_view member, const std::optional<double>& seconds);

/// Brings a filter, if given, into the form that it is printed in.
void normalise_filter(json_text& where);
void normalise_filter(std::optional<json_text>& where);

/// A path into JSON under `member`, if given.
void check_json_path(std::string_view member, const std::optional<std::string>& path);

/// Brings a JSON member into normal form.
void normalise(std::string_view member, json_text& value);

} // namespace beaver
