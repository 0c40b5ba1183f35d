#include "beaver/api/server.hpp"

#include "support/machine.hpp"
#include "support/memory_peak.hpp"
#include "support/raw_websocket.hpp"
#include "support/served_database.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

struct refused_case {
  const char* name;
  std::string text;
  const char* status;
};
std::ostream& operator<<(std::ostream& out, const refused_case& c) { return out << c.name; }

std::string repeated(std::size_t n, const std::string& text) {
  std::string all;
  while (n-- > 0)
    all += text;
  return all;
}

std::string put_of(const std::string& value) {
  const auto body = "{\"value\": " + value + '}';
  return "PUT /dicts/d/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string chunked =
  "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

const refused_case too_large[] = {
  {"target", get_of('/' + std::string(20'000, 'a')), "431"},
  {"header", get_of("/dicts", "X: " + std::string(20'000, 'a') + "\r\n"), "431"},
  {"headers", get_of("/dicts", repeated(5'000, "X: y\r\n")), "431"},
  {"query", get_of("/dicts?" + repeated(10'000, "a=1&")), "431"},
  {"a query of nothing", get_of("/dicts?" + repeated(10'000, "&")), "200"},
  {"a query of the same", get_of("/dicts/d/count?" + repeated(1'000, "prefix=1&")), "400"},
  {"a query of unknowns", get_of("/dicts/d/count?" + repeated(3'000, "a=1&")), "400"},
  {"body", "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000001\r\n\r\n", "413"},
  {"body beyond 64 bits",
   "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
   "400"},
  {"chunk", chunked + "F4241\r\n", "413"},
  {"chunks", chunked + repeated(1'001, "3e8\r\n" + std::string(1'000, 'a') + "\r\n"), "413"},
  {"a chunk's extension", chunked + "1;" + std::string(4'000'000, 'a'), "431"},
  {"trailer", chunked + "0\r\n" + repeated(500'000, "X: y\r\n"), "431"},
  {"nested arrays", put_of(std::string(10'000, '[') + std::string(10'000, ']')), "400"},
  {"nested objects", put_of(repeated(10'000, "{\"a\":") + '1' + std::string(10'000, '}')), "400"},
  {"nested without an end", put_of(std::string(200'000, '[')), "400"},
  {"members", put_of("1, " + repeated(10'000, "\"a\": 1, ") + "\"b\": 1"), "400"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(oversized_requests)

BOOST_DATA_TEST_CASE(what_is_too_large_gets_a_status_of_its_own, too_large, c) {
  auto how = test_server("http");
  how.max_body = 1'000'000;
  const served_database at{how};
  raw_http over{at.serving.port()};
  over.send(c.text);
  BOOST_TEST(over.read().status == std::stoul(c.status));
  BOOST_TEST(at.ask("GET", "/dicts").body == "[]");
  BOOST_TEST(at.ask("GET", "/blobs").body == "[]");
}

BOOST_AUTO_TEST_CASE(a_chunk_or_trailer_without_end_takes_no_memory,
                     *boost::unit_test::precondition(has_proc)) {
  const served_database at;
  memory_peak memory;
  for (const std::string begin : {"1;", "0\r\nX: ", "0;"}) {
    raw_http over{at.serving.port()};
    over.send(chunked + begin);
    for (int i = 0; i < 1'000 && over.send(std::string(100'000, 'a')); ++i)
      memory.look();
  }
  BOOST_TEST(memory.extra() < with_sanitizers(8u << 20));
  BOOST_TEST(at.ask("GET", "/dicts").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_large_object_is_stored_as_it_is) {
  const served_database at;
  std::string value = "{";
  for (int i = 0; i < 100'000; ++i)
    value += (i == 0 ? "\"m" : ", \"m") + std::to_string(i) + "\": " + std::to_string(i);
  value += '}';
  BOOST_TEST(at.ask("PUT", "/dicts/d/k", "{\"value\": " + value + '}').status == 200u);
  BOOST_TEST((at.ask("GET", "/dicts/d/k").body == value));
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_too_large_closes_its_websocket) {
  const served_database at;
  const std::string many = raw_websocket::head_of(4'000).replace(0, 1, 1, '\x01') // goes on
                           + std::string(4'000, ' ')
                           + raw_websocket::head_of(4'000).replace(0, 1, 1, '\x00')
                           + std::string(4'000, ' ');
  for (const auto& text : {raw_websocket::head_of(5'000) + std::string(5'000, 'a'),
                           raw_websocket::head_of(1ull << 62), many}) {
    raw_websocket over{at.serving.port(), "/channels/c/subscribe"};
    over.over.send(text);
    BOOST_TEST(close_code(over.read()) == 1009u);
  }
  raw_websocket other{at.serving.port(), "/channels/c/subscribe"};
  other.send("{\"push\": 1}");
  BOOST_TEST(other.read().payload.find("'pull'") != std::string::npos);
  BOOST_TEST(close_code(other.read()) == 1008u);
  at.await("beaver_streams", 0);
}

BOOST_AUTO_TEST_SUITE_END()
