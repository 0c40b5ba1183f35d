#include "beaver/vector/base.hpp"
#include "beaver/vector/tuning.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace beaver;
using namespace beaver::test;

namespace {

using part_bytes = std::vector<std::byte>;
using parts_of_base = std::map<std::string, part_bytes, std::less<>>;

constexpr std::size_t dims = 4;
constexpr std::uint32_t count = 40;

struct valid_base {
  index_config config;
  parts_of_base parts{};
};

parts_of_base saved(const vector_base& base) {
  parts_of_base parts;
  save_base(base, [&](std::string_view name, std::span<const std::byte> bytes) {
    auto& all = parts[std::string{name}];
    all.insert(all.end(), bytes.begin(), bytes.end());
  });
  return parts;
}

/// One of each strategy, over the same rows.
std::vector<valid_base> valid_bases() {
  std::vector<strategy> all{strategy::linear, strategy::lsh};
  if (has_hnsw())
    all.push_back(strategy::hnsw);
  std::vector<valid_base> bases;
  for (const auto how : all) {
    base_builder rows{dims};
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto x = static_cast<float>(i % 37); // some are alike
      const float v[dims]{x, 7 - x / 2, static_cast<float>(i % 5), 1};
      const std::string id{static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
      rows.add(id, v);
    }
    auto& made = bases.emplace_back(valid_base{{.how = how}});
    made.parts = saved(*rows.build(made.config));
  }
  return bases;
}

/// Changes of the parts, behind the first byte: four bytes each that say in which part and where,
/// and what is written there; beyond its end it is made longer, or is cut off.
void change(parts_of_base& parts, std::string_view how) {
  for (; how.size() >= 4; how.remove_prefix(4)) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(how[i]); };
    const auto part = std::next(parts.begin(), byte(0) % static_cast<int>(parts.size()));
    auto& bytes = part->second;
    const auto at = byte(1) + std::size_t{256} * byte(2);
    if (at < bytes.size())
      bytes[at] = static_cast<std::byte>(byte(3));
    else if (byte(3) < 8)
      parts.erase(part);
    else if (byte(3) < 128)
      bytes.resize(at % (bytes.size() + 1));
    else
      bytes.resize(bytes.size() + byte(3) - 127);
    if (parts.empty())
      return;
  }
}

} // namespace

/// Reading a base never does worse than to throw; what was read is written as the same bytes, and a
/// search has as many answers as are asked for.
void beaver::test::fuzz_one(std::string_view given) {
  static const auto bases = valid_bases();
  if (given.empty())
    return;
  const auto& valid = bases[static_cast<unsigned char>(given[0]) % bases.size()];
  auto parts = valid.parts;
  change(parts, given.substr(1));
  std::vector<std::string> names;
  for (const auto& [name, bytes] : parts)
    names.push_back(name);
  std::shared_ptr<vector_base> base;
  try {
    base =
      load_base(valid.config, dims, count, names, [&](std::string_view name, const auto& take) {
        const auto found = parts.find(name);
        if (found == parts.end())
          throw std::runtime_error("no such part");
        const std::span all{found->second};
        constexpr std::size_t piece = 100;
        for (std::size_t at = 0; at < all.size(); at += piece)
          take(all.subspan(at, std::min(piece, all.size() - at)));
      });
  } catch (const std::runtime_error&) {
    require(parts != valid.parts);
    return;
  }
  require(saved(*base) == parts);
  for (const float x : {-1.F, 0.F, 3.4F, 40.F}) {
    const float query[dims]{x, x, x, 1};
    for (const std::size_t k : {std::size_t{1}, std::size_t{7}, std::size_t{count + 1}})
      require(base->index->search({.vector = query, .k = k}).size()
              == std::min<std::size_t>(k, count));
  }
}
