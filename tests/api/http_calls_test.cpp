#include "beaver/api/http_calls.hpp"

#include "beaver/api/http_status.hpp"
#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace beaver;
using namespace beaver::test;
using nlohmann_json = nlohmann::json;

namespace {

struct calls_fixture : open_database {
  http_calls calls{db.style().to};

  http_response ask(std::string method, std::string target, std::string body = {}) const {
    return calls.answer({std::move(method), std::move(target), {}, std::move(body)});
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

std::string percent_encoded(std::string_view path) {
  std::string out;
  const auto parts = split_target(path).value();
  for (const auto segment : parts.segments) {
    out += '/';
    append_percent_encoded(out, segment);
  }
  return out;
}

std::string query_of(const nlohmann_json& members) {
  std::string out;
  if (members.is_null())
    return out;
  for (const auto& [name, value] : members.items()) {
    out += (out.empty() ? '?' : '&') + name + '=';
    append_percent_encoded(out, value.get<std::string>());
  }
  return out;
}

/// Any time does where the transcript says so.
void replace_times(nlohmann_json& ours, const nlohmann_json& theirs) {
  if (theirs.is_object() && theirs.contains("timestamp") && theirs.at("timestamp") == "<time>") {
    BOOST_REQUIRE(ours.at("timestamp").is_number_float());
    ours["timestamp"] = "<time>";
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(http_calling, calls_fixture)

// Where the original answers 500 for a mistake of the caller, we answer 404 for what is not there
// and 400 for the rest. Its three requests with an API key are those of a server.
BOOST_AUTO_TEST_CASE(the_original_gets_the_answers_of_its_own_server) {
  std::ifstream transcript{BEAVER_TEST_DATA "/rest-2.3.0.jsonl"};
  int replayed = 0;
  for (std::string line; std::getline(transcript, line);) {
    const auto step = nlohmann_json::parse(line);
    if (!step.at("api_key").is_null())
      continue;
    BOOST_TEST_CONTEXT(line) {
      const auto& raw = step.at("request_raw");
      const auto& json = step.at("request_json");
      const auto response =
        ask(step.at("method"),
            percent_encoded(step.at("path").get<std::string>()) + query_of(step.at("query")),
            raw.is_string()  ? raw.get<std::string>()
            : json.is_null() ? ""
                             : json.dump());
      const auto& theirs = step.at("response");
      auto ours = nlohmann_json::parse(response.body);
      if (theirs.is_object() && theirs.contains("error")) {
        const auto& name = theirs.at("error");
        BOOST_TEST(ours.at("error") == name);
        BOOST_TEST(ours.at("detail").is_null());
        BOOST_TEST(response.status
                   == (step.at("status") != 500 ? step.at("status").get<unsigned>()
                       : name == "IndexError"   ? 404u
                                                : 400u));
      } else {
        replace_times(ours, theirs);
        BOOST_TEST(response.status == step.at("status").get<unsigned>());
        BOOST_TEST(ours == theirs);
      }
    }
    ++replayed;
  }
  BOOST_TEST(replayed == 72);
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

BOOST_AUTO_TEST_SUITE_END()
