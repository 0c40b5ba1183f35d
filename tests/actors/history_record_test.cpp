#include "support/child.hpp"
#include "support/history.hpp"
#include "support/history_models.hpp"
#include "support/linearizability.hpp"
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <new>
#include <sstream>
#include <thread>

#include <sys/mman.h>

using namespace beaver::test;

namespace {

/// A lock in memory that forked processes share. Holder and token change together.
class shared_lock {
public:
  shared_lock() {
    void* memory = ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw std::runtime_error("no shared memory");
    word_ = new (memory) std::atomic<std::uint64_t>{0};
  }
  ~shared_lock() { ::munmap(word_, sizeof *word_); }
  shared_lock(const shared_lock&) = delete;
  shared_lock& operator=(const shared_lock&) = delete;

  values try_acquire(std::int64_t holding) {
    auto now = word_->load();
    while (now % holders == 0)
      if (word_->compare_exchange_weak(now, now + holders + static_cast<std::uint64_t>(holding)))
        return {static_cast<std::int64_t>(now / holders + 1)};
    return {};
  }

  values release(std::int64_t holding) {
    auto now = word_->load();
    while (static_cast<std::int64_t>(now % holders) == holding)
      if (word_->compare_exchange_weak(now, now / holders * holders))
        return {1};
    return {0};
  }

  [[nodiscard]] std::int64_t holding() const {
    return static_cast<std::int64_t>(word_->load() % holders);
  }

private:
  static constexpr std::uint64_t holders = 1u << 30;
  std::atomic<std::uint64_t>* word_;
};

/// Takes the lock and gives it back, `rounds` times.
void use(shared_lock& lock, client_record& record, int client, int rounds) {
  for (int i = 1; i <= rounds; ++i) {
    const std::int64_t holding = client * 1'000'000 + i;
    const auto token = record.record(lock_model::try_acquire("l", holding),
                                     [&] { return lock.try_acquire(holding); });
    if (i % 3 == 0)
      std::this_thread::yield();
    if (!token.empty())
      record.record(lock_model::release("l", holding), [&] { return lock.release(holding); });
  }
}

history sorted(history events) {
  std::sort(events.begin(), events.end(), [](const event& a, const event& b) {
    return std::pair{a.client, a.called} < std::pair{b.client, b.called};
  });
  return events;
}

history read_back(const std::string& text) {
  std::istringstream in{text};
  return read_history(in);
}

} // namespace

BOOST_AUTO_TEST_SUITE(history_record)

BOOST_AUTO_TEST_CASE(a_record_has_calls_results_and_times) {
  recorder all;
  auto& record = all.client(3);
  const auto before = monotonic_now();
  const auto result = record.record(queue_model::get("q"), [] { return values{7, 1}; });
  const auto after = monotonic_now();
  BOOST_TEST((result == values{7, 1}));
  BOOST_TEST(&all.client(3) == &record);
  const auto events = all.events();
  BOOST_REQUIRE(events.size() == 1u);
  BOOST_TEST(events[0].client == 3);
  BOOST_TEST((events[0].what == call{"q", "get", {}}));
  BOOST_TEST((events[0].result == values{7, 1}));
  BOOST_TEST(before <= events[0].called);
  BOOST_TEST(events[0].called <= events[0].returned);
  BOOST_TEST(events[0].returned <= after);
}

BOOST_AUTO_TEST_CASE(an_exception_passes_and_leaves_the_result_unknown) {
  recorder all;
  auto& record = all.client(1);
  const auto fail = []() -> values { throw std::runtime_error("no answer"); };
  BOOST_CHECK_THROW(record.record(queue_model::put("q", 7, 1), fail), std::runtime_error);
  record.begin(queue_model::put("q", 8, 1));
  record.refuse();
  record.record(queue_model::get("q"), [] { return values{}; });
  const auto events = all.events();
  BOOST_REQUIRE(events.size() == 2u);
  BOOST_TEST(!events[0].result);
  BOOST_TEST(to_text(events[0]) == "put(7, 1) -> ?");
  BOOST_TEST(to_text(events[1]) == "get() -> ()");
}

