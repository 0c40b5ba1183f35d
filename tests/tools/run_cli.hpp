#pragma once
#include "support/temp_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <pty.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace beaver::test {

/// How the program ended and what it wrote.
struct finished {
  int status = -1; ///< minus the signal, if one killed it
  std::string out{};
  std::string err{};

  [[nodiscard]] bool complains(std::string_view part) const {
    return err.starts_with("beaver: ") && err.find(part) != err.npos;
  }
};

namespace detail {

inline std::string read_to_end(int descriptor) {
  std::string all;
  char buffer[1 << 16];
  for (;;) {
    const auto n = ::read(descriptor, buffer, sizeof buffer);
    if (n <= 0) // a terminal whose other end is gone says EIO
      return all;
    all.append(buffer, static_cast<std::size_t>(n));
  }
}

inline int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// In the child: becomes the program under test.
[[noreturn]] inline void become_cli(std::vector<std::string> arguments, const char* db_variable) {
  arguments.insert(arguments.begin(), BEAVER_CLI);
  std::vector<char*> raw;
  for (auto& a : arguments)
    raw.push_back(a.data());
  raw.push_back(nullptr);
  ::signal(SIGINT, SIG_DFL);
  ::setenv("TERM", "xterm", 1);
  if (db_variable)
    ::setenv("BEAVER_DB", db_variable, 1);
  else
    ::unsetenv("BEAVER_DB");
  ::execv(BEAVER_CLI, raw.data());
  ::_exit(126);
}

} // namespace detail

/// The program `beaver`, running with pipes for all that it reads and writes.
class running_cli {
public:
  explicit running_cli(const std::vector<std::string>& arguments,
                       const char* db_variable = nullptr) {
    int in[2], out[2], err[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ < 0)
      throw std::runtime_error("no process");
    if (child_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      detail::become_cli(arguments, db_variable);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(err[1]);
    in_ = in[1];
    out_ = out[0];
    err_ = err[0];
    ::signal(SIGPIPE, SIG_IGN); // it may end before it has read everything
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::write(in_, text.data(), text.size());
      if (n < 0)
        return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// The next line that it writes, without its end.
  std::string read_line() {
    std::string line;
    for (char c; ::read(out_, &c, 1) == 1 && c != '\n';)
      line += c;
    return line;
  }

  void press_ctrl_c() { ::kill(child_, SIGINT); }

  /// Gives it `input` and no more, and waits for its end.
  finished finish(std::string_view input = {}) {
    std::thread writer([&] {
      write(input);
      close_input();
    });
    auto result = wait();
    writer.join();
    return result;
  }

  /// Waits for its end with its input still open.
  finished wait() {
    finished result;
    std::thread errors([&] { result.err = detail::read_to_end(err_); });
    result.out = detail::read_to_end(out_);
    errors.join();
    result.status = detail::wait_for(child_);
    ::close(out_);
    ::close(err_);
    return result;
  }

  void close_input() {
    if (in_ >= 0)
      ::close(in_);
    in_ = -1;
  }

private:
  pid_t child_;
  int in_;
  int out_;
  int err_;
};

/// The program on a terminal of 100 columns: `out` is all that the terminal shows.
inline finished run_on_terminal(const std::vector<std::string>& arguments) {
  winsize size{};
  size.ws_col = 100;
  size.ws_row = 24;
  int terminal = -1;
  const auto child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child < 0)
    throw std::runtime_error("no terminal");
  if (child == 0)
    detail::become_cli(arguments, nullptr);
  finished result;
  result.out = detail::read_to_end(terminal);
  result.status = detail::wait_for(child);
  ::close(terminal);
  std::erase(result.out, '\r'); // the terminal adds one to each line break
  return result;
}

inline std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    throw std::runtime_error("no file " + path);
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary};
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.flush())
    throw std::runtime_error("cannot write " + path);
}

/// A folder with a database file that the program is called on.
struct cli_fixture {
  temp_folder folder{};
  std::string db = folder.file("cli.db");

  [[nodiscard]] std::vector<std::string> on_db(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--db", db});
    return arguments;
  }
  finished run(const std::vector<std::string>& arguments, std::string_view input = {}) const {
    return running_cli{on_db(arguments)}.finish(input);
  }
  /// What it prints, of a call that must succeed without a word on standard error.
  std::string out(const std::vector<std::string>& arguments, std::string_view input = {}) const {
    auto r = run(arguments, input);
    if (r.status != 0 || !r.err.empty())
      throw std::runtime_error("status " + std::to_string(r.status) + ": " + r.err);
    return std::move(r.out);
  }
};

} // namespace beaver::test
