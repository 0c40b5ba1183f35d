#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <sys/types.h>
#include <vector>

// Further processes of a case: this program again, with a hidden argument, and a page of memory
// that both sides see.

namespace beaver::bench {

/// What the processes of a case tell each other, without a system call.
struct shared_page {
  std::atomic<std::uint32_t> ready;    ///< peers that are at work
  std::atomic<std::uint32_t> go;       ///< 1: begin
  std::atomic<std::uint32_t> stop;     ///< 1: end
  std::atomic<std::uint64_t> received; ///< items that consumers have got
  std::atomic<std::uint64_t> counts[8];
};

/// A `shared_page` in a file of the case's folder, zeroed when it is made.
class shared_memory {
public:
  explicit shared_memory(std::filesystem::path file);
  ~shared_memory();
  shared_memory(const shared_memory&) = delete;
  shared_memory& operator=(const shared_memory&) = delete;

  shared_page* operator->() const noexcept { return page_; }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

private:
  std::filesystem::path file_;
  shared_page* page_;
};

/// A child process that runs one of the roles below until `stop` or its end.
class peer {
public:
  /// `input`: a descriptor that becomes the child's standard input; -1: none.
  peer(const std::string& role, const std::filesystem::path& database, const shared_memory& memory,
       int number = 0, int input = -1);
  ~peer(); ///< sets `stop` and waits
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  void wait_ended();

private:
  shared_page* page_;
  pid_t child_ = -1;
};

/// The hidden side of `main`: the arguments after "--peer". Gives the exit code.
int run_peer(std::span<char*> arguments);

/// Lets the processor do something else for a moment, within a loop that waits for an atomic.
inline void pause_briefly() noexcept { __builtin_ia32_pause(); }

} // namespace beaver::bench
