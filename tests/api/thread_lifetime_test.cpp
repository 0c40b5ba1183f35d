#include "beaver/beaver.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <latch>
#include <optional>
#include <thread>

using namespace beaver;
using namespace beaver::test;

// The actor system waits at its end for every thread that holds a share of its logger. These hang,
// and the run's time limit ends them, if a caller's thread is left with one.
BOOST_AUTO_TEST_SUITE(thread_lifetime)

BOOST_AUTO_TEST_CASE(a_database_closes_while_the_thread_that_opened_it_lives_on) {
  temp_folder folder;
  std::optional<database> db;
  std::latch opened{1};
  std::latch closed{1};
  std::thread opener{[&] {
    db.emplace(folder.file());
    opened.count_down();
    closed.wait();
  }};
  opened.wait();
  db.reset();
  closed.count_down();
  opener.join();
  BOOST_TEST(!db.has_value());
}

BOOST_AUTO_TEST_CASE(a_database_closes_while_a_thread_that_used_it_lives_on) {
  temp_folder folder;
  std::optional<database> db{std::in_place, folder.file()};
  std::latch used{1};
  std::latch closed{1};
  std::thread user{[&] {
    auto d = db->dict<int>("d");
    d.set("k", 1);
    (void)d.get("k");
    (void)db->async().dict<int>("other").set("k", 2).get();
    db->transaction([](transaction& tx) { tx.dict<int>("third").set("k", 3); });
    (void)db->snapshot();
    used.count_down();
    closed.wait();
  }};
  used.wait();
  db.reset();
  closed.count_down();
  user.join();
  database again{folder.file()};
  BOOST_TEST(again.dict<int>("third").get("k") == 3);
}

BOOST_AUTO_TEST_SUITE_END()
