#include "beaver/api/server.hpp"

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

using connections = std::vector<std::unique_ptr<raw_http>>;

constexpr std::size_t blob_bytes = 6 << 20; // more than the system keeps for a connection

server_options impatient() {
  auto how = test_server("http");
  how.head_timeout = how.body_timeout = how.idle_timeout = 2s;
  how.max_waiting = 100 << 20;
  return how;
}

connections begun(const served_database& at, int number, const std::string& text) {
  connections all;
  for (int i = 0; i < number; ++i) {
    all.push_back(std::make_unique<raw_http>(at.serving.port(), 4096));
    all.back()->send(text);
  }
  return all;
}

/// A client as it should be, which writes and reads until it is told to end.
class healthy_client {
public:
  explicit healthy_client(std::uint16_t port) : over_(port), thread_([this] { run(); }) {}
  ~healthy_client() { stop(); }

  void stop() {
    stop_ = true;
    if (thread_.joinable())
      thread_.join();
  }
  std::size_t answered = 0; ///< as it should be; behind `stop`, as the others
  std::size_t refused = 0;
  std::string lost; ///< why there was no answer

private:
  void run() {
    try {
      while (!stop_) {
        const auto value = std::to_string(answered);
        const bool put = over_.ask("PUT", "/dicts/d/k", "{\"value\": " + value + '}').status == 200;
        ++(put && over_.ask("GET", "/dicts/d/k").body == value ? answered : refused);
      }
    } catch (const std::exception& e) {
      lost = e.what();
    }
  }

