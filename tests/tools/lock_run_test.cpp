#include "beaver/api/database.hpp"
#include "run_cli.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

using namespace beaver::test;

namespace {

struct lock_run_fixture : cli_fixture {
  using words = std::vector<std::string>;

  finished run_under_lock(const words& options, const words& command) const {
    words all{"lock", "l", "run"};
    all.insert(all.end(), options.begin(), options.end());
    all.push_back("--");
    all.insert(all.end(), command.begin(), command.end());
    return run(all);
  }

  /// Returns when so many hold the lock or wait for it.
  void await_waiters(beaver::database& database, std::size_t n) const {
    while (database.lock("l").waiters().size() != n)
      std::this_thread::yield();
  }

  void await_file(const std::string& path) const {
    while (!std::filesystem::exists(path))
      std::this_thread::yield();
  }

  std::string started = folder.file("started");
  const words endless{"sh", "-c",
                      "trap 'exit 9' INT; : > " + started + "; while :; do sleep .02; done"};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lock_run, lock_run_fixture)

BOOST_AUTO_TEST_CASE(the_command_runs_under_the_lock_and_its_status_counts) {
  const auto r = run_under_lock(
    {}, {"sh", "-c", BEAVER_CLI " --db " + db + " lock; echo $1; exit 7", "sh", "--ttl"});
  BOOST_TEST(r.status == 7);
  BOOST_TEST(r.out == "[\"l\"]\n--ttl\n");
  BOOST_TEST(r.err == "");
  BOOST_TEST(run({"lock"}).out == "[]\n");
  BOOST_TEST(run({"lock", "l", "run", "--ttl", "5", "true"}).status
             == 0); // the dashes are optional
  BOOST_TEST(run_under_lock({}, {"sh", "-c", "kill -9 $$"}).status == 128 + 9);
}

BOOST_AUTO_TEST_CASE(a_command_that_cannot_run_says_so) {
  const auto missing = run_under_lock({}, {"no-such-program-here"});
  BOOST_TEST(missing.status == 127);
  BOOST_TEST(missing.complains("cannot run 'no-such-program-here'"));
  BOOST_TEST(run_under_lock({}, {folder.path().string()}).status == 126);
  BOOST_TEST(run({"lock"}).out == "[]\n");
  const auto nothing = run({"lock", "l", "run"});
  BOOST_TEST(nothing.status == 2);
  BOOST_TEST(nothing.complains("COMMAND is missing"));
  BOOST_TEST(run_under_lock({"--timeout", "soon"}, {"true"}).complains("--timeout must be"));
  BOOST_TEST(run_under_lock({"--ttl", "0"}, {"true"}).status == 2);
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_not_free_in_time_is_status_one) {
  beaver::database other{db};
  const auto held = other.lock("l").acquire();
  for (const std::string timeout : {"0", "0.05"}) {
    const auto r = run_under_lock({"--timeout", timeout}, {"sh", "-c", ": > " + started});
    BOOST_TEST(r.status == 1);
    BOOST_TEST(r.complains("lock 'l' is held by " + held.waiter()));
    BOOST_TEST(!std::filesystem::exists(started));
  }
}

BOOST_AUTO_TEST_CASE(it_waits_for_its_turn) {
  beaver::database other{db};
  std::optional<beaver::held_lock> held = other.lock("l").acquire();
  running_cli waiting{on_db({"lock", "l", "run", "sh", "-c", ": > " + started})};
  await_waiters(other, 2);
  BOOST_TEST(!std::filesystem::exists(started));
  held.reset();
  BOOST_TEST(waiting.finish().status == 0);
  BOOST_TEST(std::filesystem::exists(started));
}

BOOST_AUTO_TEST_CASE(interrupts_are_passed_on_or_end_the_wait) {
  auto arguments = on_db({"lock", "l", "run", "--"});
  arguments.insert(arguments.end(), endless.begin(), endless.end());
  running_cli running{arguments};
  await_file(started);
  running.press_ctrl_c();
  BOOST_TEST(running.finish().status == 9);

  beaver::database other{db};
  const auto held = other.lock("l").acquire();
  running_cli waiting{arguments};
  await_waiters(other, 2);
  waiting.press_ctrl_c();
  const auto r = waiting.finish();
  BOOST_TEST(r.status == 130);
  BOOST_TEST(r.complains("the command was not run"));
  await_waiters(other, 1);
}

BOOST_AUTO_TEST_CASE(a_command_whose_lock_is_lost_is_stopped) {
  auto arguments = on_db({"lock", "l", "run", "--ttl", "0.6", "--"});
  arguments.insert(arguments.end(), endless.begin(), endless.end());
  running_cli running{arguments};
  await_file(started);
  BOOST_TEST(out({"lock", "l", "clear"}) == "1\n");
  const auto r = running.finish();
  BOOST_TEST(r.status == 3);
  BOOST_TEST(r.complains("lock 'l' is lost"));
}

BOOST_AUTO_TEST_CASE(verbs_work_from_the_shell) {
  BOOST_TEST(out({"lock", "l", "try", "me", "--ttl", "30"}).starts_with("{\"token\": 1, "));
  BOOST_TEST(run({"lock", "l", "try", "you"}).status == 1);
  BOOST_TEST(run({"lock", "l", "acquire", "you", "--timeout", "0.05"}).status == 1);
  BOOST_TEST(out({"lock", "l", "check", "1"}) == "");
  BOOST_TEST(run({"lock", "l", "check", "2"}).status == 3);
  BOOST_TEST(out({"lock", "l", "renew", "me"}) == "true\n");
  BOOST_TEST(out({"lock", "l", "holder"}).starts_with("{\"waiter\": \"me\", "));
  BOOST_TEST(out({"lock", "l"}).starts_with("{\"waiters\": 1, \"holder\": {\"waiter\": \"me\""));
  BOOST_TEST(out({"lock", "l", "release", "me"}) == "true\n");
  BOOST_TEST(run({"lock", "l", "rnu"}).complains("did you mean 'run'?"));
}

BOOST_AUTO_TEST_SUITE_END()
