#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace beaver {

/// What went wrong, for a caller that wants to act on it. Values are stored nowhere but cross the
/// network, so they are never renumbered. A code exists only if some caller reacts to it
/// differently.
enum class errc : std::uint8_t {
  not_found = 1,       ///< the strict form of a lookup found nothing
  already_exists,      ///< something else has this name
  invalid_argument,    ///< the request itself is wrong; repeating it will not help
  type_mismatch,       ///< a stored value does not have the type that was asked for
  timeout,             ///< a deadline passed
  cancelled,           ///< the caller withdrew
  closed,              ///< the database, handle or transaction is closed
  busy,                ///< somebody else holds what is needed; try again
  would_deadlock,      ///< the call could only wait for itself
  read_only,           ///< a write through something that only reads
  unauthorized,        ///< credentials are missing or not enough
  lost_lock,           ///< a lock is held by somebody else by now
  corrupt,             ///< the file is not what it should be
  unsupported_version, ///< the file was written by another generation of the schema
  io,                  ///< the operating system failed; after a failed commit: reopen
  full,                ///< no space left
  not_supported,       ///< left out of this build, or impossible here
  remote,              ///< the other side failed in a way it did not explain
  internal             ///< a bug of ours
};

/// The enumerator's name, such as "not_found".
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// Every failure of the library. `what()` names the thing and, where there is one, the way out.
class error : public std::runtime_error {
public:
  error(errc code, const std::string& text) : std::runtime_error(text), code_(code) {}

  [[nodiscard]] errc code() const noexcept { return code_; }

private:
  errc code_;
};

} // namespace beaver
