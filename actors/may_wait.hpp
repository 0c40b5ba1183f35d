#pragma once
#include "beaver/actors/message.hpp"

#include <chrono>
#include <concepts>
#include <optional>

namespace beaver {

/// What a call has that may wait until it can give something. It waits for ever unless it says
/// otherwise, as the Python original does. Inside a transaction it never waits, and must say so.
struct may_wait {
  std::optional<bool> block;     ///< false: gives what is there
  std::optional<double> timeout; ///< in seconds, not negative; then the reply is empty
};
BOOST_DESCRIBE_STRUCT(may_wait, (), (block, timeout))

/// A message that may wait. Its reply can be empty: an optional, or a vector.
template <class M>
concept waiting_message = message<M> && std::derived_from<M, may_wait>;

/// How long a call waits: zero for not at all, empty for ever. Throws `error` invalid_argument.
[[nodiscard]] std::optional<std::chrono::steady_clock::duration> wait_limit(const may_wait& m);

} // namespace beaver
