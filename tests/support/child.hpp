#pragma once
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

namespace beaver::test {

/// One end of a line between two processes that carries numbers. A write to it is whole or not at
/// all, even if the process is killed.
class line {
public:
  line(int in, int out) : in_(in), out_(out) {}
  ~line() {
    ::close(in_);
    ::close(out_);
  }
  line(const line&) = delete;
  line& operator=(const line&) = delete;

  /// False if nobody listens any more.
  bool send(std::uint64_t number) const {
    return ::write(out_, &number, sizeof number) == static_cast<ssize_t>(sizeof number);
  }

  /// Waits for a number; empty if the other end is gone.
  [[nodiscard]] std::optional<std::uint64_t> receive() const {
    std::uint64_t number = 0;
    for (;;) {
      const auto got = ::read(in_, &number, sizeof number);
      if (got == static_cast<ssize_t>(sizeof number))
        return number;
      if (got >= 0 || errno != EINTR)
        return std::nullopt;
    }
  }

private:
  int in_;
  int out_;
};

/// Waits until this is the only thread of the process: one that was detached may still be in its
/// last instructions.
inline void await_single_thread() {
#ifdef __SANITIZE_THREAD__
  constexpr std::ptrdiff_t mine = 2; // the sanitizer has one of its own
#else
  constexpr std::ptrdiff_t mine = 1;
#endif
  const auto threads = [] {
    std::error_code unknown; // without /proc
    return std::distance(std::filesystem::directory_iterator{"/proc/self/task", unknown},
                         std::filesystem::directory_iterator{});
  };
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (threads() > mine && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
}

/// A forked process that runs `body` and ends with what it returns (99 if it throws). Made while no
/// database is open and no other thread runs: neither survives a fork. Killed at the latest by the
/// destructor.
class child {
public:
  explicit child(const std::function<int(line&)>& body) {
    await_single_thread();
    int down[2];
    int up[2];
    if (::pipe(down) != 0 || ::pipe(up) != 0)
      throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ < 0)
      throw std::runtime_error("no process");
    if (pid_ == 0) {
      ::close(down[1]);
      ::close(up[0]);
      int code = 99;
      try {
        line to_parent{down[0], up[1]};
        code = body(to_parent);
      } catch (const std::exception& e) {
        const std::string_view text{e.what()};
        static_cast<void>(!::write(2, text.data(), text.size()));
        static_cast<void>(!::write(2, "\n", 1));
      }
      ::_exit(code); // without the test framework's farewell
    }
    ::close(down[0]);
    ::close(up[1]);
    line_.emplace(up[0], down[1]);
    ::signal(SIGPIPE, SIG_IGN); // a dead child is no reason to die
  }
  ~child() {
    kill();
    wait();
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  [[nodiscard]] const line& io() const { return *line_; }

  /// SIGKILL, as the kernel out of memory does it.
  void kill() const { signal(SIGKILL); }

  void signal(int number) const {
    if (pid_ > 0)
      ::kill(pid_, number);
  }

  /// Waits for the end; gives the exit code, or minus the signal that ended it.
  int wait() {
    if (pid_ > 0) {
      int status = 0;
      while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
      pid_ = 0;
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    return code_;
  }

private:
  pid_t pid_ = 0;
  int code_ = 0;
  std::optional<line> line_;
};

} // namespace beaver::test
