#pragma once
#include "beaver/actors/message.hpp"

#include <chrono>
#include <concepts>
#include <optional>

namespace beaver {

/// The part of a message that may be answered later, once there is something to give. It waits for
/// ever unless it says otherwise, as the Python original does. Inside a transaction or a batch
/// nobody waits, and the message must say so.
struct may_wait {
  std::optional<bool> block{};     ///< absent: true; false: give what is there at once
  std::optional<double> timeout{}; ///< seconds, >= 0, after which the reply is empty; absent: none
};
BOOST_DESCRIBE_STRUCT(may_wait, (), (block, timeout))

/// A message that may wait. Its reply can be empty: an optional, or a vector.
template <class M>
concept waiting_message = message<M> && std::derived_from<M, may_wait>;

/// How long a call waits that does so until there is something to give.
inline constexpr std::chrono::duration<double> for_ever = std::chrono::duration<double>::max();

/// A wait of at most `limit`; none if that is 0.
[[nodiscard]] inline may_wait wait_at_most(std::chrono::duration<double> limit) {
  if (limit == limit.zero())
    return {.block = false, .timeout = {}};
  return {.block = true,
          .timeout = limit == for_ever ? std::nullopt : std::optional{limit.count()}};
}

/// How long a call waits: zero for not at all, empty for ever. Throws `error` invalid_argument.
[[nodiscard]] std::optional<std::chrono::steady_clock::duration> wait_limit(const may_wait& m);

} // namespace beaver
