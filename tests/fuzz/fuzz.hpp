#pragma once
#include "beaver/storage/error.hpp"

#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace beaver::test {

/// A broken promise: ends the program, which the fuzzer reports with the input.
inline void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Whether `action` succeeds; it may fail with these codes and nothing else.
template <class Action>
bool succeeds(Action action, std::initializer_list<errc> allowed = {errc::invalid_argument}) {
  try {
    action();
    return true;
  } catch (const error& e) {
    bool expected = false;
    for (const auto code : allowed)
      expected = expected || e.code() == code;
    require(expected);
    return false;
  }
}

/// One input; each target is a program of its own that defines it.
void fuzz_one(std::string_view given);

} // namespace beaver::test
