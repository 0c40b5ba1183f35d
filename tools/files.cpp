#include "beaver/tools/files.hpp"

#include "beaver/tools/output.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace beaver::cli {

namespace {

std::atomic<bool> pressed = false;
int wake_pipe[2] = {-1, -1}; // the handler writes, whoever waits for input looks
struct sigaction earlier_action;

extern "C" void on_interrupt(int) {
  const int saved = errno;
  pressed = true;
  static_cast<void>(!::write(wake_pipe[1], "", 1));
  errno = saved;
}

[[noreturn]] void fail(const std::string& doing, const std::string& name) {
  const int code = errno;
  throw error(code == ENOENT                     ? errc::not_found
              : code == ENOSPC || code == EDQUOT ? errc::full
                                                 : errc::io,
              "cannot " + doing + " " + name + ": " + std::strerror(code));
}

std::string quoted(const std::string& path) { return "'" + path + "'"; }

} // namespace

interruption::interruption() {
  pressed = false;
  if (::pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    fail("make", "a pipe");
  ::sigaction(SIGINT, nullptr, &earlier_action);
  if (earlier_action.sa_handler == SIG_IGN)
    return;
  struct sigaction ours {};
  ours.sa_handler = on_interrupt;
  ours.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &ours, nullptr);
}

interruption::~interruption() {
  ::sigaction(SIGINT, &earlier_action, nullptr);
  ::close(std::exchange(wake_pipe[0], -1));
  ::close(std::exchange(wake_pipe[1], -1));
}

const std::atomic<bool>& interruption::flag() noexcept { return pressed; }

input_file::input_file(const std::string& path)
  : name_(path == "-" ? "standard input" : quoted(path)), descriptor_(standard_input) {
  if (path != "-")
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0)
    fail("open", name_);
  if (S_ISREG(status.st_mode))
    size_ = static_cast<std::uint64_t>(status.st_size);
}

input_file::~input_file() {
  if (descriptor_ != standard_input)
    ::close(descriptor_);
}

std::size_t input_file::read(std::span<char> target) {
  for (;;) {
    // The handler may run on any thread, so this one does not count on EINTR.
    pollfd waits[] = {{descriptor_, POLLIN, 0}, {wake_pipe[0], POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0 && errno != EINTR)
      fail("read", name_);
    if (pressed)
      return 0;
    if (waits[0].revents == 0)
      continue;
    const auto n = ::read(descriptor_, target.data(), target.size());
    if (n >= 0)
      return static_cast<std::size_t>(n);
    if (errno != EINTR && errno != EAGAIN)
      fail("read", name_);
  }
}

std::string input_file::read_all() {
  std::string all;
  std::size_t used = 0;
  for (;;) {
    constexpr std::size_t step = 1 << 16;
    all.resize(std::max(used + step, all.size()));
    const auto n = read(std::span{all}.subspan(used));
    used += n;
    if (n == 0)
      break;
    if (used == all.size())
      all.resize(2 * used);
  }
  if (pressed)
    throw interrupted("interrupted while reading " + name_);
  all.resize(used);
  return all;
}

output_file::output_file(const std::string& path)
  : name_(path == "-" ? "standard output" : quoted(path)), descriptor_(standard_output) {
  if (path == "-")
    return;
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    std::error_code unresolved; // a link is followed: its target is replaced, not the link
    const auto real = std::filesystem::canonical(path, unresolved);
    target_ = exists && !unresolved ? real.string() : path;
    temporary_ = target_ + ".part-" + std::to_string(::getpid());
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ >= 0 && exists)
      static_cast<void>(!::fchmod(descriptor_, status.st_mode & 07777));
  }
  if (descriptor_ < 0)
    fail("open", name_);
}

output_file::~output_file() {
  if (descriptor_ > standard_error)
    ::close(descriptor_);
  if (!temporary_.empty())
    ::unlink(temporary_.c_str());
}

void output_file::write(std::string_view text) { write_all(descriptor_, text, name_); }

void output_file::commit() {
  if (descriptor_ > standard_error && ::close(std::exchange(descriptor_, standard_output)) != 0)
    fail("write", name_);
  if (temporary_.empty())
    return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0)
    fail("write", name_);
  temporary_.clear();
}

} // namespace beaver::cli
