#include "beaver/api/access.hpp"
#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(a_build_without_server, open_database)

BOOST_AUTO_TEST_CASE(makes_no_tokens_and_names_the_option) {
  const auto made = outcome_of([&] { static_cast<void>(db.tokens().create({"read:*"})); });
  BOOST_TEST((made.is(errc::not_supported) && made.says("BEAVER_WITH_SERVER")));
  access_list access{db.style().to};
  BOOST_TEST(outcome_of([&] { access.add_tokens("sesame"); }).is(errc::not_supported));
  BOOST_TEST(db.tokens().list().empty());
  BOOST_TEST(!db.tokens().revoke("x"));
}

BOOST_AUTO_TEST_SUITE_END()
