#include "beaver/storage/crc32c.hpp"

#include "support/settings.hpp"
#include "table_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

using octets = std::vector<unsigned char>;

std::span<const std::byte> view(const octets& data) { return std::as_bytes(std::span{data}); }

/// Both ways.
void check(const octets& data, std::uint32_t expected) {
  BOOST_TEST(crc32c(view(data)) == expected);
  BOOST_TEST(beaver::detail::crc32c_by_tables(view(data)) == expected);
}

/// Bit by bit, as the polynomial says.
std::uint32_t by_division(const octets& data) {
  std::uint32_t sum = 0xffffffff;
  for (const auto c : data) {
    sum ^= c;
    for (int i = 0; i < 8; ++i)
      sum = (sum & 1) != 0 ? (sum >> 1) ^ 0x82f63b78 : sum >> 1;
  }
  return ~sum;
}

} // namespace

BOOST_AUTO_TEST_SUITE(checksums)

BOOST_AUTO_TEST_CASE(are_those_of_the_standard) {
  check({}, 0);
  check(octets(32, 0x00), 0x8a9136aa);
  check(octets(32, 0xff), 0x62a8ab43);
  octets up;
  octets down;
  for (unsigned char i = 0; i < 32; ++i) {
    up.push_back(i);
    down.push_back(static_cast<unsigned char>(31 - i));
  }
  check(up, 0x46dd794e);
  check(down, 0x113fdb5c);
  // The SCSI read command of the appendix.
  octets command(48, 0);
  command[0] = 0x01;
  command[1] = 0xc0;
  command[16] = 0x14;
  command[22] = 0x04;
  command[27] = 0x14;
  command[31] = 0x18;
  command[32] = 0x28;
  command[40] = 0x02;
  check(command, 0xd9963a56);
}

BOOST_AUTO_TEST_CASE(agree_with_a_division_bit_by_bit_at_every_length_and_place) {
  const auto seed = fresh_seed();
  dice random{seed};
  BOOST_TEST_CONTEXT("seed " << seed)
  for (int i = 0; i < 2'000; ++i) {
    octets data(random.below(300));
    for (auto& c : data)
      c = static_cast<unsigned char>(random.below(256));
    const auto first = random.below(data.size() + 1);
    const octets part{data.begin() + static_cast<std::ptrdiff_t>(first), data.end()};
    const auto expected = by_division(part);
    const auto where = view(data).subspan(first); // at any address
    BOOST_REQUIRE(crc32c(where) == expected);
    BOOST_REQUIRE(beaver::detail::crc32c_by_tables(where) == expected);
    // In two pieces.
    const auto cut = random.below(part.size() + 1);
    BOOST_REQUIRE(crc32c(where.subspan(cut), crc32c(where.first(cut))) == expected);
    BOOST_REQUIRE(beaver::detail::crc32c_by_tables(
                    where.subspan(cut), beaver::detail::crc32c_by_tables(where.first(cut)))
                  == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
