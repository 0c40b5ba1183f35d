#pragma once
#include "beaver/api/json_schemas.hpp"
#include "beaver/api/json_writer.hpp"

#include <string_view>

// The parts of the OpenAPI document that all operations share.

namespace beaver {

/// What may come back from any operation, or any with a body; the names are those of components.
struct openapi_failure {
  std::string_view status;
  std::string_view name;
  std::string_view why;
};

namespace failures {

inline constexpr openapi_failure bad_request{"400", "bad_request",
                                             "The request is wrong; the message says how."};
inline constexpr openapi_failure unauthorized{"401", "unauthorized", "There is no valid token."};
inline constexpr openapi_failure forbidden{"403", "forbidden",
                                           "The token does not reach that far."};
inline constexpr openapi_failure not_found{"404", "not_found", "There is nothing."};
inline constexpr openapi_failure conflict{"409", "conflict", "Nothing came in time."};
inline constexpr openapi_failure too_large{"413", "too_large",
                                           "The body is larger than the server takes."};
inline constexpr openapi_failure no_such_part{"416", "no_such_part",
                                              "There are no such bytes to give a range of."};
inline constexpr openapi_failure upgrade{"426", "upgrade_required",
                                         "This is a stream: it needs a WebSocket."};
inline constexpr openapi_failure too_many{"429", "too_many", "Too many requests; later again."};
inline constexpr openapi_failure unavailable{"503", "unavailable",
                                             "Busy, or about to end; later again."};
inline constexpr openapi_failure otherwise{"default", "failure",
                                           "The operation failed; the body says why."};

inline constexpr openapi_failure all[] = {bad_request, unauthorized, forbidden,    not_found,
                                          conflict,    too_large,    no_such_part, upgrade,
                                          too_many,    unavailable,  otherwise};

} // namespace failures

/// {"$ref": "#/components/KIND/NAME"}
void refer_to(json_writer& to, std::string_view kind, std::string_view name);

/// The member "headers" of a response that may have the reply in one.
void write_reply_header(json_writer& to);

/// The member "components", with the schemas that were used before.
void write_components(json_writer& to, json_schemas& schemas);

} // namespace beaver
