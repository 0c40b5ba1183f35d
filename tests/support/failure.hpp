#pragma once
#include "beaver/storage/error.hpp"

#include <string>

namespace beaver::test {

/// How a call ended. `code` is meaningful if it failed.
struct outcome {
  bool failed = false;
  errc code{};
  std::string text;

  [[nodiscard]] bool is(errc expected) const { return failed && code == expected; }
  [[nodiscard]] bool says(const std::string& words) const {
    return text.find(words) != std::string::npos;
  }
};

/// Calls `f` and tells with which `beaver::error` it failed; other exceptions pass.
template <class F>
[[nodiscard]] outcome outcome_of(F&& f) {
  try {
    f();
    return {};
  } catch (const error& e) {
    return {true, e.code(), e.what()};
  }
}

} // namespace beaver::test
