#define BOOST_TEST_MODULE beaver_actors
#include <boost/test/unit_test.hpp>
