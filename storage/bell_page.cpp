#include "beaver/storage/bell_page.hpp"

#ifdef __linux__

#include <atomic>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace beaver::detail {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t page_bytes = 4096;
constexpr std::string_view magic{"beaver bell 1\n\0\0", 16};

/// The words lie within the first block of any file system, which the magic brings into being.
constexpr std::size_t words_end = 512;
static_assert(sizeof(bell_page) <= words_end);

/// File systems whose other users the kernel does not know: a futex wakes nobody there.
bool on_network(const std::string& path) {
  struct statfs about = {};
  if (::statfs(path.c_str(), &about) != 0)
    return false;
  switch (static_cast<std::uint32_t>(about.f_type)) {
  case 0x6969:     // NFS
  case 0x517b:     // SMB
  case 0xff534d42: // CIFS
  case 0xfe534d42: // SMB2
  case 0x65735546: // FUSE: sshfs, virtiofs and the like
  case 0x01021997: // 9p
  case 0x00c36400: // Ceph
  case 0x5346414f: // AFS
  case 0x0bd00bd0: // Lustre
  case 0x01161970: // GFS2
  case 0x7461636f: // OCFS2
    return true;
  default:
    return false;
  }
}

class file_descriptor {
public:
  explicit file_descriptor(int number) noexcept : number_(number) {}
  ~file_descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  file_descriptor& operator=(file_descriptor&&) = delete;

  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

private:
  int number_;
};

/// Whether `path` still names the open file.
bool same_file(int descriptor, const std::string& path) {
  struct stat held = {};
  struct stat named = {};
  return ::fstat(descriptor, &held) == 0 && ::lstat(path.c_str(), &named) == 0
         && held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/// Removes the file if nobody else has it open. Whoever opens it holds a shared lock before he
/// believes its name, so that he either keeps it here or finds the name gone.
void close_file(file_descriptor file, const std::string& path) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0 && same_file(file.get(), path))
    ::unlink(path.c_str());
}

std::string system_text(int code) { return std::generic_category().message(code); }

/// Gives a new file the mode and group of the database, as SQLite does for its log.
void adopt(int descriptor, const struct stat& database) {
  const uid_t owner = ::geteuid() == 0 ? database.st_uid : static_cast<uid_t>(-1);
  static_cast<void>(!::fchown(descriptor, owner, database.st_gid));
  struct stat made = {};
  if (::fstat(descriptor, &made) != 0)
    return;
  mode_t mode = database.st_mode & 0777;
  if (made.st_gid != database.st_gid) // another group gets no more than everybody
    mode &= ~mode_t{070} | (mode & 07) << 3;
  if ((made.st_mode & 0777) != mode)
    static_cast<void>(!::fchmod(descriptor, mode));
}

bool write_whole(int descriptor, std::string_view text, off_t at) {
  return ::pwrite(descriptor, text.data(), text.size(), at) == static_cast<ssize_t>(text.size());
}

/// Makes a whole file out of an empty one or of one whose maker was killed. Several may do it at
/// once: none of them touches the words, which others may use already. Written and not only
/// stretched, since a store into a hole on a full disk would end the process; and never shortened,
/// for the same reason.
bool complete(int descriptor, const struct stat& database) {
  adopt(descriptor, database);
  errno = ENOSPC; // what a write means that does less than it should
  static constexpr char zeros[page_bytes - words_end] = {};
  return write_whole(descriptor, magic, 0)
         && write_whole(descriptor, {zeros, sizeof zeros}, static_cast<off_t>(words_end));
}

enum class content { whole, unfinished, foreign };

content look_at(int descriptor) {
  struct stat about = {};
  if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1)
    return content::foreign;
  if (about.st_size == 0)
    return content::unfinished;
  char head[magic.size()];
  if (::pread(descriptor, head, sizeof head, 0) != static_cast<ssize_t>(sizeof head)
      || std::string_view(head, sizeof head) != magic)
    return content::foreign;
  return about.st_size < static_cast<off_t>(page_bytes) ? content::unfinished : content::whole;
}

/// What one attempt to open came to: a bell, a reason why there is none, or neither while another
/// process is at work on the file.
struct attempt {
  std::optional<mapped_bell> made = std::nullopt;
  std::string reason = {};
  bool at_once = false;
};

class opener {
public:
  opener(std::string path, const struct stat& database, bool may_write)
    : path_(std::move(path)), database_(database), may_write_(may_write) {}

  attempt once() {
    writable_ = may_write_;
    file_descriptor file{open_file()};
    if (file.get() < 0)
      return failed_to_open(errno);
    if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK || errno == EINTR)
        return {};
      return {std::nullopt, "'" + path_ + "' cannot be locked: " + system_text(errno)};
    }
    if (!same_file(file.get(), path_))
      return {std::nullopt, {}, true};
    const auto found = look_at(file.get());
    if (found == content::foreign)
      return {std::nullopt, "'" + path_ + "' is something else; move it away and open again"};
    if (found == content::unfinished) {
      if (!writable_)
        return {};
      if (!complete(file.get(), database_))
        return gave_up(std::move(file), errno);
    }
    void* memory = ::mmap(nullptr, page_bytes, PROT_READ | (writable_ ? PROT_WRITE : 0), MAP_SHARED,
                          file.get(), 0);
    if (memory == MAP_FAILED)
      return gave_up(std::move(file), errno);
    mapped_bell made{path_, file.release(), static_cast<bell_page*>(memory), writable_};
    // Some sandboxes have none.
    if (::syscall(SYS_futex, &made.page()->counter, FUTEX_WAKE, 0, nullptr, nullptr, 0) < 0)
      return {std::nullopt, "this system lets nobody wait with a futex"};
    return {std::move(made)};
  }

