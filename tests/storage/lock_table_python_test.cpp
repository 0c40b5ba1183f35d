#include "lock_fixture.hpp"
#include "python_lock.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

using answer = python_lock::answer;

/// A Python process has a connection of its own, and a transaction for each of its steps.
class python_process {
public:
  explicit python_process(const std::string& path) : c_(path, {}), lock_(c_, "l", id) {}

  void request(unix_seconds at) {
    transaction_scope scope{c_};
    lock_.request(at, lock_fixture::ttl);
    scope.commit();
  }
  answer poll(unix_seconds at) {
    transaction_scope scope{c_};
    const answer result = lock_.poll(at);
    scope.commit();
    return result;
  }
  void release() {
    transaction_scope scope{c_};
    lock_.release();
    scope.commit();
  }

  static constexpr const char* id = "pid:1:id:07fe";

private:
  connection c_;
  python_lock lock_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lock_table_python, lock_fixture)

BOOST_AUTO_TEST_CASE(a_python_process_and_ours_exclude_each_other) {
  python_process python{path()};
  const auto a = try_lock("a");
  python.request(now + 1);
  request("b", now + 2);
  BOOST_TEST((python.poll(now + 2) == answer::waiting));
  BOOST_TEST(poll("b", now + 2)->ahead == 2u);
  leave("a");
  BOOST_TEST(poll("b", now + 3)->ahead == 1u);
  BOOST_TEST((python.poll(now + 3) == answer::acquired));
  BOOST_TEST(!holds(a->token, now + 3));
  BOOST_TEST(poll("b", now + 4)->next_change == now + 1 + ttl); // its time runs from its request
  python.release();
  BOOST_TEST(poll("b", now + 4)->grant.has_value());
}

BOOST_AUTO_TEST_CASE(a_python_process_waits_for_the_lease_of_a_waiter_of_ours) {
  python_process python{path()};
  request("a");
  python.request(now + 1);
  BOOST_TEST((python.poll(now + 1) == answer::waiting));
  BOOST_TEST(keep_waiting("a", now + 4));
  BOOST_TEST((python.poll(now + lease + 1) == answer::waiting));
  BOOST_TEST((python.poll(now + 4 + lease + 1) == answer::acquired));
  BOOST_TEST(!poll("a", now + 10));
}

BOOST_AUTO_TEST_CASE(a_python_process_that_took_over_makes_the_fence_stale) {
  python_process python{path()};
  const auto a = try_lock("a");
  python.request(now + 50);
  BOOST_TEST(holds(a->token, now + 59));
  BOOST_TEST(refusal(a->token, now + ttl).find("the turn of 'pid:1:id:07fe'") != std::string::npos);
  BOOST_TEST((python.poll(now + ttl + 1) == answer::acquired));
  BOOST_TEST(!holds(a->token, now + 1));
  BOOST_TEST(!renew("a", now + 1));
  python.release();
  BOOST_TEST(!holds(a->token, now + 1));
  BOOST_TEST(try_lock("a", now + ttl + 2)->token > a->token);
}

BOOST_AUTO_TEST_CASE(a_python_request_from_before_an_acquisition_does_not_overtake_the_holder) {
  python_process python{path()};
  const auto a = try_lock("a");
  python.request(now - 0.5); // it read its clock, then waited for the write lock
  BOOST_TEST((python.poll(now) == answer::waiting));
  BOOST_TEST(holds(a->token));
  BOOST_TEST(renew("a", now + 1));
  leave("a");
  BOOST_TEST((python.poll(now + 1) == answer::acquired));
}

BOOST_AUTO_TEST_CASE(a_clear_frees_the_lock_from_a_python_process_too) {
  python_process python{path()};
  python.request(now);
  BOOST_TEST((python.poll(now) == answer::acquired));
  BOOST_TEST(!try_lock("a", now + 1));
  BOOST_TEST(lock_table::clear(c(), "l") == 1u);
  BOOST_TEST(try_lock("a", now + 1).has_value());
  BOOST_TEST((python.poll(now + 1) == answer::gone));
}

BOOST_AUTO_TEST_SUITE_END()
