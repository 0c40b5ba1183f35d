#define BOOST_TEST_MODULE beaver_sketches
#include <boost/test/unit_test.hpp>