  std::atomic<bool> stop_{false};
  raw_http over_;
  std::thread thread_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(slow_clients)

BOOST_AUTO_TEST_CASE(a_thousand_hold_up_nobody_and_are_closed,
                     *boost::unit_test::precondition(has_proc)
                       * boost::unit_test::precondition(has_descriptors(3'000))) {
  constexpr int readers = 60;
  const served_database at{impatient()};
  at.db.blob("b").put("large", std::string(blob_bytes, 'x'));
  memory_peak memory;
  healthy_client healthy{at.serving.port()};
  const auto heads = begun(at, 470, "GET /dicts HTTP/1.1\r\nHost: localhost\r\nX: ");
  const auto bodies = begun(
    at, 470, "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n\r\n");
  const auto unread = begun(at, readers, get_of("/blobs/b/large"));
  do // byte by byte
    for (const auto* some : {&heads, &bodies}) {
      for (const auto& each : *some)
        each->send("a");
      memory.look();
    }
  while (at.metric("beaver_connections") > 2); // the healthy one, and that which asks
  healthy.stop();
  BOOST_TEST(healthy.answered > 0u);
  BOOST_TEST(healthy.refused == 0u);
  BOOST_TEST(healthy.lost == "");
  for (const auto& each : heads)
    BOOST_TEST(each->read_all().empty());
  for (const auto& each : bodies)
    BOOST_TEST(each->read_all().empty());
  for (const auto& each : unread)
    BOOST_TEST(each->read_all().size() < blob_bytes);
  BOOST_TEST(at.metric("beaver_requests_in_work") == 0);
  BOOST_TEST(!at.db.blob("b").contains("k"));
  BOOST_TEST_MESSAGE(healthy.answered << " answers meanwhile, " << memory.extra() << " bytes");
  // An answer is there once, also before it is known to be too large to wait; a slow body costs
  // what has come of it.
  BOOST_TEST(memory.extra() < with_sanitizers(readers * blob_bytes + 1'000 * (128u << 10)));
}

BOOST_AUTO_TEST_CASE(answers_that_nobody_reads_are_held_up_to_a_bound) {
  auto how = test_server("http");
  how.max_waiting = 3 * blob_bytes + 1;
  const served_database at{how};
  at.db.blob("b").put("large", std::string(blob_bytes, 'x'));
  auto unread = begun(at, 10, get_of("/blobs/b/large"));
  std::vector<std::string> begins;
  for (const auto& each : unread)
    begins.push_back(each->read_bytes(12));
  BOOST_TEST(std::count(begins.begin(), begins.end(), "HTTP/1.1 200") == 3);
  BOOST_TEST(std::count(begins.begin(), begins.end(), "HTTP/1.1 503") == 7);
  BOOST_TEST(at.metric("beaver_waiting_bytes") == 3. * blob_bytes);
  BOOST_TEST(at.ask("GET", "/blobs").body == R"(["b"])"); // what is small has its place
  unread.clear();
  at.await("beaver_waiting_bytes", 0);
  BOOST_TEST(at.ask("GET", "/blobs/b/large").body.size() == blob_bytes);
}

BOOST_AUTO_TEST_CASE(bodies_that_do_not_end_are_held_up_to_a_bound) {
  auto how = test_server("http");
  how.max_waiting = 3 * blob_bytes + 1;
  const served_database at{how};
  const auto head = "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                    + std::to_string(blob_bytes) + "\r\n\r\n";
  const std::string most(blob_bytes - 1, 'x');
  const auto unfinished = begun(at, 3, head);
  for (const auto& each : unfinished)
    BOOST_TEST(each->send(most));
  while (at.metric("beaver_waiting_bytes") < 3. * blob_bytes - 3 * (128 << 10))
    std::this_thread::yield();
  raw_http further{at.serving.port()};
  further.send(head + most);
  BOOST_TEST(further.read().status == 503u);
  for (const auto& each : unfinished) {
    each->send("x");
    BOOST_TEST(each->read().status == 200u);
  }
  at.await("beaver_waiting_bytes", 0);
}

BOOST_AUTO_TEST_CASE(who_vanishes_leaves_nothing_behind) {
  const served_database at;
  at.db.queue<int>("q").put(1, 1);
  at.db.blob("b").put("large", std::string(blob_bytes, 'x'));
  const std::string texts[] = {
    "",
    "GET /dicts HT",
    "PUT /dicts/d/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    post_of("/queues/other/get", "{}"), // waits
    get_of("/blobs/b/large"),
    get_of("/dicts"),
  };
  for (const auto& text : texts)
    for (const bool rudely : {false, true}) {
      raw_http over{at.serving.port(), 4096};
      over.send(text);
      if (!text.empty() && text.back() == '\n' && text.starts_with("GET"))
        over.read_bytes(12); // it is being written
      if (rudely)
        over.reset();
    }
  for (const bool rudely : {false, true}) {
    raw_websocket over{at.serving.port(), "/channels/c/subscribe"};
    if (rudely)
      over.over.reset();
  }
  at.await("beaver_connections", 1);
  at.await("beaver_requests_in_work", 0);
  BOOST_TEST(at.metric("beaver_streams") == 0);
  BOOST_TEST(at.metric("beaver_waiting_bytes") == 0);
  BOOST_TEST(at.db.queue<int>("q").count() == 1u);
  at.db.queue<int>("other").put(2, 1);
  BOOST_TEST(at.db.queue<int>("other").count() == 1u); // not swallowed
  BOOST_TEST(!at.db.dict<int>("d").contains("k"));
  BOOST_TEST(!at.db.blob("b").contains("k"));
}

BOOST_AUTO_TEST_CASE(a_body_that_is_announced_takes_no_memory_before_it_comes,
                     *boost::unit_test::precondition(has_proc)) {
  constexpr int clients = 200;
  const served_database at;
  memory_peak promised{"VmSize"};
  const auto all = begun(
    at, clients, "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n\r\na");
  at.await("beaver_connections", clients + 1);
  promised.look();
  // Room for heaps that new threads may have, but not for a tenth of the bodies.
  BOOST_TEST(promised.extra() < 1'000u << 20);
}

BOOST_AUTO_TEST_CASE(who_reads_nothing_for_long_costs_nothing_behind_a_large_answer,
                     *boost::unit_test::precondition(has_proc)) {
  constexpr int clients = 30;
  const served_database at;
  at.db.blob("b").put("large", std::string(blob_bytes, 'x'));
  connections idle;
  memory_peak memory;
  for (int i = 0; i < clients; ++i) {
    idle.push_back(std::make_unique<raw_http>(at.serving.port()));
    BOOST_TEST(idle.back()->ask("GET", "/blobs/b/large").body.size() == blob_bytes);
  }
  memory.look();
  BOOST_TEST(memory.extra() < with_sanitizers(clients * blob_bytes / 3));
}

BOOST_AUTO_TEST_SUITE_END()
