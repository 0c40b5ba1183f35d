#define BOOST_TEST_MODULE beaver_storage
#include <boost/test/unit_test.hpp>