private:
  /// The descriptor, or -1 and errno. Asks for the right to write while that may be had.
  int open_file() {
    // A pipe of that name must not hold us up.
    constexpr int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    if (writable_) {
      // Not with O_CREAT at first: in a folder for everybody (sticky) the kernel refuses that for a
      // file of somebody else.
      int number = ::open(path_.c_str(), O_RDWR | flags);
      if (number < 0 && errno == ENOENT)
        number = ::open(path_.c_str(), O_RDWR | O_CREAT | flags, database_.st_mode & 0777);
      if (number >= 0 || (errno != EACCES && errno != EROFS && errno != EPERM))
        return number;
    }
    const int refused = errno;
    const int number = ::open(path_.c_str(), O_RDONLY | flags);
    if (number >= 0)
      writable_ = false;
    else if (writable_ && errno == ENOENT)
      errno = refused;
    return number;
  }

  attempt failed_to_open(int code) const {
    struct stat named = {};
    if (code == EACCES && ::lstat(path_.c_str(), &named) == 0 && named.st_size == 0)
      return {}; // its maker has not given it its mode yet
    if (code == ELOOP)
      return {std::nullopt, "'" + path_ + "' is a symbolic link; remove it and open again"};
    return {std::nullopt, "'" + path_ + "' cannot be opened: " + system_text(code)};
  }

  attempt gave_up(file_descriptor file, int code) const {
    close_file(std::move(file), path_);
    return {std::nullopt, "'" + path_ + "' cannot be used: " + system_text(code)};
  }

  const std::string path_;
  const struct stat database_;
  const bool may_write_;
  bool writable_ = false;
};

/// Asks for `type` on one byte; false and errno if it is not given.
bool set_lock(int descriptor, std::int64_t at, short type) noexcept {
  struct flock range = {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = at;
  range.l_len = 1;
  return ::fcntl(descriptor, F_OFD_SETLK, &range) == 0;
}

} // namespace

lock_result lock_byte(int descriptor, std::int64_t at) noexcept {
  if (set_lock(descriptor, at, F_WRLCK))
    return lock_result::taken;
  return errno == EAGAIN || errno == EACCES ? lock_result::busy : lock_result::impossible;
}

void unlock_byte(int descriptor, std::int64_t at) noexcept {
  static_cast<void>(set_lock(descriptor, at, F_UNLCK));
}

void forget_the_dead(const turn_place& place) noexcept {
  std::atomic_ref sleeping{place.page->sleeping};
  std::atomic_ref queuing{place.page->queuing};
  const auto others = (sleeping.load() | queuing.load()) & ~place.mine & ~common_bit;
  for (int i = 0; i < places; ++i) {
    const auto bit = std::uint32_t{1} << i;
    if (!(others & bit) || lock_byte(place.descriptor, first_place + i) != lock_result::taken)
      continue;
    sleeping.fetch_and(~bit);
    queuing.fetch_and(~bit);
    unlock_byte(place.descriptor, first_place + i);
  }
}

mapped_bell mapped_bell::open(const std::string& database) {
  struct stat about = {};
  if (::stat(database.c_str(), &about) != 0)
    return mapped_bell{"'" + database + "' cannot be looked at: " + system_text(errno)};
  if (on_network(database))
    return mapped_bell{"'" + database + "' is on a network file system"};
  // The effective user's right, not what this connection wants: who may write makes the file, or a
  // reader's would keep writers out.
  const bool may_write = ::faccessat(AT_FDCWD, database.c_str(), W_OK, AT_EACCESS) == 0;
  opener file{database + "-bell", about, may_write};
  const auto give_up = steady_clock::now() + 1s;
  for (;;) {
    attempt result = file.once();
    if (result.made)
      return std::move(*result.made);
    if (!result.reason.empty())
      return mapped_bell{std::move(result.reason)};
    if (steady_clock::now() >= give_up)
      return mapped_bell{"'" + database + "-bell' is held by a process that stands still"};
    if (!result.at_once)
      std::this_thread::sleep_for(1ms);
  }
}

mapped_bell::~mapped_bell() {
  if (!page_)
    return;
  ::munmap(page_, page_bytes);
  close_file(file_descriptor{descriptor_}, path_);
}

int mapped_bell::open_again() const noexcept {
  file_descriptor again{::open(path_.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
  return again.get() >= 0 && same_file(again.get(), path_) && same_file(descriptor_, path_)
           ? again.release()
           : -1;
}

} // namespace beaver::detail

#else

namespace beaver::detail {

lock_result lock_byte(int, std::int64_t) noexcept { return lock_result::impossible; }
void unlock_byte(int, std::int64_t) noexcept {}
void forget_the_dead(const turn_place&) noexcept {}

mapped_bell mapped_bell::open(const std::string&) {
  return mapped_bell{"waiting across processes uses futexes, which this system does not have"};
}

mapped_bell::~mapped_bell() = default;
int mapped_bell::open_again() const noexcept { return -1; }

} // namespace beaver::detail

#endif
