#pragma once
#include <functional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

namespace beaver::test {

/// Runs `body` in `count` forked processes that all start at the same moment, and waits for them.
/// Returns how many did not return 0. The caller must have no database open: SQLite's handles and
/// locks do not survive a fork.
inline int failures_of_processes(int count, const std::function<int(int)>& body) {
  int gate[2];
  if (::pipe(gate) != 0)
    throw std::runtime_error("no pipe");
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    pid_t child = ::fork();
    if (child < 0)
      throw std::runtime_error("no process");
    if (child == 0) {
      int code = 99;
      try {
        char byte;
        ::close(gate[1]);
        if (::read(gate[0], &byte, 1) == 0) // until the parent closes its end
          code = body(i);
      } catch (const std::exception& e) {
        static_cast<void>(!::write(2, e.what(), std::string_view(e.what()).size()));
        static_cast<void>(!::write(2, "\n", 1));
      }
      ::_exit(code); // without the test framework's farewell
    }
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  int failures = 0;
  for (pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    failures += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
  }
  return failures;
}

/// Gives up root's right to write everywhere, for a child process that is to meet a closed door.
inline void drop_root() {
  if (::geteuid() != 0)
    return;
  constexpr unsigned nobody = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0)
    throw std::runtime_error("cannot give up root");
}

} // namespace beaver::test
