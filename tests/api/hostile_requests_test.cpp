#include "support/served_database.hpp"
#include "support/smuggled.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

using namespace beaver;
using namespace beaver::test;

namespace {

/// The parts of a path that leads out of its folder, in all forms that somebody might decode.
std::vector<std::string> ways_up() {
  const std::string dots[] = {"..",           "%2e%2e",       ".%2e",      "%2e.",  "%252e%252e",
                              "%c0%ae%c0%ae", "%uff0e%uff0e", "..;",       "..%00", "....",
                              "%e0%80%ae.",   "..%20",        "%2e%2e%3b", ".%00.", "..%0d%0a"};
  const std::string slashes[] = {"/",      "//",     "%2f",       "%5c",  "\\", "%252f",
                                 "%c0%af", "/.%2f/", "%e0%80%af", "%2f/", ";/"};
  std::vector<std::string> all;
  for (const auto& up : dots)
    for (const auto& slash : slashes)
      all.push_back(up + slash);
  return all;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  while (times-- > 0)
    all += text;
  return all;
}

constexpr const char* mark = "beaver-traversal";

} // namespace

BOOST_FIXTURE_TEST_SUITE(hostile_requests, served_database)

BOOST_DATA_TEST_CASE_F(served_database, a_request_that_is_smuggled_ends_its_connection, smuggled,
                       text) {
  raw_http over{serving.port()};
  over.send(std::string{text} + std::string(1'024, '\n')
            + "PUT /dicts/d/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\r\n"
              "{\"value\": 1}");
  const auto answer = over.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 400"), answer);
  BOOST_TEST(answer.find("HTTP/1.1", 1) == std::string::npos, answer);
  BOOST_TEST(ask("GET", "/dicts").body == "[]");
}

BOOST_AUTO_TEST_CASE(no_path_leads_out_of_the_database) {
  std::size_t asked = 0;
  for (const auto& way : ways_up())
    for (const std::string base : {"/", "/docs/", "/dicts/", "/blobs/b/", "/logs/l/"}) {
      const auto got = ask("GET", base + repeated(way, 8) + "etc/passwd");
      BOOST_TEST((got.status == 400 || got.status == 404 || got.status == 405 || got.body == "[]"),
                 base << way << ": " << got.status << ' ' << got.body);
      ask("PUT", base + repeated(way, 2) + mark, "{\"value\": 1}");
      ++asked;
    }
  BOOST_TEST(asked > 200u);
  for (const auto& start : {folder.path(), std::filesystem::current_path()})
    for (auto at = start; at != at.root_path(); at = at.parent_path())
      BOOST_TEST(!std::filesystem::exists(at / mark));
}

BOOST_AUTO_TEST_SUITE_END()
