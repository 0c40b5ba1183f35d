#include "beaver/api/actor_net.hpp"

#include "support/child.hpp"
#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <csignal>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// A published file, which may end and begin again at its port.
struct network_fixture {
  network_fixture() { publish(); }

  void publish() {
    network = std::make_unique<actor_network>();
    near = std::make_unique<actor_database>(network->system(), folder.file(), quick());
    at = std::make_unique<actor_server>(*near, actor_server_options{.port = port});
    port = at->port();
  }
  void end() {
    at.reset();
    near.reset();
    network.reset();
  }
  [[nodiscard]] std::string url() const { return "caf://127.0.0.1:" + std::to_string(port); }

  temp_folder folder;
  std::uint16_t port = 0;
  std::unique_ptr<actor_network> network;
  std::unique_ptr<actor_database> near;
  std::unique_ptr<actor_server> at;
};

/// Accepts connections and says nothing.
class silent_port {
public:
  silent_port() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&where), size) != 0 || ::listen(socket_, 9) != 0
        || ::getsockname(socket_, reinterpret_cast<sockaddr*>(&where), &size) != 0)
      throw std::runtime_error("cannot listen");
    port = ntohs(where.sin_port);
  }
  ~silent_port() { ::close(socket_); }
  std::uint16_t port = 0;

private:
  int socket_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(actor_network_calls, network_fixture)

BOOST_AUTO_TEST_CASE(actors_of_another_node_are_asked_like_those_of_ones_own) {
  actor_network elsewhere;
  auto far = actor_database::connect(elsewhere.system(), url());
  near->facade().dict<int>("d").set("k", 41);
  caf::error why;
  std::thread{[&] { // which ends with what CAF leaves it
    caf::scoped_actor self{elsewhere.system()};
    const auto d = far.dict("d");
    self->request(d, caf::infinite, dict_increment{{}, "k", {}})
      .receive([](json_text& value) { BOOST_TEST(value.text() == "42"); },
               [](caf::error&) { BOOST_ERROR("refused"); });
    self->request(d, caf::infinite, dict_set{{}, "", json_text{"1"}, {}})
      .receive([] {}, [&](caf::error& e) { why = std::move(e); });
  }}
    .join();
  BOOST_TEST((why == errc::invalid_argument));
  BOOST_TEST(near->facade().dict<int>("d").get("k") == 42);
  far.facade().dict<int>("d").set("k", 1);
  BOOST_TEST(near->facade().dict<int>("d").get("k") == 1);
}

BOOST_AUTO_TEST_CASE(calls_by_number_of_an_actor_are_those_of_its_node) {
  // Two systems number their actors alike: who withdraws must not withdraw for another.
  auto one = connect(url());
  auto two = connect(url());
  std::stop_source stop;
  auto first = one.async().queue<int>("q").take({}, beaver::for_ever, stop.get_token());
  auto second = two.async().queue<int>("q").take({}, beaver::for_ever);
  for (auto* each : {&one, &two}) // behind the wait, on the same way
    BOOST_TEST(each->queue<int>("q").count() == 0u);
  stop.request_stop();
  BOOST_TEST((first.get().error().code == errc::cancelled));
  near->facade().queue<int>("q").put(7, 1);
  BOOST_TEST(second.get().value()->value == 7);
}

