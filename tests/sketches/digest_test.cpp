#include "beaver/sketches/digest.hpp"

#include "hex.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  while (times-- > 0)
    out += part;
  return out;
}

/// Printable, and no two neighbours alike.
std::string text_of(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<char>(33 + i * 7 % 94);
  return out;
}

std::string view(const auto& bytes) { return {bytes.begin(), bytes.end()}; }

} // namespace

BOOST_AUTO_TEST_SUITE(digests)

BOOST_AUTO_TEST_CASE(sha1_is_that_of_the_rfc) {
  BOOST_TEST(hex(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  BOOST_TEST(hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
             == "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  BOOST_TEST(hex(sha1(std::string(1'000'000, 'a'))) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  BOOST_TEST(
    hex(sha1(repeated("0123456701234567012345670123456701234567012345670123456701234567", 10)))
    == "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

BOOST_AUTO_TEST_CASE(md5_is_that_of_the_rfc) {
  BOOST_TEST(hex(md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
  BOOST_TEST(hex(md5("a")) == "0cc175b9c0f1b6a831c399e269772661");
  BOOST_TEST(hex(md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
  BOOST_TEST(hex(md5("message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
  BOOST_TEST(hex(md5("abcdefghijklmnopqrstuvwxyz")) == "c3fcd3d76192e4007dfb496cca67e13b");
  BOOST_TEST(hex(md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
             == "d174ab98d277d9f5a5611c2c9f419d9f");
  BOOST_TEST(hex(md5(repeated("1234567890", 8))) == "57edf4a22be3c955ac49da2e2107b67a");
}

// By Python's hashlib, of the texts of `text_of`.
BOOST_AUTO_TEST_CASE(texts_that_just_fill_a_block_or_just_do_not_are_padded_right) {
  struct known {
    std::size_t size;
    std::string_view sha1;
    std::string_view md5;
  };
  const known all[] = {
    {0, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "d41d8cd98f00b204e9800998ecf8427e"},
    {3, "8dc1bd91421bdb3dccc9a9db524e8064d542a063", "3f13c513fa32891ed171cc1b0bdc49f7"},
    {4, "d3c7b1d84975d2cbbbfbc4d28595166c42f041f9", "648a113742e0d9cf2e0bcf959c255d2d"},
    {31, "2c2385be75c45b55c41144b07e07fdcb1df327f5", "e6db077bb7577619070badb244701b5c"},
    {54, "a09a1ce9b596eb3dee2a8d4367e46f7e4af7c83c", "8b6617452d5b5b5902be241af06d0bc0"},
    {55, "3be753524c0f8ef065a701051a8197e9bdfc959d", "1a083889f071ae4b9771426e8b8c479d"},
    {56, "ebaf71b9f84f50bf86613c1c5ae74abe6d36ff70", "7d9b3918d688bfb8a120f634fa37263d"},
    {57, "44ec60ad1962e24f7f0d4f421b26076c5530b4c1", "3ffb20a275f6712c4f96aa3a01c02249"},
    {63, "0630335fad645601a2be7be70856e936c0a2e507", "1797a5ef7ab000add2f07a256ad6c8d2"},
    {64, "4106bc97f02e454d8aa8ced0dde3679eddfd594f", "b6546e7ed76aed63f0d30c87d29ce9dc"},
    {65, "d18b2bc9fb6fa654984674aa5a6aba04e8186b0e", "b2e1dec739749452e0ee7b5c15c38eb5"},
    {119, "b3b02894a20dbc535e07c82762ee7704367c4498", "f41f27f85f37d89d01a622e80f0fb713"},
    {120, "e555307eae2c771095930d79e4048f26de4b53f3", "917fdbeab48d66327f38b9f6411db878"},
    {121, "228a8abd69fef3da71aef78a5cde720c4ebca4a3", "f3d945508a8d22874be02ba5dbe1fba9"},
    {127, "9d3ad1c94cb980dec5c77aa3bf8c3d997160bcad", "0f3c9c5dc25ae8e54e404df4e9c8a8bf"},
    {128, "6df35d7bc5082d0bf096fed8997cd47da6467532", "00fab56489a4f2246f514a285149f25f"},
    {129, "ed609f0eb032da62229fe0676bb598544442eeca", "96b7387c75e8b3a40d015905742d7ab7"},
    {183, "4eacbadd9529724db7a53fca207fa4b844da2c5c", "219f3422829cf0d478ad4178177fbf7a"},
    {184, "aae7eaa864bc55a20dc7703616330feb22f64158", "ac9f884d425e7b04eee1040385e25016"},
    {1000, "81d894d1d0b985da4c9179ced80e21c77be2afa8", "649247821d659359b26ce8d396239fc5"},
  };
  for (const auto& k : all) {
    BOOST_TEST_CONTEXT("size " << k.size) {
      BOOST_TEST(hex(sha1(text_of(k.size))) == k.sha1);
      BOOST_TEST(hex(md5(text_of(k.size))) == k.md5);
    }
  }
}

// Likewise: the digest of all digests, of the bytes 0, 7, 14, ... mod 256.
BOOST_AUTO_TEST_CASE(every_length_to_five_blocks_is_right_at_any_address) {
  std::string bytes;
  for (unsigned i = 0; i < 300; ++i)
    bytes += static_cast<char>(i * 7);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const std::string moved = std::string(shift, '?') + bytes;
    std::string of_sha1;
    std::string of_md5;
    for (std::size_t size = 0; size < 300; ++size) {
      const auto text = std::string_view{moved}.substr(shift, size);
      of_sha1 += view(sha1(text));
      of_md5 += view(md5(text));
    }
    BOOST_TEST(hex(sha1(of_sha1)) == "d86f432ef2b3a77b72697e5684cf65ebf943b865");
    BOOST_TEST(hex(md5(of_md5)) == "b9d5b0ec0d207bb96cccb77036c15f87");
  }
}

BOOST_AUTO_TEST_CASE(the_length_in_bits_may_need_more_than_32_of_them) {
  if (!long_tests())
    return;
  const std::string zeros((std::size_t{1} << 29) + 1, '\0');
  BOOST_TEST(hex(sha1(zeros)) == "3e1bb536d18494c32e66ef9f479d65bbe0d863de");
  BOOST_TEST(hex(md5(zeros)) == "ea3b62c6b93cb3625a1fd76777985f5a");
}

BOOST_AUTO_TEST_SUITE_END()
