#pragma once
#include "beaver/actors/write_list.hpp"
#include "beaver/storage/clock.hpp"
#include "beaver/storage/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace beaver {

class stream_buffer;

/// Why a call failed, as a value.
struct failure {
  errc code;
  std::string text;
};

/// A call in flight whose end is told by a callback. Owned by the backend until it is done.
class async_call {
public:
  virtual ~async_call() = default;
  const operation* op = nullptr;
  void* message = nullptr; ///< used up by the call
  void* reply = nullptr;   ///< the slot; null for void
  std::stop_token stop;    ///< withdraws a call that waits

  /// Called once, from any thread, when the slot is filled or the call failed (`why` not null).
  /// Must not block nor call the database.
  virtual void done(const failure* why) noexcept = 0;
};

/// Whether a transaction may take only so long.
enum class time_limit : std::uint8_t { of_options, none };

/// Something that carries out messages: the engine in this process, an open transaction, a
/// snapshot, a batch, or a server somewhere else. Thread-safe unless the maker says otherwise.
class backend {
public:
  virtual ~backend() = default;

  /// Carries out one message and waits for it. Uses the message up, fills the slot. Throws `error`.
  virtual void call(const operation& op, void* message, void* reply) = 0;

  /// The same for a call that may wait until there is something to give (`operation::waits`).
  /// `stop` ends the waiting: then it throws `error` cancelled, unless it has got its reply.
  virtual void wait(const operation& op, void* message, void* reply, std::stop_token stop);

  /// `call` without waiting for its end. Throws `error` busy if too many calls are in flight.
  virtual void start(std::unique_ptr<async_call> call);

  /// Carries out all writes or none, in order. Throws `error`.
  virtual void apply(write_list writes);

  /// The time by the clock of the database.
  [[nodiscard]] virtual unix_seconds now() const;

  /// Opens the stream that a message asks for (`operation::streams`), which begins before this
  /// returns. Throws `error`: not_supported where nothing can come later.
  virtual std::shared_ptr<stream_buffer> subscribe(const operation& op, void* message);
};

/// Carries out one message: the typed face of `backend::call`, and of `wait` for those that may.
template <message M>
typename M::reply call(backend& to, M m, std::stop_token stop = {}) {
  using reply = typename M::reply;
  std::optional<std::conditional_t<std::is_void_v<reply>, char, reply>> slot;
  void* place = std::is_void_v<reply> ? nullptr : &slot;
  if (const auto& op = operation_of<M>(); op.waits)
    to.wait(op, &m, place, std::move(stop));
  else
    to.call(op, &m, place);
  if constexpr (!std::is_void_v<reply>)
    return std::move(*slot);
}

} // namespace beaver
