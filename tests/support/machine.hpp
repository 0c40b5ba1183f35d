#pragma once
#include <boost/test/tools/assertion_result.hpp>
#include <boost/test/tree/test_unit.hpp>
#include <filesystem>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

// What some tests need of the machine and a bare chroot may lack. As preconditions of those tests,
// so that the run says which were left out and why.

namespace beaver::test {

/// Pseudo-terminals (devpts).
inline boost::test_tools::assertion_result has_terminals(boost::unit_test::test_unit_id) {
  const int fd = ::posix_openpt(O_RDWR | O_NOCTTY);
  const bool works = fd >= 0 && ::grantpt(fd) == 0 && ::unlockpt(fd) == 0 && ::ptsname(fd)
                     && ::access(::ptsname(fd), R_OK | W_OK) == 0;
  if (fd >= 0)
    ::close(fd);
  boost::test_tools::assertion_result result{works};
  if (!works)
    result.message() << "this machine has no pseudo-terminals";
  return result;
}

/// What the kernel tells about this process.
inline boost::test_tools::assertion_result has_proc(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result{std::filesystem::exists("/proc/self/status")};
  if (!result)
    result.message() << "/proc is not mounted";
  return result;
}

/// Room for so many open files, as far as the system lets a program ask for it.
inline auto has_descriptors(rlim_t number) {
  return [number](boost::unit_test::test_unit_id) {
    rlimit room{};
    ::getrlimit(RLIMIT_NOFILE, &room);
    if (room.rlim_cur < number && room.rlim_max >= number) {
      room.rlim_cur = number;
      ::setrlimit(RLIMIT_NOFILE, &room);
    }
    boost::test_tools::assertion_result result{room.rlim_cur >= number};
    if (!result)
      result.message() << "a program may have no " << number << " open files";
    return result;
  };
}

} // namespace beaver::test