BOOST_AUTO_TEST_CASE(what_was_not_called_cannot_end) {
  recorder all;
  BOOST_CHECK_THROW(all.client(1).end({}), std::logic_error);
  BOOST_CHECK_THROW(all.client(1).refuse(), std::logic_error);
  all.client(1).record(queue_model::get("q"), [] { return values{}; });
  BOOST_CHECK_THROW(all.client(1).end({}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_history_survives_its_file) {
  recorder all;
  auto& one = all.client(1);
  one.record(queue_model::put("a \"name\"\\ with all", -7, 2), [] { return values{}; });
  one.begin(queue_model::take("q", 100));
  one.may_happen(queue_model::lease_end("q", 100), 12'345);
  one.record(queue_model::ack("q", 100), [] { return values{1}; });
  all.client(2).record(queue_model::get("q"), [] { return values{-9, 8}; });
  const temp_folder folder;
  save_history(folder.path() / "one", all.events());
  BOOST_TEST((read_histories(folder.path()) == all.events()));
}

BOOST_AUTO_TEST_CASE(a_line_that_a_kill_has_torn_is_left_out) {
  const std::string whole = "call 1 10 \"q\" put 7 1\nreturn 1 20\n";
  BOOST_TEST((read_back(whole)[0].result == values{}));
  BOOST_TEST((read_back(whole + "call 1 3").size() == 1u));
  BOOST_TEST(!read_back(whole.substr(0, whole.size() - 1))[0].result);
  BOOST_TEST(read_back("call 1 10 \"q\" put 7 1\nrefused 1\n").empty());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_history_is_refused) {
  for (const std::string bad :
       {"nonsense\n", "call 1\n", "call x 1 \"q\" get\n", "return 1 20\n", "refused 1\n",
        "call 1 10 \"q\" put 7 seven\n", "call 1 10 \"q\" get\nreturn 1\n",
        "call 1 10 \"q\" get\nreturn 1 20 x\n", "call 1 10 \"q\" get\nreturn 1 20\nreturn 1 30\n"})
    BOOST_CHECK_THROW(read_back(bad), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(histories_of_processes_become_one) {
  constexpr int processes = 3;
  constexpr int threads = 2;
  shared_lock lock;
  const temp_folder folder;
  await_single_thread();
  BOOST_TEST(
    failures_of_processes(processes,
                          [&](int process) {
                            recorder all;
                            std::vector<std::thread> running;
                            for (int thread = 0; thread < threads; ++thread)
                              running.emplace_back([&, client = process * threads + thread + 1] {
                                use(lock, all.client(client), client, 100);
                              });
                            for (auto& t : running)
                              t.join();
                            save_history(folder.path() / std::to_string(process), all.events());
                            return 0;
                          })
    == 0);
  const auto events = read_histories(folder.path());
  BOOST_TEST(events.size() >= 600u);
  const auto found = check<lock_model>(events);
  BOOST_TEST(found.holds(), found.account);
}

BOOST_AUTO_TEST_CASE(a_killed_process_leaves_all_that_it_knew) {
  shared_lock lock;
  const temp_folder folder;
  for (int round = 1; round <= 20; ++round) {
    const int killed = 2 * round;
    child other{[&](line& parent) {
      recorder all{folder.path()};
      parent.send(1);
      use(lock, all.client(killed), killed, 1'000'000);
      return 0;
    }};
    BOOST_REQUIRE(other.io().receive().has_value());
    recorder all{folder.path()};
    auto& mine = all.client(killed + 1);
    use(lock, mine, killed + 1, 100 + round);
    other.kill();
    BOOST_TEST(other.wait() == -SIGKILL);
    if (const auto holding = lock.holding(); holding != 0) { // its time is up
      mine.may_happen(lock_model::expire("l", holding), monotonic_now());
      static_cast<void>(lock.release(holding));
    }
    mine.record(lock_model::try_acquire("l", 500'000'000 + round),
                [&] { return lock.try_acquire(500'000'000 + round); });
    mine.record(lock_model::release("l", 500'000'000 + round),
                [&] { return lock.release(500'000'000 + round); });
    const auto written = read_histories(folder.path());
    history known;
    std::copy_if(written.begin(), written.end(), std::back_inserter(known),
                 [&](const event& e) { return e.client == killed + 1; });
    BOOST_TEST((sorted(known) == sorted(all.events())));
  }
  const auto events = read_histories(folder.path());
  const auto lost = std::count_if(events.begin(), events.end(), [](const event& e) {
    return !e.result && e.what.operation != "expire";
  });
  const auto expired = std::count_if(events.begin(), events.end(),
                                     [](const event& e) { return e.what.operation == "expire"; });
  BOOST_TEST_MESSAGE(events.size()
                     << " operations, " << lost << " unknown, " << expired << " holders killed");
  BOOST_TEST(events.size() > 2'000u);
  const auto found = check<lock_model>(events);
  BOOST_TEST(found.holds(), found.account);
}

BOOST_AUTO_TEST_SUITE_END()