BOOST_AUTO_TEST_CASE(who_is_gone_takes_nothing) {
  {
    auto far = connect(url());
    auto taken = far.async().queue<int>("q").take({}, beaver::for_ever);
    BOOST_TEST(far.dict<int>("d").count() == 0u); // the wait is on its way
    far.close();
    BOOST_TEST((taken.get().error().code == errc::closed));
  }
  near->facade().queue<int>("q").put(7, 1);
  auto next = connect(url());
  BOOST_TEST(next.queue<int>("q").count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_server_that_ends_ends_its_calls_and_one_that_comes_back_is_found) {
  auto far = connect(url());
  far.dict<int>("d").set("k", 1);
  auto all = far.channel<int>("c").subscribe();
  auto taken = far.async().queue<int>("q").take({}, beaver::for_ever);
  BOOST_TEST(far.dict<int>("d").get("k") == 1);
  end();
  const auto code = taken.get().error().code;
  BOOST_TEST((code == errc::remote || code == errc::closed));
  BOOST_TEST(outcome_of([&] { (void)all.next(); }).failed);
  BOOST_TEST(outcome_of([&] { (void)far.dict<int>("d").get("k"); }).failed);
  publish();
  BOOST_TEST(far.dict<int>("d").get("k") == 1);
}

BOOST_AUTO_TEST_CASE(streams_arrive_in_order_and_end_with_their_reader) {
  auto far = connect(url());
  auto all = far.channel<int>("c").subscribe({.capacity = 4});
  std::vector<int> numbers(500);
  for (int i = 0; i < 500; ++i)
    numbers[static_cast<std::size_t>(i)] = i;
  near->facade().channel<int>("c").publish_many(numbers);
  for (const int n : numbers)
    BOOST_REQUIRE(all.next()->payload == n);
  BOOST_TEST(!all.next(0s));
  far.close();
  BOOST_TEST(outcome_of([&] { (void)all.next(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(who_is_no_server_is_named) {
  const silent_port silent;
  const auto to = [](std::uint16_t where, const char* scheme = "caf://") {
    return connect(scheme + std::string{"127.0.0.1:"} + std::to_string(where),
                   {.tls_ca = BEAVER_TEST_DATA "/tls/certificate.pem",
                    .tls_certificate = BEAVER_TEST_DATA "/tls/certificate.pem",
                    .tls_key = BEAVER_TEST_DATA "/tls/key.pem",
                    .timeout = 200ms});
  };
  const auto fails = [](database db) { return outcome_of([&] { (void)db.dicts(); }); };
  BOOST_TEST(fails(to(silent.port)).is(errc::timeout));
  BOOST_TEST(fails(to(port, "cafs://")).failed); // a server without TLS
  end();
  BOOST_TEST(fails(to(port)).is(errc::remote));
  for (const std::string url : {"caf://", "caf://host", "caf://host:0", "caf://host:x", "caf://:1"})
    BOOST_TEST(outcome_of([&] { (void)connect(url); }).is(errc::invalid_argument), url);
  BOOST_TEST(
    outcome_of([&] { (void)connect("caf://host:1", {.token = "t"}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { (void)connect("cafs://host:1"); }).is(errc::invalid_argument));
  actor_network plain;
  const auto join = [&](caf::actor_system& s, const std::string& url) {
    return outcome_of([&] { (void)actor_database::connect(s, url); });
  };
  BOOST_TEST(join(plain.system(), "cafs://host:1").is(errc::invalid_argument));
  caf::actor_system_config config;
  caf::actor_system alone{config};
  BOOST_TEST(join(alone, "caf://host:1").is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(what_is_not_safe_is_not_published) {
  const auto publish_at = [&](actor_server_options how) {
    return outcome_of([&] { actor_server{*near, how}; });
  };
  BOOST_TEST(publish_at({.host = "0.0.0.0"}).is(errc::invalid_argument));
  BOOST_TEST(publish_at({.tls = true}).is(errc::invalid_argument)); // without certificates
  BOOST_TEST(publish_at({.port = port}).is(errc::io));
  BOOST_TEST(outcome_of([] { actor_network{{.certificate = "x"}}; }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(actor_network_peers)

// As after the loss of a machine: the connection stays, and nobody answers.
BOOST_AUTO_TEST_CASE(a_server_without_signs_of_life_is_given_up) {
  const temp_folder folder;
  child server{[&](line& up) {
    actor_network network;
    actor_database db{network.system(), folder.file(), quick()};
    actor_server at{db};
    up.send(at.port());
    return up.receive() ? 0 : 1;
  }};
  const auto url = "caf://127.0.0.1:" + std::to_string(server.io().receive().value());
  auto far = connect(url, {.timeout = 300ms});
  BOOST_TEST(far.queue<int>("q").count() == 0u);
  server.signal(SIGSTOP);
  BOOST_TEST(outcome_of([&] { far.queue<int>("q").take({}, beaver::for_ever); }).is(errc::remote));
  server.signal(SIGCONT);
  server.io().send(0);
  BOOST_TEST(server.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
