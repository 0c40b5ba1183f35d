#include "beaver/storage/write_turn.hpp"

#include "support/child.hpp"
#include "support/processes.hpp"
#include "support/settings.hpp"
#include "table_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// One that wants to write. Two of them in one process queue like two processes: the locks belong
/// to open files.
struct writer {
  explicit writer(const std::string& database) : doorbell(open_bell(database)), turn(*doorbell) {}

  std::unique_ptr<bell> doorbell;
  write_turn turn;
};

/// One that writes as an engine does.
struct committer : writer {
  explicit committer(const std::string& database) : writer(database), db(database, relaxed()) {
    db.busy_timeout(0ms); // only now: opening may meet one that recovers the log
  }

  /// One commit of `process`, with the turn taken and given back.
  void commit(int process) {
    for (;;) {
      const auto last = doorbell->value();
      if (turn.try_enter()) {
        if (db.try_begin())
          break;
        turn.refused();
      }
      static_cast<void>(doorbell->wait(last, 2ms));
    }
    db.prepare("INSERT INTO counts VALUES (?1, 1) ON CONFLICT DO UPDATE SET n = n + 1")
      .bind(process)
      .run();
    db.prepare("COMMIT").run();
    turn.leave();
    doorbell->ring();
  }

  static connection_options relaxed() {
    connection_options options;
    options.full_sync = false;
    return options;
  }

  connection db;
};

/// A database that nobody has open: SQLite's handles do not survive a fork.
struct fixture {
  temp_folder folder;
  const std::string database = folder.file();

  fixture() {
    connection db{database, {}};
    db.enable_wal();
    db.execute("CREATE TABLE counts(process INTEGER PRIMARY KEY, n INTEGER)");
  }
  [[nodiscard]] writer in_line() const { return writer{database}; }

  [[nodiscard]] std::int64_t commits_of(int process) const {
    return connection{database, {}}.integer("SELECT n FROM counts WHERE process = "
                                            + std::to_string(process));
  }
};

/// Goes in by the locks, as all do in a queue: SQLite's lock has "refused" it before.
void enter_by_locks(writer& w) {
  static_cast<void>(w.turn.try_enter());
  w.turn.refused();
  for (auto last = w.doorbell->value(); !w.turn.try_enter(); last = w.doorbell->value())
    static_cast<void>(w.doorbell->wait(last, 2ms));
}

/// Makes `w` one that has met somebody at work, as all in a queue have.
void meet_somebody(writer& w) {
  BOOST_REQUIRE(w.turn.try_enter());
  w.turn.refused();
  BOOST_TEST(!w.turn.inside());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_write_turn, fixture)

BOOST_AUTO_TEST_CASE(is_given_at_once_while_nobody_queues) {
  auto a = in_line();
  auto b = in_line();
  BOOST_TEST(!a.turn.inside());
  BOOST_TEST(a.turn.try_enter());
  BOOST_TEST(a.turn.try_enter());
  BOOST_TEST(a.turn.inside());
  BOOST_TEST(b.turn.try_enter()); // SQLite's lock decides
  a.turn.leave();
  a.turn.leave();
  BOOST_TEST(!a.turn.inside());
  BOOST_TEST(!a.turn.contended());
}

BOOST_AUTO_TEST_CASE(goes_to_who_was_refused_before_the_one_at_work_again) {
  auto a = in_line();
  auto b = in_line();
  BOOST_TEST(a.turn.try_enter()); // and begins
  meet_somebody(b);
  BOOST_TEST(a.turn.contended());
  BOOST_TEST(b.turn.try_enter());
  b.turn.refused(); // still at work: b stays first
  BOOST_TEST(b.turn.inside());
  a.turn.leave();
  BOOST_TEST(!a.turn.try_enter());
  BOOST_TEST(b.turn.try_enter());
  b.turn.leave();
  BOOST_TEST(a.turn.try_enter());
  a.turn.leave();
  BOOST_TEST(!b.turn.contended());
}

BOOST_AUTO_TEST_CASE(is_kept_in_line_by_whoever_came_first) {
  auto inside = in_line();
  auto next = in_line();
  auto late = in_line();
  meet_somebody(inside);
  BOOST_TEST(inside.turn.try_enter());
  BOOST_TEST(!next.turn.try_enter());
  BOOST_TEST(!late.turn.try_enter());
  inside.turn.leave();
  BOOST_TEST(!late.turn.try_enter()); // nobody is inside, but somebody is next
  BOOST_TEST(!inside.turn.try_enter());
  BOOST_TEST(next.turn.try_enter());
  BOOST_TEST(!inside.turn.try_enter());
  BOOST_TEST(!late.turn.try_enter());
  next.turn.leave();
  BOOST_TEST(!late.turn.try_enter());
  BOOST_TEST(inside.turn.try_enter());
}

BOOST_AUTO_TEST_CASE(passes_on_when_it_is_abandoned) {
  auto inside = in_line();
  auto next = in_line();
  auto late = in_line();
  meet_somebody(inside);
  BOOST_TEST(inside.turn.try_enter());
  BOOST_TEST(!next.turn.try_enter());
  BOOST_TEST(!late.turn.try_enter());
  next.turn.abandon();
  BOOST_TEST(!late.turn.try_enter());
  inside.turn.abandon();
  BOOST_TEST(!inside.turn.inside());
  BOOST_TEST(late.turn.try_enter());
  late.turn.leave();
  BOOST_TEST(!inside.turn.contended());
  BOOST_TEST(!late.turn.contended());
}

