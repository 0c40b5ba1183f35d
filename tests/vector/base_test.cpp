#include "vector_support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using bytes_of_part = std::vector<std::byte>;
using parts_of_base = std::map<std::string, bytes_of_part, std::less<>>;

constexpr std::size_t dims = 12;

parts_of_base saved(const vector_base& base) {
  parts_of_base parts;
  save_base(base, [&](std::string_view name, std::span<const std::byte> bytes) {
    auto& all = parts[std::string{name}];
    all.insert(all.end(), bytes.begin(), bytes.end());
  });
  return parts;
}

std::shared_ptr<vector_base> loaded(const index_config& config, std::size_t count,
                                    const parts_of_base& parts, std::size_t piece = 1'000) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : parts)
    names.push_back(name);
  return load_base(config, dims, count, names, [&](std::string_view name, const auto& take) {
    const auto found = parts.find(name);
    if (found == parts.end())
      throw std::runtime_error("no such part");
    const std::span all{found->second};
    for (std::size_t at = 0; at < all.size(); at += piece)
      take(all.subspan(at, std::min(piece, all.size() - at)));
  });
}

std::shared_ptr<vector_base> made(const index_config& config, std::size_t count) {
  vector_source random{7};
  base_builder builder{dims};
  for (std::size_t i = 0; i < count; ++i)
    builder.add(id_of(i), random.gaussian(dims));
  return builder.build(config);
}

/// One part of a base changed as damage, or somebody with a plan, would.
void spoil(parts_of_base& parts, vector_source& random) {
  auto& bytes =
    std::next(parts.begin(), static_cast<std::ptrdiff_t>(random.below(parts.size())))->second;
  const auto somewhere = [&] { return random.below(std::max<std::size_t>(bytes.size(), 1)); };
  switch (random.below(6)) {
  case 0:
    bytes.resize(somewhere());
    break;
  case 1:
    bytes.resize(bytes.size() + 1 + random.below(20));
    break;
  case 2:
    for (auto& b : bytes)
      b = static_cast<std::byte>(random.below(256));
    break;
  case 3:
    if (bytes.size() >= 4) { // a number that is a size or a neighbour, maybe
      constexpr std::uint32_t words[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 300};
      const auto word = words[random.below(std::size(words))];
      const auto at = std::min(somewhere(), bytes.size() - 4) / 4 * 4;
      std::copy_n(reinterpret_cast<const std::byte*>(&word), 4,
                  bytes.begin() + static_cast<std::ptrdiff_t>(at));
    }
    break;
  default:
    for (auto n = 1 + random.below(3); n > 0 && !bytes.empty(); --n)
      bytes[somewhere()] ^= static_cast<std::byte>(1u << random.below(8));
  }
}

#ifdef BEAVER_WITH_HNSW
const strategy strategies[] = {strategy::linear, strategy::lsh, strategy::hnsw};
#else
const strategy strategies[] = {strategy::linear, strategy::lsh};
#endif

} // namespace

namespace beaver {
inline std::ostream& operator<<(std::ostream& out, strategy s) {
  return out << static_cast<int>(s);
}
} // namespace beaver

BOOST_AUTO_TEST_SUITE(vector_bases)

BOOST_DATA_TEST_CASE(bytes_give_the_same_answers, strategies, how) {
  const index_config config{.how = how};
  for (const std::size_t count : {0u, 1u, 7u, 500u}) {
    const auto base = made(config, count);
    const auto parts = saved(*base);
    vector_source random{9};
    for (const std::size_t piece : {1u, 7u, 100'000u}) {
      const auto again = loaded(config, count, parts, piece);
      BOOST_TEST(again->ids.count() == count);
      for (int i = 0; i < 5; ++i) {
        const auto query = random.gaussian(dims);
        BOOST_TEST(base->index->search({.vector = query})
                     == again->index->search({.vector = query}),
                   per_element());
      }
    }
    BOOST_TEST((saved(*loaded(config, count, parts)) == parts));
  }
}

// 10,000 mutants: refused, or an answer that some collection can have.
BOOST_DATA_TEST_CASE(damaged_bytes_are_refused_and_never_read_out_of_bounds, strategies, how) {
  const auto seed = fresh_seed();
  vector_source random{seed};
  const index_config config{.how = how};
  constexpr std::size_t count = 200;
  const auto whole = saved(*made(config, count));
  int refused = 0;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < 10'000; ++i) {
      auto parts = whole;
      spoil(parts, random);
      try {
        const auto base = loaded(config, count, parts);
        const auto query = random.gaussian(dims);
        const auto hits = base->index->search({.vector = query});
        BOOST_REQUIRE(hits.size() <= 10u);
        for (const auto& hit : hits)
          BOOST_REQUIRE(hit.row < count);
      } catch (const std::runtime_error&) {
        ++refused;
      }
    }
    BOOST_TEST(refused > 3'000);
    for (const auto& [name, bytes] : whole) {
      auto parts = whole;
      parts.erase(name);
      BOOST_CHECK_THROW((void)loaded(config, count, parts), std::runtime_error);
      parts = whole;
      parts["and another"] = {};
      BOOST_CHECK_THROW((void)loaded(config, count, parts), std::runtime_error);
    }
    for (const std::size_t other : {std::size_t{0}, count - 1, count + 1, ~std::size_t{0}})
      BOOST_CHECK_THROW((void)loaded(config, other, whole), std::runtime_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
