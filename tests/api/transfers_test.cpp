#include "beaver/api/dump.hpp"

#include "support/failure.hpp"
#include "support/pieces_of.hpp"
#include "support/raw_websocket.hpp"
#include "support/served_database.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

struct transfers_fixture : served_database {
  database far = connect(serving.url());

  void fill(const std::string& name, int number, std::size_t bytes) {
    auto writes = db.batched();
    for (int i = 0; i < number; ++i)
      writes.dict<std::string>(name).set(std::to_string(i), std::string(bytes, 'x'));
    writes.commit();
  }

  template <class Handle>
  std::string dump_of(const database& of, const Handle& manager, dump_format format) {
    std::string text;
    const auto done =
      of.dump(manager, [&](std::string_view part) { text += part; }, {.format = format});
    BOOST_TEST(done.bytes == text.size());
    items = done.items;
    return text;
  }

  std::uint64_t items = 0;
};

const std::string two_lines = "{\"key\": \"a\", \"value\": 1}\n{\"key\": \"b\", \"value\": [2]}\n";

} // namespace

BOOST_FIXTURE_TEST_SUITE(transfers, transfers_fixture)

BOOST_AUTO_TEST_CASE(a_dump_comes_as_lines_or_as_one_object) {
  db.dict("d").set("a", json_text{"1"});
  db.dict("d").set("b", json_text{"[2]"});
  const auto lines = ask("GET", "/dicts/d/-/dump");
  BOOST_TEST(lines.status == 200u);
  BOOST_TEST(lines.body == two_lines);
  BOOST_TEST(lines.content_type == "application/x-ndjson");
  BOOST_TEST(*lines.header("transfer-encoding") == "chunked");
  BOOST_TEST(*lines.header("beaver-items") == "2");
  const auto object = ask("GET", "/dicts/d/-/dump?format=%22json%22");
  BOOST_TEST(object.content_type == "application/json");
  BOOST_TEST(object.body == dump_of(db, db.dict("d"), dump_format::json));
  raw_http over{serving.port()};
  over.send(get_of("/dicts/none/-/dump") + get_of("/dicts/d/-/dump") + get_of("/dicts/d/count"));
  BOOST_TEST(over.read().body.empty()); // and the connection goes on
  BOOST_TEST(over.read().body == two_lines);
  BOOST_TEST(over.read().body == "2");
}

BOOST_AUTO_TEST_CASE(a_load_takes_all_of_a_body_or_nothing) {
  BOOST_TEST(ask("POST", "/dicts/d/-/load", two_lines).body
             == R"({"items": 2, "bytes": )" + std::to_string(two_lines.size()) + '}');
  BOOST_TEST(ask("POST", "/dicts/d/-/load?mode=append", "{\"key\": \"c\", \"value\": 3}").status
             == 200u);
  BOOST_TEST(db.dict("d").count() == 3u);
  const auto bad = ask("POST", "/dicts/d/-/load", two_lines + "{\"key\": 1}\n");
  BOOST_TEST(bad.status == 400u);
  BOOST_TEST(bad.body.find("line 3") != std::string::npos, bad.body);
  BOOST_TEST(db.dict("d").count() == 3u);
  BOOST_TEST(ask("POST", "/dicts/d/-/load?format=json", R"({"metadata": {"type": "Dict"},
    "items": [{"key": "z", "value": null}]})")
               .status
             == 200u);
  BOOST_TEST(db.dict("d").get("z").text() == "null");
  BOOST_TEST(ask("POST", "/dicts/d/-/load", "").body == R"({"items": 0, "bytes": 0})");
  BOOST_TEST(db.dict("d").count() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_transfer_is_said) {
  const auto status = [&](const char* method, const char* target) {
    return ask(method, target).status;
  };
  BOOST_TEST(status("POST", "/dicts/d/-/dump") == 405u);
  BOOST_TEST(status("GET", "/dicts/d/-/load") == 405u);
  BOOST_TEST(status("GET", "/dicts/d/-/dump?format=xml") == 400u);
  BOOST_TEST(status("GET", "/dicts/d/-/dump?mode=append") == 400u); // of a load
  BOOST_TEST(status("POST", "/dicts/d/-/load?mode=1") == 400u);
  BOOST_TEST(status("GET", "/dicts/%zz/-/dump") == 400u);
  BOOST_TEST(status("GET", "/channels/c/-/dump") == 404u);
  BOOST_TEST(status("GET", "/dicts//-/dump") == 404u);
  raw_http old{serving.port()};
  old.send("GET /dicts/d/-/dump HTTP/1.0\r\n\r\n");
  BOOST_TEST(old.read_all().starts_with("HTTP/1.1 505"));
  db.dict("dump").set("-", json_text{"1"});
  BOOST_TEST(ask("GET", "/dicts/dump/-").body == "1"); // a key
}

