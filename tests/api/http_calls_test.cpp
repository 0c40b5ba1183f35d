#include "beaver/api/http_calls.hpp"

#include "beaver/api/http_status.hpp"
#include "support/open_database.hpp"
#include "support/transcript.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace beaver;
using namespace beaver::test;
using nlohmann_json = nlohmann::json;

namespace {

struct calls_fixture : open_database {
  http_calls calls;

  http_response ask(std::string method, std::string target, std::string body = {}) const {
    return calls.answer(*db.style().to,
                        {std::move(method), std::move(target), {}, std::move(body)});
  }

  /// Status, a blank and the body.
  std::string text_of(std::string method, std::string target, std::string body = {}) const {
    const auto r = ask(std::move(method), std::move(target), std::move(body));
    return std::to_string(r.status) + ' ' + r.body;
  }

  /// Status and class of an error.
  std::string error_of(std::string method, std::string target, std::string body = {}) const {
    const auto r = ask(std::move(method), std::move(target), std::move(body));
    return std::to_string(r.status) + ' '
           + nlohmann_json::parse(r.body).at("error").get<std::string>();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(http_calling, calls_fixture)

BOOST_AUTO_TEST_CASE(the_original_gets_the_answers_of_its_own_server) {
  replay_transcript([this](std::string method, std::string target, std::string body) {
    return ask(std::move(method), std::move(target), std::move(body));
  });
}

BOOST_AUTO_TEST_CASE(a_query_holds_json_or_a_bare_string_and_null_is_absent) {
  for (const auto* key : {"apple", "avocado", "null"})
    ask("PUT", std::string{"/dicts/d/"} + key, R"({"value": 1, "ttl_seconds": null})");
  BOOST_TEST(text_of("GET", "/dicts/d/-/keys?prefix=a&limit=1&from=null") == "200 [\"apple\"]");
  BOOST_TEST(text_of("GET", "/dicts/d/-/keys?prefix=%22a%22&limit=null&descending=true")
             == R"(200 ["avocado", "apple"])");
  BOOST_TEST(text_of("GET", "/dicts/d/count?prefix=%22null%22") == "200 1");
  BOOST_TEST(text_of("GET", "/dicts/d/count?prefix=null") == "200 3");
  ask("POST", "/lists/l/push", R"({"value": null})");
  BOOST_TEST(text_of("GET", "/lists/l/contains?value=null") == "200 true"); // JSON, and required
  ask("PUT", "/dicts/d/n", R"({"value": null})");
  BOOST_TEST(text_of("POST", "/dicts/d/n/compare_and_set", R"({"value": 2, "expected": null})")
             == "200 true");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_request_is_named) {
  BOOST_TEST(error_of("PUT", "/dicts/d/k", "{") == "400 JSONDecodeError");
  BOOST_TEST(error_of("PUT", "/dicts/d/k", "[1]") == "400 TypeError");
  BOOST_TEST(error_of("PUT", "/dicts/d/k", "{}") == "400 TypeError");
  BOOST_TEST(error_of("PUT", "/dicts/d/k", R"({"value": 1, "key": "x"})") == "400 TypeError");
  BOOST_TEST(error_of("PUT", "/dicts/d/k", R"({"value": 1, "value": 2})") == "400 ValueError");
  BOOST_TEST(error_of("PUT", "/dicts/d/k", R"({"value": 1, "ttl_seconds": "x"})")
             == "400 ValueError");
  BOOST_TEST(error_of("PUT", "/dicts/d/k?value=1", R"({"value": 1})") == "400 TypeError");
  BOOST_TEST(error_of("GET", "/dicts/d/count?nope=1") == "400 TypeError");
  BOOST_TEST(error_of("GET", "/dicts/d/-/keys?limit=1&limit=2") == "400 ValueError");
  BOOST_TEST(error_of("GET", "/dicts/d/-/keys?limit=x") == "400 ValueError");
  BOOST_TEST(error_of("GET", "/dicts/d/-/keys?limit=%4") == "400 ValueError");
  BOOST_TEST(error_of("GET", "/dicts/%ff/k") == "400 ValueError");
  BOOST_TEST(error_of("GET", "/dicts/d/count?default=1") == "400 TypeError"); // never empty
  const auto r = ask("GET", "/dicts/d/-/keys?limit=x");
  BOOST_TEST(r.body.find("limit must be an integer") != std::string::npos, r.body);
  BOOST_TEST(r.body.find(R"("code": "invalid_argument")") != std::string::npos, r.body);
  BOOST_TEST(text_of("GET", "http://host/dicts") == R"(400 {"detail": "Bad Request"})");
  BOOST_TEST(ask("GET", "/channels/c/subscribe").status == 426u);
  BOOST_TEST(db.dicts().empty());
}

BOOST_AUTO_TEST_CASE(bytes_travel_as_they_are) {
  const std::string content{"a\0\xff\r\n", 5};
  BOOST_TEST(text_of("PUT", "/blobs/b/k?metadata=%7B%22a%22%3A%201%7D", content) == "200 null");
  const auto whole = ask("GET", "/blobs/b/k");
  BOOST_TEST(whole.status == 200u);
  BOOST_TEST(whole.content_type == "application/octet-stream");
  BOOST_TEST(whole.body == content);
  BOOST_TEST(error_of("GET", "/blobs/b/none") == "404 KeyError");
  BOOST_TEST(db.blob("b").stat("k")->metadata->text() == R"({"a": 1})");
}

BOOST_AUTO_TEST_CASE(one_range_of_bytes_is_given_alone) {
  db.blob("b").put("k", "0123456789");
  const auto part = [this](std::string range, http_headers more = {}) {
    more.emplace_back("Range", std::move(range));
    const auto r =
      calls.answer(*db.style().to, {"GET", "/blobs/b/k", std::move(more), std::string{}});
    BOOST_TEST(*r.header("accept-ranges") == "bytes");
    const auto* of = r.header("content-range");
    return std::to_string(r.status) + ' ' + (r.status == 416 ? "" : r.body) + " of "
           + (of ? *of : "all");
  };
  BOOST_TEST(part("bytes=2-4") == "206 234 of bytes 2-4/10");
  BOOST_TEST(part("bytes=0-0") == "206 0 of bytes 0-0/10");
  BOOST_TEST(part("bytes=7-") == "206 789 of bytes 7-9/10");
  BOOST_TEST(part("bytes=7-100") == "206 789 of bytes 7-9/10");
  BOOST_TEST(part("bytes=9-99999999999999999999999") == "206 9 of bytes 9-9/10");
  BOOST_TEST(part("bytes=-3") == "206 789 of bytes 7-9/10");
  BOOST_TEST(part("bytes=-30") == "206 0123456789 of bytes 0-9/10");
  BOOST_TEST(part("Bytes=0-1") == "206 01 of bytes 0-1/10");
  BOOST_TEST(part("bytes=10-") == "416  of bytes */10");
  BOOST_TEST(part("bytes=18446744073709551616-") == "416  of bytes */10");
  BOOST_TEST(part("bytes=-0") == "416  of bytes */10");
  for (const auto* whole :
       {"", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=4-2", "bytes=1-2,4-5", "bytes=1-2,",
        "bytes=a-b", "bytes=+1-2", "bytes=1--2", "bytes= 1-2", "items=1-2", "bytes =1-2"})
    BOOST_TEST(part(whole) == "200 0123456789 of all", whole);
  BOOST_TEST(part("bytes=1-2", {{"If-Range", "\"x\""}}) == "200 0123456789 of all");
}

BOOST_AUTO_TEST_CASE(ranges_are_of_bytes_that_are_got_and_of_nothing_else) {
  db.blob("b").put("k", "0123456789");
  db.blob("b").put("empty", "");
  db.dict<int>("d").set("k", 1234567);
  const auto status = [this](std::string method, std::string target, http_headers more = {},
                             std::string body = {}) {
    more.emplace_back("Range", "bytes=1-2");
    const auto r = calls.answer(
      *db.style().to, {std::move(method), std::move(target), std::move(more), std::move(body)});
    return std::to_string(r.status) + (r.header("accept-ranges") ? " bytes" : "");
  };
  BOOST_TEST(status("GET", "/blobs/b/k") == "206 bytes");
  BOOST_TEST(status("GET", "/blobs/b/k/read?offset=3&length=3") == "206 bytes");
  BOOST_TEST(status("GET", "/blobs/b/empty") == "416 bytes");
  BOOST_TEST(status("GET", "/blobs/b/k", {{"Accept", "application/json"}}) == "200");
  BOOST_TEST(status("GET", "/blobs/b/none") == "404");
  BOOST_TEST(status("GET", "/dicts/d/k") == "200");
  BOOST_TEST(status("PUT", "/blobs/b/k", {}, "0123456789") == "200");
  BOOST_TEST(status("POST", "/blobs/b/k/read", {{"X-HTTP-Method-Override", "GET"}},
                    R"({"offset": 0, "length": 5})")
             == "200 bytes");
  const auto end_of_nothing =
    calls.answer(*db.style().to, {"GET", "/blobs/b/empty", {{"Range", "bytes=-5"}}, {}});
  BOOST_TEST(end_of_nothing.status == 200u);
}

BOOST_AUTO_TEST_CASE(what_the_original_hides_of_a_reply_is_in_a_header) {
  const auto r = ask("POST", "/logs/l/log", R"({"data": 1, "timestamp": 7.5})");
  BOOST_TEST(r.body == "null");
  BOOST_REQUIRE(r.headers.size() == 1u);
  BOOST_TEST(r.headers[0].first == "Beaver-Reply");
  BOOST_TEST(r.headers[0].second == "7.5");
}

BOOST_AUTO_TEST_CASE(errors_come_back_as_what_they_were) {
  for (auto i = static_cast<int>(errc::not_found); i <= static_cast<int>(errc::internal); ++i) {
    const auto code = static_cast<errc>(i);
    const auto r = error_response(code, "dict", "why \xff");
    const auto body = nlohmann_json::parse(r.body);
    BOOST_TEST((code_of(r.status, body.at("code").get<std::string>()) == code));
    BOOST_TEST(r.status >= 400u);
  }
  BOOST_TEST((code_of(404, "") == errc::not_found)); // of a server of the original
  BOOST_TEST((code_of(409, "") == errc::timeout));
  BOOST_TEST((code_of(400, "") == errc::invalid_argument));
  BOOST_TEST((code_of(500, "") == errc::remote));
}

BOOST_AUTO_TEST_CASE(a_vector_travels_as_bytes_too) {
  const std::vector<float> numbers{0.1f, -2.5f, 1e-30f};
  const std::string raw{reinterpret_cast<const char*>(numbers.data()), 3 * sizeof(float)};
  const auto send = [&](std::string method, std::string target, http_headers headers,
                        std::string body) {
    return calls.answer(
      *db.style().to, {std::move(method), std::move(target), std::move(headers), std::move(body)});
  };
  const http_headers octets{{"Content-Type", "application/octet-stream"}};
  BOOST_TEST(send("PUT", "/vectors/v/a?metadata=%7B%22n%22%3A1%7D", octets, raw).status == 200u);
  BOOST_TEST((db.vectors("v").get("a").vector == numbers));
  BOOST_TEST(db.vectors("v").get("a").metadata->text() == "{\"n\": 1}");
  const auto back = send("GET", "/vectors/v/a", {{"Accept", "application/octet-stream"}}, "");
  BOOST_TEST(back.content_type == "application/octet-stream");
  BOOST_TEST((back.body == raw));
  BOOST_TEST(send("GET", "/vectors/v/a", {}, "").body.starts_with("{\"vector\": [0.1, -2.5"));
  BOOST_TEST(send("GET", "/vectors/v/b", {{"Accept", "application/octet-stream"}}, "").status
             == 404u);
  auto search = octets;
  search.emplace_back("X-HTTP-Method-Override", "GET");
  const auto found = send("POST", "/vectors/v/-/near?k=1", search, raw);
  BOOST_TEST(found.status == 200u);
  BOOST_TEST(nlohmann_json::parse(found.body).at("hits").at(0).at("id") == "a");

  const auto refused = [&](std::string target, std::string body) {
    return send("PUT", std::move(target), octets, std::move(body)).status;
  };
  BOOST_TEST(refused("/vectors/v/c", raw.substr(1)) == 400u);
  BOOST_TEST(refused("/vectors/v/c", raw + raw) == 400u); // of another length
  BOOST_TEST(refused("/vectors/v/c", std::string{"\0\0\xc0\x7f", 4} + raw.substr(4))
             == 400u);                                                     // NaN
  BOOST_TEST(refused("/vectors/v/c?vector=%5B1%2C2%2C3%5D", raw) == 400u); // twice
  BOOST_TEST(refused("/vectors/v/c?more=1", raw) == 400u);
  BOOST_TEST(db.vectors("v").count() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
