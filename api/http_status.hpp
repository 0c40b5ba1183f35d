#pragma once
#include "beaver/api/http_message.hpp"
#include "beaver/storage/error.hpp"

#include <string_view>

namespace beaver {

/// How a failure meets the wire.
struct wire_error {
  unsigned status;
  std::string_view name; ///< `error` in the body: the Python original's class where it has one
};

/// That of a code, for an operation on managers of a data type ("list"); "" for any.
[[nodiscard]] wire_error wire_error_of(errc code, std::string_view type) noexcept;

/// The code that the body of a response names. Without one (the Python original sends none), that
/// of its status.
[[nodiscard]] errc code_of(unsigned status, std::string_view code_name) noexcept;

/// {"error": name, "message": text, "detail": null, "code": "not_found"}; what has no code, since
/// it never reached an operation, goes without.
[[nodiscard]] http_response error_response(const wire_error& what, std::string_view text,
                                           std::string_view code = {});

/// The response to a failed operation.
[[nodiscard]] http_response error_response(errc code, std::string_view type, std::string_view text);

/// {"detail": text}: what the Python original's framework answers where no operation is meant.
[[nodiscard]] http_response plain_response(unsigned status, std::string_view text);

/// 405, with the methods that a path has, with commas between them.
[[nodiscard]] http_response not_allowed(std::string methods);

} // namespace beaver
