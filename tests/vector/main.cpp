#define BOOST_TEST_MODULE beaver_vector
#include <boost/test/unit_test.hpp>
