#include "beaver/api/attempt_limit.hpp"

#include "support/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace beaver;
using namespace beaver::test;

namespace {

using seconds = std::chrono::duration<double>;

struct fixture {
  seconds now{1'000};

  attempt_options options(std::size_t peers = 4'096) {
    return {.peers = peers, .clock = [this] { return now; }};
  }
  static void fail(attempt_limit& limit, std::string_view peer, int times) {
    for (int i = 0; i < times; ++i)
      limit.failed(peer);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(attempt_limits, fixture)

BOOST_AUTO_TEST_CASE(ten_attempts_may_fail_and_then_one_a_second) {
  attempt_limit limit{options()};
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(limit.allows("a"));
    limit.failed("a");
  }
  BOOST_TEST(!limit.allows("a"));
  now += seconds{0.75};
  BOOST_TEST(!limit.allows("a"));
  now += seconds{0.25};
  BOOST_TEST(limit.allows("a"));
  limit.failed("a");
  BOOST_TEST(!limit.allows("a"));
  now += seconds{1'000};
  fail(limit, "a", 9);
  BOOST_TEST(limit.allows("a")); // ten at most, however long it was quiet
  limit.failed("a");
  BOOST_TEST(!limit.allows("a"));
}

BOOST_AUTO_TEST_CASE(peers_do_not_share_a_limit) {
  attempt_limit limit{options()};
  fail(limit, "a", 20);
  BOOST_TEST(!limit.allows("a"));
  BOOST_TEST(limit.allows("b"));
  BOOST_TEST(limit.allows(""));
}

BOOST_AUTO_TEST_CASE(who_has_not_failed_for_longest_is_forgotten_first) {
  attempt_limit limit{options(3)};
  for (const auto* peer : {"a", "b", "c"})
    fail(limit, peer, 10);
  limit.failed("a");
  fail(limit, "d", 10);
  BOOST_TEST(limit.size() == 3u);
  BOOST_TEST(limit.allows("b"));
  for (const auto* peer : {"a", "c", "d"})
    BOOST_TEST(!limit.allows(peer), peer);
}

BOOST_AUTO_TEST_CASE(a_flood_of_peers_takes_no_more_memory_than_was_said) {
  attempt_limit limit{options(100)};
  for (int i = 0; i < 10'000; ++i)
    limit.failed("a peer with a long address " + std::to_string(i));
  BOOST_TEST(limit.size() == 100u);
}

BOOST_AUTO_TEST_CASE(random_failures_count_as_in_a_ledger) {
  const auto seed = fresh_seed();
  std::mt19937_64 random{seed};
  attempt_limit limit{options()};
  // Quarters of an attempt, so that no rounding is in it.
  struct account {
    std::int64_t quarters = 40;
    std::int64_t at = 0;
  };
  std::map<std::string, account> ledger;
  std::int64_t quarter = 0;
  int refused = 0;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < 100'000; ++i) {
      const auto peer = std::to_string(random() % 5);
      auto& mine = ledger[peer];
      mine.quarters = std::min<std::int64_t>(40, mine.quarters + quarter - mine.at);
      mine.at = quarter;
      BOOST_REQUIRE(limit.allows(peer) == (mine.quarters >= 4));
      refused += mine.quarters < 4;
      if (mine.quarters >= 4 && random() % 4 != 0) {
        limit.failed(peer);
        mine.quarters -= 4;
      }
      quarter += random() % 3 == 0;
      now = seconds{1'000 + static_cast<double>(quarter) / 4};
    }
  }
  BOOST_TEST(refused > 1'000);
}

BOOST_AUTO_TEST_SUITE_END()
