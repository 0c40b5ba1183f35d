#include "beaver/api/remote.hpp"

#include "support/machine.hpp"
#include "support/memory_peak.hpp"
#include "support/raw_websocket.hpp"
#include "support/served_database.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

constexpr int stalled = 100;
constexpr int healthy = 10;
constexpr int messages = 2'000;
constexpr std::size_t message_bytes = 16 << 10; // in all more than the system keeps for anybody

/// Subscribers that read nothing, and others that do; then a flood.
struct flood {
  explicit flood(const std::string& target, server_options how) : at(std::move(how)) {
    for (int i = 0; i < stalled; ++i)
      deaf.push_back(std::make_unique<raw_websocket>(at.serving.port(), target, 4096));
    far = std::make_unique<database>(connect(at.serving.url()));
    for (int i = 0; i < healthy; ++i)
      ears.push_back(far->channel<std::string>("c").subscribe());
    at.await("beaver_streams", stalled + healthy);
  }

  /// Publishes all, and reads them at the healthy; gives how many came as they should.
  int run() {
    auto c = at.db.channel<std::string>("c");
    int right = 0;
    for (int i = 0; i < messages; ++i) {
      const auto text = std::to_string(i) + std::string(message_bytes, ' ');
      c.publish(text);
      for (auto& each : ears)
        right += each.next()->payload == text;
      memory.look();
    }
    return right;
  }

  served_database at;
  std::vector<std::unique_ptr<raw_websocket>> deaf;
  std::unique_ptr<database> far;
  std::vector<channel_subscription<std::string>> ears;
  memory_peak memory;
};

server_options impatient() {
  auto how = test_server("http");
  how.head_timeout = 1s;
  return how;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stalled_streams, *boost::unit_test::precondition(has_proc)
                                         * boost::unit_test::precondition(has_descriptors(1'000)))

BOOST_AUTO_TEST_CASE(who_reads_nothing_is_closed_and_the_others_miss_nothing) {
  flood all{"/channels/c/subscribe?overflow=disconnect&capacity=64", impatient()};
  BOOST_TEST(all.run() == healthy * messages);
  // A frame, and a buffer of items that all share.
  const std::size_t bound = stalled * (64 + 2) * message_bytes;
  BOOST_TEST_MESSAGE(all.memory.extra() << " bytes");
  BOOST_TEST(all.memory.extra() < with_sanitizers(bound));
  all.at.await("beaver_streams", healthy);
}

BOOST_AUTO_TEST_CASE(who_reads_again_in_time_hears_why_it_ends) {
  auto how = test_server("http");
  how.head_timeout = 60s; // none is closed for its silence
  flood all{"/channels/c/subscribe?overflow=disconnect&capacity=64", how};
  BOOST_TEST(all.run() == healthy * messages);
  for (const auto& each : all.deaf) {
    raw_websocket::frame last{};
    do
      last = each->read_and_answer();
    while (last.code == raw_websocket::text && last.payload.starts_with(R"({"items")"));
    BOOST_TEST(last.payload.find("BusyError") != std::string::npos);
    BOOST_TEST(close_code(each->read()) == 1013u);
  }
}

BOOST_AUTO_TEST_CASE(who_may_fall_behind_gets_all_from_the_file) {
  auto how = test_server("http");
  how.head_timeout = 60s;
  flood all{"/channels/c/subscribe", how};
  BOOST_TEST(all.run() == healthy * messages);
  for (const auto& each : {all.deaf.front().get(), all.deaf.back().get()}) {
    std::size_t found = 0;
    while (found < messages) {
      const auto text = each->read_and_answer().payload;
      for (auto at = text.find("\"payload\""); at != text.npos;
           at = text.find("\"payload\"", at + 1))
        ++found;
    }
    BOOST_TEST(found == static_cast<std::size_t>(messages));
  }
}

BOOST_AUTO_TEST_SUITE_END()
