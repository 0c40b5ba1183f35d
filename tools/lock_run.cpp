#include "beaver/tools/lock_run.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/signal_post.hpp"
#include "beaver/tools/verbs.hpp"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace beaver::cli {

namespace {

// As a shell answers.
constexpr int not_executable = 126;
constexpr int no_such_program = 127;

/// The program that runs under the lock. Signals of other threads never meet a process that has its
/// number by accident: it is reaped under the mutex.
class guarded_program {
public:
  /// Gives 0, or the exit status of a shell that cannot start it.
  int start(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const auto& word : words)
      arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    const sigset_t defaults = ending_signals();
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::lock_guard guard{mutex_};
    const int failure = stopped_by_ != 0 ? 0
                                         : ::posix_spawnp(&id_, arguments[0], nullptr, &attributes,
                                                          arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    if (stopped_by_ != 0)
      return ended_by_signal + stopped_by_;
    if (failure == 0)
      return 0;
    id_ = 0;
    complain("cannot run '" + words[0] + "': " + std::strerror(failure));
    return failure == ENOENT ? no_such_program : not_executable;
  }

  /// Its exit status, as a shell tells it.
  int wait() {
    siginfo_t end{};
    while (::waitid(P_PID, static_cast<id_t>(id_), &end, WEXITED | WNOWAIT) != 0) {}
    std::lock_guard guard{mutex_};
    ::waitpid(std::exchange(id_, 0), nullptr, 0);
    return end.si_code == CLD_EXITED ? end.si_status : ended_by_signal + end.si_status;
  }

  /// Sends it a signal; one that is not there yet does not start.
  void stop(int signal) {
    std::lock_guard guard{mutex_};
    if (id_ > 0)
      ::kill(id_, signal);
    else
      stopped_by_ = signal;
  }

  /// What came before it was there; 0 for nothing.
  [[nodiscard]] int stopped_by() {
    std::lock_guard guard{mutex_};
    return stopped_by_;
  }

private:
  std::mutex mutex_;
  pid_t id_ = 0;
  int stopped_by_ = 0;
};

int run_under_lock(const std::string& name, const invocation& call) {
  const auto timeout = seconds_of(call.given.at(0), "--timeout");
  const auto ttl = seconds_of(call.given.at(1), "--ttl");
  lock_try checked{name, "x", ttl};
  check_message(operation_of<lock_try>(), &checked);

  guarded_program program;
  std::stop_source waiting;
  std::atomic<bool> started{false};
  signal_post signals{[&](int signal, bool typed) {
    waiting.request_stop();
    if (!typed || !started) // what is typed has reached a program that is there
      program.stop(signal);
  }};
  auto db = open_database(call, access::write);
  const auto lock_for = [&](auto&&... limit) {
    auto lock = db.lock(name, {std::chrono::duration<double>{ttl.value_or(default_lock_ttl)}});
    return std::optional<held_lock>{lock.acquire(limit..., waiting.get_token())};
  };
  std::optional<held_lock> held;
  try {
    held = timeout ? lock_for(std::chrono::duration<double>{*timeout}) : lock_for();
  } catch (const error& e) {
    if (e.code() != errc::cancelled)
      throw;
    complain("interrupted; the command was not run");
    return ended_by_signal + program.stopped_by();
  }
  if (!held) {
    const auto holder = db.lock(name).holder();
    complain("lock '" + name + "' is held" + (holder ? " by " + holder->waiter : std::string{})
             + "; the command was not run");
    return absent;
  }
  held->on_loss([&] {
    complain("lock '" + name + "' is lost; the command is stopped");
    program.stop(SIGTERM);
  });
  if (const int refused = program.start(call.given.words()))
    return refused;
  started = true;
  const int status = program.wait();
  held->on_loss({});
  return held->lost() ? failed : status;
}

} // namespace

command lock_run_command(const std::string& name) {
  command c;
  c.words = "lock NAME run";
  c.summary = "Run a command while holding the lock.";
  c.parameters = {
    {"timeout", form::option, false, "number", "seconds to wait for the lock; default: for ever"},
    {"ttl", form::option, false, "number",
     "seconds until others get the lock if this process is killed; default: 60"},
    {"command", form::words, true, "string", "a program and its arguments"},
  };
  c.notes =
    "The lock is renewed while the command runs. If it is lost all the same (somebody\n"
    "cleared it, or this process was stopped for longer than the ttl) the command gets\n"
    "SIGTERM. SIGINT, SIGTERM and SIGHUP are passed on.\n"
    "Exit status: the command's; 128 and its number if a signal ended it; 126 or 127 if it\n"
    "cannot be run or found; 1 if the lock was not free in time; 3 if it was lost.\n";
  c.run = [name](const invocation& call) { return run_under_lock(name, call); };
  return c;
}

} // namespace beaver::cli
