#pragma once
#include "beaver/actors/write_list.hpp"
#include "beaver/storage/error.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace beaver {

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

  /// Called once, from any thread, when the slot is filled or the call failed (`why` not null).
  /// Must not block nor call the database.
  virtual void done(const failure* why) noexcept = 0;
};

/// Something that carries out messages: the engine in this process, an open transaction, a
/// snapshot, a batch, or a server somewhere else. Thread-safe unless the maker says otherwise.
class backend {
public:
  virtual ~backend() = default;

  /// Carries out one message and waits for it. Uses the message up, fills the slot. Throws `error`.
  virtual void call(const operation& op, void* message, void* reply) = 0;

  /// The same without waiting. Throws `error` busy if too many calls are in flight.
  virtual void start(std::unique_ptr<async_call> call);

  /// Carries out all writes or none, in order. Throws `error`.
  virtual void apply(write_list writes);
};

/// Carries out one message: the typed face of `backend::call`.
template <message M>
typename M::reply call(backend& to, M m) {
  if constexpr (std::is_void_v<typename M::reply>) {
    to.call(operation_of<M>(), &m, nullptr);
  } else {
    std::optional<typename M::reply> slot;
    to.call(operation_of<M>(), &m, &slot);
    return std::move(*slot);
  }
}

} // namespace beaver