BOOST_AUTO_TEST_CASE(every_type_goes_out_and_comes_in_again) {
  far.dict("x").set("k", json_text{"[1.50]"});
  far.list("x").push(json_text{"\"\xc3\xa9\""});
  far.queue("x").put(json_text{"{}"}, 2.5);
  far.log("x").append(json_text{"1"}, 0.1);
  far.blob("x").put("k", bytes{std::string_view{"\0\n\xff", 3}}, json_text{"{\"m\": 1}"});
  far.docs("x").index("a", json_text{R"({"text": "beavers"})"});
  far.graph("x").link("a", "b", "knows", json_text{"1"});
  far.vectors("x").set("v", std::vector<float>{0.1f, -2}, json_text{"{}"});
  const auto check = [&](const auto& there, const auto& here, const auto& copy) {
    for (const auto format : {dump_format::json, dump_format::jsonl}) {
      const auto text = dump_of(far, there, format);
      BOOST_TEST(items == 1u);
      const auto ours = dump_of(db, here, format);
      if (format == dump_format::jsonl) // the other tells its second
        BOOST_TEST(text == ours);
      BOOST_TEST(far.load(copy, pieces_of(text, 7), {.format = format}).items == 1u);
      if (copy.type_name != "queue") // whose items are put anew
        BOOST_TEST(text.size() == dump_of(far, copy, format).size());
    }
  };
  check(far.dict("x"), db.dict("x"), far.dict("y"));
  check(far.list("x"), db.list("x"), far.list("y"));
  check(far.queue("x"), db.queue("x"), far.queue("y"));
  check(far.log("x"), db.log("x"), far.log("y"));
  check(far.blob("x"), db.blob("x"), far.blob("y"));
  check(far.docs("x"), db.docs("x"), far.docs("y"));
  check(far.graph("x"), db.graph("x"), far.graph("y"));
  check(far.vectors("x"), db.vectors("x"), far.vectors("y"));
}

