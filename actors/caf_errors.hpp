#pragma once
#include "beaver/actors/backend.hpp"

#include <caf/error.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>
#include <exception>
#include <new>
#include <string>

// After make_message.hpp: the macro's functions use it.
CAF_ERROR_CODE_ENUM(beaver::errc, "beaver")

namespace beaver {

inline caf::error to_caf(errc code, std::string text) {
  return caf::make_error(code, std::move(text));
}

inline caf::error to_caf(const error& e) { return to_caf(e.code(), e.what()); }

/// The exception in flight as a `caf::error`. An exception that leaves a handler ends its actor, so
/// every handler that may throw ends in this.
inline caf::error current_to_caf() noexcept {
  try {
    throw;
  } catch (const error& e) {
    return to_caf(e);
  } catch (const std::bad_alloc&) {
    return to_caf(errc::full, "out of memory");
  } catch (const std::exception& e) {
    return to_caf(errc::internal, e.what());
  } catch (...) {
    return to_caf(errc::internal, "unknown exception");
  }
}

/// The way back. CAF's own errors mean that the actor is gone.
inline failure from_caf(const caf::error& e) {
  if (e.category() == caf::atom("beaver")) {
    std::string text;
    if (e.context().match_elements<std::string>())
      text = e.context().get_as<std::string>(0);
    return {static_cast<errc>(e.code()), std::move(text)};
  }
  if (e.category() == caf::atom("system")
      && static_cast<caf::sec>(e.code()) == caf::sec::request_receiver_down)
    return {errc::closed, "the actor that serves this call has ended"};
  return {errc::internal, "actor system error " + std::to_string(e.code())};
}

} // namespace beaver
