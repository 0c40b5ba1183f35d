#include "beaver/sketches/hash.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace beaver;
using namespace beaver::sketches;

namespace {

constexpr std::uint64_t prime_32 = 2'654'435'761;

/// The bytes over which xxHash publishes its test vectors.
std::string sanity_bytes(std::size_t size) {
  std::uint64_t next = prime_32;
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>(next >> 56);
    next *= 11'400'714'785'074'694'797u;
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stable_hashes)

BOOST_AUTO_TEST_CASE(are_those_that_xxhash_publishes) {
  struct known {
    std::size_t size;
    std::uint64_t seed;
    std::uint64_t hash;
  };
  const known all[] = {
    {0, 0, 0xef46db3751d8e999},   {0, prime_32, 0xac75fda2929b17ef},
    {1, 0, 0xe934a84adb052768},   {1, prime_32, 0x5014607643a9b4c3},
    {4, 0, 0x9136a0dca57457ee},   {4, prime_32, 0xcaab286bd8e9fdb5},
    {14, 0, 0x8282dcc4994e35c8},  {14, prime_32, 0xc3bd6bf63deb6df0},
    {222, 0, 0xb641ae8cb691c174}, {222, prime_32, 0x20cb8ab7ae10c14a},
  };
  for (const auto& k : all)
    BOOST_TEST(stable_hash(sanity_bytes(k.size), k.seed) == k.hash);
  BOOST_TEST(stable_hash("abc", 0) == 0x44bc2cf5ad770999u);
  BOOST_TEST(stable_hash("Nobody inspects the spammish repetition", 0) == 0xfbcea83c8a378bf1u);
}

// By a program in another language, written from the specification too and held against the vectors
// above: each hash is the seed of the next.
BOOST_AUTO_TEST_CASE(are_right_for_every_length_to_256_at_any_address) {
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const auto bytes = std::string(shift, '?') + sanity_bytes(256);
    std::uint64_t hash = 0;
    for (std::size_t size = 0; size <= 256; ++size)
      hash = stable_hash(std::string_view{bytes}.substr(shift, size), hash);
    BOOST_TEST(hash == 0x45f65d1a4dbc79d1u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
