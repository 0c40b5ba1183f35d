#pragma once
#include "support/raw_file.hpp"
#include "support/settings.hpp"
#include "table_fixture.hpp"

namespace beaver::test {

/// Does the same to the tables of a database and to an oracle, and compares every answer. A test
/// derives from it and adds its operations and its oracle. `Fixture` has what they need of the
/// database.
template <class Fixture = table_fixture>
class random_comparison : public Fixture {
public:
  struct plan {
    int transactions;
    int long_transactions; // where long tests are asked for
    int steps;             // of each transaction
    int reopen_every;      // so many transactions
  };

  virtual ~random_comparison() = default;

  void run(const plan& p) {
    BOOST_TEST_CONTEXT("seed " << seed_) {
      const int transactions = long_tests() ? p.long_transactions : p.transactions;
      for (int i = 1; i <= transactions; ++i) {
        this->write([&] {
          savepoint job{this->c()}; // as the writer runs it
          for (int n = 0; n < p.steps; ++n)
            step();
          job.release();
        });
        if (i % p.reopen_every == 0) {
          compare_all();
          this->reopen();
          compare_all();
        }
      }
      compare_all();
      end();
      BOOST_TEST(raw_file{this->path()}.integrity() == "ok");
    }
  }

protected:
  /// One operation on both.
  virtual void step() = 0;

  /// Compares everything that is stored.
  virtual void compare_all() = 0;

  /// What else is to be looked at after the last step.
  virtual void end() {}

  template <class T>
  void check(const T& got, const T& expected) {
    BOOST_REQUIRE(got == expected);
  }

private:
  const std::uint64_t seed_ = fresh_seed();

protected:
  dice dice_{seed_};
};

} // namespace beaver::test
