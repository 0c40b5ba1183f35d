#pragma once
#include "beaver/api/pieces.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace beaver::test {

/// A source that gives a text in pieces of `step` bytes.
inline byte_source pieces_of(std::string_view text, std::size_t step) {
  return [text, step](std::span<char> target) mutable {
    const auto n = std::min({step, text.size(), target.size()});
    std::memcpy(target.data(), text.data(), n);
    text.remove_prefix(n);
    return n;
  };
}

} // namespace beaver::test
