#include "recorded_clients.hpp"
#include "support/child.hpp"
#include "support/linearizability.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <pthread.h>
#include <sys/mman.h>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr int calls = 15;

/// Lets all threads of forked processes go on together.
class shared_barrier {
public:
  explicit shared_barrier(unsigned count) {
    void* memory = ::mmap(nullptr, sizeof(pthread_barrier_t), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw std::runtime_error("no shared memory");
    barrier_ = static_cast<pthread_barrier_t*>(memory);
    pthread_barrierattr_t shared;
    ::pthread_barrierattr_init(&shared);
    ::pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    ::pthread_barrier_init(barrier_, &shared, count);
    ::pthread_barrierattr_destroy(&shared);
  }
  ~shared_barrier() { ::munmap(barrier_, sizeof(pthread_barrier_t)); }
  shared_barrier(const shared_barrier&) = delete;
  shared_barrier& operator=(const shared_barrier&) = delete;

  void wait() { ::pthread_barrier_wait(barrier_); }

private:
  pthread_barrier_t* barrier_;
};

struct crowd {
  int processes;
  int threads; // of each
  int rounds;
  conduct how = conduct::good;
};

/// Histories of new objects in one file, each under all threads at the same time.
template <class Client>
std::vector<history> recorded(const crowd& who, std::uint64_t seed) {
  temp_folder folder;
  temp_folder histories;
  const auto folder_of = [&](int round) { return histories.path() / std::to_string(round); };
  for (int round = 0; round < who.rounds; ++round)
    std::filesystem::create_directory(folder_of(round));
  { database{folder.file(), quick()}; }
  shared_barrier together{static_cast<unsigned>(who.processes * who.threads)};
  const auto work = [&](int process) {
    ::alarm(500); // should the others wait for one that has failed
    database db{folder.file(), quick()};
    std::vector<recorder> records(static_cast<std::size_t>(who.rounds));
    const auto failures = failures_of_threads(who.threads, [&](int thread) {
      const int client = process * who.threads + thread;
      dice random{seed + static_cast<std::uint64_t>(client)};
      for (int round = 0; round < who.rounds; ++round) {
        auto& record = records[static_cast<std::size_t>(round)].client(client);
        Client one{db, round, record, client, who.how};
        together.wait();
        for (int i = 0; i < calls; ++i)
          one.step(random);
        together.wait();
        if (client == 0)
          one.drain();
      }
    });
    for (int round = 0; round < who.rounds; ++round)
      save_history(folder_of(round) / std::to_string(process),
                   records[static_cast<std::size_t>(round)].events());
    return failures;
  };
  await_single_thread();
  BOOST_REQUIRE(failures_of_processes(who.processes, work) == 0);
  std::vector<history> result;
  for (int round = 0; round < who.rounds; ++round)
    result.push_back(read_histories(folder_of(round)));
  return result;
}

template <class Client>
void all_hold(int processes, int threads, int rounds) {
  const auto seed = fresh_seed();
  std::size_t operations = 0;
  std::size_t configurations = 0;
  for (const auto& events : recorded<Client>({processes, threads, rounds}, seed)) {
    const auto found = check<typename Client::model>(events);
    BOOST_TEST(found.holds(), "seed " << seed << ": " << found.account);
    operations += events.size();
    configurations += found.configurations;
  }
  BOOST_TEST_MESSAGE("seed " << seed << ": " << rounds << " histories, " << operations
                             << " operations, " << configurations << " configurations");
}

/// Many of these histories have no order.
template <class Client>
void is_found(conduct how) {
  const auto seed = fresh_seed();
  constexpr int rounds = 20;
  int violated = 0;
  for (const auto& events : recorded<Client>({1, 4, rounds, how}, seed))
    violated += check<typename Client::model>(events).what == verdict::kind::violated;
  BOOST_TEST_MESSAGE("seed " << seed << ": " << violated << " of " << rounds << " found");
  BOOST_TEST(violated > 0, "seed " << seed);
}

int usually_or_long(int usually, int rounds) { return long_tests() ? rounds : usually; }

} // namespace

BOOST_AUTO_TEST_SUITE(histories)

BOOST_AUTO_TEST_CASE(threads_see_a_queue_in_one_order) {
  all_hold<queue_client>(1, 4, usually_or_long(30, 400));
}

BOOST_AUTO_TEST_CASE(processes_see_a_queue_in_one_order) {
  all_hold<queue_client>(2, 2, usually_or_long(20, 250));
}

BOOST_AUTO_TEST_CASE(threads_see_a_list_in_one_order) {
  all_hold<list_client>(1, 4, usually_or_long(20, 200));
}

BOOST_AUTO_TEST_CASE(processes_see_a_list_in_one_order) {
  all_hold<list_client>(2, 2, usually_or_long(10, 150));
}

BOOST_AUTO_TEST_CASE(a_queue_that_gives_an_item_twice_is_found) {
  is_found<queue_client>(conduct::duplicates);
}

BOOST_AUTO_TEST_CASE(a_queue_that_gives_items_out_of_order_is_found) {
  is_found<queue_client>(conduct::reorders);
}

BOOST_AUTO_TEST_CASE(a_list_that_gives_an_item_twice_is_found) {
  is_found<list_client>(conduct::duplicates);
}

BOOST_AUTO_TEST_CASE(a_list_that_gives_items_out_of_order_is_found) {
  is_found<list_client>(conduct::reorders);
}

BOOST_AUTO_TEST_SUITE_END()
