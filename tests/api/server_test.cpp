#include "beaver/api/server.hpp"

#include "support/failure.hpp"
#include "support/served_database.hpp"
#include "support/transcript.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

struct origin_case {
  const char* origin;
  unsigned get;
  unsigned put;
};
const origin_case origin_cases[] = {
  {"http://localhost", 404, 200}, // its own pages, by the Host header
  {"http://evil.example", 404, 403},
  {"https://localhost", 404, 403}, // another scheme is another origin
  {"http://localhost:8001", 404, 403},
  {"null", 404, 403},               // a sandboxed page
  {"http://app.example", 404, 200}, // allowed by an option
  {"http://app.example.evil", 404, 403},
};
std::ostream& operator<<(std::ostream& out, const origin_case& c) { return out << c.origin; }

} // namespace

BOOST_FIXTURE_TEST_SUITE(serving, served_database)

BOOST_AUTO_TEST_CASE(the_original_gets_its_answers_over_the_network) {
  raw_http over{serving.port()};
  replay_transcript([&](const std::string& method, const std::string& target,
                        const std::string& body) { return over.ask(method, target, body); });
}

BOOST_AUTO_TEST_CASE(requests_of_one_connection_are_answered_in_order) {
  raw_http over{serving.port()};
  std::string many;
  for (int i = 0; i < 50; ++i) {
    const auto body = R"({"value": )" + std::to_string(i) + '}';
    many += "PUT /dicts/d/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + std::to_string(body.size()) + "\r\n\r\n" + body + get_of("/dicts/d/k");
  }
  over.send(many);
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST(over.read().body == "null");
    BOOST_TEST(over.read().body == std::to_string(i));
  }
  over.send(get_of("/dicts/d/k", "Connection: close\r\n"));
  BOOST_TEST(over.read_all().ends_with("\r\n\r\n49"));
}

BOOST_AUTO_TEST_CASE(a_connection_of_http_1_0_is_closed_behind_the_response) {
  raw_http over{serving.port()};
  over.send("GET /dicts HTTP/1.0\r\n\r\n");
  const auto text = over.read_all();
  BOOST_TEST(text.starts_with("HTTP/1.1 200 OK\r\n"));
  BOOST_TEST(text.ends_with("\r\n\r\n[]"));
}

