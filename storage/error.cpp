#include "beaver/storage/error.hpp"

namespace beaver {

std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::not_found:
    return "not_found";
  case errc::already_exists:
    return "already_exists";
  case errc::invalid_argument:
    return "invalid_argument";
  case errc::type_mismatch:
    return "type_mismatch";
  case errc::timeout:
    return "timeout";
  case errc::cancelled:
    return "cancelled";
  case errc::closed:
    return "closed";
  case errc::busy:
    return "busy";
  case errc::would_deadlock:
    return "would_deadlock";
  case errc::read_only:
    return "read_only";
  case errc::unauthorized:
    return "unauthorized";
  case errc::lost_lock:
    return "lost_lock";
  case errc::corrupt:
    return "corrupt";
  case errc::unsupported_version:
    return "unsupported_version";
  case errc::io:
    return "io";
  case errc::full:
    return "full";
  case errc::not_supported:
    return "not_supported";
  case errc::remote:
    return "remote";
  case errc::internal:
    return "internal";
  }
  return "unknown"; // a number from the network that this release does not know
}

} // namespace beaver
