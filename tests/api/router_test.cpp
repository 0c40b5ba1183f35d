#include "beaver/api/router.hpp"

#include "beaver/actors/registry.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace beaver;

namespace {

struct routes {
  router all{registry()};

  router::match find(std::string_view method, std::string_view target) const {
    return all.find(method, split_target(target).value());
  }
  std::string name(std::string_view method, std::string_view target) const {
    const auto found = find(method, target);
    return found.to ? std::string{found.to->op->name} : "none";
  }
};

/// A path in which each member has a value that is no literal of any route.
std::string example_of(std::string_view path) {
  std::string out;
  const auto parts = split_target(path).value();
  for (const auto segment : parts.segments)
    out += '/' + (segment.starts_with('{') ? "x%20x" : std::string{segment});
  return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(routing, routes)

BOOST_AUTO_TEST_CASE(every_message_that_may_leave_the_process_is_found) {
  std::set<std::string_view> reached;
  for (const auto* type : registry())
    for (const auto& op : type->operations) {
      if (op.route->is_local())
        continue;
      BOOST_TEST_INFO(op.name);
      const auto found = find(to_string(op.route->method), example_of(op.route->path));
      BOOST_REQUIRE(found.to);
      BOOST_TEST(found.to->op == &op);
      for (const auto& [member, value] : found.members)
        BOOST_TEST(value == "x x");
      reached.insert(op.name);
    }
  BOOST_TEST(reached.size() > 150u);
}

BOOST_AUTO_TEST_CASE(literal_segments_win_and_are_compared_as_they_stand) {
  BOOST_TEST(name("GET", "/dicts/cfg/theme") == "dict_find");
  BOOST_TEST(name("GET", "/dicts/cfg/theme/fetch") == "dict_find");
  BOOST_TEST(find("GET", "/dicts/cfg/theme/fetch").to->lenient);
  BOOST_TEST(name("GET", "/dicts/cfg/count") == "dict_count");
  BOOST_TEST(name("GET", "/dicts/cfg/%63ount") == "dict_find");
  BOOST_TEST(find("GET", "/dicts/cfg/%63ount").members.at(1).second == "count");
  BOOST_TEST(name("PUT", "/dicts/cfg/count") == "dict_set");
  BOOST_TEST(find("PUT", "/dicts/a%2fb/c").members.at(0).second == "a/b");
}

BOOST_AUTO_TEST_CASE(what_is_no_route_says_what_would_be) {
  BOOST_TEST(name("GET", "/nope") == "none");
  BOOST_TEST(name("GET", "/") == "none");
  BOOST_TEST(name("GET", "/dicts//theme") == "none");
  BOOST_TEST(name("GET", "/dicts/cfg/a/b/c") == "none");
  BOOST_TEST(name("GET", "/dicts/cfg/%zz") == "none");
  BOOST_TEST(find("GET", "/dicts/cfg/%zz").allowed.empty());
  BOOST_TEST(find("PATCH", "/dicts/cfg/theme").allowed == "PUT, GET, DELETE");
  BOOST_TEST(find("get", "/dicts/cfg/theme").allowed == "PUT, GET, DELETE");
}

BOOST_AUTO_TEST_SUITE_END()
