#pragma once
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <malloc.h>
#include <stdexcept>
#include <string>

namespace beaver::test {

/// Bytes in a line of /proc/self/status. "RssAnon": in memory, of nobody else and of no file;
/// "VmSize": promised by the system.
inline std::uint64_t memory_of_process(const std::string& line) {
  std::ifstream in{"/proc/self/status"};
  for (std::string word; in >> word;)
    if (word == line + ':') {
      std::uint64_t kib = 0;
      in >> kib;
      return kib << 10;
    }
  throw std::runtime_error("no " + line + " in /proc/self/status");
}

/// The most memory that was seen since the beginning, beyond what there was then.
class memory_peak {
public:
  explicit memory_peak(std::string line = "RssAnon") : line_(std::move(line)) {
    // What is large goes back to the system when it is freed: else this would tell of what the
    // allocator keeps.
    ::mallopt(M_MMAP_THRESHOLD, 64 << 10);
    before_ = most_ = memory_of_process(line_);
  }

  void look() { most_ = std::max(most_, memory_of_process(line_)); }
  [[nodiscard]] std::uint64_t extra() const { return most_ - before_; }

private:
  const std::string line_;
  std::uint64_t before_;
  std::uint64_t most_;
};

/// Adds what sanitizers may need to a bound: one keeps up to 256 MiB of what was freed, the other
/// has memory of its own for each byte touched.
constexpr std::uint64_t with_sanitizers(std::uint64_t bytes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 4 * bytes + (400u << 20);
#else
  return bytes;
#endif
}

} // namespace beaver::test
