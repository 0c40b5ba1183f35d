#pragma once
#include "beaver/actors/registry.hpp"

#include <vector>

namespace beaver::test {

/// The operations of all data types.
inline std::vector<const operation*> all_operations() {
  std::vector<const operation*> all;
  for (const auto* type : registry())
    for (const auto& op : type->operations)
      all.push_back(&op);
  return all;
}

} // namespace beaver::test
