#pragma once
#include <chrono>
#include <functional>

namespace beaver {

/// Seconds since the Unix epoch: the form in which the file stores every time.
using unix_seconds = double;

/// Tells the time. A test hands in its own, so that expiry is tested without waiting.
using clock_function = std::function<unix_seconds()>;

[[nodiscard]] inline unix_seconds system_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

} // namespace beaver
