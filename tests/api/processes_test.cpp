#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

std::string key_of(int process, int thread, int i) {
  return std::to_string(process) + "." + std::to_string(thread) + "." + std::to_string(i);
}

} // namespace

// Children are forked, and that must be done while no database is open in the parent.
BOOST_AUTO_TEST_SUITE(processes)

BOOST_AUTO_TEST_CASE(what_threads_of_two_processes_write_is_there_and_nothing_else) {
  constexpr int threads = 16;
  constexpr int writes = 150;
  temp_folder folder;
  { database{folder.file()}; }
  const auto work = [&](int process) {
    database db{folder.file()};
    auto d = db.dict<int>("d");
    return failures_of_threads(threads, [&](int thread) {
      for (int i = 0; i < writes; ++i) {
        d.set(key_of(process, thread, i), i);
        d.increment("sum");
        if (i % 10 == 0) { // never acknowledged, so never there
          auto bad = d.batched();
          bad.set("bad" + key_of(process, thread, i), i);
          bad.set_if_absent("word", 0);
          bad.increment("text");
          if (!outcome_of([&] { bad.commit(); }).is(errc::type_mismatch))
            throw std::logic_error("applied");
        }
      }
    });
  };
  {
    database db{folder.file()};
    db.dict<std::string>("d").set("text", "not a number");
  }
  await_single_thread();
  BOOST_TEST(failures_of_processes(2, work) == 0);

  database db{folder.file()};
  auto d = db.dict<int>("d");
  BOOST_TEST(d.count() == 2u * threads * writes + 2);
  BOOST_TEST(d.get("sum") == 2 * threads * writes);
  for (int process = 0; process < 2; ++process)
    for (int thread = 0; thread < threads; ++thread)
      for (int i = 0; i < writes; ++i)
        BOOST_REQUIRE(d.get(key_of(process, thread, i)) == i);
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(each_item_of_a_queue_is_given_to_one_of_two_processes) {
  constexpr int threads = 4; // two that put, one that gets, one that takes
  constexpr int puts = 200;
  constexpr int total = 2 * 2 * puts;
  temp_folder folder;
  { database{folder.file(), quick()}; }
  const auto work = [&](int process) {
    database db{folder.file(), quick()};
    auto jobs = db.queue<int>("jobs");
    auto got = db.list<int>("got");
    return failures_of_threads(threads, [&](int thread) {
      if (thread < 2) {
        for (int i = 0; i < puts; ++i)
          jobs.put((2 * process + thread) * puts + i, i % 3);
        return;
      }
      while (got.count() < total) {
        if (thread == 2) {
          // Received and noted together, or neither.
          db.transaction([](transaction& tx) {
            if (const auto item = tx.queue<int>("jobs").get())
              tx.list<int>("got").push(item->value);
          });
        } else if (const auto item = jobs.take(std::chrono::minutes{10})) {
          auto done = db.batched();
          done.list<int>("got").push(item->value);
          done.queue<int>("jobs").ack(item->receipt);
          done.commit();
        }
      }
    });
  };
  await_single_thread();
  BOOST_TEST(failures_of_processes(2, work) == 0);

  database db{folder.file(), quick()};
  auto got = db.list<int>("got").range();
  std::sort(got.begin(), got.end());
  BOOST_TEST(got.size() == std::size_t{total});
  for (int i = 0; i < total; ++i)
    BOOST_REQUIRE(got[static_cast<std::size_t>(i)] == i);
  BOOST_TEST(db.queue("jobs").info().bytes == 0u);
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(what_a_killed_process_had_taken_comes_back_in_time) {
  temp_folder folder;
  { database{folder.file()}; }
  child other{[&](line& parent) {
    database db{folder.file(), quick()};
    auto jobs = db.queue<int>("jobs");
    jobs.put(1);
    jobs.put(2);
    parent.send(static_cast<std::uint64_t>(jobs.take(std::chrono::minutes{10})->value));
    static_cast<void>(parent.receive());
    return 0;
  }};
  BOOST_TEST((other.io().receive() == 1u));
  other.kill();
  other.wait();
  auto how = quick();
  auto ahead = std::make_shared<std::atomic<double>>(0);
  how.clock = [ahead] { return system_now() + *ahead; };
  database db{folder.file(), how};
  auto jobs = db.queue<int>("jobs");
  BOOST_TEST(jobs.count() == 1u);
  BOOST_TEST(jobs.counts().leased == 1u);
  *ahead = 660;
  const auto back = jobs.take();
  BOOST_TEST(back->value == 1);
  BOOST_TEST(back->attempts == 2u);
  BOOST_TEST(jobs.get()->value == 2);
}

BOOST_AUTO_TEST_CASE(what_one_process_has_acknowledged_another_sees_at_once) {
  constexpr std::uint64_t rounds = 20'000;
  temp_folder folder;
  { database{folder.file()}; }
  child writer{[&](line& parent) {
    database db{folder.file(), quick()};
    auto d = db.dict<std::uint64_t>("d");
    auto filler = db.dict<std::string>("filler"); // so that the log is emptied again and again
    for (std::uint64_t i = 1; i <= rounds; ++i) {
      if (i % 4 == 0)
        filler.set(std::to_string(i % 50), std::string(3'000, static_cast<char>('a' + i % 26)));
      d.set("n", i);
      parent.send(i);
      if (i % 2 && !parent.receive())
        return 1;
    }
    parent.send(db.info().checkpoints);
    return 0;
  }};

  database db{folder.file(), quick()};
  const auto d = db.dict<std::uint64_t>("d");
  std::uint64_t stale = 0;
  std::uint64_t seen = 0;
  for (std::uint64_t i = 1; i <= rounds; ++i) {
    const auto acknowledged = writer.io().receive();
    BOOST_REQUIRE((acknowledged == i));
    seen = d.find("n").value_or(0);
    stale += seen < i;
    if (i % 2)
      writer.io().send(i);
  }
  BOOST_TEST(stale == 0u);
  BOOST_TEST(seen == rounds);
  const auto checkpoints = writer.io().receive().value_or(0);
  BOOST_TEST_MESSAGE(checkpoints << " checkpoints meanwhile");
  BOOST_TEST(checkpoints >= 3u);
  BOOST_TEST(writer.wait() == 0);
}

BOOST_AUTO_TEST_CASE(many_processes_open_one_new_file_at_the_same_moment) {
  temp_folder folder;
  const auto work = [&](int process) {
    database db{folder.file(), quick()};
    db.dict<int>("d").increment("n");
    db.dict<int>("d").set(std::to_string(process), process);
    return 0;
  };
  await_single_thread();
  BOOST_TEST(failures_of_processes(64, work) == 0);
  database db{folder.file()};
  BOOST_TEST(db.dict<int>("d").get("n") == 64);
  BOOST_TEST(db.dict<int>("d").count() == 65u);
}

BOOST_AUTO_TEST_CASE(a_transaction_of_another_process_is_waited_for) {
  temp_folder folder;
  { database{folder.file()}; }
  child other{[&](line& parent) {
    database db{folder.file(), quick()};
    db.transaction([&](transaction& tx) {
      tx.dict<int>("d").set("n", 1);
      parent.send(1);
      static_cast<void>(parent.receive());
      tx.dict<int>("d").increment("n");
    });
    return 0;
  }};
  database db{folder.file(), quick()};
  BOOST_REQUIRE(other.io().receive().has_value());
  BOOST_TEST(db.dict<int>("d").count() == 0u); // reads do not wait
  auto added = db.async().dict<int>("d").increment("n", 10);
  std::thread closer{[&] { other.io().send(1); }};
  db.transaction([](transaction& tx) { tx.dict<int>("d").increment("n", 100); });
  closer.join();
  BOOST_TEST(added.get().has_value());
  BOOST_TEST(db.dict<int>("d").get("n") == 112);
  BOOST_TEST(other.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
