#define BOOST_TEST_MODULE beaver_api
#include <boost/test/unit_test.hpp>