BOOST_AUTO_TEST_CASE(large_ones_travel_in_pieces_and_show_their_progress) {
  fill("d", 500, 10'000);
  std::string text;
  std::vector<std::uint64_t> reached;
  dump_options how{.format = dump_format::jsonl};
  how.progress = [&](const dump_status& s) { reached.push_back(s.items); };
  const auto done = far.dump(
    far.dict("d"), [&](std::string_view part) { text += part; }, how);
  BOOST_TEST(done.items == 500u);
  BOOST_TEST(reached.size() > 5u);
  BOOST_TEST(std::is_sorted(reached.begin(), reached.end()));
  BOOST_TEST((text == dump_of(db, db.dict("d"), dump_format::jsonl)));
  std::uint64_t sent = 0;
  load_options in{.format = dump_format::jsonl};
  in.progress = [&](const dump_status& s) { sent = s.bytes; };
  BOOST_TEST(far.load(far.dict("e"), pieces_of(text, 100'000), in).items == 500u);
  BOOST_TEST(sent == text.size());
  BOOST_TEST(db.dict("e").count() == 500u);
}

BOOST_AUTO_TEST_CASE(one_that_is_stopped_leaves_all_as_it_was) {
  fill("d", 500, 10'000);
  std::stop_source stop;
  dump_options out{.format = dump_format::jsonl, .stop = stop.get_token()};
  const auto ended = outcome_of([&] {
    far.dump(
      far.dict("d"), [&](auto) { stop.request_stop(); }, out);
  });
  BOOST_TEST(ended.is(errc::cancelled));
  struct mine {};
  BOOST_CHECK_THROW(far.dump(far.dict("d"), [](auto) { throw mine{}; }), mine);
  await("beaver_requests_in_work", 0);

  std::stop_source again;
  load_options in{.format = dump_format::jsonl, .stop = again.get_token()};
  const byte_source endless = [&](std::span<char> part) {
    std::fill(part.begin(), part.end(), ' ');
    again.request_stop();
    return part.size();
  };
  BOOST_TEST(outcome_of([&] { far.load(far.dict("d"), endless, in); }).is(errc::cancelled));
  BOOST_CHECK_THROW(far.load(far.dict("d"), [](std::span<char>) -> std::size_t { throw mine{}; }),
                    mine);
  BOOST_TEST(far.dict("d").count() == 500u); // over a connection that is still good
}

BOOST_AUTO_TEST_CASE(who_goes_in_the_middle_of_a_dump_holds_nothing_up) {
  fill("d", 1'000, 10'000);
  auto leaver = std::make_unique<raw_http>(serving.port(), 4096);
  leaver->send(get_of("/dicts/d/-/dump"));
  (void)leaver->read_bytes(20'000);
  db.dict("d").set("more", json_text{"1"}); // beside the dump
  leaver->reset();
  await("beaver_requests_in_work", 0);
  raw_http stays{serving.port(), 4096};
  stays.send(get_of("/dicts/d/-/dump"));
  (void)stays.read_bytes(20'000);
  serving.stop(0ms); // ends though the dump does not
  BOOST_TEST(stays.read_all().find("0\r\nBeaver-Items") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_token_is_good_for_the_transfers_of_its_scopes) {
  const auto reads = db.tokens().create({"read:dicts/d"}).token;
  const auto writes = db.tokens().create({"write:dicts/d"}).token;
  server guarded{db, test_server("http")};
  const auto status = [&](const std::string& token, const char* method, const char* target) {
    return raw_http{guarded.port()}
      .ask(method, target, "", token.empty() ? "" : "Authorization: Bearer " + token + "\r\n")
      .status;
  };
  BOOST_TEST(status("", "GET", "/dicts/d/-/dump") == 401u);
  BOOST_TEST(status(reads, "GET", "/dicts/d/-/dump") == 200u);
  BOOST_TEST(status(reads, "GET", "/dicts/e/-/dump") == 403u);
  BOOST_TEST(status(reads, "POST", "/dicts/d/-/load") == 403u);
  BOOST_TEST(status(writes, "POST", "/dicts/d/-/load") == 200u);
  BOOST_TEST(status(writes, "POST", "/lists/d/-/load") == 403u);
}

BOOST_AUTO_TEST_CASE(a_load_that_is_refused_early_is_not_sent_to_its_end) {
  auto how = test_server("http");
  how.max_body = 1 << 20;
  server small{db, how};
  auto there = connect(small.url());
  db.dict("d").set("k", json_text{"1"});
  std::uint64_t sent = 0;
  const byte_source lines = [&](std::span<char> part) {
    std::fill(part.begin(), part.end(), ' ');
    sent += part.size();
    return sent > (1u << 30) ? 0 : part.size();
  };
  const auto refused =
    outcome_of([&] { there.load(there.dict("d"), lines, {.format = dump_format::jsonl}); });
  BOOST_TEST(refused.is(errc::invalid_argument));
  BOOST_TEST(refused.says("too large"));
  BOOST_TEST(sent < 1u << 30);
  BOOST_TEST(there.dict("d").count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_dump_of_a_database_in_memory_keeps_nobody_waiting_for_its_reader) {
  database memory{":memory:", quick()};
  memory.dict<std::string>("d").set("k", std::string(4'000'000, 'x'));
  server of_memory{memory, test_server("http")};
  raw_http slow{of_memory.port(), 4096};
  slow.send(get_of("/dicts/d/-/dump"));
  (void)slow.read_bytes(1'000);
  memory.dict<int>("d").set("other", 1);
  BOOST_TEST(memory.dict("d").count() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct waits_fixture : served_database {
  void await_waiters(std::size_t number) {
    while (db.lock("l").waiters().size() != number)
      std::this_thread::yield();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(waits_over_websockets, waits_fixture)

BOOST_AUTO_TEST_CASE(items_come_one_for_each_that_is_asked_for) {
  auto q = db.queue<int>("q");
  raw_websocket over{serving.port(), "/queues/q/get"};
  for (int i = 0; i < 5; ++i)
    q.put(i, i);
  over.send(R"({"pull": 2})");
  for (int i = 0; i < 2; ++i)
    BOOST_TEST(over.read_and_answer().payload.find("\"data\": " + std::to_string(i))
               != std::string::npos);
  BOOST_TEST(q.count() == 3u); // no more than that were taken
  over.send(R"({"pull": 4})");
  for (int i = 2; i < 5; ++i)
    (void)over.read_and_answer();
  q.put(5, 1);
  BOOST_TEST(over.read_and_answer().payload.find("\"data\": 5") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_whose_client_goes_takes_nothing) {
  auto held = db.lock("l").acquire();
  raw_websocket over{serving.port(), "/locks/l/acquire?waiter=me&ttl_seconds=60"};
  over.send(R"({"pull": 1})");
  await_waiters(2);
  over.over.reset();
  await_waiters(1);
  held.release();
  BOOST_TEST(db.lock("l").waiters().empty());

  auto q = db.queue<int>("q");
  raw_websocket idle{serving.port(), "/queues/q/get"}; // which has not asked for anything
  q.put(1, 1);
  idle.over.reset();
  await("beaver_streams", 0);
  BOOST_TEST(q.count() == 1u);
}

BOOST_AUTO_TEST_CASE(it_ends_when_nothing_comes_in_time_and_when_the_server_does) {
  raw_websocket in_vain{serving.port(), "/queues/q/get?timeout=0"};
  in_vain.send(R"({"pull": 1})");
  BOOST_TEST(in_vain.read_and_answer().payload == R"({"ended": true})");
  BOOST_TEST(close_code(in_vain.read()) == 1000u);
  auto held = db.lock("l").acquire();
  raw_websocket waits{serving.port(), "/locks/l/acquire?waiter=me"};
  waits.send(R"({"pull": 1})");
  await_waiters(2);
  std::thread ending{[&] { serving.stop(10s); }};
  BOOST_TEST(waits.read_and_answer().payload.find("about to stop") != std::string::npos);
  BOOST_TEST(close_code(waits.read()) == 1001u);
  waits.over.close();
  ending.join();
  await_waiters(1);
}

BOOST_AUTO_TEST_CASE(a_lock_can_be_waited_for_and_a_mistake_is_told) {
  auto held = db.lock("l").acquire();
  raw_websocket over{serving.port(), "/locks/l/acquire?waiter=me"};
  over.send(R"({"pull": 1})");
  held.release();
  BOOST_TEST(over.read_and_answer().payload.starts_with(R"({"items": [)"));
  const auto ask_for = [&](const std::string& target) {
    return ask("GET", target, "", "Upgrade: websocket\r\n").status;
  };
  BOOST_TEST(ask_for("/queues/q/get?tiemout=1") == 400u);
  BOOST_TEST(ask_for("/queues/q/put?data=1&priority=1") == 405u); // it does not wait
  BOOST_TEST(ask("GET", "/queues/q/get").status == 405u);         // no WebSocket
}

BOOST_AUTO_TEST_SUITE_END()
