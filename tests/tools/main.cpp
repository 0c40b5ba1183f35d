#define BOOST_TEST_MODULE beaver_tools
#include <boost/test/unit_test.hpp>
