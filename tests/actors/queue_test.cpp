#include "beaver/actors/queue.hpp"

#include "codec_support.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace beaver;
using namespace beaver::test;

namespace {

/// A message made out of the body of a request.
template <class M>
M from_body(std::string_view json) {
  M m{};
  codec::decode_body<M>(&m, json);
  return m;
}

constexpr double infinite = std::numeric_limits<double>::infinity();

} // namespace

// What the Python original's clients send, and what they expect.
BOOST_AUTO_TEST_SUITE(queue_messages_as_text)

BOOST_AUTO_TEST_CASE(a_put_has_data_and_a_priority) {
  const auto m = from_body<queue_put>(R"({"data": {"job": 1}, "priority": 5})");
  BOOST_TEST(m.data.text() == R"({"job": 1})");
  BOOST_TEST(m.priority == 5.0);
  BOOST_TEST(!m.delay.has_value());
  BOOST_TEST(refusal([] { from_body<queue_put>(R"({"data": 1})"); }) == "body.priority is missing");
}

BOOST_AUTO_TEST_CASE(a_get_says_whether_and_how_long_it_waits) {
  const auto bare = from_body<queue_get>("{}");
  BOOST_TEST(!bare.block.has_value());
  BOOST_TEST(!bare.timeout.has_value());
  const auto m = from_body<queue_get>(R"({"block": true, "timeout": 0.2})");
  BOOST_TEST((m.block == true));
  BOOST_TEST((m.timeout == 0.2));
  BOOST_TEST(refusal([] { from_body<queue_get>(R"({"wait": true})"); })
             == "body.wait is unknown; known are block, timeout");
}

BOOST_AUTO_TEST_CASE(a_wait_is_none_one_with_an_end_or_one_without) {
  BOOST_TEST((wait_at_most(std::chrono::seconds{0}).block == false));
  BOOST_TEST((wait_at_most(std::chrono::milliseconds{1'500}).timeout == 1.5));
  BOOST_TEST((wait_at_most(for_ever).block == true));
  BOOST_TEST(!wait_at_most(for_ever).timeout.has_value());
}

BOOST_AUTO_TEST_CASE(an_item_is_an_object_with_its_members_in_the_order_of_the_original) {
  BOOST_TEST(encoded(queue_item{1, 1.5e9, json_text{R"("urgent")"}})
             == R"({"priority": 1.0, "timestamp": 1500000000.0, "data": "urgent"})");
}

BOOST_AUTO_TEST_CASE(states_and_views_are_words) {
  BOOST_TEST(encoded(queue_entry{{0, 1, 1}, json_text{"7"}, queue_state::delayed, 2, 3.5, {}})
             == R"({"position": {"priority": 0.0, "timestamp": 1.0, "ordinal": 1}, "data": 7, )"
                R"("state": "delayed", "attempts": 2, "due": 3.5})");
  queue_items m{};
  codec::set_member<queue_items>(&m, "view", "all");
  BOOST_TEST((m.view == queue_view::all));
  BOOST_TEST(refusal([&] { codec::set_member<queue_items>(&m, "view", "some"); })
             == "view must be one of ready, held, all");
  BOOST_TEST(refusal([&] { codec::set_member<queue_items>(&m, "after", R"({"priority": 1})"); })
             == "after.timestamp is missing");
}

BOOST_AUTO_TEST_CASE(an_infinite_priority_is_told_and_not_taken) {
  BOOST_TEST(encoded(queue_position{-infinite, 2, 1})
             == R"({"priority": -1e999, "timestamp": 2.0, "ordinal": 1})");
  queue_items m{};
  codec::set_member<queue_items>(&m, "after", encoded(queue_position{infinite, 2, 1}));
  BOOST_TEST(m.after->priority == infinite);
  BOOST_CHECK_THROW(encoded(queue_put{"q", json_text{"1"}, infinite, {}}), error);
  BOOST_CHECK_THROW(encoded(std::pair{queue_position{}, infinite}), error);
  BOOST_CHECK_THROW(from_body<queue_put>(R"({"data": 1, "priority": 1e999})"), error);
}

BOOST_AUTO_TEST_CASE(options_stand_beside_the_name) {
  const auto m = from_body<queue_configure>(R"({"max_attempts": 3, "dead_letter": "d"})");
  BOOST_TEST((m.max_attempts == 3u));
  BOOST_TEST(encoded(m) == R"({"max_attempts": 3, "dead_letter": "d", "name": ""})");
}

BOOST_AUTO_TEST_SUITE_END()
