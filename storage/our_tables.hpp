#pragma once
#include "beaver/storage/connection.hpp"

#include <string_view>

namespace beaver {

[[nodiscard]] bool has_table(connection& c, std::string_view table);

/// Runs `read` over a table that only this library has. A file of the Python original, or of an
/// earlier release, that is only read may lack it: then the result is an empty one.
template <class Read>
auto from_ours(connection& c, std::string_view table, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const error&) {
    if (!c.read_only() || has_table(c, table))
      throw;
    return decltype(read())();
  }
}

} // namespace beaver
