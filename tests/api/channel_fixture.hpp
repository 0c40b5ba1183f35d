#pragma once
#include "beaver/api/channel.hpp"

#include "support/open_database.hpp"

#include <boost/describe/class.hpp>
#include <chrono>
#include <vector>

namespace beaver::test {

using ints = std::vector<int>;
inline constexpr double start_of_clock = 1e9;

struct channel_fixture {
  test_clock clock;
  open_database opened{with_clock(clock)};
  database& db = opened.db;
  beaver::channel<int> c = db.channel<int>("c");

  template <class Messages>
  [[nodiscard]] static ints payloads_of(Messages&& messages) {
    ints result;
    for (const auto& m : messages)
      result.push_back(m.payload);
    return result;
  }

  /// The next `n` messages, for which it waits.
  template <class Subscription>
  [[nodiscard]] static ints next_of(Subscription& s, std::size_t n) {
    ints result;
    while (result.size() < n)
      result.push_back(s.next()->payload);
    return result;
  }

  void publish(int first, int last) {
    for (int i = first; i <= last; ++i)
      c.publish(i);
  }
};

} // namespace beaver::test
