#include "beaver/api/http_reader.hpp"

#include "beaver/storage/error.hpp"
#include "support/request_pieces.hpp"
#include "support/settings.hpp"
#include "support/smuggled.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver;
using test::read;
using test::smuggled;

namespace {

constexpr http_limits limits{1024, 4096};

unsigned refusal_of(std::string_view text) {
  unsigned status = 0;
  for (const auto piece : {text.size(), std::size_t{1}}) {
    request_reader reader{limits};
    read(reader, text, piece);
    status = reader.refused();
    if (status == 0 && !reader.done())
      return 1; // waits for more
  }
  return status;
}

} // namespace

BOOST_AUTO_TEST_SUITE(http_reading)

BOOST_AUTO_TEST_CASE(a_request_is_the_same_however_it_is_cut) {
  const std::string text = "PUT /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-Some: Thing\r\n"
                           "Content-Length: 5\r\n\r\nhello";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    request_reader reader{limits};
    BOOST_TEST(read(reader, text + "GET ", piece) == "GET ");
    BOOST_REQUIRE(reader.done());
    const auto& got = reader.request();
    BOOST_TEST(got.method == "PUT");
    BOOST_TEST(got.target == "/a?b=c");
    BOOST_TEST(*got.header("x-some") == "Thing");
    BOOST_TEST(got.body == "hello");
    BOOST_TEST(reader.keeps_alive());
  }
}

BOOST_AUTO_TEST_CASE(chunks_are_put_together) {
  const std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    request_reader reader{limits};
    read(reader, text, piece);
    BOOST_REQUIRE(reader.done());
    BOOST_TEST(reader.request().body == "abcde");
  }
}

BOOST_AUTO_TEST_CASE(the_head_is_known_before_the_body) {
  request_reader reader{limits};
  const std::string head = "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                           "Content-Length: 3\r\nConnection: close\r\n\r\n";
  BOOST_TEST(reader.put(head + "abc") == head.size());
  BOOST_TEST(reader.has_head());
  BOOST_TEST(!reader.done());
  BOOST_TEST(reader.has_body());
  BOOST_TEST(reader.wants_continue());
  BOOST_TEST(!reader.keeps_alive());
  BOOST_TEST(reader.put("abc") == 3u);
  BOOST_TEST(reader.done());
}

BOOST_DATA_TEST_CASE(what_could_be_read_in_two_ways_is_refused, smuggled, text) {
  BOOST_TEST(refusal_of(text) == 400u);
}

BOOST_AUTO_TEST_CASE(bytes_that_no_text_has_are_refused) {
  using namespace std::string_view_literals;
  BOOST_TEST(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"sv) == 400u);
  BOOST_TEST(refusal_of("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv) == 400u);
  BOOST_TEST(refusal_of("GET / HTTP/1.1\r\nHost: a\rX: 1\r\n\r\n"sv) == 400u);
}

BOOST_AUTO_TEST_CASE(what_is_too_large_is_refused_before_it_is_read) {
  const std::string longer(2000, 'x');
  BOOST_TEST(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + longer + "\r\n\r\n") == 431u);
  BOOST_TEST(refusal_of("GET /" + longer + " HTTP/1.1\r\nHost: a\r\n\r\n") == 431u);
  BOOST_TEST(refusal_of("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4097\r\n\r\n") == 413u);
  BOOST_TEST(refusal_of("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n"
                        + std::string(8192, 'x') + "\r\n0\r\n\r\n")
             == 413u);
}

BOOST_AUTO_TEST_CASE(a_response_is_read_back_as_it_was_written) {
  http_response sent{.status = 409, .body = "{\"a\": 1}"};
  sent.headers.emplace_back("Beaver-Reply", "none");
  const auto text = head_of(sent, true) + sent.body;
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    response_reader reader{limits};
    std::string waiting;
    for (std::size_t at = 0; at < text.size() && !reader.done(); at += piece) {
      waiting += text.substr(at, piece);
      waiting.erase(0, reader.put(waiting));
    }
    BOOST_REQUIRE(reader.done());
    BOOST_TEST(reader.keeps_alive());
    BOOST_TEST(reader.response().status == 409u);
    BOOST_TEST(reader.response().body == sent.body);
    BOOST_TEST(*reader.response().header("beaver-reply") == "none");
  }
  response_reader ended{limits};
  ended.put(std::string_view{text}.substr(0, text.size() - 1));
  BOOST_CHECK_THROW(ended.put_end(), error);
  response_reader wrong{limits};
  BOOST_CHECK_THROW(wrong.put("SSH-2.0-x\r\n\r\n"), error);
}

BOOST_AUTO_TEST_CASE(random_bytes_are_no_reason_to_fail) {
  const auto seed = test::fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  const std::string whole = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "3\r\nabc\r\n0\r\n\r\n";
  int done = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = whole;
    for (auto n = random() % 3; n > 0; --n) {
      const auto at = random() % text.size();
      switch (random() % 3) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + random() % 4);
        break;
      default:
        text.insert(at, std::string(1 + random() % 3, static_cast<char>(random())));
      }
      if (text.empty())
        text = " ";
    }
    request_reader reader{limits};
    read(reader, text, 1 + random() % 64);
    done += reader.done() ? 1 : 0;
    BOOST_TEST((reader.refused() == 0 || reader.refused() >= 400));
  }
  BOOST_TEST(done > 6'000); // a third is unharmed
}

BOOST_AUTO_TEST_SUITE_END()