BOOST_AUTO_TEST_CASE(ends_with_its_owner) {
  auto inside = std::make_unique<writer>(database);
  auto next = std::make_unique<writer>(database);
  auto late = in_line();
  meet_somebody(*inside);
  BOOST_TEST(inside->turn.try_enter());
  BOOST_TEST(!next->turn.try_enter());
  BOOST_TEST(!late.turn.try_enter());
  next.reset();
  BOOST_TEST(!late.turn.try_enter());
  inside.reset();
  BOOST_TEST(late.turn.try_enter());
}

BOOST_AUTO_TEST_CASE(outlives_other_openings_of_the_file) {
  auto inside = in_line();
  meet_somebody(inside);
  BOOST_TEST(inside.turn.try_enter());
  for (int i = 0; i < 3; ++i)
    static_cast<void>(in_line()); // closes the file: POSIX locks would be gone now
  auto late = in_line();
  BOOST_TEST(!late.turn.try_enter());
}

BOOST_AUTO_TEST_CASE(is_always_given_where_there_is_no_bell_file) {
  const auto none = polling_bell("a reason");
  write_turn a{*none};
  write_turn b{*none};
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(a.try_enter());
    BOOST_TEST(b.try_enter());
    b.refused();
    BOOST_TEST(b.try_enter());
    b.leave();
    BOOST_TEST(!b.inside());
    a.abandon();
    BOOST_TEST(!a.inside());
  }
  BOOST_TEST(!a.contended());
}

BOOST_AUTO_TEST_CASE(is_held_by_one_process_at_a_time_and_by_each_in_the_end) {
  constexpr int rounds = 2'000;
  const std::string mark = database + "-mark";
  BOOST_TEST(failures_of_processes(3,
                                   [&](int) {
                                     writer w{database};
                                     for (int i = 0; i < rounds; ++i) {
                                       enter_by_locks(w);
                                       const int made =
                                         ::open(mark.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                                       if (made < 0)
                                         return 1; // somebody else is inside
                                       ::close(made);
                                       std::filesystem::remove(mark);
                                       w.turn.leave();
                                       w.doorbell->ring();
                                     }
                                     return 0;
                                   })
             == 0);
}

BOOST_AUTO_TEST_CASE(passes_on_when_a_process_in_line_or_inside_is_killed) {
  child inside{[&](line& parent) {
    writer w{database};
    enter_by_locks(w);
    parent.send(1);
    static_cast<void>(parent.receive());
    return 0;
  }};
  BOOST_REQUIRE(inside.io().receive().has_value());
  child next{[&](line& parent) {
    writer w{database};
    if (w.turn.try_enter() || !w.turn.waiting())
      return 1;
    parent.send(1);
    static_cast<void>(parent.receive());
    return 0;
  }};
  BOOST_REQUIRE(next.io().receive().has_value());
  auto mine = in_line();
  BOOST_TEST(!mine.turn.try_enter());
  BOOST_TEST(!mine.turn.waiting());
  next.kill();
  BOOST_TEST(next.wait() == -SIGKILL);
  BOOST_TEST(!mine.turn.try_enter());
  BOOST_TEST(mine.turn.waiting());
  inside.kill();
  BOOST_TEST(inside.wait() == -SIGKILL);
  BOOST_TEST(mine.turn.try_enter());
  mine.turn.leave();
  BOOST_TEST(mine.turn.try_enter());
  mine.turn.leave();
  BOOST_TEST(!mine.turn.contended()); // nor do the dead keep others from the short way
}

BOOST_AUTO_TEST_CASE(goes_on_among_processes_that_are_killed_again_and_again) {
  const int kills = long_tests() ? 500 : 40;
  const auto write_for_ever = [&](line& parent) {
    committer w{database};
    for (std::uint64_t n = 1;; ++n) {
      w.commit(0);
      parent.send(n);
    }
    return 0;
  };
  const auto seed = fresh_seed();
  BOOST_TEST_INFO_SCOPE("seed " << seed);
  dice random{seed};
  std::array<std::unique_ptr<child>, 3> writers;
  for (int kill = 0; kill < kills; ++kill) {
    for (auto& w : writers)
      if (!w)
        w = std::make_unique<child>(write_for_ever);
    auto& victim = writers[random.below(writers.size())];
    for (auto patience = random.below(20); patience > 0; --patience)
      BOOST_REQUIRE(victim->io().receive().has_value());
    victim->kill();
    BOOST_TEST(victim->wait() == -SIGKILL);
    victim.reset();
    for (auto& w : writers) // the others go on
      if (w)
        BOOST_REQUIRE(w->io().receive().has_value());
  }
  for (auto& w : writers)
    w.reset();
  committer w{database};
  w.commit(1);
  BOOST_TEST(commits_of(1) == 1);
  BOOST_TEST(commits_of(0) >= kills);
}

BOOST_AUTO_TEST_CASE(lets_several_processes_commit_all_they_have) {
  constexpr int rounds = 500;
  BOOST_TEST(failures_of_processes(3,
                                   [&](int process) {
                                     committer w{database};
                                     for (int i = 0; i < rounds; ++i)
                                       w.commit(process);
                                     return 0;
                                   })
             == 0);
  for (int process = 0; process < 3; ++process)
    BOOST_TEST(commits_of(process) == rounds);
}

BOOST_AUTO_TEST_SUITE_END()
