#pragma once
#include "table_fixture.hpp"

#include <cstdint>
#include <sqlite3.h>
#include <string>

namespace beaver::test {

/// `size` bytes that differ along the way and from those of another seed.
inline std::string pattern(std::size_t size, std::uint64_t seed) {
  std::string result(size, '\0');
  std::uint64_t state = seed * 2 + 1;
  for (char& byte : result) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(state >> 56);
  }
  return result;
}

/// How much more memory SQLite had at once than when this was made. One at a time.
class peak_memory {
public:
  peak_memory() {
    sqlite3_memory_highwater(1);
    start_ = sqlite3_memory_used();
    BOOST_REQUIRE(start_ > 0); // else SQLite keeps no account and every growth would be 0
  }
  [[nodiscard]] std::int64_t growth() const { return sqlite3_memory_highwater(0) - start_; }

private:
  std::int64_t start_;
};

} // namespace beaver::test