BOOST_AUTO_TEST_CASE(a_head_that_is_asked_for_alone_comes_without_a_body) {
  ask("PUT", "/dicts/d/k", R"({"value": "four"})");
  const std::pair<const char*, const char*> cases[] = {
    {"/dicts/d/k", "200 OK\r\nContent-Length: 6\r\n"},
    {"/health", "200 OK\r\nContent-Length: 6\r\n"},
    {"/metrics", "200 OK\r\nContent-Length: "},
    {"/docs", "200 OK\r\nContent-Length: "},
    {"/dicts/d/-/dump", "200 OK\r\nTransfer-Encoding: chunked\r\n"},
    {"/dicts/d/none", "404 Not Found\r\n"},
    {"/queues/q/get", "405 Method Not Allowed\r\n"},
    {"/channels/c/subscribe", "426 Upgrade Required\r\n"},
  };
  for (const auto& [path, expected] : cases) {
    raw_http over{serving.port()};
    over.send("HEAD " + std::string{path}
              + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n"
                "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const auto both = over.read_all();
    const auto second = both.find("\r\n\r\nHTTP/1.1 404 Not Found\r\n");
    BOOST_TEST(both.starts_with("HTTP/1.1 " + std::string{expected}), both);
    BOOST_TEST(second != std::string::npos, both);
    BOOST_TEST(both.find("\r\n\r\n") == second, both);
  }
}

BOOST_AUTO_TEST_CASE(a_method_that_a_path_has_not_is_told_which_it_has) {
  raw_http over{serving.port()};
  over.send("POST /dicts/d/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            "Content-Length: 0\r\n\r\n");
  const auto text = over.read_all();
  BOOST_TEST(text.starts_with("HTTP/1.1 405"), text);
  BOOST_TEST(text.find("\r\nAllow: PUT, GET, DELETE, HEAD\r\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(what_is_no_request_gets_its_status_and_an_end) {
  const std::pair<std::string, std::string> cases[] = {
    {"GET / HTTP/1.1\nHost: a\n\n", "400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "400"},
    {get_of("/", "X: " + std::string(20'000, 'x') + "\r\n"), "431"},
    {"PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", "413"},
    {"\x16\x03\x01" + std::string(20'000, '\0'), "400"},
  };
  for (const auto& [text, status] : cases) {
    raw_http over{serving.port()};
    over.send(text + "GET /dicts HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto answer = over.read_all();
    BOOST_TEST(answer.starts_with("HTTP/1.1 " + status), answer);
    BOOST_TEST(answer.find("HTTP/1.1", 1) == std::string::npos, "a second response"); // smuggled
  }
  BOOST_TEST(ask("GET", "/dicts").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_body_is_asked_for_only_where_there_is_an_operation) {
  raw_http over{serving.port()};
  over.send("PUT /dicts/d/k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            "Content-Length: 12\r\n\r\n");
  BOOST_TEST(over.read().status == 100u);
  over.send(R"({"value": 1})");
  BOOST_TEST(over.read().status == 200u);
  over.send("PUT /nothing/d/k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            "Content-Length: 12\r\n\r\n");
  BOOST_TEST(over.read_all().starts_with("HTTP/1.1 404"));
}

BOOST_AUTO_TEST_CASE(a_large_body_goes_in_and_out) {
  std::string content(5'000'000, 'x');
  for (std::size_t i = 0; i < content.size(); i += 7)
    content[i] = static_cast<char>(i);
  raw_http over{serving.port()};
  BOOST_TEST(over.ask("PUT", "/blobs/b/k", content).status == 200u);
  BOOST_TEST((over.ask("GET", "/blobs/b/k").body == content));
}

BOOST_AUTO_TEST_CASE(a_body_in_chunks_goes_in_however_they_are_cut) {
  std::string content, chunks;
  for (int i = 0; i < 50; ++i) {
    const std::string some(1'000, static_cast<char>('a' + i));
    content += some;
    chunks += "3e8\r\n" + some + "\r\n";
  }
  chunks += "0\r\n\r\n";
  for (const std::size_t piece : {chunks.size(), std::size_t{1'007}, std::size_t{3}}) {
    raw_http over{serving.port()};
    over.send("PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < chunks.size(); at += piece)
      over.send(std::string_view{chunks}.substr(at, piece));
    BOOST_TEST(over.read().status == 200u);
    BOOST_TEST((over.ask("GET", "/blobs/b/k").body == content));
    over.ask("DELETE", "/blobs/b/k");
  }
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_gets_what_comes) {
  raw_http over{serving.port()};
  over.send("POST /queues/q/get HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\n\r\n"
            R"({"timeout": 60})");
  await("beaver_requests_in_work", 1);
  BOOST_TEST(ask("GET", "/queues/q/count").body == "0"); // others are served meanwhile
  db.queue<int>("q").put(7, 1);
  BOOST_TEST(over.read().body.find("\"data\": 7") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_call_whose_client_has_gone_takes_nothing) {
  {
    raw_http over{serving.port()};
    over.send("POST /queues/q/get HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
    await("beaver_requests_in_work", 1);
  }
  await("beaver_requests_in_work", 0);
  db.queue<int>("q").put(7, 1);
  BOOST_TEST(db.queue("q").count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_wait_ends_when_its_request_says_so) {
  const auto r = ask("POST", "/queues/q/get", "{}", "Beaver-Wait: 0.01\r\n");
  BOOST_TEST(r.status == 202u);
  BOOST_TEST(*r.header("beaver-reply") == "again");
  BOOST_TEST(ask("POST", "/queues/q/get", R"({"timeout": 0.01})").status == 409u);
}

BOOST_AUTO_TEST_CASE(other_names_than_its_own_are_not_answered) {
  for (const auto* name : {"localhost", "127.0.0.1:8000", "[::1]:80", "LOCALHOST:1"}) {
    raw_http over{serving.port()};
    over.send("GET /dicts HTTP/1.1\r\nHost: " + std::string{name} + "\r\n\r\n");
    BOOST_TEST(over.read().status == 200u, name);
  }
  for (const auto* name : {"evil.example", "localhost.evil.example", "128.0.0.1", ""}) {
    raw_http over{serving.port()};
    over.send("GET /dicts HTTP/1.1\r\nHost: " + std::string{name} + "\r\n\r\n");
    BOOST_TEST(over.read().status == 421u, name);
  }
}

BOOST_AUTO_TEST_CASE(health_and_metrics_tell_of_the_server) {
  BOOST_TEST(ask("GET", "/health/live").status == 200u);
  BOOST_TEST(ask("GET", "/health").body == "ready\n");
  ask("PUT", "/dicts/d/k", R"({"value": 1})");
  ask("GET", "/dicts/d/none");
  db.queue<int>("a\"b").put(1, 1);
  db.vectors("v").set("a", std::vector<float>{1, 2});
  db.vectors("v").compact();
  BOOST_TEST(outcome_of([&] { db.vectors("nothing").compact(); }).is(errc::not_found));
  const auto text = ask("GET", "/metrics").body;
  for (const auto* line :
       {"\nbeaver_operations_total{operation=\"dict_set\",outcome=\"ok\"} 1\n",
        "\nbeaver_operations_total{operation=\"dict_find\",outcome=\"refused\"} 1\n",
        "\nbeaver_operation_seconds_count{operation=\"dict_set\"} 1\n",
        "\nbeaver_queue_items{queue=\"a\\\"b\"} 1\n", "\nbeaver_connections ",
        "\nbeaver_compactions_total 1\n"})
    BOOST_TEST(text.find(line) != std::string::npos, line << " is not in " << text);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_waits_and_connections) {
  raw_http idle{serving.port()};
  idle.ask("GET", "/dicts");
  raw_http waits{serving.port()};
  waits.send("POST /queues/q/get HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
  await("beaver_requests_in_work", 1);
  const auto port = serving.port();
  serving.stop();
  BOOST_TEST(idle.read_all().empty());
  BOOST_TEST(waits.read_all().starts_with("HTTP/1.1 503"));
  BOOST_CHECK_THROW(raw_http{port}, std::runtime_error);
  server_options again = test_server("http");
  again.port = port;
  const server second{db, again};
  BOOST_TEST(raw_http{port}.ask("GET", "/dicts").status == 200u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(server_limits)

BOOST_DATA_TEST_CASE(pages_of_other_origins_change_nothing, origin_cases, c) {
  auto how = test_server("http");
  how.origins = {"http://app.example"};
  const served_database at{how};
  const auto origin = std::string{"Origin: "} + c.origin + "\r\n";
  BOOST_TEST(at.ask("GET", "/dicts/d/k", "", origin).status == c.get);
  const auto put = at.ask("PUT", "/dicts/d/k", R"({"value": 1})", origin);
  BOOST_TEST(put.status == c.put);
  const bool named = c.origin == how.origins.front();
  const auto may_read = [&](const http_response& r) {
    const auto* who = r.header("access-control-allow-origin");
    BOOST_TEST((who != nullptr) == named);
    BOOST_TEST((who == nullptr || *who == c.origin));
    BOOST_TEST(*r.header("vary") == "Origin");
  };
  may_read(put);
  may_read(at.ask("GET", "/dicts/d/-/dump", "", origin));
  const auto asked = at.ask("OPTIONS", "/dicts/d/k", "",
                            origin
                              + "Access-Control-Request-Method: PUT\r\n"
                                "Access-Control-Request-Headers: content-type,authorization\r\n");
  BOOST_TEST(asked.status == (named ? 200u : c.put == 200 ? 405u : 403u));
  may_read(asked);
  const auto* headers = asked.header("access-control-allow-headers");
  BOOST_TEST((headers != nullptr) == named);
  BOOST_TEST((headers == nullptr || *headers == "content-type,authorization"));
  BOOST_TEST(at.ask("GET", "/channels/c/subscribe", "", origin + "Upgrade: websocket\r\n").status
             == (c.put == 200 ? 400u : 403u)); // the rest of a handshake is not there
}

BOOST_AUTO_TEST_CASE(pages_of_named_origins_may_read_refusals_too) {
  auto how = test_server("http");
  how.origins = {"http://app.example"};
  how.tokens = "secret\n";
  const served_database at{how};
  const auto refused = at.ask("GET", "/dicts", "", "Origin: http://app.example\r\n");
  BOOST_TEST(refused.status == 401u);
  BOOST_REQUIRE((refused.header("access-control-allow-origin") != nullptr));
  const auto asked = at.ask("OPTIONS", "/dicts", "",
                            "Origin: http://app.example\r\n"
                            "Access-Control-Request-Method: GET\r\n");
  BOOST_TEST(asked.status == 200u); // no browser shows a token with this
  const auto* methods = asked.header("access-control-allow-methods");
  BOOST_REQUIRE((methods != nullptr));
  BOOST_TEST(*methods == "GET, HEAD, PUT, POST, DELETE");
}

BOOST_AUTO_TEST_CASE(who_is_slow_is_closed_and_the_others_are_served) {
  auto how = test_server("http");
  how.head_timeout = how.body_timeout = how.idle_timeout = std::chrono::seconds{1};
  const served_database at{how};
  raw_http silent{at.serving.port()};
  raw_http head{at.serving.port()};
  head.send("GET /dicts HTTP/1.1\r\nHo");
  raw_http body{at.serving.port()};
  body.send("PUT /dicts/d/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{");
  BOOST_TEST(at.ask("GET", "/dicts").status == 200u);
  BOOST_TEST(silent.read_all().empty());
  BOOST_TEST(head.read_all().empty());
  BOOST_TEST(body.read_all().empty());
  at.await("beaver_connections", 1); // that which asks
}

BOOST_AUTO_TEST_CASE(more_connections_than_allowed_are_closed) {
  auto how = test_server("http");
  how.max_connections = 2;
  const served_database at{how};
  raw_http first{at.serving.port()};
  raw_http second{at.serving.port()};
  BOOST_TEST(first.ask("GET", "/dicts").status == 200u);
  BOOST_TEST(second.ask("GET", "/dicts").status == 200u);
  BOOST_TEST(raw_http{at.serving.port()}.read_all().empty());
  BOOST_TEST(first.ask("GET", "/dicts").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_key_of_the_original_is_asked_for_as_by_its_own_server) {
  auto how = test_server("http");
  how.tokens = "sesame\n";
  const served_database at{how};
  const auto ask = [&](const std::string& headers) {
    return at.ask("GET", "/dicts/cfg/count", "", headers);
  };
  const auto refused = ask("");
  BOOST_TEST(refused.status == 401u);
  BOOST_TEST(refused.body
             == R"({"error": "AuthError", "message": "invalid or missing bearer token", )"
                R"("detail": null, "code": "unauthorized"})");
  BOOST_TEST(*refused.header("www-authenticate") == "Bearer");
  BOOST_TEST(ask("Authorization: Bearer sesame\r\n").body == "0");
  BOOST_TEST(ask("Authorization: Bearer wrong\r\n").status == 401u);
  BOOST_TEST(at.ask("GET", "/health/live").status == 200u);
  BOOST_TEST(at.ask("GET", "/openapi.json").status == 200u);
  BOOST_TEST(at.ask("GET", "/metrics").status == 401u);
}

BOOST_AUTO_TEST_CASE(a_token_is_good_for_its_scopes_and_until_it_is_revoked) {
  temp_folder folder;
  database db{folder.file(), quick()};
  const auto made = db.tokens().create({"read:dicts/cfg", "write:queues"});
  const server at{db, test_server("http")};
  const auto status = [&](const std::string& method, const std::string& target,
                          const std::string& body = {}) {
    return raw_http{at.port()}
      .ask(method, target, body, "Authorization: Bearer " + made.token + "\r\n")
      .status;
  };
  BOOST_TEST(status("GET", "/dicts/cfg/count") == 200u);
  BOOST_TEST(status("GET", "/dicts/other/count") == 403u);
  BOOST_TEST(status("PUT", "/dicts/cfg/k", R"({"value": 1})") == 403u);
  BOOST_TEST(status("POST", "/queues/q/put", R"({"data": 1, "priority": 1})") == 200u);
  BOOST_TEST(status("GET", "/metrics") == 403u);
  BOOST_TEST(status("POST", "/tokens", R"({"scopes": ["admin:*"]})") == 403u);
  const auto step = [](const std::string& name) {
    return R"({"steps": [{"operation": "dict_clear", "arguments": {"name": ")" + name + "\"}}]}";
  };
  BOOST_TEST(status("POST", "/batch", step("cfg")) == 403u);
  db.tokens().revoke(made.id);
  BOOST_TEST(status("GET", "/dicts/cfg/count") == 401u);
}

BOOST_AUTO_TEST_CASE(who_guesses_tokens_has_to_wait) {
  auto how = test_server("http");
  how.tokens = "sesame\n";
  const served_database at{how};
  unsigned last = 0;
  for (int i = 0; i < 50 && last != 429; ++i)
    last =
      at.ask("GET", "/dicts", "", "Authorization: Bearer " + std::to_string(i) + "\r\n").status;
  BOOST_TEST(last == 429u);
}

BOOST_AUTO_TEST_CASE(what_is_not_safe_has_to_be_said_in_full) {
  temp_folder folder;
  database db{folder.file(), quick()};
  const auto refused = [&](auto change) {
    server_options how;
    change(how);
    how.port = 0;
    return outcome_of([&] { server{db, how}; }).is(errc::invalid_argument);
  };
  for (const auto* host : {"0.0.0.0", "::", "no address"})
    BOOST_TEST(refused([&](server_options& how) { how.host = host; }), host);
  BOOST_TEST(refused([](server_options& how) { how.tls_certificate = how.tls_key = "nothing"; }));
  BOOST_TEST(refused(
    [](server_options& how) { how.tls_certificate = BEAVER_TEST_DATA "/tls/certificate.pem"; }));
  BOOST_TEST(refused([](server_options& how) { // without a token
    how = test_server("https");
    how.host = "0.0.0.0";
  }));
  BOOST_TEST(refused([](server_options& how) { how.tokens = "sesame no:scope\n"; }));
  server_options how = test_server("https");
  how.host = "0.0.0.0";
  how.tokens = "sesame\n";
  const auto secure = std::make_unique<server>(db, how);
  how = test_server("http");
  how.host = "0.0.0.0";
  how.insecure = true;
  const server open{db, how};
  raw_http over{open.port()};
  over.send("GET /dicts HTTP/1.1\r\nHost: any.example\r\n\r\n");
  BOOST_TEST(over.read().status == 200u);
  BOOST_TEST(outcome_of([&] {
               how.host = "127.0.0.1";
               how.port = open.port();
               server{db, how};
             }).is(errc::io));
}

BOOST_AUTO_TEST_SUITE_END()
