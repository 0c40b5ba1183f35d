#include "beaver/api/remote.hpp"

#include "beaver/api/remote_calls.hpp"
#include "support/failure.hpp"
#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

/// A database, its server and a client, over the road of this run, or else http.
struct remote_fixture {
  remote_fixture() : near(folder.file(), quick()) { serve(); }

  void serve(std::uint16_t port = 0) {
    auto how = test_server(test_road());
    how.port = port;
    serving.emplace(near, how);
  }

  /// Another server at the same address.
  void serve_again() {
    const auto port = serving->port();
    serving.reset();
    serve(port);
  }

  database client() const { return connect(serving->url(), test_client()); }

  temp_folder folder;
  database near;
  std::optional<server> serving;
};

std::string target_of(const auto& m) {
  static const remote_calls calls;
  return calls.request_of(operation_of<std::decay_t<decltype(m)>>(), &m).target;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(remote, remote_fixture)

BOOST_AUTO_TEST_CASE(members_travel_where_their_route_says) {
  BOOST_TEST(target_of(dict_find{"a b", "c/d?e"}) == "/dicts/a%20b/c%2Fd%3Fe");
  BOOST_TEST(target_of(dict_find{"d", "count"})
             == "/dicts/%64/%63ount"); // not the route of that name
  BOOST_TEST(target_of(dict_count{"d", "p"}) == "/dicts/d/count?prefix=%22p%22");
  const remote_calls calls;
  const dict_set set{"d", "k", json_text{"[1, 2]"}, 2.5};
  const auto request = calls.request_of(operation_of<dict_set>(), &set);
  BOOST_TEST(request.method == "PUT");
  BOOST_TEST(request.body == R"({"value": [1, 2], "ttl_seconds": 2.5})");
  const docs_get_many many{"d", std::vector<std::string>(1000, "some-long-id")};
  const auto long_query = calls.request_of(operation_of<docs_get_many>(), &many);
  BOOST_TEST(long_query.method == "POST");
  BOOST_TEST(*long_query.header("x-http-method-override") == "GET");
}

BOOST_AUTO_TEST_CASE(keys_that_look_like_routes_are_keys) {
  auto far = client();
  auto d = far.dict<int>("d");
  int n = 0;
  for (const auto* key : {"count", "-", "keys", ".", "..", "a/b", "%2F", "?", "#", " ", "\xc3\xa9"})
    d.set(key, n++);
  BOOST_TEST(near.dict("d").count() == static_cast<std::uint64_t>(n));
  BOOST_TEST(d.get("count") == 0);
  BOOST_TEST(d.get("..") == 4);
  BOOST_TEST(d.count() == static_cast<std::uint64_t>(n));
}

BOOST_AUTO_TEST_CASE(a_stored_null_is_not_an_absence) {
  auto far = client();
  far.dict("d").set("k", json_text{"null"});
  BOOST_TEST(far.dict("d").find("k")->text() == "null");
  BOOST_TEST(!far.dict("d").find("none"));
  far.list("l").push(json_text{"null"});
  BOOST_TEST(far.list("l").pop()->text() == "null");
  BOOST_TEST(!far.list("l").pop());
}

BOOST_AUTO_TEST_CASE(errors_are_those_of_the_file) {
  auto far = client();
  BOOST_TEST(outcome_of([&] { far.dict("").set("k", json_text{"1"}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { (void)far.dict<int>("d").get("none"); }).is(errc::not_found));
  far.dict("d").set("k", json_text{R"("text")"});
  BOOST_TEST(outcome_of([&] { (void)far.dict<int>("d").get("k"); }).is(errc::type_mismatch));
  const auto here = outcome_of([&] { near.dict("d").increment("k"); });
  const auto there = outcome_of([&] { far.dict("d").increment("k"); });
  BOOST_TEST(here.failed);
  BOOST_TEST(there.is(here.code));
  BOOST_TEST(there.text == here.text);
}

BOOST_AUTO_TEST_CASE(what_needs_the_file_is_refused_with_its_reason) {
  auto far = client();
  const auto refused = outcome_of([&] { far.transaction([](transaction&) {}); });
  BOOST_TEST(refused.is(errc::not_supported));
  BOOST_TEST(refused.says("batches are"));
  BOOST_TEST(outcome_of([&] { (void)far.snapshot(); }).is(errc::not_supported));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_an_error_of_its_own) {
  const auto url = serving->url();
  auto far = client();
  serving.reset();
  BOOST_TEST(outcome_of([&] { (void)far.dict("d").count(); }).is(errc::remote));
  BOOST_TEST(outcome_of([&] { (void)far.channel("c").subscribe(); }).is(errc::remote));
  for (const auto* wrong : {"", "file.db", "ftp://host", "http://", "http://a b", "http://h:x",
                            "http://h/path", "http://u@h", "https://h:123456"})
    BOOST_TEST(outcome_of([&] { (void)connect(wrong); }).is(errc::invalid_argument), wrong);
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_back_is_found_again) {
  auto far = client();
  far.dict<int>("d").set("k", 1);
  serve_again();
  BOOST_TEST(far.dict<int>("d").get("k") == 1);
  far.dict<int>("d").set("k", 2);
  BOOST_TEST(near.dict<int>("d").get("k") == 2);
}

BOOST_AUTO_TEST_CASE(a_wait_is_longer_than_its_requests_and_can_be_withdrawn) {
  auto far = client();
  std::stop_source stop;
  std::thread later{[&] {
    while (near.lock("l").waiters().size() < 2)
      std::this_thread::yield();
    stop.request_stop();
  }};
  const auto held = near.lock("l").acquire();
  const auto ended = outcome_of([&] { (void)far.lock("l").acquire(for_ever, stop.get_token()); });
  later.join();
  BOOST_TEST(ended.is(errc::cancelled));
  while (near.lock("l").waiters().size() > 1) // who has left does so behind the answer
    std::this_thread::yield();
  BOOST_TEST(near.lock("l").waiters().size() == 1u); // who holds it
}

BOOST_AUTO_TEST_CASE(a_stream_goes_on_where_it_was_behind_a_break) {
  auto far = client();
  near.channel<int>("c").publish(0);
  auto all = far.channel<int>("c").subscribe({.from_beginning = true});
  auto new_ones = far.channel<int>("c").subscribe();
  BOOST_TEST(all.next()->payload == 0);
  int published = 0;
  for (int round = 0; round < 5; ++round) {
    near.channel<int>("c").publish(++published);
    serve_again();
    near.channel<int>("c").publish(++published);
  }
  for (int i = 1; i <= published; ++i) {
    BOOST_TEST(all.next()->payload == i);
    BOOST_TEST(new_ones.next()->payload == i);
  }
  BOOST_TEST(!all.next(std::chrono::seconds{0}));
}

BOOST_AUTO_TEST_CASE(a_stream_of_what_is_now_begins_anew_behind_a_break) {
  auto far = client();
  auto frames = far.log<int>("l").frames({.period = std::chrono::milliseconds{10}});
  BOOST_TEST(frames.next()->rows.at(0).count == 0u);
  serve_again();
  near.log<int>("l").append(1);
  while (frames.next()->rows.at(0).count == 0)
    ;
}

BOOST_AUTO_TEST_CASE(a_slow_reader_of_a_stream_misses_nothing) {
  auto far = client();
  auto messages = far.channel<int>("c").subscribe({.capacity = 4});
  constexpr int many = 3000;
  std::vector<int> values(many);
  for (int i = 0; i < many; ++i)
    values[static_cast<std::size_t>(i)] = i;
  near.channel<int>("c").publish_many(values);
  for (int i = 0; i < many; ++i)
    BOOST_REQUIRE(messages.next()->payload == i);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_client_ends_what_it_has_open) {
  auto far = client();
  auto messages = far.channel("c").subscribe();
  std::thread closer{[&] {
    while (far.lock("l").waiters().size() < 2)
      std::this_thread::yield();
    far.close();
  }};
  const auto held = near.lock("l").acquire();
  const auto ended = outcome_of([&] { (void)far.lock("l").acquire(); });
  closer.join();
  BOOST_TEST(ended.is(errc::closed));
  BOOST_TEST(outcome_of([&] { messages.next(); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { (void)far.dict("d").count(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(writes_that_were_started_keep_their_order) {
  auto far = client();
  auto d = far.async().dict<int>("d");
  std::vector<future<void>> started;
  for (int i = 0; i < 200; ++i)
    started.push_back(d.set("k", i));
  for (auto& each : started)
    BOOST_TEST(each.get().has_value());
  BOOST_TEST(near.dict<int>("d").get("k") == 199);
}

BOOST_AUTO_TEST_CASE(many_threads_share_a_client) {
  auto far = client();
  const auto failures = failures_of_threads(8, [&](int i) {
    auto d = far.dict<int>("d");
    for (int j = 0; j < 100; ++j) {
      d.set(std::to_string(i), j);
      if (d.get(std::to_string(i)) != j)
        throw std::logic_error("read something else");
    }
  });
  BOOST_TEST(failures == 0);
  BOOST_TEST(near.dict("d").count() == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
