#pragma once
#include "beaver/sketches/approximate_set.hpp"
#include "beaver/sketches/digest.hpp"
#include "sketch_support.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <string_view>

namespace beaver::test {

using namespace sketches;

/// An approximate set as the definition has it, without a thought for speed. Takes only the sizes
/// from what it is held against.
class approximate_oracle {
public:
  explicit approximate_oracle(const approximate_set& of)
    : p_(of.counter().precision()), bits_(of.filter().bits()), hashes_(of.filter().hashes()),
      ranks_(std::size_t{1} << p_) {}

  void add(std::string_view item) {
    const auto hash = number(sha1(item));
    auto rest = hash >> p_;
    unsigned rank = 1;
    for (; rest % 2 == 0 && rank < 65 - p_; rest /= 2)
      ++rank;
    auto& highest = ranks_[hash % ranks_.size()];
    highest = std::max(highest, rank);
    for (const auto bit : bits_of(item))
      set_.insert(bit);
  }

  [[nodiscard]] bool contains(std::string_view item) const {
    const auto bits = bits_of(item);
    return std::all_of(bits.begin(), bits.end(), [&](auto bit) { return set_.count(bit) > 0; });
  }

  [[nodiscard]] std::uint64_t count() const {
    const auto m = static_cast<double>(ranks_.size());
    double sum = 0;
    for (const auto rank : ranks_)
      sum += std::pow(2.0, -static_cast<double>(rank));
    const double alpha = m == 16   ? 0.673
                         : m == 32 ? 0.697
                         : m == 64 ? 0.709
                                   : 0.7213 / (1 + 1.079 / m);
    double found = alpha * (m * m) / sum;
    const auto zeros = std::count(ranks_.begin(), ranks_.end(), 0u);
    if (found <= 2.5 * m && zeros > 0)
      found = m * std::log(m / static_cast<double>(zeros));
    return static_cast<std::uint64_t>(found);
  }

  [[nodiscard]] double fill() const {
    return static_cast<double>(set_.size()) / static_cast<double>(bits_);
  }

  [[nodiscard]] octets bytes() const {
    octets out;
    for (const auto rank : ranks_)
      out.push_back(static_cast<std::uint8_t>(rank));
    out.resize(out.size() + (bits_ + 7) / 8);
    for (const auto bit : set_) {
      auto& byte = out[ranks_.size() + bit / 8];
      byte = static_cast<std::uint8_t>(byte + (1u << bit % 8));
    }
    return out;
  }

private:
  __extension__ using wide = unsigned __int128;

  static std::uint64_t number(std::span<const std::uint8_t> digest) {
    std::uint64_t out = 0;
    for (std::size_t i = 8; i-- > 0;)
      out = out * 256 + digest[i];
    return out;
  }

  [[nodiscard]] std::vector<std::uint64_t> bits_of(std::string_view item) const {
    const auto digest = md5(item);
    const wide first = number(digest);
    const wide step = number(std::span{digest}.subspan(8));
    std::vector<std::uint64_t> out;
    for (unsigned i = 0; i < hashes_; ++i)
      out.push_back(static_cast<std::uint64_t>((first + i * step) % bits_));
    return out;
  }

  unsigned p_;
  std::uint64_t bits_;
  unsigned hashes_;
  std::vector<unsigned> ranks_;
  std::set<std::uint64_t> set_;
};

} // namespace beaver::test
