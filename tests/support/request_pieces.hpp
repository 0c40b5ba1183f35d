#pragma once
#include "beaver/api/http_reader.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace beaver::test {

/// Reads a request that comes in pieces of at most `piece` bytes; gives what it left.
inline std::string read(request_reader& reader, std::string_view all, std::size_t piece) {
  std::string waiting;
  while (!reader.done() && reader.refused() == 0) {
    const auto n = std::min(piece, all.size());
    waiting += all.substr(0, n);
    all.remove_prefix(n);
    std::size_t used = 0;
    do {
      used = reader.put(waiting);
      waiting.erase(0, used);
    } while (used > 0 && !waiting.empty() && !reader.done() && reader.refused() == 0);
    if (n == 0)
      break;
  }
  return waiting + std::string{all};
}

} // namespace beaver::test
