#include "support/open_database.hpp"

#include <cstdlib>

namespace beaver::test {

std::string test_road() {
  const auto* variable = std::getenv("BEAVER_TEST_OVER");
  return variable == nullptr ? "" : variable;
}

boost::unit_test::precondition in_this_process() {
  return boost::unit_test::precondition{
    [](boost::unit_test::test_unit_id) { return test_road().empty(); }};
}

boost::unit_test::precondition in_order_of_start() {
  return boost::unit_test::precondition{
    [](boost::unit_test::test_unit_id) { return !test_road().starts_with("http"); }};
}

} // namespace beaver::test
