#include "stream_support.hpp"
#include "support/settings.hpp"
#include "top_k_support.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <optional>
#include <stdexcept>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

using sketch_bytes = std::vector<std::uint8_t>;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// What bytes that were accepted have to allow.
void check_usable(top_k& sketch, std::uint64_t count) {
  const auto kept = sketch.top(sketch.counters());
  std::uint64_t sum = 0;
  for (const auto& item : kept) {
    BOOST_REQUIRE_LT(item.error, item.count);
    BOOST_REQUIRE_LE(item.error, sketch.total() / sketch.counters());
    sum += item.count;
    BOOST_REQUIRE_LE(sum, sketch.total());
  }
  (void)sketch.guaranteed(3);
  const auto before = sketch.total();
  if (count <= most - before) {
    sketch.add("new", count);
    BOOST_REQUIRE_EQUAL(sketch.total(), before + count);
  } else {
    BOOST_REQUIRE_THROW(sketch.add("new", count), std::invalid_argument);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(bytes_of_top_items)

BOOST_AUTO_TEST_CASE(a_sketch_goes_on_from_its_bytes) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  for (int trial = 0; trial < 50; ++trial) {
    item_source source{1 + random() % 200, 0.5, random()};
    top_k sketch{counters(1 + random() % 60)};
    for (auto n = random() % 3'000; n > 0; --n)
      sketch.add(text_of(source.next()), 1 + random() % 3);
    const auto bytes = sketch.serialise();
    auto read = top_k::parse(bytes);
    BOOST_TEST_CONTEXT("seed " << seed << ", trial " << trial) {
      BOOST_REQUIRE(read.serialise() == bytes);
      BOOST_REQUIRE(read.params() == sketch.params());
      for (int i = 0; i < 500; ++i) {
        const auto item = text_of(source.next());
        sketch.add(item);
        read.add(item);
      }
      BOOST_REQUIRE(read.serialise() == sketch.serialise());
    }
  }
}

BOOST_AUTO_TEST_CASE(sizes_are_as_stated) {
  top_k sketch{{}};
  BOOST_TEST(sketch.serialise().size() == 40u);
  sketch.add("abc");
  BOOST_TEST(sketch.serialise().size() == 40u + 18 + 3);
}

BOOST_AUTO_TEST_CASE(bytes_that_contradict_themselves_are_refused) {
  // Two counters: of c, 2 less 1, which is the first of the heap, and of a, 9.
  top_k sketch{counters(2)};
  sketch.add("a", 9);
  sketch.add("b");
  sketch.add("c");
  const auto tight = sketch.serialise();
  auto roomy = tight;
  roomy[24] = 50; // a total that allows for other counts
  const auto parse_with = [](sketch_bytes bytes, std::size_t at, std::uint8_t byte) {
    BOOST_REQUIRE(bytes.at(at) != byte);
    bytes[at] = byte;
    (void)top_k::parse(bytes);
  };
  const auto refuses_with = [&](const sketch_bytes& bytes, std::size_t at, std::uint8_t byte) {
    BOOST_TEST_INFO("byte " << at);
    BOOST_CHECK_THROW(parse_with(bytes, at, byte), std::invalid_argument);
  };
  BOOST_CHECK_NO_THROW((void)top_k::parse(tight));
  BOOST_CHECK_NO_THROW((void)top_k::parse(roomy));
  for (std::size_t at = 0; at < 16; ++at) // header
    refuses_with(roomy, at, 0x7e);
  refuses_with(roomy, 23, 0xff); // epsilon below 0
  refuses_with(tight, 24, 10);   // total below the sum
  refuses_with(roomy, 32, 0);    // k
  refuses_with(roomy, 32, 1);    // fewer counters than are in use
  refuses_with(roomy, 32, 3);    // errors, though there is a counter left
  refuses_with(roomy, 36, 3);    // one more than there are
  refuses_with(roomy, 36, 1);    // bytes are left
  refuses_with(roomy, 40, 10);   // count above that of its child
  BOOST_CHECK_NO_THROW(parse_with(roomy, 40, 9));
  refuses_with(roomy, 40, 1);   // all error
  refuses_with(roomy, 66, 1);   // count above the total
  refuses_with(roomy, 56, 2);   // item too long
  refuses_with(roomy, 58, 'a'); // twice the same item
  refuses_with(roomy, 67, 3);   // error above the lowest count
  BOOST_CHECK_NO_THROW(parse_with(roomy, 67, 2));
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_or_used_without_harm) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  const auto stream = [&](std::size_t m, int size) {
    item_source source{20, 1, random()};
    top_k sketch{counters(m)};
    for (int i = 0; i < size; ++i)
      sketch.add(text_of(source.next()));
    return sketch;
  };
  const top_k wholes[]{stream(8, 200), stream(40, 200), stream(1, 9), stream(8, 0)};
  int refused = 0;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < 10'000; ++i) {
      const auto& whole = wholes[random() % std::size(wholes)];
      // In memory of its own, so that a sanitizer sees its ends.
      auto bytes = whole.serialise();
      spoil(bytes, random);
      bytes.shrink_to_fit();
      std::optional<top_k> read;
      try {
        read = top_k::parse(bytes);
      } catch (const std::invalid_argument&) {
        BOOST_REQUIRE(bytes != whole.serialise());
        ++refused;
        continue;
      }
      BOOST_REQUIRE(read->serialise() == bytes);
      check_usable(*read, random() % 3 ? 1 : random());
      if (read->params() == whole.params() && read->total() <= most - whole.total()) {
        read->merge(whole);
        check_usable(*read, 1);
      }
      BOOST_REQUIRE_NO_THROW((void)top_k::parse(read->serialise()));
    }
  }
  BOOST_TEST_MESSAGE(refused << " of 10,000 were refused");
  BOOST_TEST(refused > 5'000);
}

BOOST_AUTO_TEST_SUITE_END()
