#pragma once
#include <atomic>
#include <functional>
#include <thread>

#include <csignal>

namespace beaver::cli {

/// How a shell reports a program that a signal ended: this and its number.
inline constexpr int ended_by_signal = 128;

/// The signals that ask a program to end: SIGINT, SIGTERM, SIGHUP.
[[nodiscard]] sigset_t ending_signals();

/// While it lives, the signals that would end this process are given to a function, on a thread of
/// its own. Made before any other thread, which would take them away.
class signal_post {
public:
  /// Of a signal: its number, and whether it was typed at the terminal, where the whole group of
  /// processes gets it.
  using receiver = std::function<void(int signal, bool typed)>;

  explicit signal_post(receiver to);
  ~signal_post();
  signal_post(const signal_post&) = delete;
  signal_post& operator=(const signal_post&) = delete;

private:
  void run();

  const receiver to_;
  const sigset_t wanted_ = ending_signals();
  sigset_t before_{};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

} // namespace beaver::cli
