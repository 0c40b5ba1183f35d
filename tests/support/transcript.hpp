#pragma once
#include "beaver/api/http_message.hpp"
#include "beaver/api/url.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace beaver::test {

namespace detail {

using nlohmann_json = nlohmann::json;

inline std::string percent_encoded(std::string_view path) {
  std::string out;
  const auto parts = split_target(path).value();
  for (const auto segment : parts.segments) {
    out += '/';
    append_percent_encoded(out, segment);
  }
  return out;
}

inline std::string query_of(const nlohmann_json& members) {
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
inline void replace_times(nlohmann_json& ours, const nlohmann_json& theirs) {
  if (theirs.is_object() && theirs.contains("timestamp") && theirs.at("timestamp") == "<time>") {
    BOOST_REQUIRE(ours.at("timestamp").is_number_float());
    ours["timestamp"] = "<time>";
  }
}

} // namespace detail

/// Sends the requests of the transcript of the Python original to `ask(method, target, body)`, and
/// compares the responses. Where it answers 500 for a mistake of the caller, we answer 404 for what
/// is not there and 400 for the rest. Its three requests with an API key are those of a server.
template <class F>
void replay_transcript(F ask) {
  using namespace detail;
  std::ifstream transcript{BEAVER_TEST_DATA "/rest-2.3.0.jsonl"};
  int replayed = 0;
  for (std::string line; std::getline(transcript, line);) {
    const auto step = nlohmann_json::parse(line);
    if (!step.at("api_key").is_null())
      continue;
    BOOST_TEST_CONTEXT(line) {
      const auto& raw = step.at("request_raw");
      const auto& json = step.at("request_json");
      const http_response response =
        ask(step.at("method").get<std::string>(),
            percent_encoded(step.at("path").get<std::string>()) + query_of(step.at("query")),
            raw.is_string()  ? raw.get<std::string>()
            : json.is_null() ? std::string{}
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

} // namespace beaver::test
