#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

// Streams of items, and bytes that are damaged.

namespace beaver::test {

/// Items as JSON text.
inline std::string text_of(std::uint64_t n) { return "\"item-" + std::to_string(n) + '"'; }

/// Numbers of items: all as often, or the i-th as often as i^-skew says.
class item_source {
public:
  item_source(std::size_t items, double skew, std::uint64_t seed) : engine_(seed) {
    double sum = 0;
    for (std::size_t i = 1; i <= items; ++i)
      borders_.push_back(sum += std::pow(static_cast<double>(i), -skew));
  }

  [[nodiscard]] std::uint64_t next() {
    const auto at = std::uniform_real_distribution<double>{0, borders_.back()}(engine_);
    const auto border = std::upper_bound(borders_.begin(), borders_.end() - 1, at);
    return static_cast<std::uint64_t>(border - borders_.begin());
  }

private:
  std::mt19937_64 engine_;
  std::vector<double> borders_;
};

/// True numbers.
using exact_counts = std::map<std::string, std::uint64_t, std::less<>>;

inline std::uint64_t true_count(const exact_counts& exact, std::string_view item) {
  const auto found = exact.find(item);
  return found == exact.end() ? 0 : found->second;
}

/// Changes bytes as damage, or somebody with a plan, would.
inline void spoil(std::vector<std::uint8_t>& bytes, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(random);
  };
  const auto somewhere = [&] {
    // Half of the time near the start, where the sizes are.
    return below(below(2) ? std::min<std::size_t>(bytes.size(), 64) : bytes.size());
  };
  switch (bytes.empty() ? 1 : below(6)) {
  case 0:
    bytes.resize(somewhere());
    break;
  case 1:
    bytes.resize(bytes.size() + 1 + below(40));
    break;
  case 2: { // numbers that are sizes, counts or lengths, maybe
    constexpr std::uint8_t words[][2]{{0, 0}, {1, 0}, {0xff, 0x7f}, {0, 0x80}, {0xff, 0xff}};
    const auto& word = words[below(std::size(words))];
    const auto at = somewhere() / 2 * 2;
    for (std::size_t i = 0, n = 2 << below(3); i < n && at + i < bytes.size(); ++i)
      bytes[at + i] = word[i + 2 < n ? (word[1] == 0xff) : i % 2];
    break;
  }
  case 3: { // a piece of it twice
    const auto from = below(bytes.size());
    const auto to = below(bytes.size());
    const auto count = std::min(1 + below(64), bytes.size() - std::max(from, to));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), count,
                bytes.begin() + static_cast<std::ptrdiff_t>(to));
    break;
  }
  default:
    for (auto n = 1 + below(3); n > 0; --n)
      bytes[somewhere()] ^= static_cast<std::uint8_t>(1u << below(8));
  }
}

} // namespace beaver::test
