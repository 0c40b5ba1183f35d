#include "beaver/tools/signal_post.hpp"

#include <utility>

namespace beaver::cli {

sigset_t ending_signals() {
  sigset_t all;
  sigemptyset(&all);
  for (const int one : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&all, one);
  return all;
}

signal_post::signal_post(receiver to) : to_(std::move(to)) {
  ::pthread_sigmask(SIG_BLOCK, &wanted_, &before_);
  thread_ = std::thread{[this] { run(); }};
}

signal_post::~signal_post() {
  ended_ = true;
  ::pthread_kill(thread_.native_handle(), SIGHUP); // which that thread alone awaits
  thread_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void signal_post::run() {
  for (;;) {
    siginfo_t what{};
    const int signal = ::sigwaitinfo(&wanted_, &what);
    if (ended_)
      return;
    if (signal > 0)
      to_(signal, what.si_code == SI_KERNEL);
  }
}

} // namespace beaver::cli
