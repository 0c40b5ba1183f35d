#pragma once
#include "beaver/sketches/top_k.hpp"

#include <ostream>
#include <string>
#include <vector>

namespace beaver::sketches {

inline std::ostream& operator<<(std::ostream& out, const top_item& x) {
  return out << x.item << ' ' << x.count << " less " << x.error;
}
inline std::ostream& operator<<(std::ostream& out, const bounded_count& x) {
  return out << x.count << " less " << x.error;
}

} // namespace beaver::sketches

namespace beaver::test {

using namespace sketches;

/// m counters.
inline top_k_params counters(std::size_t m) { return {.k = m, .epsilon = 1}; }

inline top_k sketch_of(std::size_t m, const std::vector<std::string>& items) {
  top_k sketch{counters(m)};
  for (const auto& item : items)
    sketch.add(item);
  return sketch;
}

} // namespace beaver::test
