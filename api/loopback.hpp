#pragma once
#include "beaver/api/http_message.hpp"

#include <string_view>

namespace beaver {

/// Whether a host, as it stands in an option or a URL, is this machine itself and out of reach of
/// others. Addresses in four numbers only: a name may begin with "127." too.
[[nodiscard]] inline bool is_loopback_name(std::string_view host) noexcept {
  const bool address =
    host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
  return address || same_word(host, "localhost") || host == "[::1]" || host == "::1";
}

} // namespace beaver
