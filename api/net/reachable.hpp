#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace beaver::net {

/// Connects to a port and goes again: CAF's own connecting has no end where nobody answers. Throws
/// `error`: remote, timeout.
void await_reachable(const std::string& host, std::uint16_t port,
                     std::chrono::steady_clock::time_point deadline);

} // namespace beaver::net
